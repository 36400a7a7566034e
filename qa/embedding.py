"""The vectors of a build: those of the index before where it has them, else new ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from qa.blocks import RAW
from qa.embed import Encoder, Progress
from qa.folding import simplify
from qa.store import Vectors

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float32]


class Embedder:
    """Embeds texts, taking vectors of the index before where it has them.

    The encoder is waited for when it is first needed: it may be loaded meanwhile.
    """

    def __init__(
        self, encoder: Callable[[], Encoder], known: Mapping[str, NDArray[np.float16]], asked: Vectors | None
    ) -> None:
        self._encoder = encoder
        self._known = known
        self._asked = dict(zip(asked.texts, asked.rows, strict=True)) if asked else {}
        self._used: dict[str, None] = {}
        self.embedded = 0

    def passages(self, groups: Sequence[Sequence[str]], progress: Progress | None) -> list[NDArray[np.float16]]:
        """Return the raw vectors of several groups of texts, each of shape (texts, width)."""
        simple = [[simplify(text) for text in texts] for texts in groups]
        missing = [text for text in dict.fromkeys(chain(*simple)) if text not in self._known]
        self.embedded += len(missing)
        done = 0

        def tell(count: int) -> None:
            nonlocal done
            done += count
            if progress:
                progress(done, len(missing))

        vectors = self._encoder().encode_passages(missing, progress=tell).astype(RAW)
        found = {**self._known, **dict(zip(missing, vectors, strict=True))}
        return [self._rows([found[text] for text in texts]) for texts in simple]

    def questions(self, texts: Sequence[str]) -> FloatArray:
        """Return the vectors of texts as questions, rounded as they are stored, shape (texts, width)."""
        simple = [simplify(text) for text in texts]
        missing = [text for text in dict.fromkeys(simple) if text not in self._asked]
        self.embedded += len(missing)
        self._asked |= dict(zip(missing, self._encoder().encode_questions(missing).astype(RAW), strict=True))
        self._used |= dict.fromkeys(simple)
        return self._rows([self._asked[text] for text in simple]).astype(np.float32)

    def asked(self) -> Vectors:
        """Return the vectors of all texts that were asked for as questions, in order of the texts."""
        texts = tuple(sorted(self._used))
        return Vectors(texts, self._rows([self._asked[text] for text in texts]))

    def _rows(self, rows: Sequence[NDArray[np.float16]]) -> NDArray[np.float16]:
        return np.array(rows, RAW).reshape(-1, self._encoder().width)
