"""Answers that a person has looked over: a file of answers with `answerable` and `accept` filled in, as gold.

Both may stand in a record of `.jsonl`, beside the answer or in its `input`, or in the empty columns that `.csv`,
`.tsv` and `.xlsx` answers have for them. Rows that were not looked at are left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qa.answered import QUESTION_NAMES, REVIEW
from qa.cells import is_blank
from qa.errors import FileError
from qa.labels import names_of
from qa.tables import find_column, name_key, read_rows

_YES = frozenset({"yes", "y", "true", "1", "是", "有", "可", "對", "对"})
_NO = frozenset({"no", "n", "false", "0", "否", "無", "无", "沒有", "没有", "不"})
_PARTS = " & "  # between parts of a wording that must all occur


@dataclass(frozen=True, slots=True)
class Reviewed:
    """One question, whether the corpus answers it, and the wordings of which a right quote holds one."""

    question: str
    answerable: bool
    accept: tuple[tuple[str, ...], ...] = ()


def read_reviewed(path: Path) -> list[Reviewed]:
    """Read the reviewed rows of a file of answers, in order.

    Raises:
        FileError: it cannot be read, has a cell that says neither yes nor no, or no row was reviewed.
    """
    rows = read_rows(path, QUESTION_NAMES)
    told = (
        _reviewed(line.values, str(line.values.get(rows.column) or ""), f"{path}, row {row}")
        for row, line in enumerate(rows.lines, 1)
    )
    found = [each for each in told if each]
    if not found:
        raise FileError(f"{path}: no row is reviewed; write yes or no under {REVIEW[0]!r}")
    return found


def _reviewed(values: Mapping[str, Any], question: str, where: str) -> Reviewed | None:
    given = values.get("input")
    answerable, accept = (_cell(values, given if isinstance(given, dict) else {}, name) for name in REVIEW)
    if is_blank(answerable) or not question.strip():
        return None
    word = name_key(answerable)
    if word not in _YES | _NO:
        raise FileError(f"{where}: {REVIEW[0]!r} says {str(answerable)[:40]!r}; write yes or no")
    return Reviewed(question.strip(), word in _YES, ways(accept))


def _cell(values: Mapping[str, Any], given: Mapping[str, Any], name: str) -> Any:
    for each in (values, given):
        column = find_column(each, names_of(name))
        if column and not is_blank(each[column]):
            return each[column]
    return None


def ways(accept: object) -> tuple[tuple[str, ...], ...]:
    r"""Return accepted wordings, each as the parts that must all occur.

    >>> ways("60萬\nEurope & 800,000"), ways([["60萬"], "600,000"])
    ((('60萬',), ('Europe', '800,000')), (('60萬',), ('600,000',)))
    """
    lines = accept if isinstance(accept, list) else [] if is_blank(accept) else str(accept).splitlines()
    told = (line if isinstance(line, list) else str(line).split(_PARTS) for line in lines)
    parts = (tuple(str(part).strip() for part in line if str(part).strip()) for line in told)
    return tuple(each for each in parts if each)
