"""Texts to vectors.

A model is defined by sentence-transformers and run by OpenVINO where that keeps its vectors: converted once
into the cache, compared with the original, and from then on loaded without torch. Where it does not, torch
runs it. Does not know where models lie: that is `models`.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import warnings
from collections import deque
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from qa import models
from qa.errors import ModelError
from qa.options import BUNDLED
from qa.unigram import Unigram, write_pieces

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

FloatArray: TypeAlias = NDArray[np.float32]
Tokenize: TypeAlias = "Callable[[str], list[int]]"
Progress: TypeAlias = "Callable[[int, int], None]"  # (texts embedded, texts to embed)

RECIPE, NETWORK, TOKENIZER = "recipe.json", "model.xml", "tokenizer.json"

_LOG = logging.getLogger(__name__)
_VERSION = 2  # of a converted model's folder; a change makes new ones
_BUCKET = 16  # texts are padded to multiples of this, so that neighbours in a batch do not change a vector
_BUDGET = 1200  # tokens in a batch: more does not run faster, fewer does not fill the processor
_REQUESTS = 2  # batches on the way at a time: one computes while the other is prepared
_CLOSE = 0.999  # least cosine between the converted model and the original
_ROUND = 64  # texts that torch encodes between two reports of progress
# Both languages, both sides of normalising, unknown characters, nothing, and more than fits.
_SAMPLES = (
    "Where do the talks take place?",
    "\uff37\uff48\uff4f said “60萬” — 基輔或莫斯科？ café naïve ①",
    "",
    "   two  spaces\n\nand\ta tab\u3000寬空格 ",
    "美國總統提出的28點和平計畫要求烏克蘭軍隊人數上限為60萬～80万人，歐洲各國隨後提出對案。",
    "The 28-point plan caps the army at 600,000; Europe's counter-proposal says 800,000. 🙂 ដើម្បី 𐍈𐍈𐍈 ",
    "Reuters報導，澤倫斯基（Volodymyr Zelenskyy）說：「我們需要真正的和平。」" * 30,
)


class Encoder(Protocol):
    """Anything that turns texts into vectors of length 1, one row each."""

    @property
    def width(self) -> int:
        """Numbers in a vector."""

    @property
    def fingerprint(self) -> str:
        """Equal for encoders whose vectors may be compared."""

    def encode_questions(self, texts: Sequence[str]) -> FloatArray:
        """Return vectors, shape (len(texts), width), of what readers ask."""

    def encode_passages(self, texts: Sequence[str], *, progress: Callable[[int], None] | None = None) -> FloatArray:
        """Return vectors, shape (len(texts), width), of what articles say.

        `progress` is called with the number of texts done since its last call.
        """


def load_encoder(spec: str = BUNDLED) -> Encoder:
    """Load the encoder that `spec` names (see `models`); raises ModelError.

    The first load of a model converts it, which takes some ten seconds. QA_ENGINE=torch leaves OpenVINO out.
    """
    if models.is_unfetched(spec):
        models.require_on_hub(spec)
        _load_original(spec)  # brings it to this machine, so that its commit is known from the start
    mark = models.fingerprint(spec)
    if os.environ.get("QA_ENGINE") == "torch" or _has_cuda():
        return TorchEncoder(_load_original(spec), mark)
    folder = models.ensure_folder(_converted_folder(mark), lambda target: _convert(spec, target))
    recipe = Recipe.read(folder)
    return _load_fast(folder, recipe, mark) if recipe else TorchEncoder(_load_original(spec), mark)


def _has_cuda() -> bool:
    """Ask for a driver first: importing torch takes seconds."""
    import shutil

    if not shutil.which("nvidia-smi"):
        return False
    import torch

    return torch.cuda.is_available()


def _converted_folder(mark: str) -> Path:
    from importlib.metadata import version

    return models.cache_root() / f"openvino-{_VERSION}-{version('openvino')}-{mark}"


# --- running --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FastEncoder:
    """A converted model on OpenVINO. Safe in several threads: every call has requests of its own."""

    recipe: Recipe
    fingerprint: str
    tokenize: Tokenize
    network: Any

    @property
    def width(self) -> int:
        """See Encoder."""
        return self.recipe.width

    def encode_questions(self, texts: Sequence[str]) -> FloatArray:
        """See Encoder."""
        return self._encode([self.recipe.question_prompt + text for text in texts], None)

    def encode_passages(self, texts: Sequence[str], *, progress: Callable[[int], None] | None = None) -> FloatArray:
        """See Encoder."""
        return self._encode([self.recipe.passage_prompt + text for text in texts], progress)

    def _encode(self, texts: Sequence[str], progress: Callable[[int], None] | None) -> FloatArray:
        vectors = np.zeros((len(texts), self.width), np.float32)
        if not texts:
            return vectors
        tokens = [self._frame(self.tokenize(text)) for text in texts]
        batches = cut_batches([len(ids) for ids in tokens], limit=self.recipe.limit)
        for rows, found in self._run(tokens, batches):
            vectors[rows] = found
            if progress:
                progress(len(rows))
        return vectors

    def _run(
        self, tokens: Sequence[Sequence[int]], batches: Sequence[tuple[list[int], int]]
    ) -> Iterator[tuple[list[int], FloatArray]]:
        """Yield rows and vectors of each batch while the next ones compute.

        Waits in the caller's thread: a callback into Python from OpenVINO's threads (AsyncInferQueue) can
        still be on its way when the interpreter ends, and aborts the process.
        """
        idle = [self.network.create_infer_request() for _ in batches[:_REQUESTS]]
        busy: deque[tuple[Any, list[int]]] = deque()
        for rows, length in batches:
            if not idle:
                yield _collect(busy, idle)
            request = idle.pop()
            request.start_async(self._pad([tokens[row] for row in rows], length))
            busy.append((request, rows))
        while busy:
            yield _collect(busy, idle)

    def _frame(self, ids: list[int]) -> list[int]:
        room = self.recipe.limit - len(self.recipe.before) - len(self.recipe.after)
        return [*self.recipe.before, *ids[:room], *self.recipe.after]

    def _pad(self, tokens: Sequence[Sequence[int]], length: int) -> dict[str, NDArray[np.int64]]:
        ids = np.full((len(tokens), length), self.recipe.pad, np.int64)
        mask = np.zeros((len(tokens), length), np.int64)
        for row, known in enumerate(tokens):
            ids[row, : len(known)] = known
            mask[row, : len(known)] = 1
        return {"input_ids": ids, "attention_mask": mask}


def _collect(busy: deque[tuple[Any, list[int]]], idle: list[Any]) -> tuple[list[int], FloatArray]:
    """Wait for the oldest request; returns its rows and a copy of its vectors."""
    request, rows = busy.popleft()
    request.wait()
    idle.append(request)
    return rows, np.array(request.get_output_tensor().data)


def cut_batches(lengths: Sequence[int], *, limit: int) -> list[tuple[list[int], int]]:
    """Group texts of about the same length, longest first: their rows, and the length to pad them to.

    >>> cut_batches([9, 40, 12], limit=512)
    [([1], 48), ([0, 2], 16)]
    """
    buckets: dict[int, list[int]] = {}
    for row, length in enumerate(lengths):
        buckets.setdefault(min(-(-length // _BUCKET) * _BUCKET, limit), []).append(row)
    batches = []
    for length in sorted(buckets, reverse=True):
        rows, size = buckets[length], max(1, _BUDGET // length)
        batches += [(rows[start : start + size], length) for start in range(0, len(rows), size)]
    return batches


def _load_fast(folder: Path, recipe: Recipe, mark: str) -> FastEncoder:
    return FastEncoder(recipe, mark, _read_tokenizer(folder, recipe), _compile(folder))


def _compile(folder: Path) -> Any:
    """Make the network ready; bfloat16 only where the processor computes in it."""
    core = _openvino().Core()
    native = "BF16" in core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    options = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": "bf16" if native else "f32"}
    try:
        return core.compile_model(folder / NETWORK, "CPU", options)
    except RuntimeError as error:
        raise ModelError(f"cannot run the model ({_reason(error)}); delete {folder} and try again") from error


def _openvino() -> Any:
    """Import OpenVINO without its usage reports: this program calls nobody."""
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]  # documented: not importable
    import openvino

    return openvino


# --- torch ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TorchEncoder:
    """The original: sentence-transformers on torch."""

    original: Any
    fingerprint: str

    @property
    def width(self) -> int:
        """See Encoder."""
        return int(self.original.get_embedding_dimension())

    def encode_questions(self, texts: Sequence[str]) -> FloatArray:
        """See Encoder."""
        return self._encode(self.original.encode_query, texts)

    def encode_passages(self, texts: Sequence[str], *, progress: Callable[[int], None] | None = None) -> FloatArray:
        """See Encoder."""
        parts = [np.empty((0, self.width), np.float32)]
        for start in range(0, len(texts), _ROUND):
            parts.append(self._encode(self.original.encode_document, texts[start : start + _ROUND]))
            if progress:
                progress(len(parts[-1]))
        return np.concatenate(parts)

    def _encode(self, encode: Callable[..., Any], texts: Sequence[str]) -> FloatArray:
        if not texts:
            return np.empty((0, self.width), np.float32)
        vectors = encode(list(texts), normalize_embeddings=True, show_progress_bar=False)
        return np.asarray(vectors, np.float32)


def _load_original(spec: str) -> Any:
    place = str(models.locate(spec))
    with _quiet():
        from sentence_transformers import SentenceTransformer

        try:
            return SentenceTransformer(place, local_files_only=not models.is_unfetched(spec))
        except Exception as error:  # other people's code on other people's files: anything may come
            hint = f"name a local folder or {BUNDLED!r}"
            raise ModelError(f"cannot load the model {spec!r} ({_reason(error)}); {hint}") from error


@contextmanager
def _quiet() -> Iterator[None]:
    """Silence what transformers and torch's tracing say about their own code, and the bars for weights."""
    from transformers.utils import logging as chatter

    level, bars = chatter.get_verbosity(), chatter.is_progress_bar_enabled()
    chatter.set_verbosity(logging.ERROR)
    chatter.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        with warnings.catch_warnings():
            for category in (DeprecationWarning, FutureWarning):  # between torch, transformers and OpenVINO
                warnings.filterwarnings("ignore", category=category)
            warnings.filterwarnings("ignore", "Converting a tensor to a Python")  # torch.jit.TracerWarning
            yield
    finally:
        chatter.set_verbosity(level)
        if bars:
            chatter.enable_progress_bar()  # type: ignore[no-untyped-call]


def _reason(error: Exception) -> str:
    """Return the first line of what an outside library says."""
    return next(iter(str(error).strip().splitlines()), type(error).__name__)


# --- converting -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Recipe:
    """What is needed beside the network to run a converted model."""

    width: int
    limit: int  # most tokens of a text, with those around it
    pad: int
    before: tuple[int, ...]  # tokens around every text
    after: tuple[int, ...]
    question_prompt: str
    passage_prompt: str
    unigram: bool  # Unigram stands in for tokenizer.json

    @classmethod
    def read(cls, folder: Path) -> Recipe | None:
        """Read it from a converted model's folder; None says that torch has to run this one."""
        values = json.loads((folder / RECIPE).read_text(encoding="utf-8"))
        if values is None:
            return None
        return cls(**values | {"before": tuple(values["before"]), "after": tuple(values["after"])})


def _convert(spec: str, folder: Path) -> None:
    """Fill `folder` with the model as OpenVINO runs it, or with the note that it does not."""
    original = _load_original(spec)
    try:
        recipe = _describe(original, folder)
        _convert_network(original, folder)
        fits = _agrees(original, _load_fast(folder, recipe, ""))
    except Exception:  # a model of another make, in whatever way: torch runs it
        _LOG.info("the model %s stays with torch", spec, exc_info=True)
        fits = False
    if not fits:
        for path in folder.iterdir():
            path.unlink()
    (folder / RECIPE).write_text(json.dumps(asdict(recipe) if fits else None), encoding="utf-8")


def _describe(original: Any, folder: Path) -> Recipe:
    """Write the tokenizer's files and return the rest."""
    backend = original.tokenizer.backend_tokenizer
    backend.no_truncation()
    backend.no_padding()
    before, after = _surroundings(backend)
    unigram = write_pieces(backend, folder) and _reproduces(Unigram.read(folder), backend)
    if not unigram:
        backend.save(str(folder / TOKENIZER))
    return Recipe(
        width=int(original.get_embedding_dimension()),
        limit=int(original.max_seq_length),
        pad=int(original.tokenizer.pad_token_id or 0),
        before=before,
        after=after,
        question_prompt=_prompt(original, "query"),
        passage_prompt=_prompt(original, "document", "passage", "corpus"),
        unigram=unigram,
    )


def _prompt(original: Any, *names: str) -> str:
    """Choose as encode_query and encode_document do."""
    chosen = next((name for name in names if name in original.prompts), original.default_prompt_name)
    return original.prompts.get(chosen) or ""


def _surroundings(backend: Any) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the tokens that the tokenizer puts before and after every text."""
    bare = backend.encode("a", add_special_tokens=False).ids
    ids = backend.encode("a").ids
    start = next(place for place in range(len(ids)) if ids[place : place + len(bare)] == bare)
    return tuple(ids[:start]), tuple(ids[start + len(bare) :])


def _convert_network(original: Any, folder: Path) -> None:
    import torch

    class Network(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.original = original

        def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
            features = {"input_ids": input_ids, "attention_mask": attention_mask}
            return torch.nn.functional.normalize(self.original(features)["sentence_embedding"])

    ids = torch.ones((2, _BUCKET), dtype=torch.int64)
    example = {"input_ids": ids, "attention_mask": ids.clone()}
    with _quiet(), torch.no_grad():
        network = _openvino().convert_model(Network().eval(), example_input=example)
    _openvino().save_model(network, folder / NETWORK)


def _agrees(original: Any, fast: FastEncoder) -> bool:
    theirs = TorchEncoder(original, "")
    questions = theirs.encode_questions(_SAMPLES) * fast.encode_questions(_SAMPLES)
    passages = theirs.encode_passages(_SAMPLES) * fast.encode_passages(_SAMPLES)
    return bool(min(questions.sum(axis=1).min(), passages.sum(axis=1).min()) >= _CLOSE)


def _read_tokenizer(folder: Path, recipe: Recipe) -> Tokenize:
    """Return the function from a text to its tokens' ids, without those around it."""
    from tokenizers import Tokenizer

    if recipe.unigram:
        return Unigram.read(folder).encode
    whole = Tokenizer.from_file(str(folder / TOKENIZER))
    return lambda text: list(whole.encode(text, add_special_tokens=False).ids)


def _reproduces(unigram: Unigram, backend: Any) -> bool:
    return all(unigram.encode(text) == backend.encode(text, add_special_tokens=False).ids for text in _SAMPLES)
