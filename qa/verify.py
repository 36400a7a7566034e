"""Whether the quotes of an older answers file still stand in the articles: `qa verify ANSWERS`.

Reads the stored articles of the index, not the model: no question is asked again.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from difflib import SequenceMatcher
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from qa import store
from qa.answered import Answered, Quoted, read_answers
from qa.cells import visible
from qa.records import Article

State = Literal["ok", "moved", "changed", "gone"]
STATES: tuple[State, ...] = ("ok", "moved", "changed", "gone")

_LIKE = 0.6  # least likeness of a text that a quote was changed into
_SHARED = 0.5  # least share of a quote's character pairs in an article that may hold its new wording
_BREAK = re.compile(r"(?<=[。！？；\n])|(?<=[.!?;]\s)")
_TOKEN = re.compile(r"[^\W\u3400-\u9fff]+|\s+|.", re.DOTALL)
_LONGER = 3  # sentences that a changed quote may span more than one


@dataclass(frozen=True, slots=True)
class Verified:
    """One quote now: where it stands, or what stands there instead, and how that differs."""

    row: int
    question: str
    number: int
    article: str
    start: int
    end: int
    quote: str
    state: State
    now_article: str = ""
    now_start: int = -1
    now_end: int = -1
    now_text: str = ""
    difference: str = ""
    likeness: float = 1.0


class Articles:
    """The stored articles, searchable for a text."""

    def __init__(self, articles: Sequence[Article]) -> None:
        self._articles = tuple(articles)
        self._named = {article.name: article for article in articles}

    @cached_property
    def _pairs(self) -> Mapping[str, frozenset[str]]:
        return {article.name: _pairs(article.text) for article in self._articles}

    def stands(self, quoted: Quoted) -> bool:
        """Tell whether a quote is still what its article says between its offsets."""
        article = self._named.get(quoted.article)
        return article is not None and _same(article.text[quoted.start : quoted.end], quoted.quote)

    def moved(self, quoted: Quoted) -> tuple[Article, int] | None:
        """Return where else a quote stands: nearest in its own article, else in one that is most likely it."""
        for article in sorted(self._articles, key=lambda each: self._kinship(each, quoted)):
            if quoted.quote and (places := _places(article.text, quoted.quote)):
                return article, min(places, key=lambda place: (abs(place - quoted.start), place))
        return None

    def _kinship(self, article: Article, quoted: Quoted) -> tuple[bool, bool, bool, str]:
        """Return what orders articles by how likely they are the one quoted: its name, title, outlet."""
        own, titled = article.name == quoted.article, article.title == quoted.title
        return not own, not titled, article.outlet != quoted.outlet, article.name

    def nearest(self, quoted: Quoted) -> tuple[Article, int, int, float] | None:
        """Return the text most like a quote: article, start, end, likeness; None where nothing is like it."""
        found = [(article, *_nearest(article.text, quoted.quote)) for article in self._suspects(quoted)]
        best = max(found, key=lambda each: each[3], default=None)
        return best if best and best[3] >= _LIKE else None

    def _suspects(self, quoted: Quoted) -> list[Article]:
        """Return the article itself or its namesake by title, else the three that share most with the quote."""
        own = [each for each in self._articles if each.name == quoted.article]
        own = own or [each for each in self._articles if quoted.title and each.title == quoted.title]
        wanted = _pairs(quoted.quote)
        if own or not wanted:
            return own
        shares = {each.name: len(wanted & self._pairs[each.name]) / len(wanted) for each in self._articles}
        likely = sorted(self._articles, key=lambda each: (-shares[each.name], each.name))[:3]
        return [each for each in likely if shares[each.name] >= _SHARED]


def _same(stored: str, quote: str) -> bool:
    return stored == quote or visible(stored) == quote  # a workbook shows control characters


def _pairs(text: str) -> frozenset[str]:
    return frozenset(text[place : place + 2] for place in range(len(text) - 1))


def _places(text: str, quote: str) -> list[int]:
    return [found.start() for found in re.finditer(f"(?={re.escape(quote)})", text)]


def _nearest(text: str, quote: str) -> tuple[int, int, float]:
    """Return the run of sentences that is most like a quote: start, end, likeness."""
    matcher = SequenceMatcher(autojunk=False)
    matcher.set_seq2(quote)
    best = (0, 0, 0.0)
    for start, end in _windows(text, quote):
        matcher.set_seq1(text[start:end])
        if matcher.real_quick_ratio() > best[2] and matcher.quick_ratio() > best[2]:
            ratio = matcher.ratio()
            best = (start, end, ratio) if ratio > best[2] else best
    return best


def _windows(text: str, quote: str) -> Iterator[tuple[int, int]]:
    """Yield runs of whole sentences that are about as long as a quote, without space around them."""
    edges = sorted({0, len(text), *(found.start() for found in _BREAK.finditer(text))})
    most = len(_BREAK.findall(quote)) + _LONGER
    for first, start in enumerate(edges[:-1]):
        for end in edges[first + 1 : first + 1 + most]:
            told = text[start:end]
            left = start + len(told) - len(told.lstrip())
            right = start + len(told.rstrip())
            if left < right:
                yield left, right


def difference(old: str, new: str) -> str:
    """Return how `new` differs from `old`, word by word: [-gone-] and {+come+}.

    >>> difference("上限60萬人", "上限80萬人"), difference("It cost 6 million.", "It cost 7 million.")
    ('上限[-60-]{+80+}萬人', 'It cost [-6-]{+7+} million.')
    """
    before, after = _TOKEN.findall(old), _TOKEN.findall(new)
    parts = []
    for kind, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        gone, come = "".join(before[a:b]), "".join(after[c:d])
        same = kind == "equal"
        parts.append(gone if same else (f"[-{gone}-]" if gone else "") + (f"{{+{come}+}}" if come else ""))
    return "".join(parts)


def verify(answers: Path, index: Path) -> list[Verified]:
    """Check every quote of an answers file against the articles of the index.

    Raises:
        FileError: the file cannot be read or keeps no offsets.
        StoreError: the index cannot be read.
    """
    told = read_answers(answers)
    return list(verified(told, Articles(store.stored_articles(index))))


def verified(answers: Sequence[Answered], articles: Articles) -> Iterator[Verified]:
    """Yield what became of each quote, in order."""
    for row, each in enumerate(answers, 1):
        for quoted in each.quotes:
            yield _verified(row, each.question, quoted, articles)


def _verified(row: int, question: str, quoted: Quoted, articles: Articles) -> Verified:
    def told(state: State, **now: Any) -> Verified:
        place = (quoted.article, quoted.start, quoted.end, quoted.quote)
        return Verified(row, question, quoted.number, *place, state, **now)

    if articles.stands(quoted):
        return told("ok")
    if found := articles.moved(quoted):
        article, start = found
        return told("moved", now_article=article.name, now_start=start, now_end=start + len(quoted.quote))
    if near := articles.nearest(quoted):
        article, start, end, likeness = near
        text = article.text[start:end]
        return told(
            "changed",
            now_article=article.name,
            now_start=start,
            now_end=end,
            now_text=text,
            difference=difference(quoted.quote, text),
            likeness=round(likeness, 4),
        )
    return told("gone", likeness=0.0)


# --- told -----------------------------------------------------------------------------------------


def counts(found: Sequence[Verified]) -> dict[str, int]:
    """Return how many quotes are in which state."""
    states = Counter(each.state for each in found)
    return {state: states[state] for state in STATES}


def as_dict(found: Sequence[Verified], generation: str) -> dict[str, Any]:
    """Return every quote ready for JSON; `now` says where it stands, where it is not as it was."""
    return {"generation": generation, "counts": counts(found), "quotes": [_quote_dict(each) for each in found]}


def _quote_dict(each: Verified) -> dict[str, Any]:
    told = asdict(each)
    now = {name: told.pop(f"now_{name}") for name in ("article", "start", "end", "text")}
    extra = {"difference": told.pop("difference"), "likeness": told.pop("likeness")}
    if each.state in ("ok", "gone"):
        return told | {"now": None}
    if each.state == "moved":
        return told | {"now": {name: now[name] for name in ("article", "start", "end")}}
    return told | {"now": now | extra}


def as_text(found: Sequence[Verified]) -> str:
    """Return the counts, then every quote that is not as it was."""
    head = "quotes: " + ", ".join(f"{number} {state}" for state, number in counts(found).items())
    return "\n".join((head, *(line for each in found if each.state != "ok" for line in _lines(each)))) + "\n"


def _lines(each: Verified) -> Iterator[str]:
    yield f"{each.state}: row {each.row} [{each.number}] {each.article}, {each.start}-{each.end}"
    yield f"    {' '.join(each.quote.split())}"
    if each.state == "moved":
        yield f"    now in {each.now_article}, {each.now_start}-{each.now_end}"
    if each.state == "changed":
        yield f"    now in {each.now_article}, {each.now_start}-{each.now_end}: {' '.join(each.difference.split())}"
