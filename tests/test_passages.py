from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from strategies import texts

from qa.language import script_of
from qa.passages import PASSAGE_CHARACTERS, QUOTE_CHARACTERS, passages, quote_limit, stripped
from qa.records import QUOTABLE, Article, Kind, Passage, Sentence, Span


def article(text: str) -> Article:
    return Article("a.txt", text, "A title", language=script_of(text))


def made(text: str) -> tuple[Passage, ...]:
    return passages(article(text), 0)


def sentences(text: str) -> list[Sentence]:
    return [sentence for passage in made(text) for sentence in passage.sentences]


def quotes(text: str) -> list[str]:
    return [sentence.whole.of(text) for sentence in sentences(text)]


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        pytest.param("大橋通車了。渡輪停航。", ["大橋通車了。", "渡輪停航。"], id="one sentence each"),
        pytest.param(
            "橋由林奎斯特設計。她說霧給了她靈感。",
            ["橋由林奎斯特設計。", "橋由林奎斯特設計。她說霧給了她靈感。"],
            id="a pronoun takes its neighbour",
        ),
        pytest.param(
            "Karin Lindqvist designed it. She lives in Oslo.",
            ["Karin Lindqvist designed it.", "Karin Lindqvist designed it. She lives in Oslo."],
            id="an english pronoun",
        ),
        pytest.param("甲方同意；乙方拒絕。", ["甲方同意；乙方拒絕。"] * 2, id="the sentence around a statement"),
        pytest.param(
            "1. 每人限借12本。逾期收費。\n2. 周日開門。",
            ["1. 每人限借12本。逾期收費。"] * 2 + ["2. 周日開門。"],
            id="a clause stays whole",
        ),
    ],
)
def test_what_is_quoted_for_each_sentence(text: str, quoted: list[str]) -> None:
    assert quotes(text) == quoted


def test_a_clause_takes_its_items() -> None:
    text = "10. The conditions are:\nThe guns fall silent.\nThe roads open.\n11. The end is near."
    assert quotes(text)[1] == "10. The conditions are:\nThe guns fall silent.\nThe roads open."
    assert [sentence.clause for sentence in sentences(text)] == [10, 10, 10, 11]


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("▲大橋夜景。（圖／路透）", Kind.CAPTION),
        ("大橋三月一日通車，工程四年。", Kind.PROSE),
        ("3. 周日開門。", Kind.CLAUSE),
    ],
    ids=["caption", "prose", "clause"],
)
def test_a_sentence_keeps_its_kind(line: str, kind: Kind) -> None:
    assert {sentence.kind for sentence in sentences(line)} == {kind}


@pytest.mark.parametrize(
    "line", ["大橋通車　渡輪停航", "記者周小梅／綜合報導", "分享"], ids=["heading", "byline", "button"]
)
def test_headings_and_furniture_are_no_sentences(line: str) -> None:
    assert line not in "".join(quotes(f"{line}\n渡輪開出最後一班。"))


def test_a_passage_knows_its_heading() -> None:
    text = "## 工程\n大橋通車了。\n## 渡輪\n渡輪停航了。"
    assert [passage.heading and passage.heading.of(text) for passage in made(text)] == ["## 工程", "## 渡輪"]


def test_a_heading_stays_with_what_it_heads() -> None:
    text = "大橋通車了。\n渡輪的最後一班\n渡輪停航了。"
    assert [passage.span.of(text) for passage in made(text)] == ["大橋通車了。", "渡輪的最後一班\n渡輪停航了。"]


def test_short_neighbours_share_a_passage() -> None:
    assert len(made("大橋通車了。\n渡輪停航了。\n霧很大。")) == 1


@pytest.mark.parametrize(
    "text",
    [
        "大橋今天早上終於通車了。" * 200,
        "The bridge was opened this morning. " * 200,
        "\n".join(["大橋今天早上終於通車了。" * 5] * 40),
    ],
    ids=["one chinese paragraph", "one english paragraph", "many paragraphs"],
)
def test_a_long_text_makes_passages_of_even_length(text: str) -> None:
    limit = PASSAGE_CHARACTERS["en" if text.isascii() else "zh"]
    lengths = [passage.span.end - passage.span.start for passage in made(text)]
    assert len(lengths) > 3
    assert max(lengths) <= 1.5 * limit
    assert min(lengths[:-1]) >= 0.4 * limit


def test_a_sentence_without_any_stop_is_cut_to_a_quote() -> None:
    text = "他表示樂觀的看法" * 100
    assert {len(quote) <= QUOTE_CHARACTERS["zh"] for quote in quotes(text + "。")} == {True}


def test_the_limit_is_that_of_the_writing_that_prevails() -> None:
    assert quote_limit("Wang Yi (王毅) spoke") == 600
    assert quote_limit("王毅（Wang Yi）發表談話，內容很長") == 240


def test_a_passage_has_its_own_language() -> None:
    chinese = "大橋三月一日通車，工程前後四年，渡輪停航。" * 12
    english = "The bridge was opened to traffic on the first of March after four years. " * 12
    assert {passage.language for passage in made(f"{chinese}\n{english}")} == {"zh", "en"}


@pytest.mark.parametrize(
    "text", ["", "\n \n", "分享\n——", "大橋通車"], ids=["nothing", "blank", "furniture", "a heading alone"]
)
def test_no_sentence_no_passage(text: str) -> None:
    assert made(text) == ()


def test_passages_carry_the_articles_number() -> None:
    assert {passage.article for passage in passages(article("大橋通車了。"), 7)} == {7}


@given(texts)
def test_passages_are_in_order_inside_the_text(text: str) -> None:
    found = made(text)
    assert all(0 <= passage.span.start < passage.span.end <= len(text) for passage in found)
    assert all(one.span.end <= other.span.start for one, other in pairwise(found))


@given(texts)
def test_sentences_lie_in_order_inside_their_passage(text: str) -> None:
    for passage in made(text):
        spans = [sentence.span for sentence in passage.sentences]
        assert spans
        assert all(passage.span.start <= span.start < span.end <= passage.span.end for span in spans)
        assert all(one.end <= other.start for one, other in pairwise(spans))


@given(texts)
def test_a_quote_holds_its_sentence_within_the_limits(text: str) -> None:
    for sentence in sentences(text):
        quote = sentence.whole.of(text)
        assert sentence.whole.start <= sentence.span.start < sentence.span.end <= sentence.whole.end
        assert len(quote) <= quote_limit(quote)
        assert quote == quote.strip()
        assert any(character.isalnum() for character in quote)


@given(texts)
def test_only_quotable_kinds_are_sentences(text: str) -> None:
    assert {sentence.kind for sentence in sentences(text)} <= QUOTABLE


@given(texts)
def test_stripped_takes_white_space_and_nothing_else(text: str) -> None:
    assert stripped(text, Span(0, len(text))).of(text) == text.strip()
