"""Bytes to text: UTF-8, UTF-16, Big5 (with Hong Kong's characters), GB18030 and Windows Latin, told apart.

A wrong guess gives an article of nonsense that nobody notices, so a guess is kept only where the text it gives
looks like writing.
"""

from __future__ import annotations

import codecs
import re

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_GUESSES = ("big5", "cp950", "big5hkscs", "gb18030", "cp1252")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x19\x1b-\x1f\x7f-\x84\x86-\x9f]")
_BINARY = "not a text file (it holds binary data); give it the suffix of what it is, or remove it"
_LOOK = 1 << 16  # bytes that tell the encoding
_SANE = 0.6  # share of characters beyond ASCII that must be of the everyday kind; wrong guesses give less than .4
_SURE = 0.9  # the same for UTF-16 without a mark and without a zero byte


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
        if "\x00" not in text and _everyday(text[:_LOOK], ascii_too=True) >= bar:
            return text
    return None


def _guessed(data: bytes) -> str:
    from charset_normalizer import from_bytes

    wide = _wide(data, _SURE)
    if wide is not None:
        return wide
    found = from_bytes(data[:_LOOK], cp_isolation=list(_GUESSES), enable_fallback=False)
    for encoding in dict.fromkeys([*(match.encoding for match in found), *_GUESSES]):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if _everyday(text[:_LOOK]) >= _SANE:
            return _printable(text)
    raise ValueError("in no encoding that can be told (UTF-8, UTF-16, Big5, GB18030); save it as UTF-8")


def _everyday(text: str, *, ascii_too: bool = False) -> float:
    """Return the share of characters beyond ASCII that writing in English or Chinese has."""
    told = [character for character in text if ascii_too or not character.isascii()]
    return sum(map(_is_everyday, told)) / len(told) if told else float(ascii_too)


def _is_everyday(character: str) -> bool:
    if character.isascii():
        return character.isprintable() or character in "\n\r\t"
    if "\u4e00" <= character <= "\u9fff":
        return _is_common(character)
    return (
        "\u2010" <= character <= "\u2030"
        or "\u3000" <= character <= "\u303f"
        or "\uff00" <= character <= "\uffef"
        or ("\u00a0" <= character <= "\u00ff")
    )


def _is_common(character: str) -> bool:
    """Tell whether a Han character is in the first level of GB 2312 or of Big5: the few thousand in daily use."""
    simplified = character.encode("gb2312", "ignore")
    traditional = character.encode("big5", "ignore")
    return b"\xb0" <= simplified[:1] <= b"\xd7" or b"\xa4" <= traditional[:1] <= b"\xc6"
