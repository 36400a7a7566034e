"""Which articles are copies of one agency report: the same words but for a headline, a byline, a correction.

Copies are kept, each with its outlet; what is told here is that they are one source, and which of them have the
words of a quote: one may have corrected them. Two texts are copies when their runs of nine letters, folded to one
script, are the same for nine tenths (Jaccard). Candidates share one of eight pairs of least hashes (Broder's MinHash,
banded); the share is then counted over the 512 least.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from qa.folding import fold
from qa.records import Span

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Hashes = NDArray[np.uint64]

ALIKE = 0.9
_RUN = 9  # letters: two English words, or a Chinese clause
_LEAST = 512  # hashes that stand for a text: the share is then right to about .013
_WAYS = 16  # orders in which the least hash is looked for, in pairs: a copy that is .9 alike is missed once in 600,000
_MOST = np.iinfo(np.uint64).max
_WORD = re.compile(r"\w+")
_BASE = np.uint64(0x9E3779B97F4A7C15)
_SEEDS = np.random.Generator(np.random.PCG64(5)).integers(1, 2**63, _WAYS, np.uint64) | np.uint64(1)


def sketch(text: str) -> Hashes:
    """Return the least hash of a text in each of sixteen orders: what its copies are looked for by."""
    hashes = _hashes(text)
    return np.array([(hashes * seed).min(initial=_MOST) for seed in _SEEDS], np.uint64)


def copies(
    texts: Sequence[str], sketches: Sequence[Hashes] | Hashes, apart: Collection[int] = frozenset()
) -> tuple[int, ...]:
    """Return for each text the place of the first one that it is a copy of, its own where there is none.

    No two of the places in `apart` are copies of one another, as is known from before.

    >>> wire = "The talks in Geneva ended without agreement on Sunday, two officials with knowledge of them said."
    >>> texts = [wire, "Nothing alike stands in this line at all.", wire + " END"]
    >>> copies(texts, [sketch(text) for text in texts])
    (0, 1, 0)
    """
    firsts = list(range(len(texts)))
    bands = np.asarray(sketches, np.uint64).reshape(-1, _WAYS // 2, 2)
    keys = bands[:, :, 0] * _BASE ^ bands[:, :, 1]
    seen: dict[tuple[int, int], list[int]] = {}

    @cache
    def least(place: int) -> Hashes:
        return _hashes(texts[place])[:_LEAST]

    for place in np.flatnonzero(_shared(keys)).tolist():
        own = list(enumerate(keys[place].tolist()))
        known = apart if place in apart else ()
        near = {first for key in own for first in seen.get(key, ()) if first not in known}
        firsts[place] = next((other for other in sorted(near) if _alike(least(other), least(place)) >= ALIKE), place)
        if firsts[place] == place:
            for key in own:
                seen.setdefault(key, []).append(place)
    return tuple(firsts)


def _shared(keys: Hashes) -> NDArray[np.bool_]:
    """Tell of each row whether another has one of its keys, column by column."""
    found = np.zeros(len(keys), np.bool_)
    for column in keys.T:
        order = np.argsort(column)
        same = np.flatnonzero(column[order][1:] == column[order][:-1])
        found[order[same]] = found[order[same + 1]] = True
    return found


def _hashes(text: str) -> Hashes:
    """Return the different hashes of a text's runs of letters, least first."""
    letters = "".join(filter(str.isalnum, fold(text)))
    codes = np.frombuffer(letters.encode("utf-32-le"), np.uint32).astype(np.uint64)
    length = min(_RUN, len(codes))
    if not length:
        return codes
    runs = np.lib.stride_tricks.sliding_window_view(codes, length)
    with np.errstate(over="ignore"):
        total = np.zeros(len(runs), np.uint64)
        for column in range(length):
            total = (total ^ runs[:, column]) * _BASE
            total ^= total >> np.uint64(29)
    return np.unique(total)


def _alike(one: Hashes, other: Hashes) -> float:
    """Return the share of the least hashes of both texts together that both have."""
    both = np.sort(np.concatenate([one, other]))
    repeated = np.append(both[1:] == both[:-1], False)
    number = np.cumsum(~repeated) - ~repeated  # of the different hashes before each one
    total = min(len(both) - int(repeated.sum()), _LEAST)
    return float(repeated[number < total].sum() / total) if total else 0.0


def words(text: str) -> str:
    """Return the words of a text: the same for a sentence and for its copy with other marks or in the other script.

    >>> words("「停火協議」，他說。") == words("“停火协议” 他说")
    True
    """
    return " ".join(_WORD.findall(fold(text)))


def placed(quote: str, text: str) -> Span | None:
    """Return where `text` first has the words of `quote`, or None where it has not.

    >>> placed("The talks ended.", "GENEVA - The talks  ended; no deal.")
    Span(start=9, end=25)
    """
    told = _WORD.findall(fold(quote))
    found = re.search(r"\W+".join(map(re.escape, told)), fold(text)) if told else None
    return Span(*found.span()) if found else None
