"""Quality on a gold file: does the right quote come first, and is silence kept where the articles are silent?

A gold file has one JSON object a line: `question`, `answerable`, and for answerable ones `accept`, lists
of strings of which one whole list must stand in a quote, and `articles`, the names of those that answer.
Measures: answer@k (an accepted quote among the first k citations), recall@k (a right article among the
first k passages consulted), MRR of the first right passage, precision and recall of refusals, AUROC of
the confidence. Intervals are 95% percentile bootstrap over questions (Efron 1979), with a fixed seed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from qa.assistant import Assistant
from qa.errors import FileError
from qa.language import script_of
from qa.options import AskOptions
from qa.passages import quote_limit
from qa.records import Answer
from qa.reviewed import read_reviewed

DEPTHS = (1, 3, 5)
_RESAMPLES = 1000
_TOP = 10  # passages among which a right article counts as found


@dataclass(frozen=True, slots=True)
class Gold:
    """One question with what a right answer holds."""

    question: str
    answerable: bool
    accept: tuple[tuple[str, ...], ...] = ()
    articles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one question went: places of the first accepted quote and of the first right passage, from 1; 0 is none.

    `passage` is None where the gold names no right article.
    """

    script: str
    answerable: bool
    found: bool
    confidence: float
    quote: int
    passage: int | None


def read_gold(path: Path) -> list[Gold]:
    """Read a gold file: `.jsonl`, or answers in any form that a person has reviewed.

    Raises:
        FileError: it cannot be read, or a line lacks what a gold line must have.
    """
    lines = _lines(path) if path.suffix.lower() == ".jsonl" else []
    if not lines or _is_answer(lines[0]):
        return [Gold(row.question, row.answerable, row.accept) for row in read_reviewed(path)]
    gold = [_gold(line, f"{path}, line {number}") for number, line in enumerate(lines, 1) if line.strip()]
    if not gold:
        raise FileError(f"{path}: no question in it; write one JSON object a line")
    return gold


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not UTF-8 text"
        raise FileError(f"{path}: cannot be read ({reason})") from error


def _is_answer(line: str) -> bool:
    """Tell whether a line is an answer of a batch run, rather than gold."""
    try:
        told = json.loads(line)
    except (ValueError, RecursionError):
        return False
    return isinstance(told, dict) and "citations" in told


def _gold(line: str, where: str) -> Gold:
    try:
        told = json.loads(line)
        accept = tuple(tuple(map(str, way)) for way in told.get("accept", ()))
        return Gold(str(told["question"]), bool(told["answerable"]), accept, tuple(told.get("articles", ())))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise FileError(f'{where}: not a gold line; it needs "question" and "answerable"') from error


def accepted(quote: str, ways: Sequence[Sequence[str]]) -> bool:
    """Tell whether a quote within the contract's length holds every string of one of the ways."""
    return len(quote) <= quote_limit(quote) and any(all(part in quote for part in way) for way in ways)


def _first(found: Sequence[bool]) -> int:
    return next((place for place, hit in enumerate(found, 1) if hit), 0)


def outcome(gold: Gold, answer: Answer) -> Outcome:
    """Return how a question went."""
    return Outcome(
        script=script_of(gold.question),
        answerable=gold.answerable,
        found=answer.found,
        confidence=answer.confidence,
        quote=_first([accepted(citation.quote, gold.accept) for citation in answer.citations]),
        passage=_first([each.article.name in gold.articles for each in answer.consulted]) if gold.articles else None,
    )


def run(assistant: Assistant, gold: Sequence[Gold]) -> list[Outcome]:
    """Ask every gold question."""
    answers = assistant.ask_all([each.question for each in gold], AskOptions(top=_TOP))
    return [outcome(each, answer) for each, answer in zip(gold, answers, strict=True)]


def auroc(right: Sequence[float], wrong: Sequence[float]) -> float:
    """Return how often a confidence of `right` is above one of `wrong`, ties counting half; nan where one is empty.

    >>> auroc([0.9, 0.6], [0.6, 0.1])
    0.875
    """
    if not right or not wrong:
        return float("nan")
    pairs = np.subtract.outer(np.array(right), np.array(wrong))
    return float(np.mean((pairs > 0) + 0.5 * (pairs == 0)))


def _share(part: Sequence[float]) -> float:
    return float(np.mean(part)) if part else float("nan")


def _measures() -> dict[str, Callable[[Sequence[Outcome]], float]]:
    def answerable(every: Sequence[Outcome]) -> list[Outcome]:
        return [each for each in every if each.answerable]

    def within(depth: int) -> Callable[[Sequence[Outcome]], float]:
        return lambda every: _share([0 < each.quote <= depth for each in answerable(every)])

    def passages(every: Sequence[Outcome]) -> list[int]:
        return [each.passage for each in answerable(every) if each.passage is not None]

    def recalled(depth: int) -> Callable[[Sequence[Outcome]], float]:
        return lambda every: _share([0 < place <= depth for place in passages(every)])

    return {
        **{f"answer@{depth}": within(depth) for depth in DEPTHS},
        **{f"recall@{depth}": recalled(depth) for depth in DEPTHS},
        "mrr": lambda every: _share([1 / place if place else 0 for place in passages(every)]),
        "refusal_precision": lambda every: _share([not each.answerable for each in every if not each.found]),
        "refusal_recall": lambda every: _share([not each.found for each in every if not each.answerable]),
        "auroc": lambda every: auroc(
            [each.confidence for each in answerable(every)],
            [each.confidence for each in every if not each.answerable],
        ),
    }


def _interval(every: Sequence[Outcome], measure: Callable[[Sequence[Outcome]], float]) -> list[float | None]:
    """Return the 2.5th and 97.5th percentile of a measure over resampled questions."""
    random = np.random.default_rng(0)
    drawn = (random.integers(len(every), size=len(every)) for _ in range(_RESAMPLES))
    values = [measure([every[place] for place in places]) for places in drawn]
    known = [value for value in values if not np.isnan(value)]
    return [_rounded(float(np.percentile(known, bound))) for bound in (2.5, 97.5)] if known else [None, None]


def _rounded(value: float) -> float | None:
    return None if np.isnan(value) else round(value, 4)


def _groups(every: Sequence[Outcome]) -> Iterator[tuple[str, list[Outcome]]]:
    yield "all", list(every)
    for script in ("en", "zh-Hant", "zh-Hans"):
        yield script, [each for each in every if each.script == script]


def report(every: Sequence[Outcome]) -> dict[str, dict[str, object]]:
    """Return every measure with its interval, over all questions and over those of each script."""
    told: dict[str, dict[str, object]] = {}
    for name, group in _groups(every):
        counts: dict[str, object] = {"questions": len(group), "answerable": sum(each.answerable for each in group)}
        if group and counts["answerable"]:
            for label, measure in _measures().items():
                counts[label] = {"value": _rounded(measure(group)), "interval": _interval(group, measure)}
        told[name] = counts
    return told
