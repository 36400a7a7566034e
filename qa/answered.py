"""Answers as their files keep them: the contract's records, read back from `.jsonl` and `.xlsx`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

from qa.cells import is_blank
from qa.errors import FileError
from qa.folding import fold
from qa.labels import label, named
from qa.language import script_of
from qa.records import Reason, Script
from qa.tables import decoded, find_column, read_bytes

SHEETS = ANSWERS, CITATIONS, RUN = "Answers", "Citations", "Run"  # of a workbook of answers
QUESTION_NAMES = (
    *("question", "questions", "q", "query", "queries", "prompt"),
    *("問題", "问题", "提問", "提问", "題目", "题目", "問句", "问句", "疑問", "疑问", "查詢", "查询", "問", "问"),
)
QUESTION_COLUMN = "question column"  # the fact that names it
OWN = ("row", "found", "confidence", "reason", "statements", "sources")  # the columns beside those asked with
# What a reviewer may add: whether the corpus answers (yes or no), and the wordings to accept; see `reviewed`.
REVIEW = ("answerable", "accept")
CITED = (
    *("row", "question", "number", "statement", "quote", "title", "outlet"),
    *("published", "language", "article", "start", "end", "score", "copies"),
)
_READ_BACK = ("index generation", "model", QUESTION_COLUMN)  # facts
_REASONS = (*get_args(Reason), "error")
_ADVICE = "offsets are kept in the .jsonl and .xlsx files that `qa batch` writes; name one of these"


@dataclass(frozen=True, slots=True)
class Quoted:
    """One citation as a file keeps it.

    `matched` are the terms of the question that the quote holds, `copies` the other outlets of the same report.
    """

    number: int
    statement: int
    article: str
    title: str
    outlet: str
    published: str
    language: str
    start: int
    end: int
    quote: str
    kind: str = "prose"
    score: float = 0.0
    matched: tuple[str, ...] = ()
    copies: tuple[str, ...] = ()

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Quoted:
        """Read a citation of the contract.

        Raises:
            KeyError, TypeError, ValueError: it is none.
        """
        matches = (told.get("why") or {}).get("matches", ())
        return cls(
            number=int(told["number"]),
            statement=int(told["statement"]),
            article=str(told["article"]),
            title=str(told.get("title") or ""),
            outlet=str(told.get("outlet") or ""),
            published=str(told.get("published") or ""),
            language=str(told.get("language") or "en"),
            start=int(told["start"]),
            end=int(told["end"]),
            quote=str(told["quote"]),
            kind=str(told.get("kind") or "prose"),
            score=float(told.get("score") or 0.0),
            matched=tuple(dict.fromkeys(str(match["found"]) for match in matches)),
            copies=tuple(str(copy["outlet"] or copy["title"]) for copy in told.get("copies") or ()),
        )

    def source(self, undated: str = "undated") -> str:
        """Return title, outlet and date in one line."""
        return " · ".join(part for part in (self.title or self.article, self.outlet, self.published or undated) if part)

    def pieces(self) -> tuple[tuple[str, bool], ...]:
        """Return the quote as pieces (text, whether it is a matched term)."""
        marked = [False] * len(self.quote)
        folded = fold(self.quote)
        for term in filter(None, map(fold, self.matched)):
            at = folded.find(term)
            while at >= 0:
                marked[at : at + len(term)] = [True] * len(term)
                at = folded.find(term, at + len(term))
        return tuple(_runs(self.quote, marked))


def _runs(text: str, marked: Sequence[bool]) -> Iterator[tuple[str, bool]]:
    start = 0
    for place in range(1, len(text) + 1):
        if place == len(text) or marked[place] != marked[start]:
            yield text[start:place], marked[start]
            start = place


@dataclass(frozen=True, slots=True)
class Answered:
    """One answered row; `given` are the columns it was asked with, `error` why it could not be asked."""

    question: str
    language: str
    found: bool
    confidence: float
    reason: str
    quotes: tuple[Quoted, ...]
    error: str = ""
    missing: tuple[str, ...] = ()
    missing_kind: str = ""
    generation: str = ""
    model: str = ""
    given: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Answered:
        """Read a record of the contract.

        Raises:
            KeyError, TypeError, ValueError, AttributeError: it is none.
        """
        index = told.get("index") or {}
        return cls(
            question=str(told["question"]),
            language=str(told.get("language") or "en"),
            found=bool(told["found"]),
            confidence=float(told.get("confidence") or 0.0),
            reason=str(told.get("reason") or ""),
            quotes=tuple(Quoted.of(each) for each in told.get("citations") or ()),
            error=str(told.get("error") or ""),
            missing=tuple(map(str, told.get("missing") or ())),
            missing_kind=str(told.get("missing_kind") or ""),
            generation=str(index.get("generation") or ""),
            model=str(index.get("model") or ""),
            given=dict(told.get("input") or {}),
        )

    @property
    def blank(self) -> bool:
        """Whether the row was empty: it is kept in its place and says nothing."""
        return not self.question.strip() and not self.error and all(map(is_blank, self.given.values()))

    def statements(self) -> list[tuple[Quoted, ...]]:
        """Return the citations by what they say, best first."""
        numbers = dict.fromkeys(quoted.statement for quoted in self.quotes)
        return [tuple(each for each in self.quotes if each.statement == number) for number in numbers]


def script(language: str) -> Script:
    """Return the script in which words for a reader of a language are written."""
    return "zh-Hans" if language == "zh-Hans" else "zh-Hant" if language.startswith("zh") else "en"


def spoken(answers: Sequence[Answered]) -> Script:
    """Return the language that most of the questions are in."""
    counts = Counter(each.language for each in answers if not each.blank)
    return script(max(sorted(counts), key=lambda each: counts[each], default="en"))


def read_answers(path: Path) -> list[Answered]:
    """Read a file of answers that keeps offsets, `.jsonl` or `.xlsx`.

    Raises:
        FileError: it cannot be read, or keeps no answers with offsets.
    """
    suffix = path.suffix.lower()
    if suffix not in (".jsonl", ".xlsx"):
        raise FileError(f"{path}: this form keeps no offsets; {_ADVICE}")
    data = read_bytes(path)
    if suffix == ".xlsx":
        return _from_sheets(path, data)
    return list(_from_lines(path, decoded(data, path)))


def _from_lines(path: Path, text: str) -> Iterator[Answered]:
    import json

    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                yield Answered.of(json.loads(line))
            except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
                raise FileError(f"{path}, line {number}: not an answer as `qa batch` writes it") from error


def _from_sheets(path: Path, data: bytes) -> list[Answered]:
    from qa.workbook import read_sheets

    sheets = read_sheets(path, data)
    language = next(
        (each for each in get_args(Script) if {label(title, each) for title in SHEETS} <= sheets.keys()), None
    )
    if language is None:
        raise FileError(f"{path}: not a workbook of answers; {_ADVICE}")
    answers, citations, run = (sheets[label(title, language)] for title in SHEETS)
    facts = {named(str(row[0]), _READ_BACK, language): row[1] for row in run if len(row) > 1}
    try:
        quotes: dict[int, list[Quoted]] = {}
        for told in _rows(citations, CITED, language):
            copies = [{"outlet": outlet} for outlet in str(told.get("copies") or "").splitlines()]
            quotes.setdefault(int(told["row"]), []).append(Quoted.of({**told, "copies": copies}))
        rows = list(_rows(answers, OWN, language))
        column = find_column(rows[0] if rows else (), (str(facts.get(QUESTION_COLUMN)), *QUESTION_NAMES)) or ""
        return [
            _from_row(told, str(told.get(column) or ""), quotes.get(row, []), facts, language)
            for row, told in enumerate(rows, 1)
        ]
    except (KeyError, TypeError, ValueError) as error:
        raise FileError(f"{path}: the sheet {CITATIONS!r} is not as `qa batch` wrote it; write it again") from error


def _rows(grid: Sequence[Sequence[Any]], names: tuple[str, ...], language: Script) -> Iterator[dict[str, Any]]:
    """Yield the rows below the header by its names, `names` in English whatever the language of the workbook."""
    header = [named(str(name), names, language) for name in grid[0]]
    return (dict(zip(header, row, strict=False)) for row in grid[1:])


def _from_row(
    told: Mapping[str, Any], question: str, quotes: Sequence[Quoted], facts: Mapping[str, Any], language: Script
) -> Answered:
    unasked = "" if question.strip() else "empty_question"  # a blank row is left blank
    reason, _, detail = str(told.get("reason") or unasked).partition(": " if language == "en" else "：")
    reason = named(reason, _REASONS, language)
    return Answered(
        question=question,
        language=script_of(question),
        found=bool(quotes),
        confidence=float(told.get("confidence") or 0.0),
        reason=reason,
        quotes=tuple(quotes),
        error=detail if reason == "error" else "",
        generation=str(facts.get("index generation") or ""),
        model=str(facts.get("model") or ""),
        given={name: value for name, value in told.items() if name not in OWN},
    )
