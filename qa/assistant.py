"""Ask an opened index: the one place where search, confidence and choice are put together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from qa import store
from qa.answer import Candidate, asked_clauses, candidates, carried, citations, consulted, ranked
from qa.asks import Asked, asked_for, figures_missing, hangs, holds, leans
from qa.confidence import Evidence, confidence, evidence
from qa.embed import Encoder, load_encoder
from qa.errors import IndexOutdated, QuestionError
from qa.folding import simplify
from qa.language import language_of, script_of
from qa.options import MAX_QUESTION, AskOptions, Filters
from qa.readers import normalise
from qa.records import Answer, Reason
from qa.retrieve import Found, Question, search
from qa.stages import Stages
from qa.store import BACKGROUND, Index, Shelf
from qa.terms import GLOSSED, gloss, located, missing_names, question_terms

if TYPE_CHECKING:
    from numpy.typing import NDArray


_UNKNOWN_NAME = 0.2  # the most that an answer is worth whose question names what the corpus never does
_NEAR = 3  # candidates whose confidence may speak for the answer: the best one's words can be a paraphrase


@dataclass(frozen=True, slots=True)
class _Encoded:
    """A question with its raw vector, and that of its gloss where it is searched by one."""

    text: str
    vector: NDArray[np.float32]
    gloss: NDArray[np.float32] | None


@dataclass(frozen=True, slots=True)
class Assistant:
    """An index and the encoder it was made with."""

    index: Index
    encoder: Encoder

    @classmethod
    def open(cls, folder: Path, *, encoder: Encoder | None = None) -> Assistant:
        """Open the index in `folder`, and the model that made it where no encoder is given.

        Raises:
            StoreError: the index is missing, damaged or of another version or model.
            ModelError: the model cannot be loaded.
        """
        index = store.open_index(folder)
        told = index.manifest["model"]
        loaded = encoder or load_encoder(told["spec"])
        if loaded.fingerprint != told["fingerprint"]:
            raise IndexOutdated(
                f"the index in {folder} was made with other weights of {told['spec']!r}; run `qa build`"
            )
        return cls(index, loaded)

    def ask(
        self,
        question: str,
        options: AskOptions | None = None,
        *,
        before: Sequence[str] = (),
        stages: Stages | None = None,
    ) -> Answer:
        """Answer one question; `before` are the earlier ones of a conversation, `stages` notes how long what took.

        A question that leans on the one before is searched alone and together with it; the more
        confident reading is answered, unless it has lost sight of the question, and `Answer.reading` tells it.
        One that cannot be understood alone is read together with those before it, back to one that can.

        Raises:
            QuestionError: the question is too long.
        """
        alone = self.ask_all([question], options, stages=stages)[0]
        hanging = hangs(question, self.index.names)
        if not before or alone.reason == "empty_question" or not (hanging or leans(question)):
            return alone
        reading = self._together(question, before)
        together = self.ask_all([reading], options, stages=stages)[0]
        off_topic = self._speaks(alone, question) and not self._speaks(together, question)
        if not hanging and (together.confidence < alone.confidence or off_topic):
            return alone
        return replace(together, question=alone.question, language=alone.language, reading=reading)

    def _speaks(self, answer: Answer, question: str) -> bool:
        """Tell whether the first quotes of an answer hold a word of a question."""
        names, bridge = self.index.names, self.index.bridge
        for citation in answer.citations[:_NEAR]:
            terms = question_terms(question, language_of(citation.quote), names, bridge)
            if any(located(citation.quote, terms, names)):
                return True
        return False

    def _together(self, question: str, before: Sequence[str]) -> str:
        """Return a question after those that it needs to be understood, no longer than one may be."""
        parts = [question.strip()]
        for each in reversed(before):
            parts.insert(0, each.strip())
            if not hangs(each, self.index.names):
                break
        return " ".join(parts)[-MAX_QUESTION:]

    def ask_all(
        self, questions: Sequence[str], options: AskOptions | None = None, *, stages: Stages | None = None
    ) -> list[Answer]:
        """Answer several questions; they are encoded together. `stages` notes how long what took.

        Raises:
            QuestionError: a question is too long.
        """
        chosen, stages = options or AskOptions(), stages or Stages()
        with stages("encode"):
            encoded = self._encoded([_checked(question) for question in questions])
        return [self._answer(each, chosen, stages) for each in encoded]

    def _encoded(self, asked: Sequence[str]) -> list[_Encoded]:
        """Return questions with their vectors, encoded in one go with the glosses that some are searched by."""
        spoken, shelved = GLOSSED
        crossing = any(len(shelf) for shelf in self.index.shelves if shelf.language == shelved)
        places = [place for place, question in enumerate(asked) if crossing and language_of(question) == spoken]
        glosses = [gloss(asked[place], self.index.names, self.index.bridge) for place in places]
        vectors = self.encoder.encode_questions([*map(simplify, asked), *glosses])
        meant = dict(zip(places, vectors[len(asked) :], strict=True))
        return [_Encoded(question, vectors[place], meant.get(place)) for place, question in enumerate(asked)]

    def _empty(self, question: str, reason: Reason) -> Answer:
        return Answer(
            question=question,
            language=script_of(question),
            confidence=0.0,
            citations=(),
            consulted=(),
            generation=self.index.generation,
            model=str(self.index.manifest["model"]["spec"]),
            reason=reason,
        )

    def _answer(self, encoded: _Encoded, options: AskOptions, stages: Stages) -> Answer:
        question = encoded.text
        if not any(character.isalnum() for character in question):
            return self._empty(question, "empty_question")
        with stages("search"):
            searched = self._search(encoded, options.filters)
        if not searched:
            return self._empty(question, "outside_filters")
        with stages("choose"):
            told = self._chosen(question, searched, options)
        if options.filters and not told.found and not told.missing:
            elsewhere = self._answer(encoded, replace(options, filters=Filters()), stages)
            return replace(told, reason="outside_filters", missing_kind="") if elsewhere.found else told
        return told

    def _chosen(self, question: str, searched: Sequence[tuple[Found, Question]], options: AskOptions) -> Answer:
        """Return the answer that was found, or why there is none."""
        order = ranked(self._candidates(question, searched))
        sure = _sureness(order, question)
        missing = self._missing(question)
        told = replace(
            self._empty(question, "not_in_corpus"),
            confidence=round(min(sure, _UNKNOWN_NAME) if missing else sure, 4),
            consulted=consulted(searched, self.index.articles, self._reports, options.top),
            missing=missing,
        )
        if not missing and sure >= options.threshold:
            cited = citations(order, question, self.index.names)
            admitted = filter(options.filters.admit, self.index.articles)
            return replace(told, reason=None, citations=carried(cited, admitted, self._reports))
        if missing:
            return replace(told, reason="name_not_in_corpus")
        asked = asked_for(question)
        if asked and not any(holds(asked, candidate.quote, self.index.names) for candidate in order[:_NEAR]):
            return replace(told, reason="kind_not_in_corpus", missing_kind=asked)
        return told

    def _missing(self, question: str) -> tuple[str, ...]:
        """Return the names in a question that the corpus never mentions."""
        indexes = [shelf.lexical_passages for shelf in self.index.shelves]
        return missing_names(question, indexes, self.index.names, self.index.bridge)

    def _search(self, encoded: _Encoded, filters: Filters) -> list[tuple[Found, Question]]:
        """Search every shelf that has an admitted passage, large ones side by side."""
        admitted, language = self._admitted(filters), language_of(encoded.text)

        def searched(shelf: Shelf) -> tuple[Found | None, Question]:
            terms = question_terms(encoded.text, shelf.language, self.index.names, self.index.bridge)
            meant = encoded.gloss if (language, shelf.language) == GLOSSED else None
            put = Question(encoded.vector, language, terms, meant)
            return search(shelf, put, admitted), put

        shelves = [shelf for shelf in self.index.shelves if len(shelf)]
        with ThreadPoolExecutor(len(shelves) or 1) as threads:  # FAISS and numpy let each other run
            each = threads.map if all(len(shelf) > BACKGROUND for shelf in shelves) else map
            return [(found, put) for found, put in each(searched, shelves) if found is not None]

    def _admitted(self, filters: Filters) -> NDArray[np.bool_] | None:
        """Return which articles may answer, or None for all."""
        if not filters:
            return None
        return np.array([filters.admit(article) for article in self.index.articles], bool)

    def _candidates(self, question: str, searched: Sequence[tuple[Found, Question]]) -> list[Candidate]:
        asked: Asked | None = asked_for(question)
        clauses = asked_clauses(question)
        index, reports = self.index, self._reports
        return [
            candidate
            for found, put in searched
            for candidate in candidates(found, put, index.articles, index.names, reports, asked, clauses)
        ]

    @property
    def _reports(self) -> Mapping[str, str]:
        """The name of each article that is a copy, with the name of the first that carries its report."""
        return dict(self.index.manifest["copies"])


def _checked(question: str) -> str:
    if len(question) > MAX_QUESTION:
        raise QuestionError(f"the question has {len(question):,} characters; ask one of at most {MAX_QUESTION:,}")
    return " ".join(normalise(question).split())


def _sureness(order: Sequence[Candidate], question: str) -> float:
    """Return the confidence of the best few candidates: the best one's reading, or a near one's if that is surer."""
    near = [candidate for candidate in order[:_NEAR] if candidate.score >= order[0].score - 1]
    figures = 0.0 if figures_missing(question, (candidate.quote for candidate in near)) else 1.0
    clauses = asked_clauses(question)
    return max(confidence(replace(_evidence(each, clauses), figures=figures)) for each in near)


def _evidence(candidate: Candidate, clauses: frozenset[int]) -> Evidence:
    told = evidence(candidate.found, candidate.question, candidate.place)
    if candidate.sentence.clause in clauses:  # the clause that was asked for by its number
        return replace(told, coverage=1.0)
    return told
