"""Cells as spreadsheet programs can bear them: no formulas, no control characters, no halves of characters."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

_FORMULA = (*"=+-@\t\r\n", *"\uff1d\uff0b\uff0d\uff20")  # the last four are full-width
_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)*%?")
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
_SURROGATE = re.compile("[\ud800-\udfff]")


def mended(text: str) -> str:
    """Return `text` without halves of characters, which no file can hold."""
    return _SURROGATE.sub("\ufffd", text)


def harmless(text: str) -> str:
    """Return a cell that no spreadsheet program takes for a formula; plain numbers stay.

    >>> harmless("=1+1"), harmless("-0.5"), harmless("第19點")
    ("'=1+1", '-0.5', '第19點')
    """
    return f"'{text}" if text.startswith(_FORMULA) and not _NUMBER.fullmatch(text) else text


def visible(text: str) -> str:
    r"""Return `text` with the control characters that XML forbids shown as their pictures.

    >>> visible("a\x07b\nc")
    'a␇b\nc'
    """
    return _FORBIDDEN.sub(_picture, mended(text))


def _picture(match: re.Match[str]) -> str:
    code = ord(match[0])
    return "\u2421" if code == 0x7F else chr(0x2400 + code) if code < 0x20 else "\ufffd"


def as_cell(value: object) -> str:
    """Return a value of any kind as the text of a cell."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, (dict, list)) else str(value)


def write_delimited(path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]], delimiter: str) -> None:
    """Write rows for spreadsheet programs: UTF-8 with a byte order mark, formulas made harmless.

    Raises:
        OSError: the file cannot be written.
    """
    with path.open("w", encoding="utf-8-sig", newline="") as out:
        writer = csv.writer(out, delimiter=delimiter)
        for row in (columns, *rows):
            writer.writerow([harmless(visible(as_cell(value))) for value in row])


class Unreadable(str):
    """What stands in a cell that has no value: an error, or a formula that was never calculated."""

    __slots__ = ()


def is_blank(value: object) -> bool:
    """Tell whether a cell holds nothing to see."""
    return value is None or (isinstance(value, str) and not value.strip())
