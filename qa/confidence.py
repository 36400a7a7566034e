"""How sure an answer is: a question's best sentence read against what chance finds, and the words it accounts for.

Three things make the confidence. One is the best sentence's similarity as a standard score over the best
similarities of the null questions (questions that no corpus answers) on the same shelf. The second is the
share of the question's content, by idf, that the passage holds. The third: whether the number or the date
that is asked for is in the best sentences. A logistic model joins them. Between two languages both measures
are lower for the same answer, which it knows too. Its weights were fitted on XQuAD and DRCD with paragraphs,
or the sentences that answer, taken out of the corpus, so that many questions have no answer there, and on
nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp
from typing import TYPE_CHECKING

import numpy as np

from qa.retrieve import Found, Question

if TYPE_CHECKING:
    from numpy.typing import NDArray

_INTERCEPT, _SENTENCE, _COVERAGE, _FIGURES, _CROSSING = -3.9, 0.37, 4.4, 0.6, 0.8
_FAR = 30.0  # log-odds beyond which a float no longer tells certainties apart


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for an answer: `sentence` in standard scores over null questions, `coverage` from 0 to 1.

    `figures` is 0 where a number or a date is asked for and none is there, else 1. `crossing` is 1 where the
    question and the passage are in different languages, else 0.
    """

    sentence: float
    coverage: float
    figures: float = 1.0
    crossing: float = 0.0


def null_moments(found: Found, question: Question) -> NDArray[np.float32]:
    """Return mean and standard deviation of the null questions' best (sentence, fused) scores, shape (2, 2)."""
    null = found.shelf.statistics[f"null.{question.language}"]
    return np.array([null.mean(axis=0), np.maximum(null.std(axis=0), 1e-4)], np.float32)


def calibrated(found: Found, question: Question) -> NDArray[np.float32]:
    """Return the sentences' fused scores as standard scores over the null questions' best.

    They compare across shelves, which the raw ones do not: a shelf of a thousand passages has higher
    best scores by chance than a shelf of ten.
    """
    mean, deviation = null_moments(found, question)
    return np.asarray((found.fused_sentence - mean[1]) / deviation[1], np.float32)


def evidence(found: Found, question: Question, place: int) -> Evidence:
    """Return the evidence for the sentence at `place` of what was found."""
    mean, deviation = null_moments(found, question)
    return Evidence(
        sentence=float((found.scores.sentence[place] - mean[0]) / deviation[0]),
        coverage=float(found.scores.coverage[found.scores.owner[place]]),
        crossing=float(found.shelf.language != question.language),
    )


def confidence(told: Evidence) -> float:
    """Return how likely the evidence is that of an answer, between 0 and 1; more evidence never lowers it."""
    total = _INTERCEPT + _SENTENCE * told.sentence + _COVERAGE * told.coverage
    total += _FIGURES * told.figures + _CROSSING * told.crossing
    return 1 / (1 + exp(-max(-_FAR, min(_FAR, total))))
