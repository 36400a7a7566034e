"""The terms of a text: tokens, names and dictionary words, for indexing and for asking alike.

An index term is a string. A question's term is a set of index terms that count as one (the synonym
operator of cross-language retrieval: Pirkola 1998), with the way by which they are the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from qa.dictionary import Bridge, phrases_in, words_in
from qa.folding import fold
from qa.language import language_of
from qa.lexical import LexicalIndex
from qa.names import Mention, Names
from qa.records import Language, Span
from qa.tokens import SINGLE_WEIGHT, Token, is_stop, tokenize

Way = Literal["word", "name", "dictionary", "number"]

_NAME, _WORD, _PHRASE = "~", "w:", "p:"  # marks of index terms that are no plain tokens
_MAX_SYNONYMS = 40  # a word with more translations than this says nothing


@dataclass(frozen=True, slots=True)
class Term:
    """One term of a question: any of `keys` in a text is an occurrence."""

    keys: tuple[str, ...]
    start: int
    end: int
    way: Way
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class _Reading:
    """A text's tokens outside its names, and the names."""

    folded: str
    tokens: tuple[Token, ...]
    mentions: tuple[Mention, ...]


def _read(text: str, names: Names) -> _Reading:
    mentions = names.find(text)
    named = {place for mention in mentions for place in range(mention.start, mention.end)}
    tokens = (token for token in tokenize(text) if not (token.start in named and token.end - 1 in named))
    return _Reading(fold(text), tuple(tokens), tuple(mentions))


def _entries(reading: _Reading) -> Iterator[str]:
    """Yield the dictionary words of three or more characters and the phrases of two or more words."""
    yield from (_WORD + word for word, _ in words_in(reading.folded) if len(word) > 2)
    stems = [token.term for token in reading.tokens if token.kind == "word"]
    yield from (_PHRASE + phrase for phrase in phrases_in(stems))


def index_terms(text: str, names: Names) -> Counter[str]:
    """Return the terms that a passage is found by, with their frequencies."""
    reading = _read(text, names)
    found = Counter(token.term for token in reading.tokens)
    found.update(_NAME + mention.group.key for mention in reading.mentions)
    found.update(_entries(reading))
    return found


def headwords(found: Counter[str]) -> set[str]:
    """Return the Chinese dictionary words among index terms, for `dictionary.bridge`."""
    return {key.removeprefix(_WORD) for key in found if key.startswith(_WORD) or len(key) <= 2}


def phrases(found: Counter[str]) -> set[str]:
    """Return the English phrases and stems among index terms, for `dictionary.bridge`."""
    return {key.removeprefix(_PHRASE) for key in found if key[0].isascii() and key[0].isalpha() and key[:2] != _WORD}


def _own(reading: _Reading) -> Iterator[Term]:
    """Yield the terms that mean the same in every language: names, numbers, and the words themselves."""
    for mention in reading.mentions:
        yield Term((_NAME + mention.group.key,), mention.start, mention.end, "name")
    for token in reading.tokens:
        if not is_stop(token, reading.folded):
            way: Way = "number" if token.kind == "number" else "word"
            yield Term((token.term,), token.start, token.end, way, token.weight)


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
                keys = (" ".join(token.term for token in run), *(_key(word) for word in found))
                yield Term(keys, run[0].start, run[-1].end, "dictionary")
                place += length - 1
                break
        place += 1


def _to_english(reading: _Reading, bridge: Bridge) -> Iterator[Term]:
    """Yield a term for every Chinese word that the bridge knows, longest first, none overlapping."""
    named = {place for mention in reading.mentions for place in range(mention.start, mention.end)}
    place = 0
    while place < len(reading.folded):
        for length in range(8, 0, -1):
            word = reading.folded[place : place + length]
            found = bridge.to_english.get(word, ())
            if len(word) == length and found and place not in named and not _is_chinese_stop(word):
                keys = tuple(_PHRASE + phrase if " " in phrase else phrase for phrase in found)
                weight = 1.0 if length > 1 else SINGLE_WEIGHT
                yield Term(keys, place, place + length, "dictionary", weight)
                place += length - 1
                break
        place += 1


def _is_chinese_stop(word: str) -> bool:
    kind: Literal["han", "single"] = "han" if len(word) > 1 else "single"
    return is_stop(Token(word, 0, len(word), kind), word)


def question_terms(question: str, language: Language, names: Names, bridge: Bridge) -> tuple[Term, ...]:
    """Return the terms by which a question is looked for in passages of `language`."""
    reading = _read(question, names)
    own = tuple(_own(reading))
    asked = language_of(question)
    if asked == language:
        return own
    crossing = tuple(_to_chinese(reading, bridge) if asked == "en" else _to_english(reading, bridge))
    crossed = {place for term in crossing for place in range(term.start, term.end)}
    return (*(term for term in own if term.way != "word" or term.start not in crossed), *crossing)


def _positions(text: str, names: Names) -> dict[str, Span]:
    """Map the plain tokens and names of a text to where each first stands."""
    reading = _read(text, names)
    found = {_NAME + mention.group.key: Span(mention.start, mention.end) for mention in reversed(reading.mentions)}
    return {token.term: Span(token.start, token.end) for token in reversed(reading.tokens)} | found


def _at(text: str, key: str, positions: dict[str, Span]) -> Span | None:
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

    A name is one of the groups of kind person, place, country or organisation, or a capitalised Latin
    word inside the question that neither the corpus nor the dictionary knows.
    """
    reading = _read(question, names)
    missing = [
        question[mention.start : mention.end]
        for mention in reading.mentions
        if mention.group.is_name and not any(_NAME + mention.group.key in index for index in indexes)
    ]
    for token in reading.tokens:
        inside = token.kind == "word" and token.start and question[token.start].isupper()
        known = token.term in bridge.to_chinese or any(token.term in index for index in indexes)
        if inside and not known and not is_stop(token, reading.folded):
            missing.append(question[token.start : token.end])
    return tuple(dict.fromkeys(missing))
