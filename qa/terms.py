"""The terms of a text: tokens, names and dictionary words, for indexing and for asking alike.

An index term is a string. A question's term is a set of index terms that count as one (the synonym
operator of cross-language retrieval: Pirkola 1998), with the way by which they are the same.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import compress, filterfalse
from typing import TYPE_CHECKING, Literal

import numpy as np

from qa.dictionary import ROOT_LETTERS, Bridge, headwords, meanings_and_roots, phrases_in, words_in
from qa.folding import fold, simplify
from qa.language import language_of
from qa.lexical import LexicalIndex, hashes
from qa.names import Mention, Names
from qa.records import Language, Span
from qa.sounds import han_sounds, latin_sounds
from qa.tokens import SINGLE_WEIGHT, Token, is_stop, tokenize

if TYPE_CHECKING:
    from numpy.typing import NDArray

Way = Literal["word", "name", "sound", "dictionary", "number"]

_NAME, _WORD, _PHRASE, _ROOT, _SOUND = "~", "w:", "p:", "r:", "s:"  # marks of index terms that are no plain tokens
_SINGLE_CROSSING = 0.5  # of a Chinese word of one character, whose translations are many
# the language of a question and that of the passages between which a gloss helps; measured on XQuAD, an English
# question glossed in Chinese finds no more than without
GLOSSED: tuple[Language, Language] = ("zh", "en")
_MAX_SYNONYMS = 40  # a word with more translations than this says nothing
_SPELLED_OUT = range(3, 9)  # characters of a foreign name; the sound of fewer is chance
_CAPITALISED = re.compile(r"\b[A-ZÀ-Þ][A-Za-zÀ-ɏ]{2,}")


@dataclass(frozen=True, slots=True)
class Term:
    """One term of a question: any of `keys` in a text is an occurrence.

    `weight` counts in the score, `share` in how much of the question a text covers: pairs of characters
    find, but words are what a question is made of.
    """

    keys: tuple[str, ...]
    start: int
    end: int
    way: Way
    weight: float = 1.0
    share: float = 1.0


@dataclass(frozen=True, slots=True)
class _Reading:
    """A text's tokens outside its names, and the names."""

    folded: str
    tokens: tuple[Token, ...]
    mentions: tuple[Mention, ...]


def _read(text: str, names: Names) -> _Reading:
    mentions = names.find(text)
    named = {place for mention in mentions for place in range(mention.start, mention.end)}
    tokens = (token for token in tokenize(text) if token.start not in named and token.end - 1 not in named)
    return _Reading(fold(text), tuple(tokens), tuple(mentions))


def _entries(reading: _Reading) -> Iterator[str]:
    """Yield the dictionary words of three or more characters and the phrases of two or more words."""
    yield from (_WORD + word for word, _ in words_in(reading.folded, shortest=3))
    stems = [token.term for token in reading.tokens if token.kind == "word"]
    yield from (_PHRASE + phrase for phrase in phrases_in(stems))


def index_terms(text: str, names: Names) -> Counter[str]:
    """Return the terms that a passage is found by, with their frequencies."""
    reading = _read(text, names)
    found = Counter(token.term for token in reading.tokens)
    found.update(_NAME + mention.group.key for mention in reading.mentions)
    found.update(_entries(reading))
    words = [token.term for token in reading.tokens if token.kind == "word"]
    found.update(_ROOT + word[:ROOT_LETTERS] for word in words if len(word) >= ROOT_LETTERS)
    found.update(_SOUND + sound for match in _CAPITALISED.finditer(text) for sound in latin_sounds(match[0]))
    return found


@cache
def _every_entry() -> tuple[tuple[list[str], NDArray[np.uint64]], ...]:
    """Return the dictionary's headwords, its phrases and its roots, each with the hashes of their index terms."""
    words, phrases = list(headwords()), list(meanings_and_roots())
    roots = [phrase for phrase in phrases if len(phrase) == ROOT_LETTERS]
    return (
        (words, hashes([_key(word) for word in words])),
        (phrases, hashes([_PHRASE + phrase if " " in phrase else phrase for phrase in phrases])),
        (roots, hashes([_ROOT + root for root in roots])),
    )


def entries_used(indexes: Sequence[LexicalIndex]) -> tuple[list[str], list[str]]:
    """Return the dictionary's headwords, and its phrases and roots, that stand in any row, as `bridge` takes them."""
    words, phrases, roots = (list(compress(every, _used(terms, indexes))) for every, terms in _every_entry())
    return words, phrases + roots


def use_same_entries(before: Sequence[LexicalIndex], now: Sequence[LexicalIndex]) -> bool:
    """Tell whether the same of the dictionary's entries stand in any row; `now` has the shelves of `before`."""
    differing = np.concatenate([old.differing(new) for old, new in zip(before, now, strict=True)])
    entries = differing[np.isin(differing, np.concatenate([terms for _, terms in _every_entry()]))]
    return np.array_equal(_used(entries, before), _used(entries, now))


def _used(terms: NDArray[np.uint64], indexes: Sequence[LexicalIndex]) -> NDArray[np.bool_]:
    return np.asarray(np.any([index.holds(terms) for index in indexes], axis=0))


def _own(reading: _Reading, bridge: Bridge) -> Iterator[Term]:
    """Yield the terms that mean the same in every language: names, numbers, and the words themselves."""
    for mention in reading.mentions:
        yield Term((_NAME + mention.group.key,), mention.start, mention.end, "name")
    for token in reading.tokens:
        if not is_stop(token, reading.folded):
            way: Way = "number" if token.kind == "number" else "word"
            share = 0.0 if token.kind in ("han", "single") else token.weight
            yield Term((token.term,), token.start, token.end, way, token.weight, share)
    for word, start in _words(reading, bridge):
        yield Term((_key(word),), start, start + len(word), "word", 0.0)


def _cut(reading: _Reading, bridge: Bridge) -> Iterator[tuple[str, int]]:
    """Yield the Chinese words of a question outside its names."""
    named = {place for mention in reading.mentions for place in range(mention.start, mention.end)}
    yield from bridge.segment("".join(" " if at in named else each for at, each in enumerate(reading.folded)))


def _words(reading: _Reading, bridge: Bridge, *, shortest: int = 2) -> Iterator[tuple[str, int]]:
    """Yield the Chinese words of a question outside its names that carry content, of `shortest` characters or more."""
    yield from (
        (word, start) for word, start in _cut(reading, bridge) if len(word) >= shortest and not _is_chinese_stop(word)
    )


def _spelled_out(reading: _Reading, bridge: Bridge) -> Iterator[Span]:
    """Yield the stretches of a question that spell out a foreign name which no table has, as 坎克利 and 弗雷斯诺.

    They fall into single characters and shorter names, and are written as foreign names are.
    """

    def is_piece(word: str) -> bool:
        single = len(word) == 1 and not _is_chinese_stop(word)
        return all(each in bridge.syllables for each in word) and (single or bridge.words.get(word, "")[:1].isupper())

    cut = {start: word for word, start in _cut(reading, bridge)}
    named = {place for mention in reading.mentions for place in range(mention.start, mention.end)}
    covered = named | {place for start, word in cut.items() for place in range(start, start + len(word))}
    cut |= {place: each for place, each in enumerate(reading.folded) if place not in covered}
    start = 0
    while start < len(reading.folded):
        end, pieces = start, 0  # of the longest row of pieces from here
        while is_piece(cut.get(end, " ")):
            end, pieces = end + len(cut[end]), pieces + 1
        if pieces > 1 and end - start >= _SPELLED_OUT.start:
            yield Span(start, end)
        start = max(end, start + 1)


def _by_sound(reading: _Reading, bridge: Bridge) -> Iterator[Term]:
    """Yield a term for every foreign name that is spelled out: Latin names that sound like it or a part of it."""
    for span in _spelled_out(reading, bridge):
        run = span.of(reading.folded)
        parts = [run[at : at + length] for at in range(len(run)) for length in _SPELLED_OUT if at + length <= len(run)]
        keys = [_SOUND + sound for part in parts for sound in han_sounds(part, bridge.syllables)]
        if keys:
            yield Term(tuple(dict.fromkeys(keys)), span.start, span.end, "sound", share=0.0)


def gloss(question: str, names: Names, bridge: Bridge) -> str:
    """Return a Chinese question in English, word by word: each by its first meaning, what is unknown as it stands."""
    text, reading = simplify(question), _read(question, names)
    spelled = {place for span in _spelled_out(reading, bridge) for place in range(span.start, span.end)}
    told = [(mention.start, mention.end, mention.group.latin or text[mention.start : mention.end])
            for mention in reading.mentions]  # fmt: skip
    for word, start in _cut(reading, bridge):
        if start not in spelled:
            told.append((start, start + len(word), "" if _is_chinese_stop(word) else bridge.words[word]))
    parts, place = [], 0
    for start, end, english in sorted(told):
        parts += [text[place:start].strip(), english]
        place = end
    return " ".join(part for part in (*parts, text[place:].strip()) if part)


def _key(word: str) -> str:
    return word if len(word) <= 2 else _WORD + word


def _to_chinese(reading: _Reading, bridge: Bridge) -> Iterator[Term]:
    """Yield a term for every English phrase or word that the bridge knows, longest phrases first."""
    words = [token for token in reading.tokens if token.kind == "word"]
    place = 0
    while place < len(words):
        for length in (3, 2, 1):
            run = words[place : place + length]
            found = bridge.to_chinese.get(" ".join(token.term for token in run), ())
            stop = length == 1 and is_stop(run[0], reading.folded)
            if len(run) == length and 0 < len(found) <= _MAX_SYNONYMS and not stop:
                keys = (" ".join(token.term for token in run), *map(_key, filterfalse(_is_chinese_stop, found)))
                yield Term(keys, run[0].start, run[-1].end, "dictionary")
                place += length - 1
                break
        place += 1


def _to_english(reading: _Reading, bridge: Bridge) -> Iterator[Term]:
    """Yield a term for every Chinese word; one without a translation in the corpus has no keys."""
    for word, start in _words(reading, bridge, shortest=1):
        found = bridge.to_english.get(word, ())
        keys = tuple(dict.fromkeys(_english_key(phrase) for phrase in found))
        if len(word) > 1:
            yield Term(keys, start, start + len(word), "dictionary")
        elif keys:
            yield Term(keys, start, start + 1, "dictionary", _SINGLE_CROSSING, 0.0)


def _english_key(phrase: str) -> str:
    """Return the index term of an English meaning: a phrase, a root (defend and defence share it), a short word."""
    if " " in phrase:
        return _PHRASE + phrase
    return _ROOT + phrase[:ROOT_LETTERS] if len(phrase) >= ROOT_LETTERS else phrase


def _is_chinese_stop(word: str) -> bool:
    kind: Literal["han", "single"] = "han" if len(word) > 1 else "single"
    return is_stop(Token(word, 0, len(word), kind), word)


def question_terms(question: str, language: Language, names: Names, bridge: Bridge) -> tuple[Term, ...]:
    """Return the terms by which a question is looked for in passages of `language`."""
    reading = _read(question, names)
    own = tuple(_own(reading, bridge))
    asked = language_of(question)
    if asked == language:
        return own
    crossing = tuple(_to_chinese(reading, bridge) if asked == "en" else _to_english(reading, bridge))
    sounded = () if asked == "en" else tuple(_by_sound(reading, bridge))
    crossed = {place for term in crossing for place in range(term.start, term.end)}
    return (*(term for term in own if term.way != "word" or term.start not in crossed), *crossing, *sounded)


def _positions(text: str, names: Names) -> dict[str, Span]:
    """Map the plain tokens, names and sounds of a text to where each first stands."""
    reading = _read(text, names)
    found = {_NAME + mention.group.key: Span(mention.start, mention.end) for mention in reversed(reading.mentions)}
    for match in _CAPITALISED.finditer(text):
        for sound in latin_sounds(match[0]):
            found.setdefault(_SOUND + sound, Span(*match.span()))
    return {token.term: Span(token.start, token.end) for token in reversed(reading.tokens)} | found


def _at(text: str, key: str, positions: dict[str, Span]) -> Span | None:
    if key.startswith((_NAME, _SOUND)):
        return positions.get(key)
    if key.startswith(_ROOT):
        return next((place for term, place in positions.items() if term.startswith(key.removeprefix(_ROOT))), None)
    if not key.startswith(_WORD):
        return positions.get(key.removeprefix(_PHRASE).split(" ")[0])
    word = key.removeprefix(_WORD)
    place = fold(text).find(word)
    return Span(place, place + len(word)) if place >= 0 else None


def located(text: str, terms: tuple[Term, ...], names: Names) -> Iterator[tuple[Term, Span]]:
    """Yield the terms of a question that stand in a text, each with one place; single characters do not count."""
    positions = _positions(text, names)
    for term in terms:
        places = (_at(text, key, positions) for key in term.keys if term.weight > SINGLE_WEIGHT)
        place = next((place for place in places if place is not None), None)
        if place is not None:
            yield term, place


def missing_names(question: str, indexes: Sequence[LexicalIndex], names: Names, bridge: Bridge) -> tuple[str, ...]:
    """Return the names in a question that the corpus never mentions under any spelling.

    A name is one of the groups of kind person, place, country or organisation. Where there are English
    articles it is also a capitalised word inside the question that neither they nor the dictionary know;
    Chinese ones alone may transliterate such a name in a way that no table has. `indexes` are those of
    the passages, English first.
    """
    reading = _read(question, names)
    english = len(indexes[0]) > 0
    missing = {
        mention.start: mention.end
        for mention in reading.mentions
        if mention.group.is_name and not any(_NAME + mention.group.key in index for index in indexes)
    }
    for token in reading.tokens:
        inside = english and token.kind == "word" and token.start and question[token.start].isupper()
        known = token.term in bridge.to_chinese or any(token.term in index for index in indexes)
        if inside and not known and not is_stop(token, reading.folded) and not _derived(token, reading.folded, names):
            missing[token.start] = token.end
    return tuple(dict.fromkeys(question[start:end] for start, end in sorted(missing.items())))


def _derived(token: Token, folded: str, names: Names) -> bool:
    """Tell whether a word is made from a name that is in force, as European from Europe."""
    root = folded[token.start : max(token.start + 4, token.end - 3)]
    return any(fold(spelling).startswith(root) for group in names.groups for spelling in group.spellings)
