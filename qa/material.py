"""What the shelves of an index are made of, row by row: spans, raw vectors and terms of passages and sentences.

Articles that are as they were keep the rows of the index before; only new and changed ones are read. What comes
out is the same as if all had been read.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

import numpy as np

from qa.dense import DenseIndex
from qa.lexical import LexicalIndex
from qa.names import Names
from qa.passages import passages
from qa.records import Article, Language, Passage
from qa.store import LANGUAGES, Shelf, passage_table
from qa.terms import index_terms

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Embed = Callable[[Sequence[Sequence[str]]], Sequence[NDArray[np.float16]]]
    _Engine = TypeVar("_Engine", DenseIndex, LexicalIndex)
    Places = tuple[NDArray[np.int64], NDArray[np.int64]]  # where the rows of the old and of the new table go; -1: away


class Spans(Protocol):
    """The tables of a shelf, or of one that is to be."""

    @property
    def passages(self) -> NDArray[np.int32]:
        """See Shelf."""

    @property
    def sentences(self) -> NDArray[np.int32]:
        """See Shelf."""


@dataclass(frozen=True, slots=True)
class Tables:
    """See Spans."""

    passages: NDArray[np.int32]
    sentences: NDArray[np.int32]


def passage_texts(spans: Spans, articles: Sequence[Article], rows: NDArray[np.int64]) -> list[str]:
    """Return the texts of the passages in `rows`."""
    return [articles[row[0]].text[row[1] : row[2]] for row in spans.passages[rows].tolist()]


def sentence_texts(spans: Spans, articles: Sequence[Article], rows: NDArray[np.int64]) -> list[str]:
    """Return the texts of the sentences in `rows`."""
    chosen = spans.sentences[rows]
    owners = spans.passages[chosen[:, 6], 0].tolist()
    return [articles[owner].text[row[0] : row[1]] for owner, row in zip(owners, chosen.tolist(), strict=True)]


def read(articles: Sequence[Article], numbers: Sequence[int], names: Names, embed: Embed) -> dict[Language, Shelf]:
    """Read the articles of these numbers, in order, into shelves without statistics.

    `embed` is given the texts of each of several tables and returns their raw vectors, shape (texts, width).
    """
    found: dict[Language, list[Passage]] = {language: [] for language in LANGUAGES}
    for number in numbers:
        for passage in passages(articles[number], number):
            found[passage.language].append(passage)
    tables = {language: Tables(*passage_table(own)) for language, own in found.items()}
    texts = {language: _every_text(own, articles) for language, own in tables.items()}
    terms = {
        language: [LexicalIndex.build(index_terms(text, names) for text in part) for part in both]
        for language, both in texts.items()
    }
    vectors = map(DenseIndex.build, embed([part for both in texts.values() for part in both]))
    return {
        language: Shelf(
            language=language,
            passages=own.passages,
            sentences=own.sentences,
            dense_passages=next(vectors),
            dense_sentences=next(vectors),
            lexical_passages=terms[language][0],
            lexical_sentences=terms[language][1],
            statistics={},
        )
        for language, own in tables.items()
    }


def _every_text(spans: Spans, articles: Sequence[Article]) -> tuple[list[str], list[str]]:
    rows = np.arange(len(spans.passages)), np.arange(len(spans.sentences))
    return passage_texts(spans, articles, rows[0]), sentence_texts(spans, articles, rows[1])


def joined(before: Shelf, numbers: NDArray[np.int64], fresh: Shelf) -> Shelf:
    """Return the rows of the shelf before and the fresh ones, in order of their articles.

    `numbers` has the new number of every article before, -1 for one that is gone or was read afresh. Where no row
    comes or goes, the engines are those of the shelf before themselves. The shelf has no statistics yet.
    """
    owners = numbers[before.passages[:, 0]], fresh.passages[:, 0].astype(np.int64)
    tables, places = _merged((before.passages, fresh.passages), owners, 0)
    owners = places[0][before.sentences[:, 6]], places[1][fresh.sentences[:, 6]]
    told, told_places = _merged((before.sentences, fresh.sentences), owners, 6)
    tables[:, 5] = np.searchsorted(told[:, 6], np.arange(len(tables)))
    with ThreadPoolExecutor(os.cpu_count()) as threads:  # numpy lets others run while it copies
        dense_passages = threads.submit(_joined, before.dense_passages, fresh.dense_passages, places)
        dense_sentences = threads.submit(_joined, before.dense_sentences, fresh.dense_sentences, told_places)
        lexical_passages = threads.submit(_joined, before.lexical_passages, fresh.lexical_passages, places)
        lexical_sentences = threads.submit(_joined, before.lexical_sentences, fresh.lexical_sentences, told_places)
    return Shelf(
        language=fresh.language,
        passages=tables,
        sentences=told,
        dense_passages=dense_passages.result(),
        dense_sentences=dense_sentences.result(),
        lexical_passages=lexical_passages.result(),
        lexical_sentences=lexical_sentences.result(),
        statistics={},
    )


def _merged(
    tables: tuple[NDArray[np.int32], NDArray[np.int32]],
    keys_of: tuple[NDArray[np.int64], NDArray[np.int64]],
    column: int,
) -> tuple[NDArray[np.int32], Places]:
    """Return the rows of two tables in order of their keys, which go to `column`; a negative key leaves out."""
    (old, new), (old_keys, new_keys) = tables, keys_of
    kept = np.flatnonzero(old_keys >= 0)
    keys = np.concatenate([old_keys[kept], new_keys])
    order = np.argsort(keys, kind="stable")
    table = np.concatenate([old[kept], new])[order]
    table[:, column] = keys[order]
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    old_places = np.full(len(old), -1, np.int64)
    old_places[kept] = place[: len(kept)]
    return table, (old_places, place[len(kept) :])


def _joined(old: _Engine, fresh: _Engine, places: Places) -> _Engine:
    """Return the engine over the rows of both; one of them itself where the other adds none and its rows stay."""
    if not len(fresh) and np.array_equal(places[0], np.arange(len(old))):
        return old
    if places[0].max(initial=-1) < 0:
        return fresh
    return old.joined(places[0], fresh, places[1])
