import json
from pathlib import Path

import pytest
from openpyxl import load_workbook

from qa import AskOptions, Assistant
from qa.batch import Row, run
from qa.errors import FileError
from qa.reviewed import Reviewed, read_reviewed

ROWS = [
    Row(question, {"問題": question}, column="問題") for question in ("How many nurses?", "Is there an opera?", "誰？")
]
EXPECTED = [
    Reviewed("How many nurses?", True, (("40", "nurses"), ("四十",))),
    Reviewed("Is there an opera?", False),
]


def test_a_reviewed_workbook_is_gold(assistant: Assistant, tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    run(assistant, ROWS, path, AskOptions(), lambda _: None)
    book = load_workbook(path)
    sheet = book["Answers"]
    columns = {cell.value: cell.column for cell in sheet[1]}
    for row, (answerable, accept) in enumerate((("yes", "40 & nurses\n四十"), ("否", None)), 2):
        sheet.cell(row, columns["answerable"], answerable)
        sheet.cell(row, columns["accept"], accept)
    book.save(path)
    assert read_reviewed(path) == EXPECTED


@pytest.mark.parametrize("place", ["beside", "input"])
def test_reviewed_records_are_gold(assistant: Assistant, tmp_path: Path, place: str) -> None:
    path = tmp_path / "a.jsonl"
    run(assistant, ROWS, path, AskOptions(), lambda _: None)
    records = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    review = [{"answerable": True, "accept": [["40", "nurses"], ["四十"]]}, {"answerable": False}, {}]
    for record, told in zip(records, review, strict=True):
        (record if place == "beside" else record["input"]).update(told)
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    assert read_reviewed(path) == EXPECTED


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ("question,answerable\nWhy?,\n", "no row is reviewed"),
        ("question,answerable\nWhy?,perhaps\n", "row 1: 'answerable' says 'perhaps'; write yes or no"),
        ("question\nWhy?\n", "no row is reviewed"),
    ],
)
def test_what_is_not_reviewed_is_refused(tmp_path: Path, table: str, told: str) -> None:
    (tmp_path / "a.csv").write_text(table)
    with pytest.raises(FileError, match=told):
        read_reviewed(tmp_path / "a.csv")
