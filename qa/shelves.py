"""From material to shelves: the engines over all rows, and what null questions score, for others to be read against."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

import numpy as np

from qa.corpus import digest_of
from qa.dense import DenseIndex
from qa.dictionary import Bridge
from qa.embedding import Embedder
from qa.material import Material, sentence_texts
from qa.names import Names
from qa.records import Article, Language
from qa.retrieve import Question, fuse, moments, score
from qa.store import BACKGROUND, LANGUAGES, Shelf
from qa.terms import GLOSSED, gloss, question_terms

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float32]

_SHIFT = 0.5  # how far a corpus's own sentences move the mean of questions: measured on XQuAD
_SAMPLE = 256  # sentences of a shelf that are encoded as questions to learn that move
_THIN = (
    10  # of the null questions, every tenth is asked of a large shelf: a mean and a deviation are all that is wanted
)
_MIX = np.uint64(0x9E3779B97F4A7C15)  # odd, with its bits spread: the golden ratio (Knuth, volume 3, 6.4)


@cache
def null_questions() -> dict[Language, tuple[str, ...]]:
    """Return the shipped questions that no corpus answers, by language."""
    text = files("qa").joinpath("data", "null_questions.tsv").read_text(encoding="utf-8")
    rows = [line.split("\t") for line in text.splitlines()[1:]]
    return {"en": tuple(row[0] for row in rows), "zh": tuple(row[2] for row in rows)}


def sample(material: Material, articles: Sequence[Article]) -> list[str]:
    """Return sentences that stand for a shelf: those with the least hashes of their article and place in it.

    A change of one article leaves nearly all of them as they are.
    """
    owners = material.passages[material.sentences[:, 6], 0]
    digests = np.array([int(digest_of(article)[:16], 16) for article in articles], np.uint64)
    first = np.searchsorted(owners, np.arange(len(articles)))
    places = (np.arange(len(owners)) - first[owners]).astype(np.uint64)
    keys = (digests[owners] ^ (places * _MIX)) * _MIX  # wraps: only the order matters
    rows = np.sort(np.argsort(keys ^ (keys >> np.uint64(32)), kind="stable")[:_SAMPLE])
    return sentence_texts(material, articles, rows)


def shelf(material: Material, own: Sequence[str], embedder: Embedder, names: Names, words: Bridge) -> Shelf:
    """Put a shelf together; `own` is its `sample`, as questions."""
    bare = Shelf(
        language=material.language,
        passages=material.passages,
        sentences=material.sentences,
        dense_passages=DenseIndex.build(material.raw_passages),
        dense_sentences=DenseIndex.build(material.raw_sentences),
        lexical_passages=material.lexical_passages,
        lexical_sentences=material.lexical_sentences,
        statistics=_question_means(material.language, own, embedder),
    ).ready()
    return _with_nulls(bare, embedder, names, words) if len(bare) else bare


def _question_means(language: Language, own: Sequence[str], embedder: Embedder) -> dict[str, FloatArray]:
    """Return what to subtract from questions in each language for one shelf.

    It is the mean of the null questions, moved towards the corpus's subject: by half of what its own
    sentences, encoded as questions, differ from the null questions of their language.
    """
    nulls = {asked: embedder.questions(null_questions()[asked]).mean(0) for asked in LANGUAGES}
    shift = embedder.questions(own).mean(0) - nulls[language] if own else np.float32(0)
    return {f"question_mean.{asked}": nulls[asked] + _SHIFT * shift for asked in LANGUAGES}


def _with_nulls(bare: Shelf, embedder: Embedder, names: Names, words: Bridge) -> Shelf:
    """Return the shelf with what null questions score on it: the moments, then the best scores."""
    statistics = dict(bare.statistics)
    for language in LANGUAGES:
        texts = null_questions()[language][:: _THIN if len(bare) > BACKGROUND else 1]
        glossed: Sequence[FloatArray | None] = [None] * len(texts)
        if (language, bare.language) == GLOSSED:
            glossed = list(embedder.questions([gloss(text, names, words) for text in texts]))
        asked = [
            Question(vector, language, question_terms(text, bare.language, names, words), meant)
            for text, vector, meant in zip(texts, embedder.questions(texts), glossed, strict=True)
        ]
        scored = [(question, score(bare, question)) for question in asked]
        statistics[f"prior.{language}"] = np.mean([moments(scores) for _, scores in scored], axis=0)
        with_prior = replace(bare, statistics=statistics)
        found = (fuse(with_prior, question, scores) for question, scores in scored)
        best = [(each.scores.sentence.max(), each.fused_sentence.max()) for each in found if each]
        statistics[f"null.{language}"] = np.array(best, np.float32)
    return replace(bare, statistics=statistics)
