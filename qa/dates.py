"""The days that articles are dated with, in the usual forms of English and Chinese.

Only a full day is a date: what lacks its year, or may be read in two ways, is refused rather than guessed.
`dateutil` and `dateparser` complete what is missing from today's date, which a corpus must never do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

_SHOWN = 40  # characters of what is no date
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = r"(?P<name>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_HAN_DIGITS = str.maketrans("〇零○一二三四五六七八九", "000123456789")
_FULL_WIDTH = str.maketrans("０１２３４５６７８９／－．：", "0123456789/-.:")
_REPUBLIC = 1911  # 民國 1 is 1912

_FORMS = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        r"(?<!\d)(?P<year>\d{4})\s*(?P<mark>[-/.])\s*(?P<month>\d{1,2})\s*(?P=mark)\s*(?P<day>\d{1,2})(?!\d)",
        r"(?<!\d)(?P<year>(?:19|20)\d{2})(?P<month>\d{2})(?P<day>\d{2})(?=$|T|\s)",
        r"(?<!\d)(?P<year>\d{4})\s*年\s*(?P<month>\d{1,2})\s*月\s*(?P<day>\d{1,2})\s*[日號号]?",
        r"(?:中華|中华)?民[國国]\s*(?P<republic>\d{1,3})\s*(?:年|[-/.])\s*(?P<month>\d{1,2})\s*(?:月|[-/.])\s*(?P<day>\d{1,2})\s*[日號号]?",
        r"(?<!\d)(?P<republic>1\d{2})\s*年\s*(?P<month>\d{1,2})\s*月\s*(?P<day>\d{1,2})\s*[日號号]?",
        r"^(?P<republic>1\d{2})(?P<mark>[-/.])(?P<month>\d{1,2})(?P=mark)(?P<day>\d{1,2})(?!\d)",
        rf"(?<!\d){_DAY}[\s-]+(?:of\s+)?{_MONTH}[\s,-]+(?P<year>\d{{4}})(?!\d)",
        rf"\b{_MONTH}\s*{_DAY},?\s+(?P<year>\d{{4}})(?!\d)",
        r"(?<!\d)(?P<one>\d{1,2})(?P<mark>[-/.])(?P<two>\d{1,2})(?P=mark)(?P<year>\d{4})(?!\d)",
    )
)
_AROUND = re.compile(  # what may stand on a line beside its date: the day of the week, the hour, a label
    r"(?:date(?:d)?|published|updated|posted|last modified|first|on|at|gmt|utc|cst|hkt|[ap]\.?m\.?|edt|est|bst"
    r"|(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*"
    r"|(?:星期|週|周|禮拜|礼拜)[一二三四五六日天]|上午|下午|中午|晚上|凌晨|發布|发布|發佈|更新|刊登|出版|時間|时间|日期|於|于"
    r"|\d{1,2}\s*[:：時时]\s*\d{2}(?:\s*[:：分]\s*\d{2})?\s*[分秒]?(?:\.\d+)?|[+-]\d{2}:?\d{2}|[TZ]|[\s,.，、|:：()（）【】\[\]/-])*",
    re.IGNORECASE,
)


def iso_date(value: str) -> str:
    """Return the day that `value` names, as YYYY-MM-DD.

    >>> [iso_date(value) for value in ("民國114年11月21日", "Nov. 21, 2025", "二〇二五年十一月二十一日", "21/11/2025")]
    ['2025-11-21', '2025-11-21', '2025-11-21', '2025-11-21']

    Raises:
        ValueError: it names none, or may be read in two ways; the message says so.
    """
    found = next(_found(value), None)
    if found is None:
        raise ValueError(f"{value[:_SHOWN]!r} is not a date; write it as YYYY-MM-DD")
    return found[0]


def date_line(line: str) -> str | None:
    """Return the day that a line names which holds nothing else, such as 發布時間：2025/11/21 10:05."""
    if len(line) > 80:
        return None
    try:
        found = next(_found(line), None)
    except ValueError:
        return None
    if found is None or not all(_AROUND.fullmatch(part) for part in found[1]):
        return None
    return found[0]


def _found(value: str) -> Iterator[tuple[str, tuple[str, str]]]:
    """Yield each reading of a value, with what stands before and after the date."""
    plain = _arabic(value.strip().translate(_FULL_WIDTH))
    for form in _FORMS:
        match = form.search(plain)
        if match:
            yield _day(match.groupdict(), value), (plain[: match.start()], plain[match.end() :])


def _arabic(value: str) -> str:
    """Write the Chinese numerals of a date as figures.

    >>> _arabic("二〇二五年十一月二十一日"), _arabic("民國一百一十四年元月三日")
    ('2025年11月21日', '民國114年1月3日')
    """
    return re.sub(r"([〇零○一二三四五六七八九十百廿卅元]+)(?=[年月日號号])", lambda match: _figures(match[1]), value)


def _figures(numeral: str) -> str:
    numeral = numeral.replace("元", "一").replace("廿", "二十").replace("卅", "三十")
    hundreds, hundred, rest = numeral.rpartition("百")
    tens, ten, ones = rest.rpartition("十")
    if not hundred and not ten:
        return numeral.translate(_HAN_DIGITS)
    total = 100 * _digit(hundreds) if hundred else 0
    return str(total + (10 * _digit(tens) if ten else 0) + (_digit(ones, empty=0)))


def _digit(numeral: str, *, empty: int = 1) -> int:
    told = numeral.strip("零〇○").translate(_HAN_DIGITS)
    return int(told) if told.isdigit() else empty


def _day(parts: dict[str, str | None], value: str) -> str:
    year = int(parts["year"] or 0) if parts.get("year") else int(parts["republic"] or 0) + _REPUBLIC
    if parts.get("one"):
        month, day = _ordered(int(parts["one"] or 0), int(parts["two"] or 0), value)
    else:
        name = parts.get("name")
        month = _MONTHS.index(name.lower()) + 1 if name else int(parts["month"] or 0)
        day = int(parts["day"] or 0)
    try:
        return date(year, month, day).isoformat()
    except ValueError as error:
        raise ValueError(f"{value[:_SHOWN]!r} is not a date; write it as YYYY-MM-DD") from error


def _ordered(one: int, two: int, value: str) -> tuple[int, int]:
    """Return (month, day) of two numbers whose order differs between countries."""
    if one != two and one <= 12 and two <= 12:
        raise ValueError(f"{value!r} may be a day of two months; write it as YYYY-MM-DD")
    return (one, two) if one <= 12 else (two, one)
