"""From material to shelves: the engines over all rows, and what null questions score, for others to be read against."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cache, partial
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING

import numpy as np

from qa.dictionary import Bridge
from qa.embedding import Embedder
from qa.material import sentence_texts
from qa.names import Names
from qa.records import Article, Language
from qa.retrieve import Question, fuse, moments, score
from qa.store import BACKGROUND, LANGUAGES, Index, Shelf
from qa.terms import GLOSSED, Term, gloss, question_terms

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float32]

_SHIFT = 0.5  # how far a corpus's own sentences move the mean of questions: measured on XQuAD
_SAMPLE = 256  # sentences of a shelf that are encoded as questions to learn that move
_THIN = 10  # a large shelf is asked every tenth null question: a mean and a deviation are all that is wanted
_MIX = np.uint64(0x9E3779B97F4A7C15)  # odd, with its bits spread: the golden ratio (Knuth, volume 3, 6.4)


@cache
def null_questions() -> dict[Language, tuple[str, ...]]:
    """Return the shipped questions that no corpus answers, by language."""
    text = files("qa").joinpath("data", "null_questions.tsv").read_text(encoding="utf-8")
    rows = [line.split("\t") for line in text.splitlines()[1:]]
    return {"en": tuple(row[0] for row in rows), "zh": tuple(row[2] for row in rows)}


def null_mark() -> str:
    """Return a hash of the null questions."""
    return sha256(repr(null_questions()).encode()).hexdigest()


def sample(material: Shelf, articles: Sequence[Article], digests: Sequence[str]) -> list[str]:
    """Return sentences that stand for a shelf: those with the least hashes of their article's digest and place in it.

    A change of one article leaves nearly all of them as they are.
    """
    owners = material.passages[material.sentences[:, 6], 0]
    marks = np.array([int(digest[:16], 16) for digest in digests], np.uint64)
    first = np.searchsorted(owners, np.arange(len(articles)))
    places = (np.arange(len(owners)) - first[owners]).astype(np.uint64)
    keys = (marks[owners] ^ (places * _MIX)) * _MIX  # wraps: only the order matters
    rows = np.sort(np.argsort(keys ^ (keys >> np.uint64(32)), kind="stable")[:_SAMPLE])
    return sentence_texts(material, articles, rows)


def shelf(
    material: Shelf, own: Sequence[str], embedder: Embedder, names: Names, words: Bridge, before: Index | None
) -> Shelf:
    """Work out a shelf's statistics, or take those of the index before where they hold; `own` is its `sample`."""
    bare = replace(material, statistics=_question_means(material.language, own, embedder)).ready()
    if not len(bare):
        return bare
    nulls = _nulls(bare, names, words)
    asked = _put(nulls, embedder)
    if before and _scores_as(bare, nulls, before, words is before.bridge and names.groups == before.names.groups):
        return replace(bare, statistics=before.shelf(bare.language).statistics)
    return _with_nulls(bare, asked)


def _scores_as(bare: Shelf, nulls: Sequence[_Null], before: Index, same_words: bool) -> bool:
    """Tell whether null questions score as they did in the index before: the same ones, over the same rows.

    They are the same ones for sure with the same words, of names and dictionary.
    """
    old = before.shelf(bare.language)
    return (
        bare.dense_passages.raw is old.dense_passages.raw
        and bare.dense_sentences.raw is old.dense_sentences.raw
        and bare.lexical_passages is old.lexical_passages
        and bare.lexical_sentences is old.lexical_sentences
        and all(np.array_equal(mean, old.statistics[name]) for name, mean in bare.statistics.items())
        and before.manifest["null_questions"] == null_mark()
        and (same_words or nulls == _nulls(old, before.names, before.bridge))
    )


def _question_means(language: Language, own: Sequence[str], embedder: Embedder) -> dict[str, FloatArray]:
    """Return what to subtract from questions in each language for one shelf.

    It is the mean of the null questions, moved towards the corpus's subject: by half of what its own
    sentences, encoded as questions, differ from the null questions of their language.
    """
    nulls = {asked: embedder.questions(null_questions()[asked]).mean(0) for asked in LANGUAGES}
    shift = embedder.questions(own).mean(0) - nulls[language] if own else np.float32(0)
    return {f"question_mean.{asked}": nulls[asked] + _SHIFT * shift for asked in LANGUAGES}


@dataclass(frozen=True, slots=True)
class _Null:
    """A null question as one shelf is asked it; `gloss` is nothing where it needs none."""

    text: str
    language: Language
    terms: tuple[Term, ...]
    gloss: str


def _nulls(shelf: Shelf, names: Names, words: Bridge) -> list[_Null]:
    """Return the questions to put to a shelf."""
    return [
        _Null(
            text,
            language,
            question_terms(text, shelf.language, names, words),
            gloss(text, names, words) if (language, shelf.language) == GLOSSED else "",
        )
        for language in LANGUAGES
        for text in null_questions()[language][:: _THIN if len(shelf) > BACKGROUND else 1]
    ]


def _put(nulls: Sequence[_Null], embedder: Embedder) -> list[Question]:
    """Return null questions as they are searched for."""
    glosses = [null.gloss for null in nulls if null.gloss]
    meant = dict(zip(glosses, embedder.questions(glosses), strict=True))
    vectors = embedder.questions([null.text for null in nulls])
    return [
        Question(vector, null.language, null.terms, meant.get(null.gloss))
        for null, vector in zip(nulls, vectors, strict=True)
    ]


def _with_nulls(bare: Shelf, asked: Sequence[Question]) -> Shelf:
    """Return the shelf with what null questions score on it: the moments, then the best scores."""
    with ThreadPoolExecutor(os.cpu_count()) as threads:  # FAISS and numpy let each other run
        scored = list(zip(asked, threads.map(partial(score, bare), asked), strict=True))
    statistics = dict(bare.statistics)
    for language in LANGUAGES:
        own = [(question, scores) for question, scores in scored if question.language == language]
        statistics[f"prior.{language}"] = np.mean([moments(scores) for _, scores in own], axis=0)
        with_prior = replace(bare, statistics=statistics)
        found = (fuse(with_prior, question, scores) for question, scores in own)
        best = [(each.scores.sentence.max(), each.fused_sentence.max()) for each in found if each]
        statistics[f"null.{language}"] = np.array(best, np.float32)
    return replace(bare, statistics=statistics)
