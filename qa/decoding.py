"""Bytes to text: UTF-8, UTF-16, Big5 (with Hong Kong's characters), GB18030 and Windows Latin, told apart.

A wrong guess gives an article of nonsense that nobody notices, so every encoding that the bytes allow is tried, and
the text that looks most like writing is kept, if it looks enough like it. Only characters beyond ASCII tell: two Han
words are enough in a page of English.
"""

from __future__ import annotations

import codecs
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from functools import cache

from qa.folding import simplify

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CHINESE = ("big5", "cp950", "big5hkscs", "gb18030")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x19\x1b-\x1f\x7f-\x84\x86-\x9f]")
_BINARY = "not a text file (it holds binary data); give it the suffix of what it is, or remove it"
_LOOK = 1 << 16  # characters that tell the encoding
_SANE = 0.6  # share of characters beyond ASCII that must be in place; wrong readings of a line or more give less
_SURE = 0.85  # the same for UTF-16 without a mark and without a zero byte
_MARKS_OF_CHINESE = frozenset("，。？！、；：（）「」『』《》〈〉“”‘’…—・·•‧～％－【】　")
_CANTONESE = frozenset("嘅佢哋喺咗嗰嚟啲冇唔咁嘢")  # in daily use, and in no list of common characters
_STRAY = re.compile(  # one Han character stuck to a Latin word is an accented letter and the next one, misread
    r"(?<=[A-Za-z])[\u4e00-\u9fff](?![^\x00-\x7f])|(?<![^\x00-\x7f])[\u4e00-\u9fff](?=[A-Za-z])"
)
_MARKS_OF_LATIN = frozenset("“”‘’„›«»–—…•€£©™°§µº½¿¡·†\u201a\u2039\xd7\xa0")
_LATIN_WORD = re.compile(r"[A-Za-zÀ-ÖØ-öø-ÿŒœŠšŽžŸ]+")
_LETTERS_ALONE = frozenset("àáæåèéóøÀÁÆÅÈÉÓØ")  # which are words by themselves


def decode(data: bytes) -> str:
    """Return the text that the bytes of a file hold.

    >>> decode("停火協議".encode("utf-16")), decode("和平計畫的二十八點內容，烏克蘭如何回應？".encode("big5"))
    ('停火協議', '和平計畫的二十八點內容，烏克蘭如何回應？')

    Raises:
        ValueError: they are no text, or in no encoding that is known; the message says which.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _strictly(data[len(mark) :], encoding)
    if b"\x00" in data:
        wide = _wide(data, _SANE)
        if wide is None:
            raise ValueError(_BINARY)
        return wide
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return _guessed(data)
    return _printable(text)


def _strictly(data: bytes, encoding: str) -> str:
    try:
        return _printable(data.decode(encoding))
    except UnicodeDecodeError as error:
        raise ValueError(f"not {encoding.upper()} text, as it claims (byte {error.start}); save it as UTF-8") from error


def _printable(text: str) -> str:
    """Refuse text with control characters that no text has."""
    if "\x00" in text or len(_CONTROL.findall(text)) > len(text) / 100:
        raise ValueError(_BINARY)
    return text


def _wide(data: bytes, bar: float) -> str | None:
    """Return UTF-16 text without a mark, either way round; the wrong way gives hardly a common character."""
    for encoding in ("utf-16-le", "utf-16-be"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text and _everyday(text[:_LOOK]) >= bar:
            return text
    return None


def _guessed(data: bytes) -> str:
    wide = _wide(data, _SURE)
    if wide is not None:
        return wide
    text, likeness = max(_readings(data), key=lambda reading: reading[1], default=("", 0.0))
    if likeness < _SANE:
        raise ValueError("in no encoding that can be told (UTF-8, UTF-16, Big5, GB18030); save it as UTF-8")
    return _printable(text)


def _readings(data: bytes) -> Iterator[tuple[str, float]]:
    """Yield the text that each encoding gives, and how much it looks like writing, 0 to 1."""
    for encoding in ("cp1252", *_CHINESE):
        with suppress(UnicodeDecodeError):
            text = data.decode(encoding)
            told = "\n".join(line for line in text.split("\n") if not line.isascii())[:_LOOK]
            yield text, _like_latin(told) if encoding == "cp1252" else _like_chinese(told)


def _like_latin(text: str) -> float:
    """Return the share of characters beyond ASCII that stand in words or are marks of a Western language.

    >>> _like_latin("Die Ämter in Köln – a café"), _like_latin("Who is ¤t¦¶ë?")
    (1.0, 0.0)
    """
    told = sum(not character.isascii() for character in text)
    marks = sum(character in _MARKS_OF_LATIN for character in text)
    words = (match[0] for match in _LATIN_WORD.finditer(text))
    letters = sum(sum(not letter.isascii() for letter in word) for word in words if _is_latin_word(word))
    return (marks + letters) / told if told else 0.0


def _is_latin_word(word: str) -> bool:
    """Tell whether a word with accents looks like one: plain letters too, capitals at its start or all over."""
    if len(word) == 1:
        return word in _LETTERS_ALONE
    plain = any(letter.isascii() for letter in word)
    return plain and (word.isupper() or word[1:].islower())


def _like_chinese(text: str) -> float:
    """Return the share of characters beyond ASCII that are in daily use in one script, or are its marks.

    >>> _like_chinese("誰是澤倫斯基？ Who?"), _like_chinese("Die 醪ter")
    (1.0, 0.0)
    """
    found = Counter(character for character in text if not character.isascii())
    found.subtract(_STRAY.findall(text))
    marks, *scripts = (
        sum(number for character, number in found.items() if character in known)
        for known in (_MARKS_OF_CHINESE | _CANTONESE, *_common())
    )
    told = sum(not character.isascii() for character in text)
    return (marks + max(scripts)) / told if told else 0.0


@cache
def _common() -> tuple[frozenset[str], frozenset[str]]:
    """Return the few thousand characters in daily use, Simplified and Traditional.

    They are the first levels of GB 2312 and of Big5, and of the latter only what is as common when simplified.
    """
    simplified = frozenset(_plane(range(0xB0, 0xD8), "gb2312"))
    traditional = _plane(range(0xA4, 0xC7), "big5")
    return simplified, frozenset(character for character in traditional if simplify(character) in simplified)


def _plane(leads: range, encoding: str) -> str:
    """Return the characters whose first byte is one of `leads`."""
    trails = (*range(0x40, 0x7F), *range(0xA1, 0xFF))
    return "".join(bytes((lead, trail)).decode(encoding, "ignore") for lead in leads for trail in trails)


def _everyday(text: str) -> float:
    """Return the share of characters that writing in English or Chinese has."""
    return sum(map(_is_everyday, text)) / len(text) if text else 1.0


def _is_everyday(character: str) -> bool:
    if character.isascii():
        return character.isprintable() or character in "\n\r\t"
    return (
        any(character in script for script in _common())
        or "\u2010" <= character <= "\u2030"
        or "\u3000" <= character <= "\u303f"
        or "\uff00" <= character <= "\uffef"
        or "\u00a0" <= character <= "\u00ff"
    )
