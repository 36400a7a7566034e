"""FAISS over rows of unit vectors; it knows rows, not articles. The only module that uses FAISS.

Up to FLAT rows the search is exact. Beyond, FAISS compares one bit a dimension (RaBitQ: Gao and Long 2024, "RaBitQ:
quantizing high-dimensional vectors with a theoretical error bound"), and what comes near is scored again by the whole
vectors, which stay on disk. It learns nothing from the rows, so the same rows always give the same index.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from qa.blocks import RAW, Blocks
from qa.errors import IndexDamaged

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    FloatArray = NDArray[np.float32]
    _Rows = TypeVar("_Rows", bound=np.generic)

FLAT = 20_000  # rows that are searched exactly in a few milliseconds
_RESCORED = 1000  # rows near by their bits that are scored in full: recall@10 of a quarter of a million is .99
_QUESTION_BITS = 4  # a dimension of the question in that comparison; 8 find no more
_GRID = 256  # to which part of 1 the mean of many rows is rounded; its 384 parts are off by .02 together
_BLOCK = 8192  # rows that are widened to 32 bits at a time


def normalised(vectors: FloatArray) -> FloatArray:
    """Return the rows at length 1; a row of zeros stays as it is."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.where(lengths == 0, 1, lengths), dtype=np.float32)


def centred(vectors: FloatArray, mean: FloatArray) -> FloatArray:
    """Return the rows less `mean`, at length 1 again: what a language has in common falls away."""
    return normalised(vectors - mean)


def _blocks(raw: NDArray[np.float16]) -> Iterator[FloatArray]:
    for start in range(0, len(raw), _BLOCK):
        yield raw[start : start + _BLOCK].astype(np.float32)


def _total(raw: NDArray[np.float16]) -> NDArray[np.float64]:
    """Return the sum of the rows: exact, as 64 bits hold that of half a billion such numbers."""
    total = np.zeros(raw.shape[1], np.float64)
    for block in _blocks(raw):
        total += block.sum(0, np.float64)
    return total


def _mean(total: NDArray[np.float64], rows: int) -> FloatArray:
    """Return the mean of so many rows. That of many is rounded: one more then seldom moves it, and all their bits."""
    mean = total / max(rows, 1)
    return (mean if rows <= FLAT else np.round(mean * _GRID) / _GRID).astype(np.float32)


def _lengths(vectors: FloatArray, mean: FloatArray) -> FloatArray:
    return np.asarray(np.linalg.norm(vectors - mean, axis=1), np.float32)


def _products(vectors: FloatArray, question: FloatArray) -> FloatArray:
    """Return the inner product of each row; BLAS would start threads and wait for them."""
    return np.asarray(np.vecdot(vectors, question), dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Held:
    """Rows that every question is compared with, in memory; in order."""

    rows: NDArray[np.int64]
    vectors: FloatArray


@dataclass(frozen=True, slots=True)
class DenseIndex:
    """Raw unit vectors, searched by the inner product of what they are less their mean."""

    engine: Any  # faiss.IndexFlatIP or faiss.IndexRaBitQ, over the centred rows
    raw: Blocks
    total: NDArray[np.float64]  # of the raw rows
    lengths: FloatArray  # of the raw rows less their mean
    held: Held | None = None

    @classmethod
    def build(cls, raw: NDArray[np.float16]) -> DenseIndex:
        """Index unit vectors of shape (rows, width), a multiple of 8 wide, in order."""
        return cls._over(raw, _total(raw))

    @classmethod
    def _over(cls, raw: NDArray[np.float16], total: NDArray[np.float64]) -> DenseIndex:
        engine, mean = _engine(raw.shape[1], len(raw)), _mean(total, len(raw))
        lengths = [np.empty(0, np.float32)]
        with _all_threads():
            for block in _blocks(raw):
                engine.add(centred(block, mean))
                lengths.append(_lengths(block, mean))
        every = np.concatenate(lengths)
        return cls(engine, Blocks.cut(raw, every), total, every)

    def joined(self, places: NDArray[np.int64], fresh: DenseIndex, fresh_places: NDArray[np.int64]) -> DenseIndex:
        """Return one index of these rows and of fresh ones: for each of them where it goes, -1 for those left out.

        It is the index that `build` would make of these rows.
        """
        kept = places >= 0
        came = np.full(np.count_nonzero(kept) + len(fresh), -1, np.int64)
        came[places[kept]] = np.flatnonzero(kept)
        total = self.total - _total(self.raw.take(np.flatnonzero(~kept))) + fresh.total
        mean = _mean(total, len(came))
        if min(len(self), len(came)) <= FLAT or not np.array_equal(mean, self.mean):
            raw = np.empty((len(came), fresh.raw.width), RAW)
            raw[came >= 0] = self.raw.take(came[came >= 0])
            raw[fresh_places] = fresh.raw.take(np.arange(len(fresh)))
            return self._over(raw, total)

        def together(old: NDArray[_Rows], new: NDArray[_Rows]) -> NDArray[_Rows]:
            rows = old[came]
            rows[fresh_places] = new
            return rows

        block = fresh.raw.take(np.arange(len(fresh)), np.float32)
        lengths = together(self.lengths, _lengths(block, mean))
        engine = _engine(self.raw.width, len(came))
        codes = _faiss().vector_to_array(self.engine.codes).reshape(len(self), -1)
        engine.add_sa_codes(together(codes, engine.sa_encode(centred(block, mean))))
        return type(self)(engine, self.raw.joined(came, fresh.raw, lengths), total, lengths)

    @classmethod
    def read(cls, path: Path, raw: Blocks, total: NDArray[np.float64], lengths: FloatArray) -> DenseIndex:
        """Open a stored index over its raw vectors, the sum of these, and the lengths of what they are less their mean.

        Raises:
            IndexDamaged: FAISS cannot read it.
        """
        try:
            engine = _faiss().read_index(str(path))
        except RuntimeError as error:
            raise IndexDamaged(f"{path.name} is damaged: FAISS cannot read it; run `qa build`") from error
        return cls(engine, raw, total, lengths)

    def holding(self, rows: NDArray[np.int64]) -> DenseIndex:
        """Return the index with the vectors of `rows`, in order, at hand in memory."""
        return self if len(rows) == len(self) else replace(self, held=Held(rows, self.vectors(rows)))

    def dump(self) -> bytes:
        """Return what `read` reads. FAISS's own writing says nothing when the disk is full at the last moment."""
        return bytes(_faiss().serialize_index(self.engine).data)

    @property
    def mean(self) -> FloatArray:
        """What is taken from each raw vector."""
        return _mean(self.total, len(self.raw))

    @property
    def is_flat(self) -> bool:
        """Whether the search is exact."""
        return len(self.raw) <= FLAT

    def __len__(self) -> int:
        return len(self.raw)

    def search(
        self, question: FloatArray, count: int, admitted: NDArray[np.bool_] | None = None
    ) -> tuple[NDArray[np.int64], FloatArray]:
        """Return the nearest rows and their inner products, best first, ties by row.

        `admitted` marks the rows that may be found, where not all may.
        """
        wanted = min(count if self.is_flat else max(count, _RESCORED), len(self))
        if not wanted:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        found = self.engine.search(question.reshape(1, -1), wanted, params=self._parameters(admitted))[1][0]
        rows = np.sort(found[found >= 0])
        scores = self._scores(question, rows)
        order = np.argsort(-scores, kind="stable")[:count]
        return rows[order], scores[order]

    def _parameters(self, admitted: NDArray[np.bool_] | None) -> Any:
        """Return FAISS's parameters for a search among the rows that `admitted` marks, or among all."""
        faiss = _faiss()
        told: dict[str, Any] = {} if self.is_flat else {"qb": _QUESTION_BITS}
        if admitted is not None:
            told["sel"] = faiss.IDSelectorBitmap(np.packbits(admitted, bitorder="little"))
        return (faiss.SearchParameters if self.is_flat else faiss.RaBitQSearchParameters)(**told)

    def scores(self, question: FloatArray, rows: NDArray[np.int64]) -> FloatArray:
        """Return the inner products of the given rows."""
        if self.held is None:
            return self._scores(question, rows)
        place = np.searchsorted(self.held.rows, rows).clip(max=len(self.held.rows) - 1)
        held = self.held.rows[place] == rows
        scores: FloatArray = _products(self.held.vectors, question)[place]
        scores[~held] = self._scores(question, rows[~held])
        return scores

    def _scores(self, question: FloatArray, rows: NDArray[np.int64]) -> FloatArray:
        if self.is_flat:
            return _products(self.vectors(rows), question)
        raw = _products(self.raw.take(rows, np.float32), question)  # centred by arithmetic: less work than by rows
        return np.asarray((raw - self.mean @ question) / np.where(self.lengths[rows] == 0, 1, self.lengths[rows]))

    def vectors(self, rows: NDArray[np.int64]) -> FloatArray:
        """Return the centred vectors of the given rows, shape (rows, width)."""
        if not self.is_flat:
            return centred(self.raw.take(rows, np.float32), self.mean)
        shape = len(self), self.raw.width
        matrix: FloatArray = _faiss().rev_swig_ptr(self.engine.get_xb(), shape[0] * shape[1])  # a view, no copy
        matrix = matrix.reshape(shape)
        return matrix if np.array_equal(rows, np.arange(len(matrix))) else matrix[rows]


def _engine(width: int, rows: int) -> Any:
    """Return an empty engine for so many rows."""
    faiss = _faiss()
    if rows <= FLAT:
        return faiss.IndexFlatIP(width)
    engine = faiss.IndexRaBitQ(width, faiss.METRIC_INNER_PRODUCT)
    engine.train(np.zeros((1, width), np.float32))  # it wants a centre: centred rows have it at nought
    return engine


@contextmanager
def _all_threads() -> Iterator[None]:
    """Let FAISS use every processor in this thread: a build waits for it alone."""
    faiss = _faiss()
    faiss.omp_set_num_threads(os.cpu_count() or 1)
    try:
        yield
    finally:
        faiss.omp_set_num_threads(1)


@cache
def _faiss() -> Any:
    """Import FAISS, and let each search run in the thread that asks: many ask at once, and none waits for another."""
    faiss = import_module("faiss")
    faiss.omp_set_num_threads(1)
    return faiss
