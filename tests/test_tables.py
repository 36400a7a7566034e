import codecs
import csv
from pathlib import Path

import pytest

from qa.cells import harmless, visible, write_delimited
from qa.errors import FileError
from qa.tables import find_column, read_rows

NAMES = ("question", "問題", "问题")
TRADITIONAL = "問題,媒體\n大橋由誰設計？,河口日報\n暴風過後有幾座小島停電？,\n"
SIMPLIFIED = "问题,媒体\n大桥由谁设计？,南岸晚报\n"
MIXED = "question,媒體\nWho designed the bridge?,河口日報\n"


def written(folder: Path, name: str, data: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def values(path: Path, **options: str) -> list[dict[str, object]]:
    return [dict(line.values) for line in read_rows(path, NAMES, **options).lines]


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        *((TRADITIONAL, encoding) for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "big5", "gb18030")),
        *((SIMPLIFIED, encoding) for encoding in ("utf-8", "utf-16", "gb18030")),
        *((MIXED, encoding) for encoding in ("utf-8", "utf-16", "big5", "gb18030")),
        ("question\nWhere is the café?\n", "cp1252"),
        ("問題\n邊個喺度寫咗嗰座橋？\n", "big5hkscs"),
    ],
)
def test_an_encoding_is_detected(tmp_path: Path, text: str, encoding: str) -> None:
    plain = values(written(tmp_path, "plain.csv", text))
    assert values(written(tmp_path, "encoded.csv", text.encode(encoding))) == plain
    assert plain[0]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_a_delimiter_is_detected(tmp_path: Path, delimiter: str) -> None:
    path = written(tmp_path, "q.csv", f'id{delimiter}question\n1{delimiter}"a{delimiter}b"\n')
    assert values(path) == [{"id": "1", "question": f"a{delimiter}b"}]


def test_excels_separator_line_is_obeyed(tmp_path: Path) -> None:
    assert values(written(tmp_path, "q.csv", "sep=;\r\nquestion;n\r\na,b;1\r\n")) == [{"question": "a,b", "n": "1"}]


def test_the_header_stands_below_a_title(tmp_path: Path) -> None:
    path = written(tmp_path, "q.csv", "Questions,,\n,,\nid,Question:,note\n1,Why?,x\n")
    assert values(path) == [{"id": "1", "Question:": "Why?", "note": "x"}]


def test_blank_rows_stay_in_place_but_for_the_last(tmp_path: Path) -> None:
    path = written(tmp_path, "q.csv", "question,n\na,1\n,\n\nb,2\n,\n\n")
    assert [line["question"] for line in values(path)] == ["a", "", "", "b"]
    assert [line["question"] for line in values(written(tmp_path, "q.txt", "a\n\nb\n\n"))] == ["a", "", "b"]


def test_columns_without_a_name_or_with_the_same_one_are_kept(tmp_path: Path) -> None:
    path = written(tmp_path, "q.csv", "question,note,note,,\nWhy?,1,2,3,\n")
    assert values(path) == [{"question": "Why?", "note": "1", "note (2)": "2", "column 4": "3"}]


def test_quoted_cells_may_hold_line_ends(tmp_path: Path) -> None:
    assert values(written(tmp_path, "q.csv", 'question\n"one\ntwo"\n')) == [{"question": "one\ntwo"}]


def test_a_stray_quotation_mark_is_borne(tmp_path: Path) -> None:
    assert values(written(tmp_path, "q.csv", 'question,n\n"why" now,1\n'))[0]["n"] == "1"


def test_a_json_line_that_is_none_is_a_row_with_a_problem(tmp_path: Path) -> None:
    path = written(tmp_path, "q.jsonl", '{"question": "a"}\nnonsense\n\n{"question": "b", "n": [1]}\n')
    lines = read_rows(path, NAMES).lines
    assert [line.problem for line in lines] == ["", "line 2: not a JSON object; write one object a line", ""]
    assert lines[2].values == {"question": "b", "n": [1]}


def test_half_a_character_is_replaced(tmp_path: Path) -> None:
    assert values(written(tmp_path, "q.jsonl", '{"question": "a\\ud83dz"}')) == [{"question": "a\ufffdz"}]


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("q.csv", b"", "is empty"),
        ("q.csv", b" \n\n", "is empty"),
        ("q.csv", b"question\n", "no question below the header"),
        ("q.csv", b"id,text\n1,Why?\n", "the columns are: id, text"),
        ("q.csv", b'question\n"Why?\nHow?\n', "a quotation mark is opened and never closed"),
        ("q.csv", b"PK\x03\x04rest", "not a text file"),
        ("q.csv", b"\x00\x01\x02\x03" * 50, "binary"),
        ("q.jsonl", b"nonsense\n", "line 1: not a JSON object"),
        ("q.jsonl", b'{"text": "Why?"}\n', "the columns are: text"),
        ("q.xlsx", b"nonsense", "not an .xlsx workbook"),
        ("q.xlsx", b"PK\x03\x04nonsense", "not an .xlsx workbook"),
        ("q.xlsx", b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"), "locked by a password"),
        ("q.xlsx", b"\xd0\xcf\x11\xe0 and more", "an old .xls"),
        ("q.pdf", b"nonsense", "rows are read from"),
    ],
)
def test_what_cannot_be_read_is_refused_in_one_line(tmp_path: Path, name: str, data: bytes, told: str) -> None:
    with pytest.raises(FileError, match=told) as caught:
        read_rows(written(tmp_path, name, data), NAMES)
    assert name in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    (tmp_path / "folder.csv").mkdir()
    for name, told in (
        ("none.csv", "no such file"),
        ("none", "no such file"),
        ("folder.csv", "a folder"),
        ("", "a folder"),
    ):
        with pytest.raises(FileError, match=told):
            read_rows(tmp_path / name, NAMES)


def test_columns_are_found_in_the_order_of_the_names() -> None:
    assert find_column(["問題", "Question"], NAMES) == "Question"
    assert find_column(["　問題："], NAMES) == "　問題："
    assert find_column(["id"], NAMES) is None


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])  # noqa: RUF001 – they are what is tested
def test_a_cell_that_starts_like_a_formula_is_written_harmless(tmp_path: Path, start: str) -> None:
    path = tmp_path / "out.csv"
    write_delimited(path, ["question"], [[f"{start}cmd|' /C calc'!A0"]], ",")
    with path.open(encoding="utf-8-sig", newline="") as lines:
        assert list(csv.reader(lines))[1] == [f"'{start}cmd|' /C calc'!A0"]


def test_plain_numbers_stay_numbers() -> None:
    assert [harmless(text) for text in ("-5", "+1.5%", "-1,000", "-5+cmd")] == ["-5", "+1.5%", "-1,000", "'-5+cmd"]


def test_tables_for_spreadsheet_programs_begin_with_a_mark(tmp_path: Path) -> None:
    write_delimited(tmp_path / "out.csv", ["問題"], [["誰？"]], ",")
    assert (tmp_path / "out.csv").read_bytes().startswith(codecs.BOM_UTF8)


def test_control_characters_become_visible() -> None:
    assert visible("a\x00b\x1bc\x7fd\ne\tf\ufffeg") == "a␀b␛c␡d\ne\tf\ufffdg"
