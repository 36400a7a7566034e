"""What one corpus costs, by its size: to build, to open, to ask, to bring up to date."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import TypeVar

import numpy as np
from benchmarks.corpora import PARAGRAPHS, STARTER, articles, correct, questions, sources, starter_questions, write
from benchmarks.processes import fresh, memory, qa
from benchmarks.standin import Origins, StandIn, real_vectors
from numpy.typing import NDArray

from qa import Assistant, build
from qa.dense import DenseIndex, centred
from qa.embed import Encoder, load_encoder
from qa.folding import simplify
from qa.generations import current_manifest
from qa.language import language_of
from qa.store import open_index

FloatArray = NDArray[np.float32]
Part = TypeVar("Part")

STARTER_SIZE = 7  # names the starter corpus: its articles; any other size is a number of passages
REALLY_EMBEDDED = 1000  # passages; encoding more takes too long, a stand-in gives their vectors
QUESTIONS = 240
_WARMING = 10  # questions asked before the clock runs
_COLD = 20  # questions asked in a new process each
_NEAREST = 10
_BLOCK = 50_000  # vectors compared at once


@dataclass(frozen=True, slots=True)
class Built:
    """A build: seconds without the encoder's, seconds of the encoder, megabytes on disk."""

    passages: int
    sentences: int
    seconds: float
    encoding: float
    stored: float


@dataclass(frozen=True, slots=True)
class Asked:
    """One process that opens an index and asks: seconds and megabytes."""

    opening: float
    encoding: float  # of one question, median
    p50: float
    p95: float
    peak: float
    own: float  # without the pages of mapped files


@dataclass(frozen=True, slots=True)
class Recall:
    """The share of the ten nearest that the index's own search finds, over all questions."""

    passages: float
    sentences: float


@dataclass(frozen=True, slots=True)
class Renewed:
    """Builds in new processes, median seconds: nothing changed; one article changed, and its peak in megabytes."""

    unchanged: float
    changed: float
    peak: float


@dataclass(frozen=True, slots=True)
class Cold:
    """`qa ask` in a new process: seconds and megabytes."""

    p50: float
    p95: float
    peak: float


@dataclass(frozen=True, slots=True)
class Cost:
    """What one corpus costs."""

    size: int
    built: Built
    cold: Cold
    asked: Asked
    recall: Recall
    renewed: Renewed


def cost(size: int, home: Path, evaluation: Path, repeat: int, tell: Callable[[str], None]) -> Cost:
    """Make the corpus of a size in folder `home`, index it, and measure, each part in processes of its own.

    `tell` is given every part when it is done, so that a run that is stopped has told something.
    """
    corpus, index = home / "corpus", home / "index"
    asked = starter_questions(QUESTIONS) if size == STARTER_SIZE else questions(QUESTIONS, evaluation)

    def told(part: Part) -> Part:
        tell(f"{size:,}: {part}")
        return part

    return Cost(
        size=size,
        built=told(fresh(_build, size, corpus, index, evaluation)),
        cold=told(cold_ask(index, asked)),
        asked=told(fresh(_ask, index, asked, repeat)),
        recall=told(fresh(_recall, index, asked)),
        renewed=told(renew(corpus, index, repeat)),
    )


# --- build ----------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Timed:
    """An encoder and the seconds spent in it."""

    encoder: Encoder
    seconds: float = field(default=0.0)

    @property
    def width(self) -> int:
        """See Encoder."""
        return self.encoder.width

    @property
    def fingerprint(self) -> str:
        """See Encoder."""
        return self.encoder.fingerprint

    def encode_questions(self, texts: Sequence[str]) -> FloatArray:
        """See Encoder."""
        with self._clock():
            return self.encoder.encode_questions(texts)

    def encode_passages(self, texts: Sequence[str], *, progress: Callable[[int], None] | None = None) -> FloatArray:
        """See Encoder."""
        with self._clock():
            return self.encoder.encode_passages(texts, progress=progress)

    @contextmanager
    def _clock(self) -> Iterator[None]:
        started = perf_counter()
        yield
        self.seconds += perf_counter() - started


def _build(size: int, corpus: Path, index: Path, evaluation: Path) -> Built:
    encoder = Timed(_corpus(size, corpus, evaluation))
    started = perf_counter()
    build(corpus, index, encoder=encoder)
    seconds = perf_counter() - started
    generation, manifest = current_manifest(index)
    stored = sum(path.stat().st_size for path in (index / generation).iterdir())
    passages, sentences = (sum(manifest[kind].values()) for kind in ("passages", "sentences"))
    return Built(passages, sentences, seconds - encoder.seconds, encoder.seconds, stored / 2**20)


def _corpus(size: int, folder: Path, evaluation: Path) -> Encoder:
    """Write the corpus of a size and return the encoder to build it with."""
    encoder = load_encoder()
    if size == STARTER_SIZE:
        shutil.copytree(STARTER, folder)
        return encoder
    drawn_from = sources(evaluation)
    count = -(-size // PARAGRAPHS)
    write(folder, articles(count, drawn_from))
    if size <= REALLY_EMBEDDED:
        return encoder
    return StandIn(encoder, Origins.of(articles(count, drawn_from)), real_vectors(drawn_from, encoder))


# --- ask ------------------------------------------------------------------------------------------------


def cold_ask(index: Path, asked: Sequence[str]) -> Cold:
    """Ask different questions, each in a new process; one to warm the disk is not counted."""
    every = [qa("ask", question, "--index", index, codes=(0, 1)) for question in asked[: 1 + _COLD]][1:]
    seconds = [ran.seconds for ran in every]
    return Cold(median(seconds), float(np.percentile(seconds, 95)), max(ran.peak for ran in every))


def _ask(index: Path, asked: Sequence[str], repeat: int) -> Asked:
    started = perf_counter()
    opened = open_index(index)
    opening = perf_counter() - started
    assistant = Assistant(opened, load_encoder())
    for question in asked[:_WARMING]:
        assistant.ask(question)
    own: list[float] = []
    passes = [_seconds_each(assistant.ask, asked, own) for _ in range(repeat)]
    encode = _seconds_each(lambda question: assistant.encoder.encode_questions([question]), asked, [])
    return Asked(
        opening=opening,
        encoding=median(encode),
        p50=median(float(np.percentile(each, 50)) for each in passes),
        p95=median(float(np.percentile(each, 95)) for each in passes),
        peak=memory("VmHWM"),
        own=max(own),
    )


def _seconds_each(run: Callable[[str], object], asked: Sequence[str], own: list[float]) -> list[float]:
    """Return the seconds of every question; note after each what memory is the process's own."""
    seconds = []
    for question in asked:
        started = perf_counter()
        run(question)
        seconds.append(perf_counter() - started)
        own.append(memory("RssAnon"))
    return seconds


# --- recall ---------------------------------------------------------------------------------------------


def _recall(index: Path, asked: Sequence[str]) -> Recall:
    opened = open_index(index)
    vectors = load_encoder().encode_questions([simplify(question) for question in asked])
    languages = [language_of(question) for question in asked]
    passages, sentences = [], []
    for shelf in filter(len, opened.shelves):
        means = np.array([shelf.statistics[f"question_mean.{language}"] for language in languages])
        put = centred(vectors, means)
        passages += _found(shelf.dense_passages, put)
        sentences += _found(shelf.dense_sentences, put)
    return Recall(float(np.mean(passages)), float(np.mean(sentences)))


def _found(dense: DenseIndex, put: FloatArray) -> list[float]:
    """Return for each question the share of its nearest that a search finds; one as near as the last counts."""
    exact = _flat(dense, put)
    shares = []
    for question, nearest in zip(put, exact, strict=True):
        rows, _ = dense.search(question, len(nearest))
        near = np.asarray(dense.vectors(np.sort(rows)) @ question) >= nearest[-1] - 1e-6
        shares.append(float(near.sum()) / len(nearest))
    return shares


def _flat(dense: DenseIndex, put: FloatArray) -> FloatArray:
    """Return the inner products of each question with its nearest vectors, best first, all vectors compared."""
    best = np.empty((len(put), 0), np.float32)
    for start in range(0, len(dense), _BLOCK):
        rows = np.arange(start, min(start + _BLOCK, len(dense)))
        both = np.concatenate([best, put @ dense.vectors(rows).T], axis=1)
        best = -np.partition(-both, min(_NEAREST, both.shape[1]) - 1, axis=1)[:, :_NEAREST]
    return np.asarray(-np.sort(-best, axis=1))


# --- bring up to date -----------------------------------------------------------------------------------


def renew(corpus: Path, index: Path, repeat: int) -> Renewed:
    """Build again in new processes, with the real encoder: with nothing changed, then with one article changed."""
    every = sorted(corpus.rglob("*.md"))
    path = every[len(every) // 2]
    unchanged = [qa("build", "--corpus", corpus, "--index", index) for _ in range(repeat)]
    changed = []
    for times in range(1, repeat + 1):
        correct(path, times)
        changed.append(qa("build", "--corpus", corpus, "--index", index))
    return Renewed(
        median(ran.seconds for ran in unchanged),
        median(ran.seconds for ran in changed),
        max(ran.peak for ran in changed),
    )
