"""Article text as HTML: every character escaped, stretches marked, Chinese in the script the reader chose.

The lines of the text become paragraphs; nothing in it is read as Markdown or HTML. Where the text is converted, a
mark carries the original, which is what the page copies.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from qa.web.scripts import TAGS, convert, converts, tag, usage

_HEADING = re.compile(r"(#{1,6}\s+)(.*)", re.DOTALL)
_NUMBERED = re.compile(r"\s*(?:\d+[.．、]|[-*•])\s")

Words = Callable[[str], Markup]  # text to HTML with each word's meaning


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch to mark, by characters of the text; `number` is the citation's."""

    start: int
    end: int
    number: int = 0
    name: str = ""  # id of the element
    kind: str = "quote"


@dataclass(frozen=True, slots=True)
class Manner:
    """How a text is shown: what it is written in, what the reader chose, and what explains its words."""

    language: str
    region: str
    choice: str = "original"
    words: Words | None = None

    @property
    def converted(self) -> bool:
        """Whether the reader sees something else than the stored text."""
        return converts(usage(self.language, self.region), self.choice)

    @property
    def tag(self) -> str:
        """The language tag of what the reader sees."""
        return TAGS[self.choice] if self.converted else tag(self.language, self.region)

    def show(self, text: str) -> Markup:
        """Return `text` as the reader wants it, escaped."""
        shown = convert(text, usage(self.language, self.region), self.choice)
        return self.words(shown) if self.words and self.language != "en" else escape(shown)


def paragraphs(text: str, stretches: Sequence[Stretch], manner: Manner) -> Markup:
    """Return `text` as paragraphs with its stretches marked; of stretches that overlap, the first counts."""
    apart = tuple(_apart(stretches, len(text)))
    shown = (_paragraph(text, start, end, apart, manner) for start, end in _lines(text))
    return Markup("").join(shown)


def _apart(stretches: Sequence[Stretch], length: int) -> Iterator[Stretch]:
    end = 0
    for stretch in sorted(stretches, key=lambda each: (each.start, -each.end)):
        if end <= stretch.start < stretch.end <= length:
            end = stretch.end
            yield stretch


def _lines(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for line in text.split("\n"):
        if line.strip():
            yield start, start + len(line)
        start += len(line) + 1


def _paragraph(text: str, start: int, end: int, stretches: Sequence[Stretch], manner: Manner) -> Markup:
    kind, opening = _kind(text[start:end])
    head = Markup('<span class="qa-sign">{}</span>').format(text[start : start + opening]) if opening else Markup("")
    inside = Markup("").join(_pieces(text, start + opening, end, stretches, manner))
    return Markup('<p class="{}">{}{}</p>').format(kind, head, inside)


def _kind(line: str) -> tuple[str, int]:
    """Return the class of a line and how many characters of it are only a heading's sign."""
    heading = _HEADING.match(line)
    if heading:
        return "qa-heading", len(heading[1])
    return ("qa-item" if _NUMBERED.match(line) else "qa-line"), 0


def _pieces(text: str, start: int, end: int, stretches: Sequence[Stretch], manner: Manner) -> Iterator[Markup]:
    place = start
    for stretch in stretches:
        first, last = max(stretch.start, place), min(stretch.end, end)
        if first < last:
            yield manner.show(text[place:first])
            yield _mark(text[first:last], text[stretch.start : stretch.end], stretch, first, manner)
            place = last
    yield manner.show(text[place:end])


def _mark(piece: str, whole: str, stretch: Stretch, start: int, manner: Manner) -> Markup:
    name = stretch.name if stretch.name and start == stretch.start else ""
    return Markup('<mark class="qa-{}"{}{}{}>{}</mark>').format(
        stretch.kind,
        Markup(' id="{}" tabindex="-1"').format(name) if name else "",
        Markup(' data-number="{}"').format(stretch.number) if stretch.number else "",
        Markup(' data-original="{}"').format(whole) if manner.converted else "",
        manner.show(piece),
    )
