"""Search one shelf: passages and their sentences, scored and fused.

A passage's score adds standardised parts: its best sentence (vector and a little BM25), half the
passage's vector, a third of its BM25. A sentence's score adds its own vector, half its passage's, a third
of its own BM25 and how much of the question it covers. Rank fusion is not used: across languages the
lexical ranks are noise, and ranks cannot say so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from qa.dense import centred, normalised
from qa.records import Language
from qa.store import BACKGROUND, Shelf
from qa.terms import Term

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float32]

GLOSS_WEIGHT = 0.5  # of a Chinese question's words in English, against the question itself: .35 to .7 serve alike
PASSAGE_WEIGHT = 0.5
LEXICAL_WEIGHT = 0.35
BEST_SENTENCE_LEXICAL = 0.2  # in choosing the sentence that speaks for its passage
SENTENCE_LEXICAL = 0.35  # in choosing what to quote
SENTENCE_COVERAGE = 2.0  # the same, of a sentence that holds all of the question: 1 to 4 serve alike
CANDIDATES = 200  # passages from each of three searches; 300 of 100,000 give 179 of 180 questions the same first quotes
_PRIOR = 20  # null scores count like this many passages, so that a corpus of one has a scale


@dataclass(frozen=True, slots=True)
class Question:
    """A question ready for one shelf: its raw vector, its language, its terms for that shelf.

    `gloss` is the raw vector of its words in the language of the shelf, where that is another one.
    """

    vector: FloatArray
    language: Language
    terms: tuple[Term, ...]
    gloss: FloatArray | None = None

    def centred(self, shelf: Shelf) -> FloatArray:
        """Return the vector that is compared with those of the shelf."""
        own = centred(self.vector, shelf.statistics[f"question_mean.{self.language}"])
        if self.gloss is None:
            return own
        return normalised(own + GLOSS_WEIGHT * centred(self.gloss, shelf.statistics[f"question_mean.{shelf.language}"]))

    def weighted(self) -> list[tuple[tuple[str, ...], float, float]]:
        """Return the terms as the lexical index takes them."""
        return [(term.keys, term.weight, term.share) for term in self.terms]


@dataclass(frozen=True, slots=True)
class Scores:
    """Raw scores of candidate passages and of their sentences; the arrays of a kind are parallel.

    `rows` are passages in order of their number, `sentence_rows` their sentences, `owner` the place in
    `rows` of each sentence's passage. `coverage` is the share of the question's content in a passage,
    `coverage_sentence` that in a sentence.
    """

    rows: NDArray[np.int64]
    passage: FloatArray
    lexical: FloatArray
    coverage: FloatArray
    sentence_rows: NDArray[np.int64]
    owner: NDArray[np.int64]
    sentence: FloatArray
    lexical_sentence: FloatArray
    coverage_sentence: FloatArray

    def best_sentence(self) -> FloatArray:
        """Return the best raw sentence score of every passage."""
        best = np.full(len(self.rows), -1, np.float32)
        np.maximum.at(best, self.owner, self.sentence)
        return best


@dataclass(frozen=True, slots=True)
class Found:
    """What a shelf has for a question: standard scores, and the fused ones that order."""

    shelf: Shelf
    scores: Scores
    passage: FloatArray
    lexical: FloatArray
    fused: FloatArray
    sentence: FloatArray
    lexical_sentence: FloatArray
    fused_sentence: FloatArray


def _candidates(
    shelf: Shelf, vector: FloatArray, lexical: FloatArray, admitted: NDArray[np.bool_] | None
) -> NDArray[np.int64]:
    """Return the passages worth scoring, in order of their number: of few that are there, or admitted, all of them."""
    if len(shelf) <= BACKGROUND:
        return np.arange(len(shelf))
    keep = None if admitted is None else admitted[shelf.passages[:, 0]]
    if keep is not None and np.count_nonzero(keep) <= BACKGROUND:
        return np.union1d(np.flatnonzero(keep), shelf.background())
    dense, _ = shelf.dense_passages.search(vector, CANDIDATES, keep)
    told, _ = shelf.dense_sentences.search(vector, CANDIDATES, None if keep is None else keep[shelf.sentences[:, 6]])
    worded = _highest(lexical if keep is None else np.where(keep, lexical, -1), CANDIDATES)
    return np.unique(np.concatenate([dense, shelf.sentences[told, 6], worded, shelf.background()]))


def _highest(scores: FloatArray, count: int) -> NDArray[np.int64]:
    """Return the rows of the highest scores, ties by row."""
    least = np.partition(scores, -count)[-count]
    above, level = np.flatnonzero(scores > least), np.flatnonzero(scores == least)
    return np.concatenate([above, level[: count - len(above)]])


def score(shelf: Shelf, question: Question, admitted: NDArray[np.bool_] | None = None) -> Scores:
    """Score the candidates of a shelf that has at least one passage."""
    terms = question.weighted()
    vector = question.centred(shelf)
    lexical = shelf.lexical_passages.score(terms)
    rows = _candidates(shelf, vector, lexical.scores, admitted)
    sentence_rows, owner = shelf.sentences_of(rows)
    told = shelf.lexical_sentences.score(terms, sentence_rows)
    return Scores(
        rows=rows,
        passage=shelf.dense_passages.scores(vector, rows),
        lexical=lexical.scores[rows],
        coverage=lexical.coverage[rows],
        sentence_rows=sentence_rows,
        owner=owner,
        sentence=shelf.dense_sentences.scores(vector, sentence_rows),
        lexical_sentence=told.scores,
        coverage_sentence=told.coverage,
    )


def moments(scores: Scores) -> FloatArray:
    """Return mean and mean square over all scored passages, shape (4, 2).

    The rows are the best sentence, the passage, and the BM25 of the passage and of the sentence.
    """
    parts = (scores.best_sentence(), scores.passage, scores.lexical, scores.lexical_sentence)
    return np.array([(part.mean(), (part**2).mean()) for part in parts], np.float32)


def _standard(values: FloatArray, own: FloatArray, prior: FloatArray, count: int) -> FloatArray:
    """Return standard scores by the moments of this question, shrunk towards those of null questions."""
    mean, square = (count * own + _PRIOR * prior) / (count + _PRIOR)
    return np.asarray((values - mean) / max(float(square - mean**2) ** 0.5, 1e-4), np.float32)


def _kept(scores: Scores, keep: NDArray[np.bool_]) -> Scores:
    """Return the scores of the passages that `keep` marks, and of their sentences."""
    told = keep[scores.owner]
    return Scores(
        rows=scores.rows[keep],
        passage=scores.passage[keep],
        lexical=scores.lexical[keep],
        sentence_rows=scores.sentence_rows[told],
        owner=(np.cumsum(keep) - 1)[scores.owner[told]],
        sentence=scores.sentence[told],
        lexical_sentence=scores.lexical_sentence[told],
        coverage_sentence=scores.coverage_sentence[told],
        coverage=scores.coverage[keep],
    )


def _background_moments(shelf: Shelf, scores: Scores) -> FloatArray:
    """Return the moments over the background alone, so that candidates do not raise their own bar."""
    kept = np.isin(scores.rows, shelf.background())
    return moments(_kept(scores, kept))


def search(shelf: Shelf, question: Question, admitted: NDArray[np.bool_] | None = None) -> Found | None:
    """Return the standard and fused scores of a shelf's candidates for a question.

    `admitted` tells for each article whether it may answer; None comes back where no candidate is left.
    """
    return fuse(shelf, question, score(shelf, question, admitted), admitted)


def fuse(shelf: Shelf, question: Question, scores: Scores, admitted: NDArray[np.bool_] | None = None) -> Found | None:
    """Return the standard and fused scores of candidates that were scored; see `search`."""
    own = _background_moments(shelf, scores)
    if admitted is not None:
        scores = _kept(scores, admitted[shelf.passages[scores.rows, 0]])
    if not len(scores.sentence_rows):
        return None
    prior = shelf.statistics[f"prior.{question.language}"]
    count = min(len(shelf), BACKGROUND)
    raw = (scores.sentence, scores.passage, scores.lexical, scores.lexical_sentence)
    sentence, passage, lexical, worded = (
        _standard(values, own[place], prior[place], count) for place, values in enumerate(raw)
    )
    best = np.full(len(scores.rows), -1e9, np.float32)
    np.maximum.at(best, scores.owner, sentence + BEST_SENTENCE_LEXICAL * worded)
    return Found(
        shelf=shelf,
        scores=scores,
        passage=passage,
        lexical=lexical,
        fused=best + PASSAGE_WEIGHT * passage + LEXICAL_WEIGHT * lexical,
        sentence=sentence,
        lexical_sentence=worded,
        fused_sentence=sentence
        + PASSAGE_WEIGHT * passage[scores.owner]
        + SENTENCE_LEXICAL * worded
        + SENTENCE_COVERAGE * scores.coverage_sentence,
    )
