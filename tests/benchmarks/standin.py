"""An encoder for made corpora that answers from what it knows of their making: 600,000 texts in seconds.

Every text of a made corpus comes from a few real sentences, whose real vectors are known. Its vector is their mean,
moved a little along the difference of two other real vectors that the text's hash chooses, at length 1: near what
the real encoder gives, and of the same spread. Questions, and texts that it was not told of, go to the real encoder.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

import numpy as np
from benchmarks.corpora import MadeArticle, Source, joined
from numpy.typing import NDArray

from qa.dense import normalised
from qa.embed import Encoder
from qa.folding import simplify

FloatArray = NDArray[np.float32]

MOVED = 0.4  # of the difference of two real vectors; neighbours are then about as near as real ones
_AT_ONCE = 20_000  # texts; bounds the memory


def _hash(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "little")


@dataclass(frozen=True, slots=True)
class Origins:
    """Which real sentences each text of a corpus comes from.

    `keys` are the hashes of the texts in order; those of text n come from the sentences
    `rows[ends[n - 1]:ends[n]]`.
    """

    keys: NDArray[np.uint64]
    ends: NDArray[np.int64]
    rows: NDArray[np.int64]

    @classmethod
    def of(cls, made: Iterable[MadeArticle]) -> Origins:
        """Note the origins of every passage and sentence, as texts are embedded."""
        known: dict[int, tuple[int, ...]] = {}
        for article in made:
            for paragraph in article.paragraphs:
                texts = [simplify(sentence.text) for sentence in paragraph]
                known |= {_hash(text): sentence.halves for text, sentence in zip(texts, paragraph, strict=True)}
                whole = tuple(row for sentence in paragraph for row in sentence.halves)
                known[_hash(joined(article.script, texts))] = whole
        keys = sorted(known)
        counts = [len(known[key]) for key in keys]
        rows = [row for key in keys for row in known[key]]
        return cls(np.array(keys, np.uint64), np.cumsum(counts, dtype=np.int64), np.array(rows, np.int64))

    def find(self, hashes: NDArray[np.uint64]) -> NDArray[np.int64]:
        """Return the number of each text, -1 where it is not known."""
        places = np.searchsorted(self.keys, hashes).clip(max=len(self.keys) - 1)
        return np.where(self.keys[places] == hashes, places, -1)

    def means(self, places: NDArray[np.int64], vectors: FloatArray) -> FloatArray:
        """Return the mean vector of the sentences that each text comes from."""
        starts = np.where(places > 0, self.ends[places - 1], 0)
        counts = self.ends[places] - starts
        firsts = np.cumsum(counts) - counts
        rows = self.rows[np.repeat(starts - firsts, counts) + np.arange(counts.sum())]
        return np.asarray(np.add.reduceat(vectors[rows], firsts) / counts[:, None], np.float32)


@dataclass(frozen=True, slots=True)
class StandIn:
    """The encoder; `vectors` are those of the real sentences. It says that it is the real one."""

    real: Encoder
    origins: Origins
    vectors: FloatArray

    @property
    def width(self) -> int:
        """See Encoder."""
        return self.real.width

    @property
    def fingerprint(self) -> str:
        """See Encoder."""
        return self.real.fingerprint

    def encode_questions(self, texts: Sequence[str]) -> FloatArray:
        """See Encoder."""
        return self.real.encode_questions(texts)

    def encode_passages(self, texts: Sequence[str], *, progress: Callable[[int], None] | None = None) -> FloatArray:
        """See Encoder."""
        made = [np.empty((0, self.width), np.float32)]
        for start in range(0, len(texts), _AT_ONCE):
            made.append(self._encode(texts[start : start + _AT_ONCE]))
            if progress:
                progress(len(made[-1]))
        return np.concatenate(made)

    def _encode(self, texts: Sequence[str]) -> FloatArray:
        hashes = np.array([_hash(text) for text in texts], np.uint64)
        places = self.origins.find(hashes)
        vectors = np.empty((len(texts), self.width), np.float32)
        known = places >= 0
        if known.any():
            vectors[known] = self._moved(self.origins.means(places[known], self.vectors), hashes[known])
        if not known.all():
            strange = np.flatnonzero(~known)
            vectors[strange] = self.real.encode_passages([texts[place] for place in strange.tolist()])
        return vectors

    def _moved(self, means: FloatArray, hashes: NDArray[np.uint64]) -> FloatArray:
        count = np.uint64(len(self.vectors))
        one, other = hashes % count, (hashes >> np.uint64(32)) % count
        return normalised(means + np.float32(MOVED) * (self.vectors[one] - self.vectors[other]))


def real_vectors(drawn_from: Sequence[Source], encoder: Encoder) -> FloatArray:
    """Return the real vectors of every source's sentences, in order; kept in the system's temporary folder."""
    texts = [simplify(sentence) for source in drawn_from for sentence in source.sentences]
    path = Path(tempfile.gettempdir()) / f"news-qa-benchmark-{encoder.fingerprint}-{_hash(chr(0).join(texts)):016x}.npy"
    if path.is_file():
        return np.asarray(np.load(path))
    vectors = encoder.encode_passages(texts)
    np.save(path, vectors)
    return vectors
