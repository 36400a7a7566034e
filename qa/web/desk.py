"""The index that the web app answers from: prepared in the background, changed over when a new one is there.

Nothing here knows of Gradio. One `Desk` serves every visitor; all its methods may be called from several threads.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from threading import Lock, Thread
from typing import Literal

from qa import Answer, Article, AskOptions, Assistant, Encoder, Progress, QAError, Report, build
from qa.errors import IndexOutdated, StoreError
from qa.generations import current
from qa.options import BUNDLED
from qa.web.limits import Window, questions
from qa.web.log import note_question

Ended = Callable[[Report | QAError], None]  # told what a build did, or why it failed
Stage = Literal["model", "index", "ready", "failed"]
REMEMBERED = 3  # earlier questions that a follow-up is read against


@dataclass(frozen=True, slots=True)
class State:
    """How far things are: `done` of `total` texts while an index is being built, or what went wrong."""

    stage: Stage
    building: bool = False
    done: int = 0
    total: int = 0
    error: QAError | None = None


@dataclass(slots=True)
class Desk:
    """An index folder, its corpus, and the assistant opened from them; `encoder` stands in for the model's own."""

    index: Path
    corpus: Path
    model: str = BUNDLED
    encoder: Encoder | None = None
    report: Report | None = None
    limit: Window = field(default_factory=questions)
    _assistant: Assistant | None = None
    _building: bool = False
    _progress: tuple[int, int] = (0, 0)
    _error: QAError | None = None
    _opening: Lock = field(default_factory=Lock)
    _starting: Lock = field(default_factory=Lock)
    # Always the same thread opens: memory that one thread gives back to the system's allocator serves no other.
    _opener: ThreadPoolExecutor = field(default_factory=partial(ThreadPoolExecutor, 1, "open"))

    def state(self) -> State:
        """Return how far things are."""
        done, total = self._progress
        if self._assistant:
            return State("ready", self._building, done, total, self._error)
        if self._error and not self._building:
            return State("failed", error=self._error)
        return State("index" if total else "model", self._building, done, total)

    def assistant(self) -> Assistant | None:
        """Return the assistant over the newest index, or None while there is none."""
        with self._opening:
            with suppress(StoreError):
                if self._assistant is None or self._assistant.index.generation != current(self.index):
                    self._opener.submit(self._open).result()
            return self._assistant

    def _open(self) -> None:
        encoder = self._assistant.encoder if self._assistant else self.encoder
        try:
            self._assistant = Assistant.open(self.index, encoder=encoder)
        except IndexOutdated:
            if encoder is None:
                raise
            self._assistant = Assistant.open(self.index)  # made with another model

    def prepare(self, tell: Progress | None = None, then: Ended | None = None) -> bool:
        """Open the index there is, then bring it up to date, all in the background; False where that is under way."""
        with self._starting:
            if self._building:
                return False
            self._building, self._error, self._progress = True, None, (0, 0)
        Thread(target=self._prepare, args=(tell, then), daemon=True, name="prepare").start()
        return True

    def _prepare(self, tell: Progress | None, then: Ended | None) -> None:
        ended: Report | QAError = QAError("the index could not be made; the server's terminal tells more")
        try:
            ended = self._bring_up_to_date(tell)
        except QAError as error:
            ended = error
        finally:
            self._error = ended if isinstance(ended, QAError) else None
            self._building = False
            if then:
                then(ended)

    def _bring_up_to_date(self, tell: Progress | None) -> Report:
        def progress(done: int, total: int) -> None:
            self._progress = (done, total)
            if tell:
                tell(done, total)

        opened = self.assistant()
        encoder = opened.encoder if opened else self.encoder
        self.report = build(self.corpus, self.index, model=self.model, encoder=encoder, progress=progress)
        self.assistant()
        return self.report

    def opened(self) -> Assistant | None:
        """Return the assistant over the newest index without waiting for a first one to be opened."""
        return self._assistant and self.assistant()

    def articles(self) -> tuple[Article, ...]:
        """Return the articles that can be asked now."""
        assistant = self.opened()
        return assistant.index.articles if assistant else ()

    def find(self, name: str) -> Article | None:
        """Return the indexed article of a name, or None."""
        return next((each for each in self.articles() if each.name == name), None)

    def ask(self, question: str, options: AskOptions, before: Sequence[str] = ()) -> Answer | None:
        """Answer a question, reading it as a follow-up of those before; None while nothing is ready.

        Raises:
            QAError: the question cannot be asked, or too many were.
        """
        assistant = self.opened()
        if assistant is None:
            return None
        self.limit.take()
        answer = assistant.ask(question, options, before=list(before)[-REMEMBERED:])
        note_question(answer)
        return answer
