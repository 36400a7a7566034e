from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import get_args

import pytest

from qa import Answer, Assistant, render
from qa.asks import Asked
from qa.folding import simplify
from qa.language import language_of
from qa.records import Copy, Kind, Match, Reason, Script

SCRIPTS = get_args(Script)
ANSWER_KEYS = {"question", "language", "found", "confidence", "reason", "citations", "passages", "index"}
CITATION_KEYS = {
    "number", "statement", "article", "title", "outlet", "published", "language", "start", "end", "quote",
    "context", "score", "why",
}  # fmt: skip
PASSAGE_KEYS = {"article", "start", "end", "text", "score"}
ARTICLE_KEYS = {"article", "title", "outlet", "published", "language", "text", "url"}


@pytest.fixture(scope="module")
def found(assistant: Assistant) -> Answer:
    return assistant.ask("Who designed the bridge?")


@pytest.fixture(scope="module")
def declined(assistant: Assistant) -> Answer:
    return assistant.ask("Who is Boris Johnson?")


def words(table: object) -> Iterator[Mapping[str, str]]:
    """Yield every mapping from scripts to words in a table of words."""
    if isinstance(table, Mapping) and set(table) & set(SCRIPTS):
        yield table
    elif isinstance(table, Mapping):
        for part in table.values():
            yield from words(part)


TABLES = [(name, each) for name, table in vars(render).items() if name.isupper() for each in words(table)]


def test_there_are_words() -> None:
    assert len(TABLES) >= 10


@pytest.mark.parametrize("table", [each for _, each in TABLES], ids=[name for name, _ in TABLES])
def test_every_word_exists_in_all_three_languages(table: Mapping[str, str]) -> None:
    assert set(table) == set(SCRIPTS)
    assert all(table.values())


@pytest.mark.parametrize("table", [each for _, each in TABLES], ids=[name for name, _ in TABLES])
def test_every_word_is_in_its_script(table: Mapping[str, str]) -> None:
    assert language_of(table["en"]) == "en"
    assert {language_of(table[script]) for script in ("zh-Hant", "zh-Hans")} == {"zh"}
    assert simplify(table["zh-Hans"]) == table["zh-Hans"]


@pytest.mark.parametrize("reason", get_args(Reason))
@pytest.mark.parametrize("script", SCRIPTS)
def test_every_reason_has_its_sentence(declined: Answer, reason: Reason, script: Script) -> None:
    told = render.refusal(replace(declined, reason=reason, language=script, missing=("甲", "乙"), missing_kind="date"))
    assert told
    assert "{" not in told
    assert language_of(told.replace("甲", "").replace("乙", "")) == script[:2]


@pytest.mark.parametrize("kind", get_args(Asked))
def test_every_kind_that_is_asked_for_has_its_word(kind: str) -> None:
    assert kind in render.KINDS


def test_every_way_of_matching_has_its_word() -> None:
    assert set(get_args(Match.__annotations__["way"]) or ("word", "script", "name", "dictionary", "number")) <= set(
        render.WAYS
    )


def test_an_answer_has_the_keys_of_the_contract(found: Answer) -> None:
    told = render.as_dict(found)
    assert set(told) >= ANSWER_KEYS
    assert all(set(citation) >= CITATION_KEYS for citation in told["citations"])
    assert all(set(passage) >= PASSAGE_KEYS for passage in told["passages"])
    assert set(told["index"]) == {"generation", "model"}


@pytest.mark.parametrize("which", ["found", "declined"])
def test_an_answer_survives_json(which: str, request: pytest.FixtureRequest) -> None:
    told = render.as_dict(request.getfixturevalue(which))
    assert json.loads(json.dumps(told, ensure_ascii=False)) == told


def test_offsets_in_json_give_the_quote(found: Answer, assistant: Assistant) -> None:
    texts = {article.name: article.text for article in assistant.index.articles}
    told = render.as_dict(found)
    for citation in told["citations"]:
        assert texts[citation["article"]][citation["start"] : citation["end"]] == citation["quote"]
    for passage in told["passages"]:
        assert texts[passage["article"]][passage["start"] : passage["end"]] == passage["text"]


def test_a_refusal_in_json_says_why_and_what_was_consulted(declined: Answer) -> None:
    told = render.as_dict(declined)
    assert (told["found"], told["reason"], told["citations"]) == (False, "name_not_in_corpus", [])
    assert told["missing"] == ["Boris Johnson"]
    assert told["passages"]


def test_an_article_has_the_keys_of_the_contract(assistant: Assistant) -> None:
    told = render.article_dict(assistant.index.articles[0])
    assert set(told) >= ARTICLE_KEYS
    assert "name" not in told


def test_text_shows_every_quote_with_its_source(found: Answer) -> None:
    told = render.as_text(found)
    for citation in found.citations:
        assert f"[{citation.number}] {render.one_line(citation.quote)}" in told
        assert citation.article.title in told


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("Who is Boris Johnson?", "they never mention Boris Johnson"),
        ("普丁何時訪問小島？", "從未提到普丁"),
        ("普京何时访问小岛？", "从未提到普京"),
    ],
    ids=SCRIPTS,
)
def test_a_refusal_is_in_the_askers_script(assistant: Assistant, question: str, words: str) -> None:
    assert words in render.as_text(assistant.ask(question))


def test_why_is_shown_on_request(found: Answer) -> None:
    assert "sentence" in render.as_text(found, why=True)
    assert len(render.as_text(found, why=True)) > len(render.as_text(found))


def test_text_ends_in_one_line_end(found: Answer, declined: Answer) -> None:
    for answer in (found, declined):
        told = render.as_text(answer)
        assert told.endswith("\n")
        assert not told.endswith("\n\n")


def test_a_caption_is_named_as_one(found: Answer) -> None:
    caption = replace(found.citations[0], kind=Kind.CAPTION)
    assert "photo caption" in render.source(caption, "en")
    assert "photo caption" not in render.source(found.citations[0], "en")


def test_an_article_without_a_date_is_undated(found: Answer) -> None:
    citation = replace(found.citations[0], article=replace(found.citations[0].article, published=None))
    assert "undated" in render.source(citation, "en")
    assert "日期不詳" in render.source(citation, "zh-Hant")


@pytest.mark.parametrize(
    ("script", "line"),
    [
        ("en", "      The same report also in: Valley Echo, 南岸晚报"),
        ("zh-Hant", "      同一篇報導亦見於：Valley Echo、南岸晚报"),
        ("zh-Hans", "      同一篇报道亦见于：Valley Echo、南岸晚报"),
    ],
)
def test_other_outlets_of_the_same_report_stand_below_its_quote_once(found: Answer, script: Script, line: str) -> None:
    first, *others = found.citations
    outlets = ("Valley Echo", first.article.outlet, "南岸晚报", "Valley Echo")
    copies = tuple(
        Copy(replace(first.article, outlet=outlet, name=f"{n}.md"), first.span) for n, outlet in enumerate(outlets)
    )
    told = replace(found, language=script, citations=(replace(first, copies=copies), *others))

    lines = render.as_text(told).splitlines()

    assert [each for each in lines if each.startswith("      ")] == [line]
    assert lines.index(line) == lines.index(f"    — {render.source(first, script)}") + 1
    assert [copy["article"] for copy in render.as_dict(told)["citations"][0]["copies"]] == [
        "0.md",
        "1.md",
        "2.md",
        "3.md",
    ]
