from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import ConceptEncoder

from qa import AskOptions, Assistant, build
from qa.answered import Answered, Quoted
from qa.batch import Row, run
from qa.records import Article
from qa.verify import Articles, as_dict, as_text, counts, difference, verified, verify

TEXT = "The bridge opened in March. It cost $600 million, twice the first estimate. The ferry stops on Sunday."
QUOTE = "It cost $600 million, twice the first estimate."


def quoted(quote: str = QUOTE, article: str = "bridge.md", start: int = 28) -> Quoted:
    return Quoted(1, 1, article, "Bridge", "Post", "2025-03-01", "en", start, start + len(quote), quote)


def checked(quote: Quoted, *articles: Article) -> tuple[str, str, int, int]:
    told = Answered("Why?", "en", True, 0.9, "", (quote,))
    (found,) = verified([told], Articles(articles))
    return found.state, found.now_article, found.now_start, found.now_end


def article(text: str = TEXT, name: str = "bridge.md", title: str = "Bridge") -> Article:
    return Article(name, text, title, "Post")


def test_a_quote_that_stands_is_ok() -> None:
    assert checked(quoted(), article()) == ("ok", "", -1, -1)


def test_a_quote_elsewhere_in_its_article_has_moved_to_the_nearest_place() -> None:
    text = f"New. {TEXT} {QUOTE}"
    assert checked(quoted(), article(text)) == ("moved", "bridge.md", 33, 80)


def test_a_quote_of_a_renamed_article_has_moved_there() -> None:
    others = article(name="aaa.md", title="Copy"), article(name="renamed.md")
    assert checked(quoted(), *others) == ("moved", "renamed.md", 28, 75)


def test_a_quote_that_another_article_holds_has_moved_there() -> None:
    assert checked(quoted(), article("Rewritten."), article(name="copy.md", title="Copy"))[:2] == ("moved", "copy.md")


def test_a_quote_that_was_edited_has_changed() -> None:
    edited = article(TEXT.replace("600", "750"))
    assert checked(quoted(), edited) == ("changed", "bridge.md", 28, 75)


def test_an_edit_in_chinese_is_found() -> None:
    old = "大橋造價6億美元，是最初估計的兩倍。"
    text = "三月一日通車。大橋造價七億美元，是最初估計的兩倍多。渡輪停駛。"
    assert checked(quoted(old), article(text)) == ("changed", "bridge.md", 7, 26)


def test_an_edit_in_a_renamed_article_is_found_by_what_it_shares() -> None:
    edited = article(TEXT.replace("600", "750"), name="new.md", title="New title")
    assert checked(quoted(), article("Quite different.", "x.md", "X"), edited)[:2] == ("changed", "new.md")


@pytest.mark.parametrize("articles", [(), (article("Something else entirely."),), (article("天氣很好。"),)])
def test_a_quote_that_nothing_resembles_is_gone(articles: tuple[Article, ...]) -> None:
    assert checked(quoted(), *articles) == ("gone", "", -1, -1)


def test_an_empty_quote_is_never_found_elsewhere() -> None:
    assert checked(quoted("", "none.md", 0), article())[0] == "gone"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("上限60萬人。", "上限80萬人。", "上限[-60-]{+80+}萬人。"),
        ("It cost six.", "It has cost six.", "It{+ has+} cost six."),
        ("same", "same", "same"),
        ("a", "", "[-a-]"),
    ],
)
def test_a_difference_is_shown_by_words(old: str, new: str, told: str) -> None:
    assert difference(old, new) == told


@pytest.mark.parametrize("suffix", [".jsonl", ".xlsx"])
def test_the_quotes_of_an_answers_file_are_checked(
    assistant: Assistant, corpus: Path, encoder: ConceptEncoder, tmp_path: Path, suffix: str
) -> None:
    answers, index = tmp_path / f"a{suffix}", tmp_path / "index"
    question = "Who is the architect of the bridge?"
    run(assistant, [Row(question, {"question": question})], answers, AskOptions(), lambda _: None)
    build(corpus, index, encoder=encoder)
    before = verify(answers, index)
    assert {each.state for each in before} == {"ok"}
    assert {each.article for each in before} >= {"en/bridge.md", "tw/bridge.md"}
    (corpus / "en/bridge.md").rename(corpus / "en/renamed.md")
    change(corpus / "tw/bridge.md", lambda text: text.replace("林奎斯特（", "林先生（"))
    build(corpus, index, encoder=encoder)
    found = verify(answers, index)
    english = [each for each in found if each.article == "en/bridge.md"]
    assert {(each.state, each.now_article) for each in english} == {("moved", "en/renamed.md")}
    (edited,) = (each for each in found if "林奎斯特（" in each.quote)
    assert (edited.state, edited.now_article) == ("changed", "tw/bridge.md")
    assert "林[-奎斯特-]{+先生+}（" in as_text(found)
    assert sum(counts(found).values()) == len(found)
    told = as_dict(found, "0a")["quotes"]
    assert [each["now"] is None for each in told] == [each.state in ("ok", "gone") for each in found]


def change(path: Path, edit: Callable[[str], str]) -> None:
    path.write_text(edit(path.read_text(encoding="utf-8")), encoding="utf-8")
