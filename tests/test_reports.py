import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from qa.answered import Answered, Quoted, read_answers, spoken
from qa.reports import markdown_escaped, refusal, write_html, write_markdown, write_text
from qa.spreadsheets import reason, sources, statements, write_workbook

ADVICE = "calculate and save it in a spreadsheet program"
HOSTILE = "<script>alert(1)</script> *a* [x](javascript:alert(1)) `b` & \x07 | # $1"
FACTS = {"index generation": "0a", "question column": "question"}


def quoted(number: int = 1, **other: object) -> Quoted:
    told: dict[str, object] = {
        "number": number,
        "statement": number,
        "article": f"a{number}.md",
        "title": f"Title {number}",
        "outlet": "Harbour Post",
        "published": "2025-03-01",
        "language": "en",
        "start": 10,
        "end": 20,
        "quote": "The bridge cost $600 million.",
        "matched": ("bridge",),
    }
    return Quoted(**(told | other))  # type: ignore[arg-type]


def answered(*quotes: Quoted, **other: object) -> Answered:
    told: dict[str, object] = {
        "question": "What did the bridge cost?",
        "language": "en",
        "found": bool(quotes),
        "confidence": 0.9,
        "reason": "" if quotes else "not_in_corpus",
        "quotes": quotes,
        "given": {"question": "What did the bridge cost?"},
    }
    return Answered(**(told | other))  # type: ignore[arg-type]


Write = Callable[[Path, list[Answered], dict[str, str], dict[str, str]], None]


def report(write: Write, folder: Path, *answers: Answered, urls: dict[str, str] | None = None) -> str:
    path = folder / "report"
    write(path, list(answers), FACTS, urls or {})
    return path.read_text(encoding="utf-8")


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.shown: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attributes)))

    def handle_data(self, data: str) -> None:
        self.shown.append(data)


def parsed(page: str) -> Tags:
    tags = Tags()
    tags.feed(page)
    return tags


def hostile() -> Answered:
    quote = quoted(quote=HOSTILE, title=HOSTILE, outlet='"><img src=x onerror=alert(1)>', language='"><b>')
    return answered(quote, question=HOSTILE, given={HOSTILE: HOSTILE})


def test_nothing_from_an_article_is_markup_in_html(tmp_path: Path) -> None:
    tags = parsed(report(write_html, tmp_path, hostile(), urls={"a1.md": 'javascript:alert("1")'}))
    assert not {"script", "img", "b"} & {tag for tag, _ in tags.seen}
    assert all(not name.startswith("on") for _, attributes in tags.seen for name in attributes)
    assert all((attributes.get("href") or "#").startswith("#") for _, attributes in tags.seen)
    assert HOSTILE.replace("\x07", "␇") in "".join(tags.shown)


def test_nothing_from_an_article_is_markup_in_markdown(tmp_path: Path) -> None:
    page = MarkdownIt("commonmark").render(report(write_markdown, tmp_path, hostile(), urls={"a1.md": "javascript:x"}))
    tags = parsed(page)
    assert not {"script", "img", "b", "a", "code"} & {tag for tag, _ in tags.seen}
    assert "".join(tags.shown).count(HOSTILE.replace("\x07", "␇")) == 4  # question, quote, its source, the list


@pytest.mark.parametrize("text", ["1. one", "- one", "+ one", "# one", "12) one", "> one", "2025-11-21 - one", "=== "])
def test_a_line_is_shown_as_it_is(text: str) -> None:
    assert MarkdownIt("commonmark").render(markdown_escaped(text)) == f"<p>{text.replace('>', '&gt;').strip()}</p>\n"


def test_matched_terms_are_marked(tmp_path: Path) -> None:
    told = answered(quoted(quote="大橋由林奎斯特設計。", matched=("大桥", "設計")))
    assert "<mark>大橋</mark>由林奎斯特<mark>設計</mark>。" in report(write_html, tmp_path, told)
    assert "> **大橋**由林奎斯特**設計**。" in report(write_markdown, tmp_path, told)


def test_every_source_stands_once_at_the_end(tmp_path: Path) -> None:
    told = (answered(quoted(1), quoted(2)), answered(quoted(1)))
    page = report(write_html, tmp_path, *told, urls={"a2.md": "https://example.org/2"})
    assert re.findall(r'<li id="(s\d)"', page) == ["s1", "s2"]
    assert re.findall(r'href="#(s\d)"', page) == ["s1", "s2", "s1"]
    assert page.index("<ol>") > page.rindex("blockquote")
    assert 'href="https://example.org/2"' in page
    text = report(write_markdown, tmp_path, *told, urls={"a2.md": "https://example.org/2"})
    assert "2. Title 2 · Harbour Post · 2025-03-01 · <https://example.org/2>" in text.split("## Sources")[1]


def test_blank_rows_are_left_out_and_rows_keep_their_numbers(tmp_path: Path) -> None:
    blank = answered(question="", given={"question": ""}, reason="empty_question")
    page = report(write_html, tmp_path, blank, answered(quoted()))
    assert re.findall(r'<article id="(q\d)"', page) == ["q2"]
    assert "1 questions · 1 answered · 0 not answered" in page
    assert report(write_text, tmp_path, blank, answered(quoted())).startswith("2. What did")


def test_a_refusal_is_in_the_askers_language() -> None:
    named = answered(reason="name_not_in_corpus", missing=("蘋果公司",), language="zh-Hant")
    assert "蘋果公司" in refusal(named, "zh-Hant")
    assert "nothing in them comes close" in refusal(answered(), "en")
    assert "nothing in them comes close" in refusal(answered(reason="a reason to come"), "en")
    assert "nothing in them comes close" in refusal(answered(reason="kind_not_in_corpus"), "en")
    assert "number" in refusal(answered(reason="kind_not_in_corpus", missing_kind="number"), "en")
    assert refusal(answered(reason="error", error="since 'x' is not a date"), "en") == "since 'x' is not a date"


FAULTY = answered(question="", reason="error", error="the cell holds #DIV/0! without a value; " + ADVICE)


@pytest.mark.parametrize("write", [write_text, write_markdown, write_html])
@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "without a value"),
        ("zh-Hant", "沒有計算結果，請用試算表軟體計算後存檔"),
        ("zh-Hans", "没有计算结果，请用电子表格软件计算后保存"),
    ],
)
def test_a_row_that_could_not_be_asked_is_told_as_the_report_speaks(
    tmp_path: Path, write: Write, language: str, words: str
) -> None:
    asked = answered(question="大桥花了多少钱？", language=language)
    assert words in report(write, tmp_path, asked, asked, FAULTY)


def test_a_table_for_readers_tells_what_was_wrong_in_their_language() -> None:
    assert reason(FAULTY, "zh-Hant").startswith("無法提問：儲存格的內容 #DIV/0! 沒有計算結果")
    assert reason(FAULTY) == f"error: {FAULTY.error}"
    assert reason(answered(reason="error", error="nobody foresaw this"), "zh-Hans") == "无法提问：nobody foresaw this"


def test_a_report_speaks_as_most_of_its_questions() -> None:
    chinese = answered(quoted(), language="zh-Hans")
    assert spoken([chinese, chinese, answered()]) == "zh-Hans"
    assert spoken([]) == "en"


def test_a_table_tells_statements_with_marks_and_sources() -> None:
    told = answered(
        quoted(1, quote="One\nline."), replace(quoted(2, quote="Two."), statement=1), quoted(3, article="a1.md")
    )
    assert statements(told) == "[1][2] One line.\n[3] The bridge cost $600 million."
    assert sources(told) == "[1][3] Title 1 · Harbour Post · 2025-03-01\n[2] Title 2 · Harbour Post · 2025-03-01"
    assert reason(answered(reason="name_not_in_corpus", missing=("A", "B"))) == "name_not_in_corpus: A, B"
    assert reason(answered(reason="error", error="too long")) == "error: too long"


@pytest.mark.parametrize("write", [write_text, write_markdown, write_html])
@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "The same report also in: Valley Echo"), ("zh-Hans", "同一篇报道亦见于：Valley Echo")],
)
def test_other_outlets_of_the_same_report_are_named_beside_its_quote(
    tmp_path: Path, write: Write, language: str, words: str
) -> None:
    cited = quoted(copies=("Harbour Post", "Valley Echo"))
    assert report(write, tmp_path, answered(cited, language=language)).count(words) == 1


@pytest.mark.parametrize("language", ["en", "zh-Hant", "zh-Hans"])
def test_a_workbook_that_is_read_back_keeps_the_copies(tmp_path: Path, language: str) -> None:
    cited = (quoted(1, copies=("Valley Echo", "=1+1")), quoted(2))
    asked = answered(*cited, question="大橋花了多少錢？" if language != "en" else "What?", language=language)
    write_workbook(tmp_path / "a.xlsx", [asked], FACTS)
    (kept,) = read_answers(tmp_path / "a.xlsx")
    assert [each.copies for each in kept.quotes] == [("Valley Echo", "=1+1"), ()]


def test_the_copies_of_a_citation_are_read_from_its_record() -> None:
    copies = [{"article": "b.md", "title": "B", "outlet": "Echo"}, {"article": "c.md", "title": "C", "outlet": ""}]
    told = {"number": 1, "statement": 1, "article": "a.md", "start": 0, "end": 1, "quote": "x", "copies": copies}
    assert Quoted.of(told).copies == ("Echo", "C")
