"""BM25 over rows of terms, with synonyms; it knows rows, not articles.

Robertson and Walker's BM25 (Okapi, TREC-3) with the idf of Lucene, log(1 + (N - n + .5) / (n + .5)).
A question's term may have several spellings: their frequencies add up and their rows count once
(the synonym operator). Terms are kept as 64-bit hashes, so that the files are plain arrays which are
mapped, not read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from xxhash import xxh3_64_intdigest

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Posting: TypeAlias = tuple[NDArray[np.int32], NDArray[np.uint8]]

# A short passage that says a word twice is hardly more about it: measured on XQuAD and DRCD.
K1 = 0.6
B = 0.75

_ARRAYS = ("vocabulary", "starts", "rows", "frequencies", "lengths")


def hashes(terms: Sequence[str]) -> NDArray[np.uint64]:
    """Return what terms are known by (XXH3: Collet, github.com/Cyan4973/xxHash)."""
    return np.fromiter(map(xxh3_64_intdigest, map(str.encode, terms)), np.uint64, len(terms))


def _union(one: NDArray[np.uint64], other: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return the terms of two vocabularies in order; numpy's own way hashes all of them."""
    terms: NDArray[np.uint64] = np.sort(np.concatenate([one, other]), kind="stable")
    first: NDArray[np.bool_] = np.append(np.ones(len(terms[:1]), np.bool_), terms[1:] != terms[:-1])
    return np.asarray(terms[first])


@dataclass(frozen=True, slots=True)
class Scored:
    """BM25 of rows for one question, and the share of the question's content that each row holds."""

    scores: NDArray[np.float32]
    coverage: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class LexicalIndex:
    """Postings as arrays: the rows of term `vocabulary[i]` are `rows[starts[i]:starts[i + 1]]`, in order."""

    vocabulary: NDArray[np.uint64]
    starts: NDArray[np.int64]
    rows: NDArray[np.int32]
    frequencies: NDArray[np.uint8]
    lengths: NDArray[np.float32]

    @classmethod
    def build(cls, found: Iterable[Mapping[str, int]]) -> LexicalIndex:
        """Index the term frequencies of every row, in order."""
        terms, frequencies, sizes, lengths = [np.empty(0, np.uint64)], [np.empty(0, np.uint8)], [], []
        for counts in found:
            terms.append(hashes(tuple(counts)))
            frequencies.append(np.minimum(np.fromiter(counts.values(), np.int64, len(counts)), 255).astype(np.uint8))
            sizes.append(len(counts))
            lengths.append(sum(counts.values()))
        every = np.concatenate(terms)
        order = np.argsort(every, kind="stable")
        vocabulary, starts = np.unique(every[order], return_index=True)
        return cls(
            vocabulary=vocabulary,
            starts=np.append(starts, len(order)).astype(np.int64),
            rows=np.repeat(np.arange(len(sizes), dtype=np.int32), sizes)[order],
            frequencies=np.concatenate(frequencies)[order],
            lengths=np.array(lengths, dtype=np.float32),
        )

    def joined(self, places: NDArray[np.int64], fresh: LexicalIndex, fresh_places: NDArray[np.int64]) -> LexicalIndex:
        """Return one index of these rows and of fresh ones: for each of them where it goes, -1 for those left out.

        It is the index that `build` would make of these rows. The fresh ones keep their order.
        """
        vocabulary = _union(self.vocabulary, fresh.vocabulary)
        mine, theirs = (np.searchsorted(vocabulary, each.vocabulary) for each in (self, fresh))
        sizes = np.zeros(len(vocabulary), np.int64)
        rows, frequencies, sizes[mine] = self._moved(places)
        ends = np.cumsum(sizes)
        come = fresh_places[fresh.rows]
        after = [
            begin + np.searchsorted(rows[begin:end], come[first:last])
            for begin, end, first, last in zip(
                (ends - sizes)[theirs], ends[theirs], fresh.starts[:-1], fresh.starts[1:], strict=True
            )
        ]
        at = np.concatenate([np.empty(0, np.int64), *after])
        sizes[theirs] += np.diff(fresh.starts)
        lengths = np.zeros(np.count_nonzero(places >= 0) + len(fresh), np.float32)
        lengths[places[places >= 0]], lengths[fresh_places] = self.lengths[places >= 0], fresh.lengths
        return LexicalIndex(
            vocabulary=vocabulary[sizes > 0],
            starts=np.append(0, np.cumsum(sizes[sizes > 0])),
            rows=np.insert(rows, at, come),
            frequencies=np.insert(frequencies, at, fresh.frequencies),
            lengths=lengths,
        )

    def _moved(self, places: NDArray[np.int64]) -> tuple[NDArray[np.int32], NDArray[np.uint8], NDArray[np.int64]]:
        """Return rows and frequencies with every row at its place, and how many rows each term then has."""
        rows, frequencies = places.astype(np.int32)[self.rows], self.frequencies
        gone = np.flatnonzero(rows < 0)
        owners = np.searchsorted(self.starts, gone, "right") - 1
        sizes = np.diff(self.starts) - np.bincount(owners, minlength=len(self.vocabulary))
        if len(gone):
            rows, frequencies = np.delete(rows, gone), np.delete(frequencies, gone)
        if np.any(np.diff(places[places >= 0]) < 0):  # rows change their order only where articles are renamed
            terms = np.repeat(np.arange(len(sizes)), sizes)
            order = np.argsort(terms << 32 | rows, kind="stable")  # nearly sorted: quick
            rows, frequencies = rows[order], frequencies[order]
        return rows, frequencies, sizes

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
        return bool(self.holds(hashes([term]))[0])

    def holds(self, terms: NDArray[np.uint64]) -> NDArray[np.bool_]:
        """Tell of each term, by its hash, whether any row has it."""
        first, last = self._span(terms)
        return first < last

    def differing(self, other: LexicalIndex) -> NDArray[np.uint64]:
        """Return the hashes of the terms that only one of the two has, in order."""
        if self is other:
            return np.empty(0, np.uint64)
        terms = np.sort(np.concatenate([self.vocabulary, other.vocabulary]), kind="stable")
        twice = terms[1:] == terms[:-1]
        both = np.zeros(len(terms), np.bool_)
        both[:-1] = twice
        both[1:] |= twice
        return np.asarray(terms[~both])

    def _span(self, terms: NDArray[np.uint64]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        return np.searchsorted(self.vocabulary, terms, "left"), np.searchsorted(self.vocabulary, terms, "right")

    def _postings(self, terms: Sequence[str]) -> list[Posting]:
        """Return the postings of those terms that any row has."""
        first, last = self._span(np.sort(hashes(tuple(set(terms)))))
        parts = [slice(int(self.starts[place]), int(self.starts[place + 1])) for place in first[first < last]]
        return [(self.rows[part], self.frequencies[part]) for part in parts]

    def score(
        self, terms: Sequence[tuple[Sequence[str], float, float]], rows: NDArray[np.int64] | None = None
    ) -> Scored:
        """Return how well each row fits, or each of `rows`, which are different ones.

        A term is (its spellings, its weight in the score, its weight in the coverage); a term that no row
        holds counts in the coverage as the rarest of all.
        """
        total = len(self)
        lengths = self.lengths if rows is None else self.lengths[rows]
        mean = float(self.lengths.mean()) if total else 1.0
        norms = K1 * (1 - B + B * lengths / (mean or 1.0))
        places = None if rows is None else _places(rows, total)
        scores, covered = np.zeros(len(lengths), np.float32), np.zeros(len(lengths), np.float32)
        whole = 0.0
        for spellings, weight, share in terms:
            postings = self._postings(spellings)
            holding = _holding(postings, total)
            idf = float(np.log1p((total - holding + 0.5) / (holding + 0.5)))
            found, counts = _together(postings, places, len(lengths))
            scores[found] += weight * idf * (K1 + 1) * counts / (counts + norms[found])
            covered[found] += share * idf
            whole += share * idf
        return Scored(scores, covered / whole if whole else covered)


def _places(rows: NDArray[np.int64], total: int) -> NDArray[np.int32]:
    """Return for every row its place in `rows`, or -1."""
    places = np.full(total, -1, np.int32)
    places[rows] = np.arange(len(rows), dtype=np.int32)
    return places


def _holding(postings: Sequence[Posting], total: int) -> int:
    """Return in how many rows any of the postings is."""
    if len(postings) < 2:
        return sum(len(rows) for rows, _ in postings)
    held = np.zeros(total, np.bool_)
    for rows, _ in postings:
        held[rows] = True
    return int(np.count_nonzero(held))


def _together(
    postings: Sequence[Posting], places: NDArray[np.int32] | None, size: int
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Return the places that any of the postings has, and the frequencies of all of them there."""
    if places is None and len(postings) == 1:
        return postings[0][0].astype(np.int64), postings[0][1].astype(np.float32)
    counts = np.zeros(size, np.float32)
    for rows, frequencies in postings:
        if places is None:
            counts[rows] += frequencies
        else:
            found = places[rows]
            counts[found[found >= 0]] += frequencies[found >= 0]
    held = np.flatnonzero(counts)
    return held, counts[held]
