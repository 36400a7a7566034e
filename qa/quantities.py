"""Numbers, dates and clause numbers in English and Chinese text, as values.

60萬, 60万, 600,000 and "600 thousand" are one value; so are 11月27日, "27 November" and "Nov 27".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Literal

_DIGITS = {character: value for value, character in enumerate("零一二三四五六七八九")} | {
    "〇": 0,
    "两": 2,
    "兩": 2,
}
_SMALL_UNITS = {"十": 10, "百": 100, "千": 1000}
_LARGE_UNITS = {"万": 10**4, "萬": 10**4, "亿": 10**8, "億": 10**8, "兆": 10**12}
_ENGLISH_UNITS = {
    "hundred": 10**2, "thousand": 10**3, "k": 10**3, "million": 10**6, "mn": 10**6, "m": 10**6,
    "billion": 10**9, "bn": 10**9, "trillion": 10**12,
}  # fmt: skip
_ENGLISH_WORDS = {
    word: value
    for value, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
        " seventeen eighteen nineteen".split()
    )
} | {word: 10 * tens for tens, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), 2)}
_ORDINALS = {
    "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8,
    "ninth": 9, "tenth": 10, "eleventh": 11, "twelfth": 12,
}  # fmt: skip
_MONTHS = {
    name: number
    for number, names in enumerate(
        ("january jan", "february feb", "march mar", "april apr", "may", "june jun", "july jul", "august aug",
         "september sept sep", "october oct", "november nov", "december dec"), 1,
    )
    for name in names.split()
}  # fmt: skip

_MONTH = rf"(?:{'|'.join(_MONTHS)})"
_HAN_NUMBER = "零〇一二三四五六七八九两兩十百千万萬亿億兆"
_DATE = re.compile(
    r"(?P<zm>\d{1,2})\s*月\s*(?P<zd>\d{1,2})\s*[日号號]"
    rf"|(?<!\w)(?P<d1>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?(?P<m1>{_MONTH})\b"
    rf"|\b(?P<m2>{_MONTH})\.?\s+(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?(?![\d,]*\d)"
    r"|(?<![\d/])(?P<m3>1[0-2]|0?[1-9])/(?P<d3>3[01]|[12]\d|0?[1-9])(?![\d/])"
    r"|(?<!\d)\d{4}-(?P<m4>\d{2})-(?P<d4>\d{2})(?!\d)",
)
_DAY = re.compile(r"(?<!\d)(\d{1,2})\s*[日号號](?!\d)")  # news leaves the month out: 「27日前簽署」
_CLAUSE = re.compile(
    rf"第\s*(?P<z>\d{{1,3}}|[一二三四五六七八九十百]+)\s*(?:點|点|條|条|項|项|款)"
    rf"|\b(?:point|clause|article|item|section|paragraph)\s+(?:no\.?\s*|number\s+)?(?P<e>\d{{1,3}}|{'|'.join(_ENGLISH_WORDS)})\b"
    rf"|\b(?P<n>\d{{1,3}})(?:st|nd|rd|th)\s+(?:point|clause|article|item)\b"
    rf"|\b(?P<o>{'|'.join(_ORDINALS)})\s+(?:point|clause|article|item)\b"
)
_FRACTION = re.compile(
    r"(?P<zb>[二三四五六七八九十])分之(?P<za>[一二三四五六七八九])"
    r"|\b(?P<ea>one|two|three)[ -](?P<eb>third|quarter|fifth|tenth)s?\b|\b(?P<half>half)\b|(?P<zhalf>一半|各半|平分)"
)
_FRACTIONS = {"third": 3, "quarter": 4, "fifth": 5, "tenth": 10}
_PERCENT = re.compile(
    rf"(?<!\d)(?P<v>\d{{1,30}}(?:\.\d{{1,30}})?)\s*(?:%|percent\b|per cent\b|个百分点|個百分點)"
    rf"|百分之(?P<z>\d{{1,30}}(?:\.\d{{1,30}})?|[{_HAN_NUMBER}]{{1,9}})"
)
_LONGEST = 300  # characters; a longer row of figures is no number, and past what Decimal bears
_WHOLE = r"(?:\d{1,3}(?:,\d{3}){1,4}|\d{1,15})"  # longer rows of figures are serial numbers
_SECTION = rf"(?:\d\s*千\s?\d\s*百|{_WHOLE}\s*[十百千]?)"  # what stands before 萬 or 億: 5000, 5千, 3千5百
# 6億5000萬, 3萬5千, 1萬2345: one value in parts, each with a smaller unit; 5萬6萬 are two
_IN_PARTS = (
    rf"(?={_WHOLE}\s*(?:[十百千]?[万萬亿億兆]|千)\s?[零〇]?\d)"
    rf"(?:{_SECTION}\s*兆)?(?:\s?[零〇]?(?:{_WHOLE}\s*[万萬]\s?)?{_SECTION}\s*[亿億])?"
    rf"(?:\s?[零〇]?{_SECTION}\s*[万萬](?:[零〇]?\d{{4}}(?![\d,.年]))?)?"
    rf"(?:\s?[零〇]?{_WHOLE}\s*千(?![万萬亿億兆]))?(?:\s?[零〇]?\d\s*百(?![万萬亿億兆]))?"
)
_NUMBER = re.compile(
    rf"(?<![a-z0-9.])(?<!\d,)(?:[$€£¥]\s*)?(?:(?P<p>{_IN_PARTS})|(?P<v>\d{{1,3}}(?:,\d{{3}})+(?:\.\d+)?|\d+(?:\.\d+)?)"
    r"\s*(?P<zu>[十百千]?(?:[万萬][亿億]|[万萬亿億兆])|千|百)?"
    r"(?:[\s-]*(?P<eu>hundred|thousand|million|billion|trillion|bn|mn|[km])\b)?)"
    rf"|(?P<z>[{_HAN_NUMBER}]*[十百千万萬亿億兆][{_HAN_NUMBER}]*)"
    rf"|\b(?P<w>{'|'.join(_ENGLISH_WORDS)})(?:-(?P<w2>one|two|three|four|five|six|seven|eight|nine))?"
    r"(?:[\s-]+(?P<wu>hundred|thousand|million|billion|trillion)\b|\b)"
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number, share, date or clause number in a text, with its offsets; `key` is equal for equal values of a kind."""

    start: int
    end: int
    kind: Literal["number", "share", "date", "day", "clause"]
    key: str


def chinese_value(numeral: str) -> int:
    """Return the value of a numeral in Han characters, or in figures with units in Han characters.

    >>> chinese_value("二十八"), chinese_value("三千五百萬"), chinese_value("一億二千萬"), chinese_value("二〇二五")
    (28, 35000000, 120000000, 2025)
    >>> chinese_value("6億5,000萬"), chinese_value("3萬5千")
    (650000000, 35000)
    """
    if all(character in _DIGITS for character in numeral):
        return int("".join(str(_DIGITS[character]) for character in numeral) or "0")
    total = section = digit = 0
    for piece in re.findall(r"[\d,]+|\S", numeral):
        if piece in _DIGITS:
            digit = _DIGITS[piece]
        elif piece[0].isdecimal():
            digit = int(piece.replace(",", ""))
        elif piece in _SMALL_UNITS:
            section += (digit or 1) * _SMALL_UNITS[piece]
            digit = 0
        else:
            unit = _LARGE_UNITS[piece]
            below, above = (0, total) if total > unit else (total, 0)  # 一億二千萬 adds, 一萬億 multiplies
            total = above + (below + section + digit or 1) * unit
            section = digit = 0
    return total + section + digit


def _plain(value: Decimal) -> str:
    return format(value.normalize(), "f")


def _small(word: str) -> int:
    if word.isdigit():
        return int(word)
    return _ENGLISH_WORDS[word] if word in _ENGLISH_WORDS else chinese_value(word)


def _clause_key(match: re.Match[str]) -> str:
    word = match["z"] or match["e"] or match["n"]
    return str(_small(word) if word else _ORDINALS[match["o"]])


def _date_key(match: re.Match[str]) -> str | None:
    month = match["zm"] or match["m1"] or match["m2"] or match["m3"] or match["m4"]
    day = match["zd"] or match["d1"] or match["d2"] or match["d3"] or match["d4"]
    number = int(month) if month.isdigit() else _MONTHS[month]
    return f"{number:02d}-{int(day):02d}" if 1 <= number <= 12 and 1 <= int(day) <= 31 else None


def _fraction_key(match: re.Match[str]) -> str:
    if match["half"] or match["zhalf"]:
        return "50"
    if match["zb"]:
        parts, whole = chinese_value(match["za"]), chinese_value(match["zb"])
    else:
        parts, whole = _ENGLISH_WORDS[match["ea"]], _FRACTIONS[match["eb"]]
    return _plain(round(Decimal(100 * parts) / whole, 1))


def _percent_key(match: re.Match[str]) -> str:
    value = match["v"] or match["z"]
    return _plain(Decimal(value) if value[0].isdigit() else Decimal(chinese_value(value)))


def _number_key(match: re.Match[str]) -> str | None:
    if match["z"] or match["p"]:
        return str(chinese_value(match["z"] or match["p"]))
    if match["w"]:
        word = Decimal(_ENGLISH_WORDS[match["w"]] + _ENGLISH_WORDS.get(match["w2"] or "", 0))
        return _plain(word * _ENGLISH_UNITS.get(match["wu"] or "", 1))
    if len(match["v"]) > _LONGEST:
        return None
    try:
        value = Decimal(match["v"].replace(",", ""))
    except InvalidOperation:
        return None
    for unit in match["zu"] or "":
        value *= _SMALL_UNITS.get(unit) or _LARGE_UNITS[unit]
    return _plain(value * _ENGLISH_UNITS.get(match["eu"] or "", 1))


def _day_key(match: re.Match[str]) -> str | None:
    return str(int(match[1])) if 1 <= int(match[1]) <= 31 else None


_KINDS = (
    ("date", _DATE, _date_key),
    ("day", _DAY, _day_key),
    ("clause", _CLAUSE, _clause_key),
    ("share", _FRACTION, _fraction_key),
    ("share", _PERCENT, _percent_key),
    ("number", _NUMBER, _number_key),
)


def quantities(folded: str) -> Iterator[Quantity]:
    """Yield the quantities of a folded text, kind by kind, none overlapping.

    >>> [(n.kind, n.key) for n in quantities("60万人, 600 thousand men, 11月27日, nov 27")]
    [('date', '11-27'), ('date', '11-27'), ('number', '600000'), ('number', '600000')]
    >>> [(n.kind, n.key) for n in quantities("第19点, 50%, 一半")]
    [('clause', '19'), ('share', '50'), ('share', '50')]
    """
    taken = bytearray(len(folded))
    for kind, pattern, key_of in _KINDS:
        for match in pattern.finditer(folded):
            key = key_of(match)
            if key is not None and not any(taken[match.start() : match.end()]):
                taken[match.start() : match.end()] = b"\x01" * (match.end() - match.start())
                yield Quantity(match.start(), match.end(), kind, key)  # type: ignore[arg-type]  # _KINDS holds its literals
