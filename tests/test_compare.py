import json
from dataclasses import replace
from pathlib import Path

import pytest

from qa.answered import Answered, Quoted, read_answers
from qa.compare import as_dict, as_text, change_of, compare, summary, write_report
from qa.errors import FileError

RECORD = {"question": "Why?", "found": True, "citations": [], "index": {"generation": "0a"}, "input": {"q": "Why?"}}


def said(quote: str = "It rained.", article: str = "a.md", start: int = 5, title: str = "Rain") -> Quoted:
    return Quoted(1, 1, article, title, "Post", "2025-03-01", "en", start, start + len(quote), quote)


def answer(*quotes: Quoted, question: str = "Why?", reason: str = "") -> Answered:
    told = reason or ("" if quotes else "not_in_corpus")
    return Answered(question, "en", bool(quotes), 0.9, told, quotes, given={"question": question})


@pytest.mark.parametrize(
    ("old", "new", "change"),
    [
        (answer(), answer(said()), "newly_found"),
        (answer(said()), answer(), "lost"),
        (answer(said()), answer(said("It snowed.")), "other_quote"),
        (answer(said(), said("B.")), answer(said("B."), said()), "other_quote"),
        (answer(said(), said("B.")), answer(said()), "other_quote"),
        (answer(said()), answer(said(article="b.md", title="Storm")), "other_source"),
        (answer(said()), answer(said(), said(article="b.md", title="Storm")), "other_source"),
        (answer(said()), answer(said(start=9)), "moved"),
        (answer(said()), answer(said(article="renamed.md")), "moved"),
        (answer(said()), answer(said()), "unchanged"),
        (answer(said(), said("B."), said("C.")), answer(said(), said("C."), said("B.")), "unchanged"),
        (answer(), answer(), "unchanged"),
        (answer(), answer(reason="error"), "other_reason"),
    ],
)
def test_a_change_has_its_name(old: Answered, new: Answered, change: str) -> None:
    assert change_of(old, new) == change


def test_questions_meet_wherever_they_stand() -> None:
    old = [answer(question="A"), answer(said(), question="B"), answer(question="A"), answer(question="gone")]
    new = [answer(question=""), answer(said(), question="B"), answer(question="A"), answer(said(), question="A")]
    told = as_dict(compare(old, [*new, answer(question="new")]))
    assert {name: number for name, number in told["counts"].items() if number} == {"newly_found": 1, "unchanged": 2}
    assert [(each["row"], each["question"], each["change"]) for each in told["changes"]] == [(4, "A", "newly_found")]
    assert (told["added"], told["removed"]) == ([{"row": 5, "question": "new"}], [{"row": 4, "question": "gone"}])


def test_what_went_and_came_is_told() -> None:
    text = as_text(compare([answer(said())], [answer(said("It snowed."))]))
    assert text.splitlines() == [
        "1 other quote",
        "",
        "other quote:",
        "  1. Why?",
        "     - It rained. — Rain · Post · 2025-03-01 (a.md, 5-15)",
        "     + It snowed. — Rain · Post · 2025-03-01 (a.md, 5-15)",
    ]


def test_what_has_only_moved_is_not_told_beside_other_quotes() -> None:
    old, new = answer(said(), said("B.")), answer(said(article="renamed.md"), said("C."))
    told = [line.strip()[:4] for line in as_text(compare([old], [new])).splitlines()[4:]]
    assert told == ["- B.", "+ C."]


def test_a_comparison_speaks_as_most_of_the_questions(tmp_path: Path) -> None:
    old = [replace(answer(question="誰？"), language="zh-Hant"), replace(answer(question="幾時？"), language="zh-Hant")]
    new = [replace(old[0], reason="outside_filters"), replace(old[1], reason="not_in_corpus"), answer(said())]
    told = compare(old, new)
    assert summary(told) == "1 未回答的原因不同；1 未變；1 只在新的一次"
    assert as_text(told).splitlines()[2:6] == [
        "未回答的原因不同：",
        "  1. 誰？",
        "     - 報導中沒有",
        "     + 篩選範圍內沒有",
    ]
    write_report(told, tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert '<html lang="zh-Hant">' in page and "<h1>兩次執行的差異</h1>" in page
    assert as_dict(told)["counts"]["other_reason"] == 1


def test_nothing_to_compare_is_ordinary() -> None:
    assert summary(compare([], [])) == "no questions"


@pytest.mark.parametrize("suffix", [".md", ".html"])
def test_a_report_is_escaped(tmp_path: Path, suffix: str) -> None:
    hostile = "<script>alert(1)</script> *x*"
    write_report(compare([answer(said())], [answer(said(hostile))]), tmp_path / f"report{suffix}")
    text = (tmp_path / f"report{suffix}").read_text(encoding="utf-8")
    assert "&lt;script&gt;" in text if suffix == ".html" else r"\<script\>alert(1)\</script\> \*x\*" in text
    assert "<script" not in text.replace(r"\<script", "")


def test_a_report_of_another_form_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="choose one of these suffixes"):
        write_report(compare([], []), tmp_path / "report.pdf")


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("a.csv", "question\nWhy?\n", "keeps no offsets"),
        ("a.jsonl", "", "is empty"),
        ("a.jsonl", json.dumps(RECORD) + "\nnonsense\n", "line 2: not an answer"),
        ("a.jsonl", '{"question": "Why?"}\n', "line 1: not an answer"),
        ("a.jsonl", json.dumps(RECORD | {"citations": [{"quote": "x"}]}), "line 1: not an answer"),
        ("a.jsonl", "[1]\n", "line 1: not an answer"),
        ("a.xlsx", "nonsense", "not an .xlsx workbook"),
    ],
)
def test_a_file_without_answers_is_refused(tmp_path: Path, name: str, text: str, told: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(FileError, match=told):
        read_answers(tmp_path / name)


def test_another_workbook_is_refused(tmp_path: Path) -> None:
    from openpyxl import Workbook

    Workbook().save(tmp_path / "a.xlsx")
    with pytest.raises(FileError, match="not a workbook of answers"):
        read_answers(tmp_path / "a.xlsx")
