"""Files whose rows are articles: JSON Lines, and comma- or tab-separated values."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from typing import Any

from qa.heads import Refused, Source, fields, meaning, normalise

MAX_ROWS = 200_000
_SEPARATORS = (",", "\t", ";", "|")
_LONGEST_CELL = 1 << 27  # an article may be longer than the 128 KB that the csv module allows by itself

Rows = Iterator[Source | Refused]


def read_jsonl(text: str) -> Rows:
    """Yield the article of each line, or why it holds none."""
    for number, line in enumerate((line for line in text.split("\n") if line.strip()), 1):
        yield _from_json(line, f"#{number}") if number <= MAX_ROWS else Refused(f"#{number}", _TOO_MANY)
        if number > MAX_ROWS:
            return


_TOO_MANY = f"it and those below are beyond the first {MAX_ROWS:,} rows; split the file"


def _from_json(line: str, part: str) -> Source | Refused:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return Refused(part, "the line is not JSON")
    return _article(row, part) if isinstance(row, dict) else Refused(part, "the line is not a JSON object")


def read_separated(text: str, *, tabs: bool) -> Rows:
    """Yield the article of each row below the header, or why it holds none.

    Raises:
        ValueError: the header has no column for the text, or the file is not of this form.
    """
    csv.field_size_limit(_LONGEST_CELL)
    lines = text.lstrip("\ufeff\r\n")
    separator = "\t" if tabs else _separator(lines.split("\n", 1)[0])
    rows = csv.reader(io.StringIO(lines, newline=""), delimiter=separator)
    try:
        header = next(rows, [])
    except csv.Error as error:
        raise ValueError(f"broken: the first line is no row of a table ({error})") from error
    if not any(meaning(name) == "text" for name in header):
        raise ValueError("no column is named text (or content, body, 內文, 正文); name the columns in the first line")
    yield from _below_header(header, rows)


def _below_header(header: list[str], rows: Iterator[list[str]]) -> Rows:
    number = 0
    try:
        for cells in rows:
            if not any(cell.strip() for cell in cells):
                continue
            number += 1
            if number > MAX_ROWS:
                yield Refused(f"#{number}", _TOO_MANY)
                return
            yield _from_cells(header, cells, f"#{number}")
    except csv.Error as error:
        yield Refused(f"#{number + 1}", f"the table breaks off here ({error})")


def _from_cells(header: list[str], cells: list[str], part: str) -> Source | Refused:
    if any(cell.strip() for cell in cells[len(header) :]):
        return Refused(part, f"{len(cells)} cells under {len(header)} columns; quote cells that hold the separator")
    return _article(dict(zip(header, cells, strict=False)), part)


def _separator(line: str) -> str:
    """Return the separator that gives a header the most names that we know."""
    known = {mark: sum(meaning(name.strip('"')) is not None for name in line.split(mark)) for mark in _SEPARATORS}
    return max(known, key=lambda mark: known[mark])


def _article(row: Mapping[str, Any], part: str) -> Source | Refused:
    texts = (value for name, value in row.items() if meaning(str(name)) == "text" and isinstance(value, str))
    text = normalise(next(filter(str.strip, texts), ""))
    if not any(character.isalnum() for character in text):
        return Refused(part, "the row has no text")
    return Source(text, fields(row), part)
