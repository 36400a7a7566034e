"""Answers as tables: CSV and TSV with one row a question, and a workbook of three sheets made for reading."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from math import ceil
from pathlib import Path
from typing import Any

from qa.answered import ANSWERS, CITATIONS, CITED, OWN, QUESTION_COLUMN, REVIEW, RUN, Answered, Quoted, spoken
from qa.cells import as_cell, is_blank, write_delimited
from qa.faults import tell
from qa.labels import label, names_of
from qa.records import Script
from qa.render import UNDATED
from qa.workbook import Column, Rich, Sheet, text_width, write

Facts = Mapping[str, object]

_GIVEN_WIDTH = (10, 28)  # least and most of a carried column
_SAMPLE = 200  # rows that tell how wide a column is
_CITED_WIDTHS = (7, 34, 9, 11, 70, 34, 16, 12, 10, 30, 9, 9, 8, 24)
_CENTRED = frozenset({"row", "number", "statement", "start", "end", "score"})


def carried(answers: Sequence[Answered], column: str, language: Script = "en") -> dict[str, str]:
    """Return the columns that were asked with, in order, and the name of each in the output."""
    names = dict.fromkeys(name for answered in answers for name in answered.given) or {column: None}
    own = {label(name, language) for name in OWN}
    return {name: f"{name}{label(' (given)', language)}" if name in own else name for name in names}


def statements(answered: Answered) -> str:
    """Return the quotes, one statement a line, each with the numbers of its citations."""
    return "\n".join(f"{_marks(said)} {_one_line(said[0].quote)}" for said in answered.statements())


def sources(answered: Answered, undated: str = "undated") -> str:
    """Return the cited articles, one a line, each with the numbers of its citations."""
    cited: dict[str, list[Quoted]] = {}
    for quoted in answered.quotes:
        cited.setdefault(quoted.article, []).append(quoted)
    return "\n".join(f"{_marks(quotes)} {_one_line(quotes[0].source(undated))}" for quotes in cited.values())


def reason(answered: Answered, language: Script = "en") -> str:
    """Return why there is no answer: the contract's word, with the names or the fault where there are some."""
    detail = tell(answered.error, language) or ", ".join(answered.missing)
    return label(f"{answered.reason}: {detail}" if detail and answered.reason else answered.reason, language)


def _marks(said: Sequence[Quoted]) -> str:
    return "".join(f"[{quoted.number}]" for quoted in said)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _review(columns: Mapping[str, str]) -> tuple[str, ...]:
    """Return the columns for a reviewer that were not asked with, in whatever language."""
    return tuple(name for name in REVIEW if not columns.keys() & set(names_of(name)))


def write_csv(path: Path, answers: Sequence[Answered], facts: Facts, *, delimiter: str = ",") -> None:
    """Write one row a question: the columns it came with, the answer, and two empty ones for a reviewer.

    Raises:
        OSError: the file cannot be written.
    """
    columns = carried(answers, str(facts[QUESTION_COLUMN]))
    review = _review(columns)
    rows = ([*_given(each, columns), *_plain(each), *("" for _ in review)] for each in answers)
    write_delimited(path, [*columns.values(), *OWN[1:], *review], rows, delimiter)


write_tsv = partial(write_csv, delimiter="\t")


def _given(answered: Answered, columns: Mapping[str, str]) -> list[object]:
    return [answered.given.get(name) for name in columns]


def _plain(answered: Answered) -> list[object]:
    if answered.blank:
        return [""] * (len(OWN) - 1)
    shown = (statements(answered), sources(answered))
    return [answered.found, f"{answered.confidence:.4f}", reason(answered), *shown]


# --- the workbook ---------------------------------------------------------------------------------


def write_workbook(path: Path, answers: Sequence[Answered], facts: Facts) -> None:
    """Write the answers, their citations with offsets, and the facts of the run, a sheet each.

    Raises:
        OSError: the file cannot be written.
    """
    language = spoken(answers)
    write(path, [_answers(answers, facts, language), _citations(answers, language), _about(facts, language)])


def _about(facts: Facts, language: Script) -> Sheet:
    columns = (Column(label("fact", language), 30), Column(label("value", language), 100))
    return Sheet(label(RUN, language), columns, [[label(name, language), value] for name, value in facts.items()])


def _answers(answers: Sequence[Answered], facts: Facts, language: Script) -> Sheet:
    asked = str(facts[QUESTION_COLUMN])
    columns = carried(answers, asked, language)
    review = _review(columns)

    def column(name: str, width: int, **more: Any) -> Column:
        return Column(label(name, language), width, **more)

    choices = {REVIEW[0]: (label("yes", language), label("no", language))}
    laid_out = (
        column("row", 7, centred=True),
        *(Column(name, 38 if key == asked else _width(answers, key)) for key, name in columns.items()),
        *(column("found", 8, centred=True), column("confidence", 12, centred=True, number_format="0.00")),
        *(column("reason", 24), column("statements", 84), column("sources", 50)),
        *(column(name, 14 if name in choices else 30, choices=choices.get(name, ())) for name in review),
    )
    rows = [
        [row, *_given(each, columns), *_rich_row(each, language), *("" for _ in review)]
        for row, each in enumerate(answers, 1)
    ]
    pale = frozenset(row for row, each in enumerate(answers) if not each.found)
    return Sheet(label(ANSWERS, language), laid_out, rows, frozen=1, pale=pale)


def _width(answers: Sequence[Answered], name: str) -> int:
    shown = [as_cell(each.given.get(name)) for each in answers[:_SAMPLE] if not is_blank(each.given.get(name))]
    widest = ceil(max(text_width(line) for text in (name, *shown) for line in text.split("\n")))
    return min(max(widest + 3, _GIVEN_WIDTH[0]), _GIVEN_WIDTH[1])


def _rich_row(answered: Answered, language: Script) -> list[object]:
    if answered.blank:
        return [None] * (len(OWN) - 1)
    shown = (_rich_statements(answered), sources(answered, UNDATED[language]))
    found = label("yes" if answered.found else "no", language)
    return [found, answered.confidence, reason(answered, language), *shown]


def _rich_statements(answered: Answered) -> Rich:
    pieces: list[tuple[str, bool]] = []
    for said in answered.statements():
        pieces += [("\n" if pieces else "", False), (f"{_marks(said)} ", False), *_highlighted(said[0])]
    return Rich(tuple(pieces))


def _highlighted(
    quoted: Quoted, clean: Callable[[str], str] = lambda text: text.replace("\n", " ")
) -> Iterator[tuple[str, bool]]:
    return ((clean(text), marked) for text, marked in quoted.pieces())


def _citations(answers: Sequence[Answered], language: Script) -> Sheet:
    widths = zip(CITED, _CITED_WIDTHS, strict=True)
    columns = tuple(Column(label(name, language), width, centred=name in _CENTRED) for name, width in widths)
    rows = [[row, each.question, *_citation(quoted)] for row, each in enumerate(answers, 1) for quoted in each.quotes]
    return Sheet(label(CITATIONS, language), columns, rows, frozen=2)


def _citation(quoted: Quoted) -> list[object]:
    where = (quoted.title, quoted.outlet, quoted.published, quoted.language, quoted.article)
    quote = Rich(quoted.pieces())
    place = (quoted.start, quoted.end, quoted.score)
    return [quoted.number, quoted.statement, quote, *where, *place, "\n".join(map(_one_line, quoted.copies))]
