"""What the page asks of the server. Each function takes one object from the browser and returns one.

Whatever arrives is checked; whatever a user can mend comes back as `{"error": words}` in the reader's language.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from functools import wraps
from pathlib import Path
from typing import Any

from qa import Article, AskOptions, Filters, QAError
from qa.errors import QuestionError
from qa.options import MAX_QUESTION
from qa.web import draw
from qa.web.desk import REMEMBERED, Desk
from qa.web.exporting import exported
from qa.web.faults import in_words
from qa.web.feedback import line, note
from qa.web.limits import files
from qa.web.log import UNFORESEEN, note_fault
from qa.web.look import Look
from qa.web.passages import Stretch
from qa.web.turns import Record, record
from qa.web.words import say

Told = dict[str, Any]
Function = Callable[[Any], Told]
_KEPT = 200  # turns that can be drawn at once
_STOPS = 500  # questions given up that are remembered; an answer takes a second, not hours
_KEY = 40  # characters by which the page knows a question under way


def guarded(function: Callable[[Mapping[str, Any], Look], Told]) -> Function:
    """Return `function` as the page calls it: its failures in words, and nothing of the machine told."""

    @wraps(function)
    def call(told: Any) -> Told:
        look = Look()
        try:
            look = Look.of(told["look"])
            return function(told, look)
        except QAError as error:
            return {"error": say("failed", look.language, error=in_words(error, look.language))}
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            note_fault(function.__name__, error)
            return {"error": say("not_understood", look.language)}
        except Exception as error:  # whatever it is, a reader gets words and the terminal the place
            note_fault(function.__name__, error)
            return {"error": say("failed", look.language, error=in_words(QAError(UNFORESEEN), look.language))}

    del call.__wrapped__  # Gradio would read the inner signature
    return call


def filters_of(told: Mapping[str, Any]) -> Filters:
    """Return the filters that a browser asks for; empty fields are none."""
    return Filters(**{name: told.get(name) or None for name in ("since", "until", "outlet", "language")})


def functions(desk: Desk, notes: Path) -> list[Function]:
    """Return what the chat calls; `notes` is the file for feedback."""

    def state(told: Mapping[str, Any], look: Look) -> Told:
        return _state(desk, look)

    sent = files()
    stopped: deque[str] = deque(maxlen=_STOPS)

    def stop(told: Mapping[str, Any], look: Look) -> Told:
        stopped.append(str(told["key"])[:_KEY])
        return {}

    def ask(told: Mapping[str, Any], look: Look) -> Told:
        key = str(told.get("key", ""))
        if key in stopped:  # given up while it waited for a thread
            return {"stopped": True}
        question, before = str(told["question"]), [str(each) for each in told.get("before", ())][-REMEMBERED:]
        if len(question) > MAX_QUESTION:
            return {"error": say("too_long", look.language, length=len(question), limit=MAX_QUESTION)}
        filters = filters_of(told.get("filters", {}))
        answer = desk.ask(question, AskOptions(filters=filters), before)
        if answer is None:
            return {"waiting": _state(desk, look)}
        if key in stopped:
            return {"stopped": True}
        kept = record(answer, filters)
        return {"turn": kept, **_drawn(kept, int(told["number"]), look)}

    def render(told: Mapping[str, Any], look: Look) -> Told:
        numbered = list(enumerate(told["turns"][:_KEPT], 1))
        return {"turns": [_drawn(each, number, look) for number, each in numbered]}

    def article(told: Mapping[str, Any], look: Look) -> Told:
        found = desk.find(str(told["article"]))
        if found is None:
            return {"error": say("article_gone", look.language)}
        return {"html": draw.article(found, list(_stretches(found, told.get("quotes", ()))), look)}

    def shelf(told: Mapping[str, Any], look: Look) -> Told:
        return {"html": draw.shelf(desk.articles(), look), "outlets": _outlets(desk)}

    def narrow(told: Mapping[str, Any], look: Look) -> Told:
        try:
            filters = filters_of(told["filters"])
        except QuestionError:
            return {"error": say("bad_range", look.language)}
        admitted, total = sum(map(filters.admit, desk.articles())), len(desk.articles())
        words = say("narrowed", look.language, admitted=admitted, total=total, excluded=total - admitted)
        return {"words": words if filters else ""}

    def export(told: Mapping[str, Any], look: Look) -> Told:
        return exported(told["turns"][:_KEPT], str(told["form"]))

    def feedback(told: Mapping[str, Any], look: Look) -> Told:
        sent.take()
        note(notes, line(told["turn"], told["good"] is True, str(told.get("reason", ""))))
        return {"words": say("thanks", look.language)}

    return [guarded(each) for each in (state, ask, stop, render, article, shelf, narrow, export, feedback)]


def _drawn(told: Record, number: int, look: Look) -> Told:
    return {"answer": draw.turn(told, number, look), "sources": draw.sources(told, number, look)}


def _outlets(desk: Desk) -> list[str]:
    return sorted({each.outlet for each in desk.articles() if each.outlet})


def _stretches(found: Article, quotes: list[Mapping[str, Any]]) -> list[Stretch]:
    """Return the quotes that still stand in an article."""
    asked = [(int(each["start"]), int(each["end"]), each) for each in quotes]
    return [
        Stretch(start, end, int(each["number"]), f"whole-{each['number']}", "near" if each.get("near") else "quote")
        for start, end, each in asked
        if each.get("near") or found.text[start:end] == each["quote"]
    ]


def _state(desk: Desk, look: Look) -> Told:
    """Return in words how far things are, and what changed when it did."""
    state, articles = desk.state(), desk.articles()
    told: Told = {
        "stage": state.stage,
        "building": state.building,
        "done": state.done,
        "total": state.total,
        "generation": "",
        "words": "",
        "note": "",
        "problem": say("failed", look.language, error=in_words(state.error, look.language)) if state.error else "",
    }
    if state.stage == "ready":
        opened = desk.opened()
        told["generation"] = opened.index.generation if opened else ""
        told["words"] = _holding(articles, look)
        if state.building and state.total:
            told["words"] = say("updating", look.language, done=state.done, total=state.total)
    elif state.stage == "failed":
        told["words"] = told["problem"]
    else:
        key = "preparing_index" if state.stage == "index" else "preparing_model"
        told["words"] = say(key, look.language, done=state.done, total=state.total)
        told["note"] = say("preparing_note", look.language)
    return told


def _holding(articles: tuple[Article, ...], look: Look) -> str:
    dates = sorted(each.published for each in articles if each.published)
    if not dates:
        return say("ready_undated", look.language, articles=len(articles))
    span = dates[0] if dates[0] == dates[-1] else f"{dates[0]} – {dates[-1]}"
    return say("ready", look.language, articles=len(articles), dates=span)
