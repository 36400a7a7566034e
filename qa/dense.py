"""FAISS over rows of unit vectors; it knows rows, not articles. The only module that uses FAISS.

Up to FLAT rows the search is exact. Beyond, FAISS compares one bit a dimension, the sign (Charikar 2002,
"Similarity estimation techniques from rounding algorithms"), and what comes near is scored again by the whole
vectors, which stay on disk. Signs need no training, so the same rows always give the same index.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np

from qa.errors import IndexDamaged

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    FloatArray = NDArray[np.float32]

FLAT = 20_000  # rows that are searched exactly in a few milliseconds
RAW = np.float16  # raw vectors as stored; rounded before any use, so that stored and fresh ones are the same
_RESCORED = 4000  # rows near by their signs that are scored in full: 13 times what is asked for, recall@10 .998
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


def _mean(raw: NDArray[np.float16]) -> FloatArray:
    total = np.zeros(raw.shape[1], np.float64)
    for block in _blocks(raw):
        total += block.sum(0)
    return (total / max(len(raw), 1)).astype(np.float32)


def _signs(vectors: FloatArray) -> NDArray[np.uint8]:
    return np.packbits(vectors > 0, axis=-1)


@dataclass(frozen=True, slots=True)
class DenseIndex:
    """Raw unit vectors, searched by the inner product of what they are less their mean."""

    engine: Any  # faiss.IndexFlatIP over the centred rows, or faiss.IndexBinaryFlat over their signs
    raw: NDArray[np.float16]
    mean: FloatArray

    @classmethod
    def build(cls, raw: NDArray[np.float16]) -> DenseIndex:
        """Index unit vectors of shape (rows, width), a multiple of 8 wide, in order."""
        import faiss

        mean, width = _mean(raw), raw.shape[1]
        flat = len(raw) <= FLAT
        engine: Any = faiss.IndexFlatIP(width) if flat else faiss.IndexBinaryFlat(width)
        for block in _blocks(raw):
            engine.add(centred(block, mean) if flat else _signs(block - mean))
        return cls(engine, raw, mean)

    @classmethod
    def read(cls, path: Path, raw: NDArray[np.float16], mean: FloatArray) -> DenseIndex:
        """Open a stored index over its raw vectors.

        Raises:
            IndexDamaged: FAISS cannot read it.
        """
        import faiss

        try:
            engine = (faiss.read_index if len(raw) <= FLAT else faiss.read_index_binary)(str(path))
        except RuntimeError as error:
            raise IndexDamaged(f"{path.name} is damaged: FAISS cannot read it; run `qa build`") from error
        return cls(engine, raw, mean)

    def dump(self) -> bytes:
        """Return what `read` reads. FAISS's own writing says nothing when the disk is full at the last moment."""
        import faiss

        serialize = faiss.serialize_index if self.is_flat else faiss.serialize_index_binary
        return bytes(serialize(self.engine).data)

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
        asked = question if self.is_flat else _signs(question)
        found = self.engine.search(asked.reshape(1, -1), wanted, params=_only(admitted))[1][0]
        rows = np.sort(found[found >= 0])
        scores = self.scores(question, rows)
        order = np.argsort(-scores, kind="stable")[:count]
        return rows[order], scores[order]

    def scores(self, question: FloatArray, rows: NDArray[np.int64]) -> FloatArray:
        """Return the inner products of the given rows."""
        return np.asarray(np.vecdot(self.vectors(rows), question), dtype=np.float32)  # BLAS would wait for threads

    def vectors(self, rows: NDArray[np.int64]) -> FloatArray:
        """Return the centred vectors of the given rows, shape (rows, width)."""
        import faiss

        if not self.is_flat:
            return centred(self.raw[rows].astype(np.float32), self.mean)
        stored = faiss.rev_swig_ptr(self.engine.get_xb(), self.engine.ntotal * self.engine.d)  # a view, no copy
        matrix = stored.reshape(-1, self.engine.d)
        return np.asarray(matrix if np.array_equal(rows, np.arange(len(matrix))) else matrix[rows])


def _only(admitted: NDArray[np.bool_] | None) -> Any:
    """Return FAISS's parameters for a search among the rows that `admitted` marks."""
    if admitted is None:
        return None
    faiss: Any = import_module("faiss")  # its stubs know neither of these two as Python has them
    return faiss.SearchParameters(sel=faiss.IDSelectorBitmap(np.packbits(admitted, bitorder="little")))
