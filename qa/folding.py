"""Length-preserving folds: what makes two spellings the same for searching.

Every fold maps one character to one character, so an offset in the folded text is an offset in the
stored text. Folded text is never shown.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

_HAN = frozenset(map(chr, range(0x4E00, 0xA000)))  # rarer blocks have no everyday second form


def _changed(dictionary: str) -> dict[str, str]:
    """Return the single characters that a dictionary of OpenCC changes, with what OpenCC makes of them.

    Read from the file: to have every character converted takes most of a second at each start.
    """
    text = files("opencc").joinpath("dictionary", f"{dictionary}.txt").read_text(encoding="utf-8")
    pairs = [line.split() for line in text.splitlines()]  # a character, then what it may become, the usual first
    return {pair[0]: pair[1] for pair in pairs if pair[0] in _HAN and pair[0] != pair[1]}


@cache
def simplified_of() -> dict[str, str]:
    """Return the Traditional characters that have another Simplified form, with that form."""
    pairs = _changed("TSCharacters")
    return {before: pairs.get(after, after) for before, after in pairs.items()}  # 薴 becomes 苧, and 苧 becomes 苎


@cache
def traditional_of() -> dict[str, str]:
    """Return the Simplified characters that have another Traditional form, with that form."""
    return _changed("STCharacters")


@cache
def _fold_table() -> dict[int, int]:
    lower = {code: ord(chr(code).lower()) for code in range(0x250) if len(chr(code).lower()) == 1}
    full_width = {code: lower.get(code - 0xFEE0, code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
    spaces_and_quotes = {0x3000: 0x20, 0xA0: 0x20, 0x2019: 0x27}
    han = {ord(before): ord(after) for before, after in simplified_of().items()}
    table = han | lower | full_width | spaces_and_quotes
    return {before: after for before, after in table.items() if before != after}


def fold(text: str) -> str:
    """Return `text` in Simplified characters, half width and lower case, of the same length.

    >>> fold("２０２５年，盧比歐（Rubio）說")
    '2025年,卢比欧(rubio)说'
    """
    return text.translate(_fold_table())


@cache
def _simplified_table() -> dict[int, int]:
    return {ord(before): ord(after) for before, after in simplified_of().items()}


def simplify(text: str) -> str:
    """Return `text` with every character in its Simplified form, as the encoder is given it.

    Both scripts then meet as one: measured on DRCD, it costs nothing and a Simplified question finds
    exactly what the Traditional one does.
    """
    return text.translate(_simplified_table())
