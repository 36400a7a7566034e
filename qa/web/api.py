"""What programs may call, over HTTP and as MCP tools: four typed functions, nothing else."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

from qa import Answer, AskOptions, Filters, QAError, status
from qa.render import article_dict, as_dict
from qa.web.desk import Desk
from qa.web.log import UNFORESEEN, note_fault

_PATIENCE = 60.0  # seconds a program waits for a server that is still getting ready


def _ready(desk: Desk) -> None:
    """Wait until questions can be answered.

    Raises:
        gradio.Error: it takes too long, or cannot be.
    """
    import gradio as gr

    until = time.monotonic() + _PATIENCE
    while desk.state().stage in ("model", "index") and time.monotonic() < until:
        time.sleep(0.2)
    state = desk.state()
    if state.stage != "ready":
        waiting = f"the index is being prepared ({state.done} of {state.total}); try again in a minute"
        raise gr.Error(str(state.error or waiting), print_exception=False)


def _told(run: Callable[[], Any]) -> Any:
    """Return what `run` returns; what a caller can mend becomes an error of the API."""
    import gradio as gr

    try:
        return run()
    except QAError as error:
        raise gr.Error(str(error), print_exception=False) from error
    except gr.Error:
        raise
    except Exception as error:
        note_fault("an API call", error)
        raise gr.Error(UNFORESEEN, print_exception=False) from error


def in_json(content: Callable[[Any, str], list[Any]]) -> Callable[[Any, str], list[Any]]:
    """Return Gradio's making of MCP content, so that objects are given as JSON; it would give Python's `repr`."""

    def made(data: Any, root_url: str) -> list[Any]:
        told = [json.dumps(each, ensure_ascii=False) if isinstance(each, dict | list) else each for each in data]
        return content(told, root_url)

    return made


def endpoints(desk: Desk) -> tuple[Callable[..., Any], ...]:
    """Return the functions of the API over a desk; their docstrings are what an MCP client reads."""

    def answer_to(question: str, top: int, since: str, until: str, outlet: str, language: str) -> Answer:
        _ready(desk)
        named = {"since": since, "until": until, "outlet": outlet, "language": language}
        filters = Filters(**{name: value or None for name, value in named.items()})  # type: ignore[arg-type]  # checked there
        answer = desk.ask(question, AskOptions(top=top, filters=filters))
        if answer is None:
            raise QAError("the index is being prepared; try again in a minute")
        return answer

    def ask(
        question: str, top: int = 8, since: str = "", until: str = "", outlet: str = "", language: str = ""
    ) -> dict[str, Any]:
        """Answer a question with verbatim quotes from the news articles, each with article, outlet, date and offsets.

        `found` is false, with a `reason`, where the articles do not answer.

        Args:
            question: The question, in English, Traditional or Simplified Chinese.
            top: How many passages to consult, 1 to 100.
            since: Only articles of this day or later, as YYYY-MM-DD; empty for any.
            until: Only articles of this day or earlier, as YYYY-MM-DD; empty for any.
            outlet: Only articles of this outlet; empty for any.
            language: Only articles in `en` or `zh`; empty for both.
        """
        return dict(_told(lambda: as_dict(answer_to(question, top, since, until, outlet, language))))

    def search(
        question: str, top: int = 8, since: str = "", until: str = "", outlet: str = "", language: str = ""
    ) -> list[dict[str, Any]]:
        """Find the passages of the news articles that come nearest to a question, best first.

        Args:
            question: What to look for, in English, Traditional or Simplified Chinese.
            top: How many passages to return, 1 to 100.
            since: Only articles of this day or later, as YYYY-MM-DD; empty for any.
            until: Only articles of this day or earlier, as YYYY-MM-DD; empty for any.
            outlet: Only articles of this outlet; empty for any.
            language: Only articles in `en` or `zh`; empty for both.
        """
        return list(_told(lambda: as_dict(answer_to(question, top, since, until, outlet, language))["passages"]))

    def get_article(article: str) -> dict[str, Any]:
        """Return one stored article: title, outlet, date, language, url and the text that all offsets refer to.

        Args:
            article: Its name, as `article` in a citation or passage.
        """

        def found() -> dict[str, Any]:
            _ready(desk)
            known = desk.find(article)
            if known is None:
                raise QAError(f"no article {article!r} in the index")
            return article_dict(known)

        return dict(_told(found))

    def index_status() -> dict[str, Any]:
        """Tell what the index holds, which model made it, and whether the folder of articles has changed since."""
        return _status(desk)

    return ask, search, get_article, index_status


def _status(desk: Desk) -> dict[str, Any]:
    state = desk.state()
    told: dict[str, Any] = {"stage": state.stage, "building": state.building, "done": state.done, "total": state.total}
    if state.stage != "ready":
        return told | {"error": state.error and str(state.error)}
    manifest, change = _told(lambda: status(desk.corpus, desk.index))
    return told | {
        "generation": manifest["generation"],
        "model": manifest["model"]["spec"],
        "articles": len(manifest["articles"]),
        "passages": manifest["passages"],
        "sentences": manifest["sentences"],
        "up_to_date": None if change is None else not change,
    }
