"""Articles to passages and sentences, as spans over the stored text.

A passage is a run of neighbouring lines of about 150 tokens; a heading stays with what it heads and a
numbered clause stays whole. A sentence is the smallest stretch that is searched; its `whole` is the
stretch that is quoted: the full sentence or clause around it, where that is short enough.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from qa.clean import blocks
from qa.language import language_of
from qa.records import QUOTABLE, Article, Block, Kind, Passage, Sentence, Span
from qa.sentences import split, split_long

PASSAGE_CHARACTERS = {"zh": 260, "en": 800}  # about 150 tokens of either language
QUOTE_CHARACTERS = {"zh": 240, "en": 600}  # the contract's longest quotes
_STRETCH = 1.4  # a passage may grow this much rather than cut a paragraph
_ITEMS = 8  # lines below "10. The conditions:" that are taken for its items

_LEANING = re.compile(
    r"[\s「『“\"]*(?:[他她它](?!國|国)|他們|他们|她們|她们|它們|它们|該|该(?!國|国)|此外?|這|这|其(?!中一|他|它|實|实)|對此|对此|但(?!是否)|不過|不过|然而|因此|並且|并且"
    r"|(?:He|She|It|They|This|That|These|Those|His|Her|Their|But|However|Both)\b)"
)


@dataclass(frozen=True, slots=True)
class _Paragraph:
    """One block with its sentences, and the heading it stands under."""

    block: Block
    sentences: tuple[Sentence, ...]
    heading: Span | None


def quote_limit(quote: str) -> int:
    """Return how many characters a quote of this text may have, by the writing that prevails in it."""
    return QUOTE_CHARACTERS["en" if sum(map(str.isascii, quote)) > len(quote) / 2 else "zh"]


def stripped(text: str, span: Span) -> Span:
    """Return `span` without the white space at its ends."""
    part = span.of(text)
    start = span.start + len(part) - len(part.lstrip())
    return Span(start, max(start, span.end - (len(part) - len(part.rstrip()))))


def _fits(text: str, span: Span) -> bool:
    length = span.end - span.start
    return length <= max(QUOTE_CHARACTERS.values()) and length <= quote_limit(span.of(text))


def _clauses(found: Sequence[Block]) -> dict[int, Span]:
    """Map the start of every block that belongs to a numbered clause to the span of that whole clause."""
    owners: dict[int, Span] = {}
    place = 0
    while place < len(found):
        if found[place].kind is not Kind.CLAUSE:
            place += 1
            continue
        end = place + 1
        while end < min(len(found), place + 1 + _ITEMS) and found[end].kind is Kind.PROSE and found[place].opens:
            end += 1
        span = Span(found[place].span.start, found[end - 1].span.end)
        owners |= {block.span.start: span for block in found[place:end]}
        place = end
    return owners


def _whole(text: str, full: Span, previous: Span | None, clause: Span | None) -> Span:
    """Return what to quote for the full sentence `full`: with its clause, or with what a pronoun leans on."""
    if clause is not None:
        for wider in (clause, Span(clause.start, full.end)):
            if _fits(text, stripped(text, wider)):
                return stripped(text, wider)
        return full
    if previous is not None and _LEANING.match(full.of(text)):
        both = Span(previous.start, full.end)
        return both if _fits(text, both) else full
    return full


def _sentences(text: str, block: Block, clause: Span | None, before: Span | None) -> Iterator[Sentence]:
    """Yield the sentences of one block; `before` is the sentence that ends the paragraph above."""
    kind = Kind.CLAUSE if clause is not None else block.kind
    previous = before
    for full in split(text, block.span):
        full = stripped(text, full)
        if not any(character.isalnum() for character in full.of(text)):
            continue
        whole = _whole(text, full, previous, clause)
        for unit in split(text, full, semicolons=True):
            for piece in split_long(text, unit, quote_limit(unit.of(text))):
                span = stripped(text, piece)
                quoted = whole if _fits(text, whole) else span
                yield Sentence(span, quoted, kind, block.clause)
        previous = full


def _paragraphs(text: str) -> Iterator[_Paragraph]:
    """Yield the blocks that are searched, each with its sentences."""
    found = blocks(text)
    owners = _clauses(found)
    heading = last = None
    number = None
    for block in found:
        clause = owners.get(block.span.start)
        number = (block.clause or number) if clause is not None else None
        if block.kind is Kind.FURNITURE:
            continue
        if block.kind is Kind.HEADING:
            heading, last = stripped(text, block.span), None
        quotable = block.kind in QUOTABLE
        numbered = Block(block.span, block.kind, number)
        told = tuple(_sentences(text, numbered, clause, last)) if quotable else ()
        yield _Paragraph(block, told, heading)
        last = told[-1].span if told and block.kind is Kind.PROSE else None


def _length(paragraphs: Iterable[_Paragraph]) -> int:
    return sum(paragraph.block.span.end - paragraph.block.span.start for paragraph in paragraphs)


def _parts(paragraph: _Paragraph, limit: float) -> Iterator[_Paragraph]:
    """Yield a paragraph, or its sentences in even groups where it is longer than `limit` characters."""
    length, told = _length([paragraph]), paragraph.sentences
    if length <= limit or len(told) < 2:
        yield paragraph
        return
    share = length / -(-length // limit)
    start, kept = paragraph.block.span.start, list[Sentence]()
    for sentence in told:
        kept.append(sentence)
        if sentence.span.end - start >= share or sentence is told[-1]:
            yield _Paragraph(
                Block(Span(start, sentence.span.end), paragraph.block.kind), tuple(kept), paragraph.heading
            )
            start, kept = sentence.span.end, []


def _grouped(paragraphs: Iterable[_Paragraph], limit: float) -> Iterator[list[_Paragraph]]:
    """Yield runs of paragraphs of up to `limit` characters; a heading opens a run."""
    run: list[_Paragraph] = []
    for paragraph in (part for whole in paragraphs for part in _parts(whole, limit)):
        opens = paragraph.block.kind is Kind.HEADING and any(before.sentences for before in run)
        if run and (opens or _length([*run, paragraph]) > limit) and any(before.sentences for before in run):
            yield run
            run = []
        run.append(paragraph)
    if run:
        yield run


def passages(article: Article, number: int) -> tuple[Passage, ...]:
    """Return the passages of an article, in order; `number` is the article's place in the index."""
    text = article.text
    limit = PASSAGE_CHARACTERS["en" if article.language == "en" else "zh"] * _STRETCH
    made = []
    for run in _grouped(_paragraphs(text), limit):
        sentences = tuple(sentence for paragraph in run for sentence in paragraph.sentences)
        span = stripped(text, Span(run[0].block.span.start, run[-1].block.span.end))
        if sentences:
            made.append(Passage(number, span, language_of(span.of(text)), sentences, run[-1].heading))
    return tuple(made)
