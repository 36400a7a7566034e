"""FAISS over rows of unit vectors; it knows rows, not articles. The only module that uses FAISS."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from qa.errors import IndexDamaged

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float32]


def normalised(vectors: FloatArray) -> FloatArray:
    """Return the rows at length 1; a row of zeros stays as it is."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.where(lengths == 0, 1, lengths), dtype=np.float32)


def centred(vectors: FloatArray, mean: FloatArray) -> FloatArray:
    """Return the rows less `mean`, at length 1 again: what a language has in common falls away."""
    return normalised(vectors - mean)


@dataclass(frozen=True, slots=True)
class DenseIndex:
    """Unit vectors, searched by inner product."""

    engine: Any  # faiss.Index

    @classmethod
    def build(cls, vectors: FloatArray) -> DenseIndex:
        """Index unit vectors of shape (rows, width) in order."""
        import faiss

        engine = faiss.IndexFlatIP(vectors.shape[1])
        if len(vectors):
            engine.add(np.ascontiguousarray(vectors, dtype=np.float32))
        return cls(engine)

    @classmethod
    def read(cls, path: Path) -> DenseIndex:
        """Open a stored index.

        Raises:
            IndexDamaged: FAISS cannot read it.
        """
        import faiss

        try:
            return cls(faiss.read_index(str(path)))
        except RuntimeError as error:
            raise IndexDamaged(f"{path.name} is damaged: FAISS cannot read it; run `qa build`") from error

    def dump(self) -> bytes:
        """Return what `read` reads. FAISS's own writing says nothing when the disk is full at the last moment."""
        import faiss

        return bytes(faiss.serialize_index(self.engine).data)

    def write(self, path: Path) -> None:
        """Store the index."""
        path.write_bytes(self.dump())

    def __len__(self) -> int:
        return int(self.engine.ntotal)

    def search(self, question: FloatArray, count: int) -> tuple[NDArray[np.int64], FloatArray]:
        """Return the nearest rows and their inner products, best first, ties by row."""
        count = min(count, len(self))
        if not count:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        scores, rows = self.engine.search(question.reshape(1, -1), count)
        order = np.lexsort((rows[0], -scores[0]))
        return rows[0][order], scores[0][order]

    def scores(self, question: FloatArray, rows: NDArray[np.int64]) -> FloatArray:
        """Return the inner products of the given rows."""
        if not len(rows):
            return np.empty(0, np.float32)
        return np.asarray(self.vectors(rows) @ question, dtype=np.float32)

    def vectors(self, rows: NDArray[np.int64]) -> FloatArray:
        """Return the vectors of the given rows, shape (rows, width)."""
        import faiss

        if isinstance(self.engine, faiss.IndexFlat):  # a view, no copy
            stored = faiss.rev_swig_ptr(self.engine.get_xb(), self.engine.ntotal * self.engine.d)
            matrix = stored.reshape(-1, self.engine.d)
            return np.asarray(matrix if np.array_equal(rows, np.arange(len(matrix))) else matrix[rows])
        return np.asarray(self.engine.reconstruct_batch(rows))
