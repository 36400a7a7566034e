"""Raw vectors in blocks of rows, so that a change of a few rows leaves the others, and their files, as they are.

Where a block begins is told by the rows themselves, whatever stands before them: content-defined chunking, as in
Muthitacharoen, Chen and Mazières, "A low-bandwidth network file system" (SOSP 2001).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import DTypeLike, NDArray

    Part = NDArray[np.float16]
    Rows = NDArray[np.int64]

RAW = np.float16  # raw vectors as stored; rounded before any use, so that stored and fresh ones are the same
_ONE_IN = 1 << 14  # rows of which one may begin a block: twelve megabytes at 384 dimensions
_LEAST = 1 << 12  # rows of a block, the last one apart: a row that stands again and again does not begin one each time
_MIX = np.uint32(0x9E3779B1)  # odd, with its bits spread: the golden ratio (Knuth, volume 3, 6.4)


def edges(keys: NDArray[np.float32]) -> list[int]:
    """Return where the blocks of rows begin, told by a number of each row, and where the last one ends."""
    marked = np.flatnonzero(keys.view(np.uint32) * _MIX < np.iinfo(np.uint32).max // _ONE_IN)
    begins = [0]
    for row in marked.tolist():
        if row - begins[-1] >= _LEAST:
            begins.append(row)
    return [*begins, len(keys)]


@dataclass(frozen=True, slots=True, eq=False)
class Blocks:
    """Rows of one width, `parts[i]` from row `starts[i]` on; one part at least, which may be empty."""

    parts: tuple[Part, ...]
    starts: Rows

    @classmethod
    def of(cls, parts: Iterable[Part]) -> Blocks:
        """Return what consists of these parts."""
        held = tuple(parts)
        return cls(held, np.cumsum([0, *map(len, held)], dtype=np.int64))

    @classmethod
    def cut(cls, raw: Part, keys: NDArray[np.float32]) -> Blocks:
        """Return rows in the blocks that a number of each row tells."""
        return cls.of(np.split(raw, edges(keys)[1:-1]))

    def __len__(self) -> int:
        return int(self.starts[-1])

    @property
    def width(self) -> int:
        """The length of a row."""
        return int(self.parts[0].shape[1])

    def take(self, rows: Rows, dtype: DTypeLike = RAW) -> NDArray[Any]:
        """Return the given rows, shape (rows, width)."""
        if len(self.parts) == 1:
            return np.asarray(self.parts[0][rows], dtype)
        if np.any(rows[1:] < rows[:-1]):
            order = np.argsort(rows, kind="stable")
            taken: NDArray[Any] = np.empty((len(rows), self.width), dtype)
            taken[order] = self.take(rows[order], dtype)
            return taken
        bounds = np.searchsorted(rows, self.starts)
        taken = np.empty((len(rows), self.width), dtype)
        for part, start, first, last in zip(self.parts, self.starts, bounds, bounds[1:], strict=False):
            if first < last:
                taken[first:last] = part[rows[first:last] - start]
        return taken

    def joined(self, came: Rows, fresh: Blocks, keys: NDArray[np.float32]) -> Blocks:
        """Return the rows that `came` names and, in order, the fresh ones where it says -1; blocks that stand as such.

        They are in the blocks that the new keys tell.
        """
        first: Rows = np.cumsum(came < 0) - (came < 0)  # the fresh row at or after each row
        return Blocks.of(self._part(came[start:end], fresh, first[start:end]) for start, end in pairwise(edges(keys)))

    def _part(self, came: Rows, fresh: Blocks, first: Rows) -> Part:
        place = int(np.searchsorted(self.starts, came[0])) if len(came) and came[0] >= 0 else len(self.parts)
        if place < len(self.parts) and np.array_equal(came, np.arange(self.starts[place], self.starts[place + 1])):
            return self.parts[place]
        rows = np.empty((len(came), self.width), RAW)
        rows[came >= 0] = self.take(came[came >= 0])
        rows[came < 0] = fresh.take(first[came < 0])
        return rows
