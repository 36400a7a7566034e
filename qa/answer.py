"""Choose what to quote: candidates from every shelf, ranked, grouped into statements, each with its reasons."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from qa.asks import Asked, holds
from qa.confidence import calibrated, null_moments
from qa.copies import placed, words
from qa.folding import fold
from qa.language import language_of
from qa.names import Names
from qa.quantities import quantities
from qa.records import Article, Citation, Consulted, Copy, Kind, Match, Sentence, Span, Why
from qa.retrieve import Found, Question
from qa.terms import Term, located

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float32]

_Stretch = TypeVar("_Stretch", Sentence, Span)

CANDIDATES = 40  # sentences of a shelf that are looked at closely
MOST_STATEMENTS, FEWEST_STATEMENTS = 5, 2
MOST_SOURCES = 4  # citations of one statement
_CAPTION = -1.0  # a caption answers only where it is this much better than any prose
_CLAUSE = 4.0  # "point 19" asks for that clause before anything else
_KIND = 0.5  # a sentence with a number where a number was asked for
_REACH = 2.0  # standard scores below the best at which a further statement no longer helps
_SAME = 0.74  # cosine of centred sentence vectors above which two outlets say the same
_SAME_ACROSS = 0.60  # the same, between languages
_SAME_FIGURES = 0.45  # the same, between languages where both give the same figure
_OWN_LANGUAGE = 0.7  # of two quotes that serve alike, a reader wants the one in the language of the question


@dataclass(frozen=True, slots=True)
class Candidate:
    """One sentence that might be quoted, with its centred vector.

    `report` names the first of the articles that are copies of one report.
    """

    found: Found
    question: Question
    place: int
    sentence: Sentence
    article: Article
    report: str
    score: float
    vector: FloatArray

    @property
    def quote(self) -> str:
        """The words that would be quoted."""
        return self.sentence.whole.of(self.article.text)

    @property
    def context(self) -> Span:
        """The passage that the sentence stands in."""
        return self.found.shelf.span(int(self.found.scores.rows[self.found.scores.owner[self.place]]))


def asked_clauses(question: str) -> frozenset[int]:
    """Return the clause numbers that a question names.

    >>> sorted(asked_clauses("What do point 19 and clause 3 say? 第二十一點呢？"))
    [3, 19, 21]
    """
    return frozenset(int(found.key) for found in quantities(fold(question)) if found.kind == "clause")


def candidates(
    found: Found,
    question: Question,
    articles: Sequence[Article],
    names: Names,
    reports: Mapping[str, str],
    asked: Asked | None,
    clauses: frozenset[int],
) -> Iterator[Candidate]:
    """Yield the best sentences of one shelf, with scores that compare across shelves.

    `reports` maps each article that is a copy to the first of its report; of its sentences in all copies one is left.
    """
    scores = calibrated(found, question)
    numbers = found.shelf.sentences[found.scores.sentence_rows, 5]
    raised = scores + _CLAUSE * np.isin(numbers, sorted(clauses)) if clauses else scores
    order = np.argsort(-raised, kind="stable").tolist()
    best = list(islice(_once(_sentences(found, order, articles), reports), CANDIDATES))
    rows = found.scores.sentence_rows[[place for _, _, place in best]]
    vectors = found.shelf.dense_sentences.vectors(rows)
    for (article, sentence, place), vector in zip(best, vectors, strict=True):
        score = float(raised[place]) + (_CAPTION if sentence.kind is Kind.CAPTION else 0.0)
        if found.shelf.language == question.language:
            score += _OWN_LANGUAGE
        if asked and holds(asked, sentence.whole.of(article.text), names):
            score += _KIND
        report = reports.get(article.name, article.name)
        yield Candidate(found, question, place, sentence, article, report, score, vector)


def _sentences(
    found: Found, order: Iterable[int], articles: Sequence[Article]
) -> Iterator[tuple[Article, Sentence, int]]:
    for place in order:
        passage = int(found.scores.rows[found.scores.owner[place]])
        sentence = found.shelf.sentence(int(found.scores.sentence_rows[place]))
        yield articles[int(found.shelf.passages[passage, 0])], sentence, place


def _once(
    each: Iterable[tuple[Article, _Stretch, int]], reports: Mapping[str, str]
) -> Iterator[tuple[Article, _Stretch, int]]:
    """Yield stretches of articles in their order; those that copies of a report repeat word for word come once."""
    copied = {*reports, *reports.values()}
    met: set[tuple[str, str]] = set()
    for article, stretch, place in each:
        if article.name in copied:
            span = stretch.whole if isinstance(stretch, Sentence) else stretch
            said = reports.get(article.name, article.name), words(span.of(article.text))
            if said in met:
                continue
            met.add(said)
        yield article, stretch, place


def ranked(every: Sequence[Candidate]) -> list[Candidate]:
    """Return candidates best first, one for each stretch of text that would be quoted."""
    order = sorted(every, key=lambda c: (-c.score, c.article.name, c.sentence.span.start))
    kept: list[Candidate] = []
    told: dict[str, list[Candidate]] = defaultdict(list)
    for candidate in order:
        if not any(_overlap(candidate, other) for other in told[candidate.report]):
            kept.append(candidate)
            told[candidate.report].append(candidate)
    return kept


def _overlap(one: Candidate, other: Candidate) -> bool:
    """Tell whether two candidates of one report would quote the same stretch of an article, or of a copy of it."""
    if one.article.name != other.article.name:
        return _repeats(words(one.quote), words(other.quote))
    a, b = one.sentence.whole, other.sentence.whole
    return a.start < b.end and b.start < a.end


def _repeats(one: str, other: str) -> bool:
    return one in other or other in one


@lru_cache(maxsize=1 << 14)  # candidates are compared in pairs, and many questions meet the same sentences
def _figures(text: str) -> frozenset[str]:
    return frozenset(found.key for found in quantities(fold(text)) if found.kind in ("number", "share"))


def _same(one: Candidate, other: Candidate) -> bool:
    """Tell whether two candidates of different articles say the same; different figures never do."""
    if one.article.name == other.article.name:
        return False
    mine, theirs = _figures(one.quote), _figures(other.quote)
    if mine and theirs and not mine & theirs:
        return False
    across = one.found.shelf.language != other.found.shelf.language
    bar = (_SAME_FIGURES if mine & theirs else _SAME_ACROSS) if across else _SAME
    return float(one.vector @ other.vector) >= bar or fold(one.quote) == fold(other.quote)


def _corrects(one: Candidate, other: Candidate) -> bool:
    """Tell whether a copy of a report has another figure: a correction, or the figure that was corrected."""
    return one.report == other.report and _figures(one.quote) != _figures(other.quote)


def _joins(candidate: Candidate, group: Sequence[Candidate]) -> bool:
    return _same(group[0], candidate) and not any(_corrects(other, candidate) for other in group)


def statements(order: Sequence[Candidate]) -> list[tuple[int, Candidate]]:
    """Return candidates with the number of the statement that each one makes, best first.

    A report speaks once for a statement: its copies do not confirm it. One that corrects it makes another statement.
    """
    groups: list[list[Candidate]] = []
    for candidate in order:
        group = next((group for group in groups if _joins(candidate, group)), None)
        if group is not None:
            if len(group) < MOST_SOURCES and all(candidate.report != other.report for other in group):
                group.append(candidate)
        elif len(groups) < MOST_STATEMENTS and _worth(candidate, groups):
            groups.append([candidate])
    numbered = [(number, candidate) for number, group in enumerate(groups, 1) for candidate in group]
    return sorted(numbered, key=lambda pair: (-pair[1].score, pair[0], pair[1].article.name))


def _worth(candidate: Candidate, groups: Sequence[Sequence[Candidate]]) -> bool:
    return len(groups) < FEWEST_STATEMENTS or candidate.score >= groups[0][0].score - _REACH


def _way(term: Term, asked: str, found: str) -> str:
    if term.way == "word" and asked.casefold() != found.casefold() and language_of(asked) == "zh":
        return "script"
    return term.way


def matches(candidate: Candidate, question: str, names: Names) -> tuple[Match, ...]:
    """Return the question's terms that the quote holds, in the question's order."""
    made = []
    for term, span in located(candidate.quote, candidate.question.terms, names):
        asked, found = question[term.start : term.end], span.of(candidate.quote)
        gloss = asked if language_of(asked) == "en" and language_of(found) == "zh" else ""
        made.append(Match(asked, found, _way(term, asked, found), gloss))  # type: ignore[arg-type]  # _way's literals
    return tuple(dict.fromkeys(made))


def why(candidate: Candidate, question: str, names: Names) -> Why:
    """Return the standard scores of a candidate's parts and the terms that matched."""
    found, place = candidate.found, candidate.place
    return Why(
        sentence=float(found.sentence[place]),
        passage=float(found.passage[found.scores.owner[place]]),
        lexical=float(found.lexical_sentence[place]),
        matches=matches(candidate, question, names),
    )


def citations(order: Sequence[Candidate], question: str, names: Names) -> tuple[Citation, ...]:
    """Return the citations of an answer, best first, statements numbered by their best one."""
    cited = [
        Citation(
            number=number,
            statement=statement,
            article=candidate.article,
            span=candidate.sentence.whole,
            context=candidate.context,
            score=candidate.score,
            why=why(candidate, question, names),
            kind=candidate.sentence.kind,
        )
        for number, (statement, candidate) in enumerate(statements(order), 1)
    ]
    first = {statement: rank for rank, statement in enumerate(dict.fromkeys(c.statement for c in cited), 1)}
    return tuple(replace(citation, statement=first[citation.statement]) for citation in cited)


def carried(cited: Sequence[Citation], articles: Iterable[Article], reports: Mapping[str, str]) -> tuple[Citation, ...]:
    """Return citations with the copies of their reports, among `articles`, that have the words of the quote too."""
    copied = {*reports, *reports.values()}
    if all(citation.article.name not in copied for citation in cited):
        return tuple(cited)
    members: dict[str, list[Article]] = {}
    for article in articles:
        if article.name in copied:
            members.setdefault(reports.get(article.name, article.name), []).append(article)
    return tuple(
        replace(citation, copies=tuple(_copies(citation, members.get(reports.get(name, name), ()))))
        for citation, name in ((citation, citation.article.name) for citation in cited)
    )


def _copies(citation: Citation, articles: Sequence[Article]) -> Iterator[Copy]:
    for article in sorted(articles, key=lambda each: (each.published or "", each.name)):
        span = placed(citation.quote, article.text) if article.name != citation.article.name else None
        if span:
            yield Copy(article, span)


def consulted(
    every: Sequence[tuple[Found, Question]], articles: Sequence[Article], reports: Mapping[str, str], top: int
) -> tuple[Consulted, ...]:
    """Return the passages that were read, best first across shelves, those of copies once."""
    made = []
    for found, question in every:
        mean, deviation = null_moments(found, question)
        scores = (found.fused - mean[1]) / deviation[1]
        best = _once(_passages(found, np.argsort(-scores, kind="stable").tolist(), articles), reports)
        made += [Consulted(article, span, float(scores[place])) for article, span, place in islice(best, top)]
    made.sort(key=lambda passage: (-passage.score, passage.article.name, passage.span.start))
    return tuple(made[:top])


def _passages(found: Found, order: Iterable[int], articles: Sequence[Article]) -> Iterator[tuple[Article, Span, int]]:
    for place in order:
        row = int(found.scores.rows[place])
        yield articles[int(found.shelf.passages[row, 0])], found.shelf.span(row), place
