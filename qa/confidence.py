"""How sure an answer is: a question's best scores read against those of questions that nothing answers.

The null questions' best scores over the same shelf are what chance looks like. A logistic model of
three measures gives a confidence that is comparable between questions, corpora and languages; its
weights were fitted on XQuAD and DRCD paragraphs with every second one taken out of the corpus, so
that half of the questions have no answer there.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp
from typing import TYPE_CHECKING

import numpy as np

from qa.retrieve import Found, Question

if TYPE_CHECKING:
    from numpy.typing import NDArray

THRESHOLD = 0.5

_INTERCEPT, _SENTENCE, _FUSED, _COVERAGE = -3.0, 0.20, 0.59, 2.3


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for an answer on one shelf: the best sentence and fused score in standard scores over
    the null questions, and the share of the question's terms that its passage holds.
    """

    sentence: float
    fused: float
    coverage: float


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
    terms = [(term.keys, term.weight) for term in question.terms]
    passage = int(found.scores.rows[found.scores.owner[place]])
    return Evidence(
        sentence=float((found.scores.sentence[place] - mean[0]) / deviation[0]),
        fused=float((found.fused_sentence[place] - mean[1]) / deviation[1]),
        coverage=float(found.shelf.lexical_passages.score(terms).coverage[passage]),
    )


def confidence(told: Evidence) -> float:
    """Return how likely the evidence is that of an answer, between 0 and 1; more evidence never lowers it."""
    total = _INTERCEPT + _SENTENCE * told.sentence + _FUSED * told.fused + _COVERAGE * told.coverage
    return 1 / (1 + exp(-total))
