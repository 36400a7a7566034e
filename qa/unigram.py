"""A model's tokens, for a vocabulary of SentencePiece pieces that loads in a fifth of the time `tokenizers` needs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

SHELL, PIECES, SCORES, REACH = "shell.json", "pieces.txt", "scores.npy", "reach.json"

_REMEMBERED = 24  # characters; longer words hardly come twice


class Unigram:
    """A SentencePiece unigram vocabulary.

    Splits a word into the pieces of the highest total score; normalising and cutting into words is left to
    `shell`, a tokenizer of `tokenizers` without a vocabulary.
    """

    def __init__(self, shell: Any, pieces: Sequence[str], scores: Sequence[float], reach: Mapping[str, int]) -> None:
        self._shell = shell
        self._ids = {piece: number for number, piece in enumerate(pieces)}
        self._scores = scores
        self._unknown = int(json.loads(shell.to_str())["model"]["unk_id"])
        self._penalty = min(scores) - 10  # for a character without a piece, as SentencePiece has it
        self._reach = reach
        self._remembered = lru_cache(maxsize=1 << 16)(self._split)

    @classmethod
    def read(cls, folder: Path) -> Unigram:
        """Read what `write_pieces` wrote."""
        from tokenizers import Tokenizer

        shell = Tokenizer.from_file(str(folder / SHELL))
        pieces = (folder / PIECES).read_bytes().decode().split("\n")
        reach = json.loads((folder / REACH).read_text(encoding="utf-8"))
        return cls(shell, pieces, np.load(folder / SCORES).tolist(), reach)

    def encode(self, text: str) -> list[int]:
        """Return the ids of a text's tokens."""
        ids: list[int] = []
        normal = self._shell.normalizer.normalize_str(text) if self._shell.normalizer else text
        for word, _ in self._shell.pre_tokenizer.pre_tokenize_str(normal):
            ids += self._remembered(word) if len(word) <= _REMEMBERED else self._split(word)
        return ids

    def _split(self, word: str) -> list[int]:
        best = [0.0] + [-np.inf] * len(word)  # by end: the score of the best way there
        last = [(0, 0)] * (len(word) + 1)  # by end: where its last piece starts, and which it is
        for start, end, piece in self._candidates(word):
            score = best[start] + (self._penalty if piece == self._unknown else self._scores[piece])
            if score > best[end]:
                best[end], last[end] = score, (start, piece)
        return self._walk_back(last)

    def _candidates(self, word: str) -> Iterator[tuple[int, int, int]]:
        """Yield every piece in the word, by start and end; an unknown character is one too."""
        for start, first in enumerate(word):
            yield start, start + 1, self._ids.get(first, self._unknown)
            for end in range(start + 2, min(start + self._reach.get(first, 1), len(word)) + 1):
                piece = self._ids.get(word[start:end])
                if piece is not None:
                    yield start, end, piece

    def _walk_back(self, last: Sequence[tuple[int, int]]) -> list[int]:
        """Follow the best way from the end; neighbouring unknowns are one token."""
        ids: list[int] = []
        end = len(last) - 1
        while end > 0:
            end, piece = last[end]
            if not (ids and piece == ids[-1] == self._unknown):
                ids.append(piece)
        return ids[::-1]


def longest_by_start(pieces: Sequence[str]) -> dict[str, int]:
    """Return the length of the longest piece that begins with each character."""
    reach: dict[str, int] = {}
    for piece in pieces:
        if len(piece) > reach.get(piece[:1], 1):
            reach[piece[:1]] = len(piece)
    return reach


def write_pieces(backend: Any, folder: Path) -> bool:
    """Write the files of Unigram if the tokenizer is of that kind; say whether."""
    content = json.loads(backend.to_str())
    model = content["model"]
    if model.get("type") != "Unigram" or model.get("byte_fallback") or not content["pre_tokenizer"]:
        return False
    pieces, scores = zip(*model["vocab"], strict=True)
    empty = model | {"vocab": [["", 0.0]] * (model["unk_id"] + 1)}
    shell = content | {"added_tokens": [], "post_processor": None, "model": empty}
    (folder / SHELL).write_text(json.dumps(shell), encoding="utf-8")
    (folder / PIECES).write_bytes("\n".join(pieces).encode())
    np.save(folder / SCORES, np.array(scores))
    (folder / REACH).write_text(json.dumps(longest_by_start(pieces)), encoding="utf-8")
    return not any("\n" in piece for piece in pieces)
