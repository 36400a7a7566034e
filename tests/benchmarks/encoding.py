"""The encoder against sentence-transformers' own on the same weights and texts, by turns in one process."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from time import perf_counter

import numpy as np
from benchmarks.corpora import starter_passages
from numpy.typing import NDArray

from qa.embed import load_encoder
from qa.folding import simplify
from qa.models import locate
from qa.options import BUNDLED

Encode = Callable[[list[str]], NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class Encoding:
    """Texts a second of either, the ratio of the medians, and the least cosine between their vectors."""

    texts: int
    ours: float
    theirs: float
    cosine: float

    @property
    def ratio(self) -> float:
        """How many times as fast ours is."""
        return self.ours / self.theirs


def compare(repeat: int) -> Encoding:
    """Encode the passages of the starter corpus with either, by turns, `repeat` times after one to warm up."""
    from sentence_transformers import SentenceTransformer

    ours = load_encoder()
    original = SentenceTransformer(str(locate(BUNDLED)), local_files_only=True)

    def theirs(texts: list[str]) -> NDArray[np.float32]:
        return np.asarray(original.encode_document(texts, normalize_embeddings=True, show_progress_bar=False))

    texts = [simplify(text) for text in starter_passages()]
    cosine = (ours.encode_passages(texts) * theirs(texts)).sum(axis=1).min()
    rounds = [(_seconds(ours.encode_passages, texts), _seconds(theirs, texts)) for _ in range(repeat)]
    seconds = [median(each[place] for each in rounds) for place in (0, 1)]
    return Encoding(len(texts), len(texts) / seconds[0], len(texts) / seconds[1], float(cosine))


def _seconds(encode: Encode, texts: list[str]) -> float:
    started = perf_counter()
    encode(texts)
    return perf_counter() - started
