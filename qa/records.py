"""The values that travel between the modules: articles, passages, hits, citations, answers.

All are frozen. Offsets count Unicode code points of `Article.text` and are half-open, so that
`article.text[span.start:span.end]` is what a span means, everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

Language = Literal["en", "zh"]
Script = Literal["en", "zh-Hant", "zh-Hans"]


class Kind(StrEnum):
    """What a stretch of an article is; only prose, clauses and (where prose is silent) captions are quoted."""

    PROSE = "prose"
    CLAUSE = "clause"
    HEADING = "heading"
    CAPTION = "caption"
    FURNITURE = "furniture"  # navigation, bylines, agency tags, share lines, tag lists


QUOTABLE = frozenset({Kind.PROSE, Kind.CLAUSE, Kind.CAPTION})


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A half-open stretch of characters."""

    start: int
    end: int

    def of(self, text: str) -> str:
        """Return the characters of `text` that the span covers."""
        return text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class Article:
    """One stored article; `name` is its path in the corpus folder, with forward slashes."""

    name: str
    text: str
    title: str
    outlet: str = ""
    published: str | None = None  # ISO date
    language: Script = "en"
    region: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """One line of an article, or the part of it that is of one kind.

    `clause` is its number in a numbered list; `opens` tells that it ends in a colon, so that its items follow.
    """

    span: Span
    kind: Kind
    clause: int | None = None
    opens: bool = False


@dataclass(frozen=True, slots=True)
class Sentence:
    """The smallest stretch that is searched; `whole` is what is quoted for it, `clause` its clause's number."""

    span: Span
    whole: Span
    kind: Kind
    clause: int | None = None


@dataclass(frozen=True, slots=True)
class Passage:
    """Neighbouring sentences of one article, the unit of search; `heading` is the line that heads it."""

    article: int
    span: Span
    language: Language
    sentences: tuple[Sentence, ...]
    heading: Span | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """One question term that a quote holds: the two spellings, by which way they are the same, the English of it."""

    term: str
    found: str
    way: Literal["word", "script", "name", "sound", "dictionary", "number"]
    gloss: str = ""


@dataclass(frozen=True, slots=True)
class Why:
    """Why a citation was chosen: standard scores of its parts and the terms that matched."""

    sentence: float
    passage: float
    lexical: float
    matches: tuple[Match, ...] = ()


@dataclass(frozen=True, slots=True)
class Copy:
    """Where a copy of the report that is quoted has the words of the quote too."""

    article: Article
    span: Span


@dataclass(frozen=True, slots=True)
class Citation:
    """A quote with its source. `statement` numbers what is said; several citations may say the same.

    `copies` are the other articles that carry the same report with the same words; all are one source.
    """

    number: int
    statement: int
    article: Article
    span: Span
    context: Span
    score: float
    why: Why
    kind: Kind = Kind.PROSE
    copies: tuple[Copy, ...] = ()

    @property
    def quote(self) -> str:
        """The stored text between the citation's offsets."""
        return self.span.of(self.article.text)


@dataclass(frozen=True, slots=True)
class Consulted:
    """A passage that was read for an answer, with its fused score."""

    article: Article
    span: Span
    score: float


Reason = Literal["empty_question", "not_in_corpus", "name_not_in_corpus", "kind_not_in_corpus", "outside_filters"]


@dataclass(frozen=True, slots=True)
class Answer:
    """What the corpus says to a question; without citations, `reason` tells why."""

    question: str
    language: Script
    confidence: float
    citations: tuple[Citation, ...]
    consulted: tuple[Consulted, ...]
    generation: str
    model: str
    reason: Reason | None = None
    missing: tuple[str, ...] = field(default=())  # names of the question that the corpus never mentions
    missing_kind: str = ""  # the kind of thing asked for that the nearest passages do not hold
    reading: str = ""  # the question as it was searched, where a follow-up was completed

    @property
    def found(self) -> bool:
        """Whether the corpus answers."""
        return bool(self.citations)
