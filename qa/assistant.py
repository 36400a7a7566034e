"""Ask an opened index: the one place where search, confidence and choice are put together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from qa import store
from qa.answer import Candidate, asked_clauses, candidates, citations, consulted, ranked
from qa.asks import Asked, asked_for
from qa.confidence import THRESHOLD, confidence, evidence
from qa.embed import Encoder, load_encoder
from qa.errors import IndexOutdated, QuestionError
from qa.folding import simplify
from qa.language import language_of, script_of
from qa.options import MAX_QUESTION, AskOptions, Filters
from qa.readers import normalise
from qa.records import Answer, Reason
from qa.retrieve import Found, Question, search
from qa.store import Index
from qa.terms import missing_names, question_terms

if TYPE_CHECKING:
    from numpy.typing import NDArray


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

    def ask(self, question: str, options: AskOptions | None = None) -> Answer:
        """Answer one question.

        Raises:
            QuestionError: the question is too long.
        """
        return self.ask_all([question], options)[0]

    def ask_all(self, questions: Sequence[str], options: AskOptions | None = None) -> list[Answer]:
        """Answer several questions; they are encoded together.

        Raises:
            QuestionError: a question is too long.
        """
        asked = [_checked(question) for question in questions]
        vectors = self.encoder.encode_questions([simplify(question) for question in asked])
        chosen = options or AskOptions()
        return [self._answer(question, vector, chosen) for question, vector in zip(asked, vectors, strict=True)]

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

    def _answer(self, question: str, vector: NDArray[np.float32], options: AskOptions) -> Answer:
        if not any(character.isalnum() for character in question):
            return self._empty(question, "empty_question")
        searched = self._search(question, vector, options.filters)
        if not searched:
            return self._empty(question, "outside_filters")
        order = ranked(self._candidates(question, searched))
        sure = _sureness(order)
        names, bridge = self.index.names, self.index.bridge
        missing = missing_names(question, [shelf.lexical_passages for shelf in self.index.shelves], names, bridge)
        reason = _reason(sure, missing, bool(options.filters))
        return replace(
            self._empty(question, "not_in_corpus"),
            confidence=round(min(sure, THRESHOLD / 2) if missing else sure, 4),
            citations=() if reason else citations(order, question, names),
            consulted=consulted(searched, self.index.articles, options.top),
            reason=reason,
            missing=missing,
        )

    def _search(self, question: str, vector: NDArray[np.float32], filters: Filters) -> list[tuple[Found, Question]]:
        """Search every shelf that has an admitted passage."""
        searched = []
        for shelf in self.index.shelves:
            terms = question_terms(question, shelf.language, self.index.names, self.index.bridge)
            put = Question(vector, language_of(question), terms)
            found = search(shelf, put, self._admitted(filters)) if len(shelf) else None
            if found is not None:
                searched.append((found, put))
        return searched

    def _admitted(self, filters: Filters) -> NDArray[np.bool_] | None:
        """Return which articles may answer, or None for all."""
        if not filters:
            return None
        return np.array([filters.admit(article) for article in self.index.articles], bool)

    def _candidates(self, question: str, searched: Sequence[tuple[Found, Question]]) -> list[Candidate]:
        asked: Asked | None = asked_for(question)
        clauses = asked_clauses(question)
        return [
            candidate
            for found, put in searched
            for candidate in candidates(found, put, self.index.articles, self.index.names, asked, clauses)
        ]


def _checked(question: str) -> str:
    if len(question) > MAX_QUESTION:
        raise QuestionError(f"the question has {len(question):,} characters; ask one of at most {MAX_QUESTION:,}")
    return " ".join(normalise(question).split())


def _sureness(order: Sequence[Candidate]) -> float:
    """Return the confidence of the best few candidates: the best one's reading, or a near one's if that is surer."""
    near = [c for c in order[:3] if c.score >= order[0].score - 1]
    return max(confidence(evidence(c.found, c.question, c.place)) for c in near)


def _reason(sure: float, missing: tuple[str, ...], filtered: bool) -> Reason | None:
    if missing:
        return "name_not_in_corpus"
    if sure < THRESHOLD:
        return "outside_filters" if filtered else "not_in_corpus"
    return None
