"""Where sentences end, in Chinese and English news.

`split` cuts a stretch of text into spans that cover it without gap or overlap. It knows quotation
marks and brackets that close after the full stop, decimals, abbreviations, initials and numbering.
It does not judge what a line is; `clean` does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from qa.records import Span

_CHINESE_END = "。！？；"  # a semicolon joins whole statements in Chinese news
_CLOSERS = re.escape("」』”’\"'）)】]》〉")
_ABBREVIATIONS = frozenset(
    "mr mrs ms dr prof gen col lt sgt capt gov sen rep st no vs etc jr sr inc ltd co corp dept est approx"
    " jan feb mar apr jun jul aug sep sept oct nov dec mt ft fig vol pp ed cf al u.s u.k u.n e.u d.c a.m p.m"
    " i.e e.g ph.d".split()
)
_END = re.compile(
    rf"[{_CHINESE_END}][{_CLOSERS}{_CHINESE_END}]*"
    rf"|[.!?]+[{_CLOSERS}]*(?=\s|$|[\u4e00-\u9fff「『“])"
    rf"|…+[{_CLOSERS}]*(?=\s|$)"
)
_WORD_BEFORE = re.compile(r"([A-Za-z][A-Za-z.]*|\d+)$")
_OPENERS = dict(zip("「『（【《", "」』）】》", strict=True))


def _is_english_stop(text: str, stop: int, after: int) -> bool:
    """Tell whether the dot at `stop` ends a sentence whose next one would begin at `after`."""
    if text[stop] != ".":
        return True
    following = text[after:].lstrip()[:1]
    if following.islower():
        return False
    word = _WORD_BEFORE.search(text, max(0, stop - 20), stop)
    if word is None:
        return True
    if word[1].isdigit():  # "1. Ukraine" is a number, "in 2022. Then" an end
        return text[:stop].rfind("\n") + 1 != word.start() and bool(text[: word.start()].strip())
    single_initial = len(word[1]) == 1 and word[1].isupper()
    return not single_initial and word[1].lower() not in _ABBREVIATIONS


def _ends(text: str) -> Iterator[int]:
    """Yield the offsets in `text` at which a sentence ends."""
    for end in _END.finditer(text):
        if text[end.start()] in ".!?" and not _is_english_stop(text, end.start(), end.end()):
            continue
        if not _inside_bracket(text, end.end()):
            yield end.end()


def _inside_bracket(text: str, offset: int) -> bool:
    """Tell whether the bracket or quotation mark opened last before `offset` closes soon after it.

    Looks 200 characters both ways: a mark that is never closed must not swallow an article.
    """
    before = text[max(0, offset - 200) : offset]
    for opener, closer in _OPENERS.items():
        if before.count(opener) > before.count(closer):
            closing = text.find(closer, offset, offset + 200)
            if closing >= 0:
                return True
    return False


def _spans(span: Span, cuts: list[int]) -> tuple[Span, ...]:
    """Cut `span` at `cuts`, offsets within it, in order."""
    bounds = [0, *cuts, span.end - span.start]
    return tuple(Span(span.start + start, span.start + end) for start, end in pairwise(bounds) if end > start)


def split(text: str, span: Span | None = None, *, semicolons: bool = False) -> tuple[Span, ...]:
    """Cut `span` of `text` (by default all of it) into sentences; white space goes to the one before.

    With `semicolons`, the statements that 「；」 joins come apart as well.

    >>> [span.of("他說：「好。」然後離開。") for span in split("他說：「好。」然後離開。")]
    ['他說：「好。」', '然後離開。']
    >>> [s.of("The U.S. sent 1.5 million. Mr. Tusk left.") for s in split("The U.S. sent 1.5 million. Mr. Tusk left.")]
    ['The U.S. sent 1.5 million. ', 'Mr. Tusk left.']
    """
    span = span or Span(0, len(text))
    part = span.of(text)
    cuts: list[int] = []
    for end in _ends(part):
        if part[end - 1] == "；" and not semicolons:
            continue
        while end < len(part) and part[end].isspace():
            end += 1
        cuts.append(end)
    return _spans(span, cuts)


def split_long(text: str, span: Span, limit: int) -> tuple[Span, ...]:
    """Cut a stretch longer than `limit` characters at its commas, else where it must be.

    >>> split_long("甲乙，丙丁，戊己", Span(0, 8), 6)
    (Span(start=0, end=6), Span(start=6, end=8))
    """
    pieces = []
    start = span.start
    while span.end - start > limit:
        window = text[start : start + limit]
        comma = max(window.rfind(mark) for mark in ("，", "、", ", ", "：", " "))
        end = start + (comma + 1 if comma > 0 else limit)
        pieces.append(Span(start, end))
        start = end
    return (*pieces, Span(start, span.end))
