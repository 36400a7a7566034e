import csv
import io
import json
import os
import random
import re
import signal
import subprocess
import sys
import textwrap
import time
import zipfile
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from conftest import ConceptEncoder
from openpyxl import Workbook, load_workbook

from qa import AskOptions, Assistant, Filters
from qa.answered import read_answers
from qa.batch import OUT_FORMS, Row, check_out, read_questions, run
from qa.errors import FileError
from qa.journal import journal_path

QUESTIONS = ("Who designed the bridge?", "大橋由誰設計？", "桥花了多少钱？", "Is there an opera?", "How many nurses?")
HEADER = ("編號", "問題", "起始日期", "媒體", "備註")


def asked(assistant: Assistant, questions: Path, out: Path, **options: Any) -> list[dict[str, Any]]:
    run(assistant, read_questions(questions), out, AskOptions(), lambda _: None, **options)
    return [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def lines(*questions: str) -> str:
    return "".join(json.dumps({"question": question}, ensure_ascii=False) + "\n" for question in questions)


def without_input(record: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in record.items() if name != "input"}


def in_form(folder: Path, suffix: str, questions: Sequence[str]) -> Path:
    path = folder / f"questions{suffix}"
    if suffix == ".xlsx":
        book = Workbook()
        sheet = book.worksheets[0]
        for row in [["question"], *([question] for question in questions)]:
            sheet.append(row)
        book.save(path)
        return path
    if suffix == ".jsonl":
        return written(folder, path.name, lines(*questions))
    table = io.StringIO()
    csv.writer(table, delimiter="\t" if suffix == ".tsv" else ",").writerows([["question"], *([q] for q in questions)])
    return written(folder, path.name, "\n".join(questions) + "\n" if suffix == ".txt" else table.getvalue())


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".xlsx", ".txt"])
def test_every_form_of_the_same_questions_gives_the_same_answers(
    assistant: Assistant, tmp_path: Path, suffix: str
) -> None:
    told = asked(assistant, in_form(tmp_path, ".jsonl", QUESTIONS), tmp_path / "a.jsonl")
    same = asked(assistant, in_form(tmp_path, suffix, QUESTIONS), tmp_path / "b.jsonl")
    assert [without_input(record) for record in same] == [without_input(record) for record in told]
    assert [record["question"] for record in told] == list(QUESTIONS)
    assert {record["found"] for record in told} == {True, False}


def test_questions_come_from_stdin(assistant: Assistant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = asked(assistant, in_form(tmp_path, ".txt", QUESTIONS), tmp_path / "a.jsonl")
    for form, suffix in ((None, ".txt"), ("csv", ".csv"), ("jsonl", ".jsonl")):
        data = in_form(tmp_path, suffix, QUESTIONS).read_bytes()
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
        rows = read_questions(Path("-"), form=form)
        assert [row.question for row in rows] == [record["question"] for record in told]


def test_a_record_is_the_answer_with_the_asked_row(assistant: Assistant, tmp_path: Path) -> None:
    path = written(tmp_path, "q.jsonl", '{"id": 7, "question": " Who designed the bridge? ", "lang": "xx", "n": [1]}\n')
    (record,) = asked(assistant, path, tmp_path / "a.jsonl")
    assert record["input"] == {"id": 7, "question": " Who designed the bridge? ", "lang": "xx", "n": [1]}
    assert record["citations"][0]["quote"] == assistant.ask("Who designed the bridge?").citations[0].quote


@pytest.mark.parametrize("name", ["question", "Questions", "q", "Query", "問題", "问题", "提問", "提问", " 題目： "])
def test_the_column_of_questions_is_found_by_its_usual_names(tmp_path: Path, name: str) -> None:
    (row,) = read_questions(written(tmp_path, "q.csv", f"id,{name}\n1,Why?\n"))
    assert (row.question, row.column) == ("Why?", " ".join(name.split()))


def test_the_column_of_questions_can_be_named(tmp_path: Path) -> None:
    path = written(tmp_path, "q.csv", "question,English\n誰？,Who?\n")
    assert [row.question for row in read_questions(path, column="english")] == ["Who?"]
    with pytest.raises(FileError, match="no column 'French'; the columns are: question, English"):
        read_questions(path, column="French")


@pytest.mark.parametrize(
    ("header", "cell", "filters"),
    [
        ("since", "2025-03-02", {"since": "2025-03-02"}),
        ("起始日期", "2025年3月2日", {"since": "2025-03-02"}),
        ("until", "2025/3/2", {"until": "2025-03-02"}),
        ("截止日期", "20250302", {"until": "2025-03-02"}),
        ("Outlet", " 河口日報 ", {"outlet": "河口日報"}),
        ("媒体", "河口日報", {"outlet": "河口日報"}),
        ("language", "English", {"language": "en"}),
        ("語言", "中文", {"language": "zh"}),
        ("lang", "en", {}),
        ("since", "", {}),
    ],
)
def test_columns_filter_their_row(tmp_path: Path, header: str, cell: str, filters: dict[str, str]) -> None:
    (row,) = read_questions(written(tmp_path, "q.csv", f"question,{header}\nWhy?,{cell}\n"))
    assert row.filters == filters


def test_a_filtered_row_is_answered_as_asked_with_filters(assistant: Assistant, tmp_path: Path) -> None:
    question = "Who designed the bridge?"
    table = f"question,language,outlet\n{question},,\n{question},zh,\n{question},,No Such Post\n"
    records = asked(assistant, written(tmp_path, "q.csv", table), tmp_path / "a.jsonl")
    alone = assistant.ask(question, AskOptions(filters=Filters(language="zh")))
    assert [c["quote"] for c in records[1]["citations"]] == [c.quote for c in alone.citations]
    assert {c["language"] for c in records[1]["citations"]} == {"zh-Hant"}
    assert records[2]["reason"] == "outside_filters"
    assert {c["language"] for c in records[0]["citations"]} > {"zh-Hant"}


def test_a_bad_row_says_so_and_the_run_goes_on(assistant: Assistant, tmp_path: Path) -> None:
    table = (
        "question,since,until,language\n"
        "Who designed the bridge?,someday,,\n"
        f"{'why ' * 600},,,\n"
        "How many nurses?,2025-06-01,2025-05-01,\n"
        "How many nurses?,,,fr\n"
        "How many nurses?,,,\n"
    )
    records = asked(assistant, written(tmp_path, "q.csv", table), tmp_path / "a.jsonl")
    assert [record.get("error") for record in records] == [
        "since 'someday' is not a date; write it as YYYY-MM-DD",
        "the question has 2,399 characters; ask one of at most 2,000",
        "since 2025-06-01 is after until 2025-05-01; swap them",
        "'fr' is not a language of the corpus; use en or zh",
        None,
    ]
    assert [record["reason"] for record in records[:4]] == ["error"] * 4
    assert records[4]["found"]
    assert {tuple(record) for record in records[:4]} == {(*list(records[4])[:-1], "error", "input")}


def test_json_rows_without_a_question_say_so(assistant: Assistant, tmp_path: Path) -> None:
    path = written(tmp_path, "q.jsonl", '{"question": "How many nurses?"}\nnonsense\n{"question": [1]}\n{"id": 4}\n')
    records = asked(assistant, path, tmp_path / "a.jsonl")
    assert [record.get("error", "")[:20] for record in records] == [
        "",
        "line 2: not a JSON o",
        "no question under 'q",
        "no question under 'q",
    ]


def test_blank_rows_keep_their_place(assistant: Assistant, tmp_path: Path) -> None:
    path = written(tmp_path, "q.csv", "question,n\nHow many nurses?,1\n,\n,2\nHow many books?,3\n")
    records = asked(assistant, path, tmp_path / "a.jsonl")
    assert [record["reason"] for record in records] == [None, "empty_question", "empty_question", None]
    run(assistant, read_questions(path), tmp_path / "a.csv", AskOptions(), lambda _: None)
    with (tmp_path / "a.csv").open(encoding="utf-8-sig", newline="") as file:
        table = list(csv.reader(file))
    assert [row[:2] for row in table[1:]] == [["How many nurses?", "1"], ["", ""], ["", "2"], ["How many books?", "3"]]
    assert set(table[2]) == {""}


def test_the_same_question_is_encoded_once(built_index: Path, tmp_path: Path) -> None:
    encoder = ConceptEncoder()
    told = [*QUESTIONS, *QUESTIONS] * 40
    records = asked(Assistant.open(built_index, encoder=encoder), in_form(tmp_path, ".txt", told), tmp_path / "a.jsonl")
    assert len(encoder.seen) == len(set(encoder.seen))
    assert [record["question"] for record in records] == told


def test_answers_can_be_asked_again(assistant: Assistant, tmp_path: Path) -> None:
    table = "編號,問題,語言\n1,Who designed the bridge?,zh\n2,Is there an opera?,\n"
    asked(assistant, written(tmp_path, "q.csv", table), tmp_path / "a.jsonl")
    asked(assistant, tmp_path / "a.jsonl", tmp_path / "b.jsonl")
    assert (tmp_path / "b.jsonl").read_bytes() == (tmp_path / "a.jsonl").read_bytes()


@pytest.mark.parametrize("suffix", OUT_FORMS)
def test_the_same_run_gives_the_same_bytes(assistant: Assistant, tmp_path: Path, suffix: str) -> None:
    rows = read_questions(in_form(tmp_path, ".txt", QUESTIONS))
    for name in ("a", "b"):
        run(assistant, rows, tmp_path / f"{name}{suffix}", AskOptions(), lambda _: None)
        time.sleep(1.1 if suffix == ".xlsx" else 0)  # zip files state the time by two seconds
    assert (tmp_path / f"a{suffix}").read_bytes() == (tmp_path / f"b{suffix}").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"a{suffix}", f"b{suffix}", "questions.txt"]


# --- stopped and resumed --------------------------------------------------------------------------


class Stop(Exception):
    pass


def stopping_after(rows: int) -> Callable[[int], None]:
    left = [rows]

    def progress(count: int) -> None:
        left[0] -= count
        if left[0] <= 0:
            raise Stop

    return progress


@pytest.mark.parametrize("suffix", [".jsonl", ".csv", ".xlsx", ".html"])
@pytest.mark.parametrize("stop", [1, 63, 64, 65, 150])
def test_a_stopped_run_goes_on_to_the_same_bytes(assistant: Assistant, tmp_path: Path, suffix: str, stop: int) -> None:
    rows = [
        Row(f"{question} {n % 90}", {"question": f"{question} {n % 90}"}) for n, question in enumerate(QUESTIONS * 40)
    ]
    options = AskOptions(top=3)
    run(assistant, rows, tmp_path / f"whole{suffix}", options, lambda _: None)
    out = tmp_path / f"out{suffix}"
    with pytest.raises(Stop):
        run(assistant, rows, out, options, stopping_after(stop))
    assert not out.exists()
    done: list[int] = []
    run(assistant, rows, out, options, lambda _: None, resume=True, resumed=done.append)
    assert done == [stop]
    assert out.read_bytes() == (tmp_path / f"whole{suffix}").read_bytes()
    assert not journal_path(out).exists()


@pytest.mark.parametrize(
    "damage", [b'{"question": "Who des', b"\x00\x00\x00\n", b'{"question": "another"}\n', b"[1]\n"]
)
def test_what_follows_the_last_whole_row_is_cut_off(assistant: Assistant, tmp_path: Path, damage: bytes) -> None:
    rows = read_questions(in_form(tmp_path, ".txt", QUESTIONS))
    out = tmp_path / "a.jsonl"
    with pytest.raises(Stop):
        run(assistant, rows, out, AskOptions(), stopping_after(2))
    with journal_path(out).open("ab") as file:
        file.write(damage)
    run(assistant, rows, out, AskOptions(), lambda _: None, resume=True)
    run(assistant, rows, tmp_path / "b.jsonl", AskOptions(), lambda _: None)
    assert out.read_bytes() == (tmp_path / "b.jsonl").read_bytes()


def test_a_run_goes_on_only_with_what_it_was_begun_with(
    assistant: Assistant, corpus: Path, tmp_path: Path, encoder: ConceptEncoder
) -> None:
    from qa import build

    rows = read_questions(in_form(tmp_path, ".txt", QUESTIONS))
    out = tmp_path / "a.jsonl"
    with pytest.raises(Stop):
        run(assistant, rows, out, AskOptions(), stopping_after(2))
    kept = journal_path(out).read_bytes()
    (corpus / "undated.txt").unlink()
    build(corpus, tmp_path / "other", encoder=encoder)
    other = Assistant.open(tmp_path / "other", encoder=encoder)
    for using, asking, options, told in (
        (assistant, rows[1:], AskOptions(), "other questions"),
        (assistant, rows, AskOptions(top=3), "other options"),
        (other, rows, AskOptions(), "another index"),
    ):
        with pytest.raises(FileError, match=told):
            run(using, asking, out, options, lambda _: None, resume=True)
    assert journal_path(out).read_bytes() == kept
    run(assistant, rows[:1], out, AskOptions(), lambda _: None)
    assert len(out.read_text().splitlines()) == 1


def test_there_may_be_nothing_to_resume(assistant: Assistant, tmp_path: Path) -> None:
    rows = read_questions(in_form(tmp_path, ".txt", QUESTIONS))
    found = run(assistant, rows, tmp_path / "a.jsonl", AskOptions(), lambda _: None, resume=True)
    assert found == sum(answer.found for answer in assistant.ask_all([row.question for row in rows]))


CHILD = """
import sys, time
from pathlib import Path
sys.path.insert(0, {tests!r})
from conftest import ConceptEncoder
from qa import AskOptions, Assistant
from qa.batch import read_questions, run
def progress(count):
    time.sleep(0.002)
out = Path(sys.argv[2])
assistant = Assistant.open(Path({index!r}), encoder=ConceptEncoder())
print("ready", flush=True)
run(assistant, read_questions(Path(sys.argv[1])), out, AskOptions(), progress, resume=True)
"""


@pytest.mark.slow
@pytest.mark.parametrize("suffix", [".jsonl", ".xlsx"])
def test_killed_at_random_moments_and_resumed_gives_the_same_bytes(
    built_index: Path, assistant: Assistant, tmp_path: Path, suffix: str
) -> None:
    chance = random.Random(7)  # noqa: S311 – the moments of the kills
    questions = in_form(tmp_path, ".csv", [f"{question} {n % 130}" for n, question in enumerate(QUESTIONS * 60)])
    whole, out = tmp_path / f"whole{suffix}", tmp_path / f"out{suffix}"
    run(assistant, read_questions(questions), whole, AskOptions(), lambda _: None)
    script = written(tmp_path, "child.py", CHILD.format(tests=str(Path(__file__).parent), index=str(built_index)))
    kills = 0
    while kills < 20:
        child = subprocess.Popen([sys.executable, str(script), str(questions), str(out)], stdout=subprocess.PIPE)
        assert child.stdout is not None
        child.stdout.readline()
        time.sleep(chance.uniform(0, 0.12))
        os.kill(child.pid, signal.SIGKILL)
        kills += child.wait() == -signal.SIGKILL
        child.stdout.close()
        if out.exists():
            assert out.read_bytes() == whole.read_bytes()
            out.unlink()
    subprocess.run([sys.executable, str(script), str(questions), str(out)], check=True, stdout=subprocess.DEVNULL)
    assert out.read_bytes() == whole.read_bytes()
    assert not journal_path(out).exists()


# --- workbooks ------------------------------------------------------------------------------------


def mixed_workbook(path: Path, rows: int) -> None:
    """Write rows of mixed languages, blank rows, merged cells, formulas, dates, and a hidden sheet before them."""
    book = Workbook()
    hidden = book.worksheets[0]
    hidden.append(["question"])
    hidden.append(["What is hidden?"])
    hidden.sheet_state = "hidden"
    sheet = book.create_sheet("提問")
    sheet["A1"] = "新聞室的問題"
    sheet.merge_cells("A1:E1")
    sheet.append([])
    sheet.append(list(HEADER))
    for number in range(1, rows + 1):
        if number % 23 == 0:
            sheet.append([])
        else:
            since = datetime(2025, 3, 2) if number % 9 == 0 else None
            sheet.append([number, QUESTIONS[number % 5], since, None, "=1+1" if number % 17 == 0 else "甲"])
    sheet["B10"] = '="How many "&"nurses?"'
    sheet["B11"] = "=1/0"
    sheet["B12"] = '="never"&"saved"'
    sheet["D20"] = "河口日報"
    sheet.merge_cells("D20:D22")
    book.save(path)
    save_values(path, {"B10": ("str", "How many nurses?"), "B11": ("e", "#DIV/0!")})


def save_values(path: Path, found: dict[str, tuple[str, str]]) -> None:
    """Save the values of formulas, as a spreadsheet program does."""
    with zipfile.ZipFile(path) as packed:
        files = {name: packed.read(name) for name in packed.namelist()}
    text = files["xl/worksheets/sheet2.xml"].decode()
    for cell, (kind, value) in found.items():
        pattern = rf'<c r="{cell}"([^>]*)><f>(.*?)</f><v ?/?>(</v>)?</c>'
        text, count = re.subn(pattern, rf'<c r="{cell}"\1 t="{kind}"><f>\2</f><v>{value}</v></c>', text)
        assert count == 1
    files["xl/worksheets/sheet2.xml"] = text.encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in files.items():
            packed.writestr(name, content)


@pytest.fixture(scope="module")
def mixed(assistant: Assistant, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("mixed")
    mixed_workbook(folder / "questions.xlsx", 500)
    rows = read_questions(folder / "questions.xlsx")
    for suffix in (".jsonl", ".xlsx"):
        run(assistant, rows, folder / f"answers{suffix}", AskOptions(), lambda _: None)
    return folder


def test_five_hundred_mixed_rows_keep_their_places(mixed: Path) -> None:
    records = [json.loads(line) for line in (mixed / "answers.jsonl").read_text(encoding="utf-8").splitlines()]
    assert len(records) == 500
    for number, record in enumerate(records, 1):
        if number % 23 == 0:
            assert record["reason"] == "empty_question"
        else:
            assert record["input"]["編號"] == number
    assert records[8]["input"]["起始日期"] == "2025-03-02"


def test_a_formula_counts_as_its_value(mixed: Path) -> None:
    records = [json.loads(line) for line in (mixed / "answers.jsonl").read_text(encoding="utf-8").splitlines()]
    assert records[6]["question"] == "How many nurses?"
    assert records[6]["found"]
    assert (
        records[7]["error"] == "the cell holds #DIV/0! without a value; calculate and save it in a spreadsheet program"
    )
    assert records[8]["error"].startswith('the cell holds ="never"&"saved" without a value')


def test_a_merged_cell_counts_for_each_of_its_rows(mixed: Path) -> None:
    records = [json.loads(line) for line in (mixed / "answers.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [record["input"]["媒體"] for record in records[15:20]] == [None, "河口日報", "河口日報", "河口日報", None]


def test_a_workbook_of_answers_opens_again(mixed: Path) -> None:
    book = load_workbook(mixed / "answers.xlsx", rich_text=True)
    assert book.sheetnames == ["Answers", "Citations", "Run"]
    sheet = book["Answers"]
    assert [cell.value for cell in sheet[1]] == [
        "row",
        *HEADER,
        *("found", "confidence", "reason", "statements", "sources", "answerable", "accept"),
    ]
    assert (sheet.freeze_panes, sheet.max_row) == ("B2", 501)
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
    assert sheet["F18"].value == "=1+1"
    assert [cell.value for cell in sheet[24]][1:] == [None] * 12
    facts = {row[0].value: row[1].value for row in book["Run"].iter_rows()}
    assert (facts["rows"], facts["blank rows"], facts["question column"]) == (500, 21, "問題")


def test_a_workbook_keeps_what_the_records_say(mixed: Path) -> None:
    kept, told = (read_answers(mixed / f"answers{suffix}") for suffix in (".xlsx", ".jsonl"))
    assert [each.question for each in kept] == [each.question for each in told]
    assert [(each.found, each.reason, each.error, each.blank) for each in kept] == [
        (each.found, each.reason, each.error, each.blank) for each in told
    ]
    places = [[(q.article, q.start, q.end, q.quote, q.statement) for q in each.quotes] for each in kept]
    assert places == [[(q.article, q.start, q.end, q.quote, q.statement) for q in each.quotes] for each in told]


def test_control_characters_and_codes_in_cells_survive_a_workbook(assistant: Assistant, tmp_path: Path) -> None:
    given = {"question": "How many nurses?", "note": "bell\x07 _x0041_ \ufffe", "found": "mine", "-": "@SUM(A1)"}
    run(assistant, [Row("How many nurses?", given)], tmp_path / "a.xlsx", AskOptions(), lambda _: None)
    (again,) = read_questions(tmp_path / "a.xlsx")
    assert again.given["note"] == "bell␇ _x0041_ \ufffd"
    assert (again.given["found (given)"], again.given["-"]) == ("mine", "@SUM(A1)")


# --- where it goes --------------------------------------------------------------------------------


def test_a_place_that_cannot_be_written_is_refused_before_anything_is_asked(tmp_path: Path) -> None:
    (tmp_path / "folder.csv").mkdir()
    questions = in_form(tmp_path, ".csv", QUESTIONS)
    for out, told in (
        (tmp_path / "a.pdf", "choose one of these suffixes"),
        (tmp_path / "folder.csv", "is a folder"),
        (tmp_path / "none" / "a.csv", "no folder"),
        (questions, "would overwrite the questions"),
    ):
        with pytest.raises(FileError, match=told):
            check_out(out, questions)


def test_a_full_disk_is_told_and_rows_are_kept(assistant: Assistant, tmp_path: Path) -> None:
    resource = pytest.importorskip("resource", reason="files cannot be limited here")
    rows = [Row(f"{question} {n}", {"question": question}) for n, question in enumerate(QUESTIONS * 20)]
    out, before = tmp_path / "a.jsonl", resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, before[1]))
    try:
        with pytest.raises(FileError, match=r"cannot be written .* rows are kept in .*a\.jsonl\.part; make room"):
            run(assistant, rows, out, AskOptions(), lambda _: None)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert not out.exists()
    run(assistant, rows, out, AskOptions(), lambda _: None, resume=True)
    run(assistant, rows, tmp_path / "b.jsonl", AskOptions(), lambda _: None)
    assert out.read_bytes() == (tmp_path / "b.jsonl").read_bytes()


def test_the_command_line_speaks_in_one_line(tmp_path: Path, built_index: Path) -> None:
    questions = written(tmp_path, "q.csv", "id,text\n1,Why?\n")
    command = [sys.executable, "-m", "qa", "batch", str(questions), "--out", str(tmp_path / "a.csv")]
    done = subprocess.run([*command, "--index", str(built_index)], capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr.startswith("qa: ")
    assert len(done.stderr.splitlines()) == 1
    assert "the columns are: id, text" in done.stderr
    assert textwrap.dedent(done.stdout) == ""
    assert not (tmp_path / "a.csv").exists()
