"""BM25 over rows of terms, with synonyms; it knows rows, not articles.

Robertson and Walker's BM25 (Okapi, TREC-3) with the idf of Lucene, log(1 + (N - n + .5) / (n + .5)).
A question's term may have several spellings: their frequencies add up and their rows count once
(the synonym operator). Terms are kept as 64-bit hashes, so that the files are plain arrays which are
mapped, not read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

K1, B = (
    0.6,
    0.75,
)  # a short passage that says a word twice is hardly more about it: measured on XQuAD and DRCD

_ARRAYS = ("vocabulary", "starts", "rows", "frequencies", "lengths")


def _hash(term: str) -> int:
    return int.from_bytes(blake2b(term.encode(), digest_size=8).digest(), "little")


@dataclass(frozen=True, slots=True)
class Scored:
    """BM25 of every row for one question, and the share of the question's content that each row holds."""

    scores: NDArray[np.float32]
    coverage: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class LexicalIndex:
    """Postings as arrays: the rows of term `vocabulary[i]` are `rows[starts[i]:starts[i + 1]]`."""

    vocabulary: NDArray[np.uint64]
    starts: NDArray[np.int64]
    rows: NDArray[np.int32]
    frequencies: NDArray[np.uint8]
    lengths: NDArray[np.float32]

    @classmethod
    def build(cls, found: Sequence[Counter[str]]) -> LexicalIndex:
        """Index the term frequencies of every row, in order."""
        hashes = {term: _hash(term) for counts in found for term in counts}
        entries = [(hashes[term], row, min(n, 255)) for row, counts in enumerate(found) for term, n in counts.items()]
        entries.sort()
        terms = np.array([entry[0] for entry in entries], dtype=np.uint64)
        vocabulary, starts = np.unique(terms, return_index=True)
        return cls(
            vocabulary=vocabulary,
            starts=np.append(starts, len(entries)).astype(np.int64),
            rows=np.array([entry[1] for entry in entries], dtype=np.int32),
            frequencies=np.array([entry[2] for entry in entries], dtype=np.uint8),
            lengths=np.array([sum(counts.values()) for counts in found], dtype=np.float32),
        )

    @classmethod
    def of(cls, arrays: Mapping[str, NDArray[np.generic]]) -> LexicalIndex:
        """Return the index that `arrays` described."""
        return cls(**{name: arrays[name] for name in _ARRAYS})  # type: ignore[arg-type]  # checked when stored

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """Return what is to be stored, by name."""
        return {name: getattr(self, name) for name in _ARRAYS}

    def __len__(self) -> int:
        return len(self.lengths)

    def __contains__(self, term: str) -> bool:
        return len(self._postings(term)[0]) > 0

    def _postings(self, term: str) -> tuple[NDArray[np.int32], NDArray[np.uint8]]:
        wanted = np.uint64(_hash(term))
        place = int(np.searchsorted(self.vocabulary, wanted))
        if place == len(self.vocabulary) or self.vocabulary[place] != wanted:
            return self.rows[:0], self.frequencies[:0]
        part = slice(int(self.starts[place]), int(self.starts[place + 1]))
        return self.rows[part], self.frequencies[part]

    def _joined(self, terms: Sequence[str]) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """Return the rows that hold any of `terms` and how often they hold them together."""
        postings = [self._postings(term) for term in terms] or [(self.rows[:0], self.frequencies[:0])]
        rows = np.concatenate([rows for rows, _ in postings])
        counts = np.concatenate([frequencies for _, frequencies in postings]).astype(np.float32)
        if len(postings) == 1:
            return rows, counts
        unique, inverse = np.unique(rows, return_inverse=True)
        return unique, np.bincount(inverse, weights=counts, minlength=len(unique)).astype(np.float32)

    def score(self, terms: Sequence[tuple[Sequence[str], float, float]]) -> Scored:
        """Return how well each row fits.

        A term is (its spellings, its weight in the score, its weight in the coverage); a term that no row
        holds counts in the coverage as the rarest of all.
        """
        total = len(self)
        scores, covered = np.zeros(total, np.float32), np.zeros(total, np.float32)
        mean = float(self.lengths.mean()) if total else 1.0
        whole = 0.0
        for spellings, weight, share in terms:
            rows, counts = self._joined(spellings)
            idf = float(np.log1p((total - len(rows) + 0.5) / (len(rows) + 0.5)))
            norm = K1 * (1 - B + B * self.lengths[rows] / (mean or 1.0))
            scores[rows] += weight * idf * (K1 + 1) * counts / (counts + norm)
            covered[rows] += share * idf
            whole += share * idf
        return Scored(scores, covered / whole if whole else covered)
