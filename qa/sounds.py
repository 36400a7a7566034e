"""What a foreign name sounds like, as consonants: 杰克逊维尔 and Jacksonville have one skeleton.

Chinese spells a foreign name by its syllables and keeps of its consonants what Mandarin can tell apart.
A skeleton has one letter for each class of those: P for b and p, T for d and t, K for g and k, L for l and
r, N for m and n, F for f, v and w, S for every hiss. Vowels, h and repeated letters fall away.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import product

FEWEST_SOUNDS = 3  # consonants of a skeleton below which chance makes it

_VAGUE = "J"  # j, q and x of pinyin stand for k (金 in Mackinder) as well as for a hiss (杰 in Jackson)
_INITIALS = {
    "zh": "S", "ch": "S", "sh": "S", "b": "P", "p": "P", "m": "N", "f": "F", "d": "T", "t": "T", "n": "N", "l": "L",
    "g": "K", "k": "K", "j": _VAGUE, "q": _VAGUE, "x": "S", "z": "S", "c": "S", "s": "S", "r": "L", "w": "F",
}  # fmt: skip
_LATIN = {
    "sh": "S",
    "ts": "S",
    "tz": "S",
    "cz": "S",
    "zh": "S",
    "ch": "SK",
    "ph": "F",
    "th": "TS",
    "ck": "K",
    "kh": "K",
    "gh": "K",
    "ce": "S",
    "ci": "S",
    "cy": "S",
    "ge": "KS",
    "gi": "KS",
    "b": "P",
    "p": "P",
    "d": "T",
    "t": "T",
    "m": "N",
    "n": "N",
    "f": "F",
    "v": "F",
    "w": "F",
    "l": "L",
    "r": "L",
    "c": "K",
    "g": "K",
    "k": "K",
    "q": "K",
    "s": "S",
    "z": "S",
    "j": "S",
}  # fmt: skip; where there are two letters, either may be meant
_GRAPHEME = re.compile("|".join(sorted(_LATIN, key=lambda spelled: (-len(spelled), spelled))))
_SILENT_R = re.compile(r"r(?=[bcdfgklmnpqstvz]|$)")
_MOST_READINGS = 8  # of one word; a word with more is no name that anybody could read


def syllable(pinyin: str) -> str:
    """Return the consonants of a syllable of pinyin, its tone left aside.

    >>> syllable("zhan1"), syllable("er3"), syllable("ai1"), syllable("jin1")
    ('SN', 'L', '', 'JN')
    """
    plain = pinyin.lower().rstrip("12345")
    if plain == "er":
        return "L"
    initial = _INITIALS.get(plain[:2]) or _INITIALS.get(plain[:1], "")
    return initial + ("N" if plain.endswith(("n", "ng")) else "")


def _single(skeletons: Iterable[str]) -> tuple[str, ...]:
    """Return skeletons without repeated letters, each once, those that are long enough."""
    told = dict.fromkeys(re.sub(r"(.)\1+", r"\1", skeleton) for skeleton in skeletons)
    return tuple(skeleton for skeleton in told if len(skeleton) >= FEWEST_SOUNDS)


def han_sounds(run: str, syllables: Mapping[str, str]) -> tuple[str, ...]:
    """Return the skeletons of characters that spell out a name, by what each one sounds like.

    >>> han_sounds("麦金德", {"麦": "N", "金": "JN", "德": "T"})
    ('NKNT', 'NSNT')
    """
    whole = "".join(syllables[character] for character in run)
    return _single(whole.replace(_VAGUE, meant) for meant in "KS")


@lru_cache(maxsize=65536)
def latin_sounds(word: str) -> tuple[str, ...]:
    """Return the skeletons of a Latin name, by every way to read it; an r that few pronounce may be missing.

    >>> latin_sounds("Mackinder"), latin_sounds("Halford")
    (('NKNTL', 'NKNT'), ('LFLT', 'LFT'))
    """
    letters = unicodedata.normalize("NFKD", word.lower()).replace("x", "ks")
    spelled = dict.fromkeys((letters, _SILENT_R.sub("", letters)))
    readings = [product(*(_LATIN[part] for part in _GRAPHEME.findall(each))) for each in spelled]
    told = ["".join(reading) for every in readings for reading in list(every)[:_MOST_READINGS]]
    return _single(told)
