"""What the server notes on its terminal: faults by their place; questions only where that was asked for."""

from __future__ import annotations

import logging
import sys
import traceback
from types import SimpleNamespace

from qa import Answer

UNFORESEEN = "an unexpected fault; the server's terminal tells more"
_log = logging.getLogger("qa.web")


def begin(*, questions: bool) -> None:
    """Write notes to stderr, those about questions where `questions` says so."""
    logging.basicConfig(format="%(asctime)s %(name)s: %(message)s", datefmt="%Y-%m-%d %H:%M:%S")
    _log.setLevel(logging.INFO if questions else logging.WARNING)


def note_fault(name: str, error: BaseException) -> None:
    """Note where something went wrong; not the error's words, which may repeat what was asked."""
    place = "".join(traceback.format_tb(error.__traceback__)).rstrip()
    _log.error("%s failed with %s\n%s", name, type(error).__name__, place)


def without_words() -> None:
    """Have Gradio note faults by their place too: it prints their words, and these may repeat what was asked."""
    from gradio import queueing, routes

    def note() -> None:
        if error := sys.exception():
            note_fault("a call", error)

    for module in (queueing, routes):
        module.traceback = SimpleNamespace(**{**vars(traceback), "print_exc": note})


def note_question(answer: Answer) -> None:
    """Note a question and what became of it, on one line."""
    outcome = f"{len(answer.citations)} quotes" if answer.found else answer.reason
    _log.info("asked %r: %s, confidence %.2f", answer.question, outcome, answer.confidence)
