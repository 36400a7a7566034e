"""Rows of files: CSV, TSV, JSONL, TXT (and XLSX through `workbook`) into named values.

Knows encodings, delimiters and header rows; does not know what a question or an answer is.
"""

from __future__ import annotations

import csv
import json
import re
import sys
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

from qa.cells import Unreadable, is_blank, mended
from qa.decoding import decode
from qa.errors import FileError

FORMS = (".txt", ".csv", ".tsv", ".jsonl", ".xlsx")
STDIN = Path("-")

_HEADER_WITHIN = 20  # rows: a title and remarks may stand above the header
_DELIMITERS = ",;\t|"
_CELL = 10_000_000  # characters that one cell of a CSV may hold


@dataclass(frozen=True, slots=True)
class Line:
    """One row by its column names; `problem` says why it cannot be used."""

    values: Mapping[str, Any]
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of one file; `column` is the one that was looked for."""

    columns: tuple[str, ...]
    column: str
    lines: tuple[Line, ...]


def name_key(name: object) -> str:
    """Return what makes two column names the same.

    >>> name_key("Start_Date:"), name_key("　問題 ")
    ('startdate', '問題')
    """
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", str(name)).casefold())


def find_column(columns: Iterable[str], names: Sequence[str]) -> str | None:
    """Return the first column, in the order of `names`, that has one of the names."""
    by_key: dict[str, str] = {}
    for column in columns:
        by_key.setdefault(name_key(column), column)
    return next((by_key[name_key(name)] for name in names if name_key(name) in by_key), None)


# --- reading --------------------------------------------------------------------------------------


def read_rows(path: Path, names: Sequence[str], *, form: str | None = None) -> Rows:
    """Read the rows of a file (`-` is stdin) that has a column with one of `names`.

    `form` is a suffix out of `FORMS`, by default the file's own, or `.txt` for stdin. Blank rows stay in place
    but for those at the end; in JSONL a blank line is no row.

    Raises:
        FileError: there is no such file, it cannot be read, is empty, or has no such column.
    """
    form = form_of(path, form)
    if form == ".xlsx":
        from qa.workbook import read_grid

        return _from_grid(read_grid(path, read_bytes(path)), names, path)
    text = decoded(read_bytes(path), path)
    if form == ".jsonl":
        return _from_jsonl(text, names, path)
    if form == ".txt":
        lines = [Line({"question": line.strip()}) for line in re.split(r"\r\n|\r|\n", text)]
        return _checked(Rows(("question",), "question", tuple(lines)), path)
    return _from_grid(_cells(text, form, path), names, path)


def form_of(path: Path, form: str | None = None) -> str:
    """Return the form that a file is read in.

    Raises:
        FileError: it is none that is known, or there is no such file.
    """
    if path != STDIN and path.is_dir():
        raise FileError(f"{path}: this is a folder; name a file in it")
    if path != STDIN and not path.exists():
        raise FileError(f"{path}: there is no such file; check the name")
    known = form or (".txt" if path == STDIN else path.suffix)
    known = f".{known.lower().removeprefix('.')}"
    if known not in FORMS:
        raise FileError(f"{path}: rows are read from {', '.join(FORMS)} files; save it as one of these")
    return known


def read_bytes(path: Path) -> bytes:
    """Return what a file or stdin holds.

    Raises:
        FileError: it cannot be read, or holds nothing.
    """
    try:
        data = sys.stdin.buffer.read() if path == STDIN else path.read_bytes()
    except FileNotFoundError as error:
        raise FileError(f"{path}: there is no such file; check the name") from error
    except IsADirectoryError as error:
        raise FileError(f"{path}: this is a folder; name a file in it") from error
    except OSError as error:
        raise FileError(f"{path}: cannot be read ({error.strerror}); check its permissions") from error
    if not data.strip():
        raise FileError(f"{path}: the file is empty; put a question in it")
    return data


def decoded(data: bytes, path: Path) -> str:
    """Return the text of `data`: UTF-8, UTF-16, Big5 or GB18030, else Windows Latin.

    Raises:
        FileError: it is not text, or of another encoding.
    """
    if data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF")):
        raise FileError(f"{path}: not a text file but a workbook or document; rename it .xlsx or save it as .csv")
    try:
        return decode(data)
    except ValueError as error:
        raise FileError(f"{path}: {error}") from error


def _delimiter(text: str, form: str) -> tuple[str, str]:
    """Return the delimiter and the text without Excel's `sep=` line; the first line tells, outside quotes."""
    if form == ".tsv":
        return "\t", text
    if told := re.match(r"sep=(.)\r?\n", text):
        return told[1], text[told.end() :]
    bare = re.sub(r'"[^"]*"', "", text.lstrip().split("\n", 1)[0])
    return max(_DELIMITERS, key=bare.count), text


def _cells(text: str, form: str, path: Path) -> list[list[Any]]:
    delimiter, text = _delimiter(text, form)
    csv.field_size_limit(_CELL)
    for strict in (True, False):  # a stray quotation mark is borne, one that swallows the rest is not
        rows = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=strict)
        try:
            return [list(row) for row in rows]
        except csv.Error as error:
            if not strict or "unexpected end" in str(error):
                why = "a quotation mark is opened and never closed" if strict else str(error)
                raise FileError(f"{path}, line {rows.line_num}: {why}; mend the file") from error
    return []


def _from_grid(grid: Sequence[Sequence[Any]], names: Sequence[str], path: Path) -> Rows:
    """Name the cells by the header: of the first rows that name the column, the one with most cells filled."""
    head = grid[:_HEADER_WITHIN]
    fitting = [row for row in range(len(head)) if find_column(map(_heading, head[row]), names) is not None]
    if not fitting:
        told = next((row for row in grid if any(not is_blank(cell) for cell in row)), ())
        raise _no_column(path, [_heading(cell) for cell in told if not is_blank(cell)], names)
    top = max(fitting, key=lambda row: (sum(not is_blank(cell) for cell in grid[row]), -row))
    columns = _unique(grid[top], grid[top + 1 :])
    column = find_column(columns.values(), names) or ""
    lines = tuple(_named(row, columns, column) for row in grid[top + 1 :])
    return _checked(Rows(tuple(columns.values()), column, lines), path)


def _named(row: Sequence[Any], columns: Mapping[int, str], column: str) -> Line:
    values = {name: _clean(row[place]) if place < len(row) else "" for place, name in columns.items()}
    broken = values[column]
    if not isinstance(broken, Unreadable):
        return Line(values)
    return Line(
        values, f"the cell holds {broken[:80]!s} without a value; calculate and save it in a spreadsheet program"
    )


def _heading(cell: object) -> str:
    return "" if cell is None else " ".join(str(cell).split())


def _unique(header: Sequence[Any], rows: Sequence[Sequence[Any]]) -> dict[int, str]:
    """Return the name of each column by its place; a column without a name has one if it has cells."""
    columns: dict[int, str] = {}
    for place in range(max(len(header), *(len(row) for row in rows), 1) if rows else len(header)):
        name = _heading(header[place]) if place < len(header) else ""
        if not name and not any(place < len(row) and not is_blank(row[place]) for row in rows):
            continue
        wanted = name or f"column {place + 1}"
        taken, number = wanted, 2
        while taken in columns.values():
            taken, number = f"{wanted} ({number})", number + 1
        columns[place] = taken
    return columns


def _from_jsonl(text: str, names: Sequence[str], path: Path) -> Rows:
    told = [(number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip()]
    lines = [_json_line(number, line) for number, line in told]
    columns = tuple(dict.fromkeys(name for line in lines if not line.problem for name in line.values))
    column = find_column(columns, names)
    if all(line.problem for line in lines):
        raise FileError(f"{path}: {lines[0].problem}" if lines else f"{path}: the file is empty")
    if column is None:
        raise _no_column(path, columns, names)
    return Rows(columns, column, tuple(lines))


def _json_line(number: int, line: str) -> Line:
    try:
        given = json.loads(line, parse_constant=str)
    except (ValueError, RecursionError):
        given = None
    if isinstance(given, dict):
        return Line(_clean(given))
    return Line({"line": _clean(line.strip())}, f"line {number}: not a JSON object; write one object a line")


def _clean(value: Any) -> Any:
    """Return a value without halves of characters, which no file can hold."""
    if isinstance(value, Unreadable):
        return value
    if isinstance(value, str):
        return mended(value)
    if isinstance(value, dict):
        return {_clean(name): _clean(each) for name, each in value.items()}
    return [_clean(each) for each in value] if isinstance(value, list) else value


def _checked(rows: Rows, path: Path) -> Rows:
    """Return the rows without blank ones at the end."""
    last = max((n for n, line in enumerate(rows.lines, 1) if not blank_line(line)), default=0)
    if not last:
        raise FileError(f"{path}: there is no question below the header; add one a row")
    return Rows(rows.columns, rows.column, rows.lines[:last])


def blank_line(line: Line) -> bool:
    """Tell whether every cell of a row is blank."""
    return all(is_blank(value) for value in line.values.values())


def _no_column(path: Path, columns: Sequence[str], names: Sequence[str]) -> FileError:
    wanted = f"no column {names[0]!r}"
    have = ", ".join(column[:40] for column in columns[:20]) or "none"
    return FileError(f"{path}: {wanted}; the columns are: {have}. Name the one with the questions with --column")
