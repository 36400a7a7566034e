"""What readers think of answers, as lines of JSON on this machine; after review `qa eval` can take the file as gold."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Any

from qa.errors import FileError

REASONS = ("wrong_passage", "missing_passage", "should_decline")
FILTERS = ("since", "until", "outlet", "language")
_MOST = 2000  # characters of anything that are kept; what comes is from outside
_CITED = 20  # quotes that are kept
_writing = Lock()


def line(told: Mapping[str, Any], good: bool, reason: str) -> dict[str, Any]:
    """Return what is noted: the question as a row of gold as far as it is known, then what was answered.

    A reviewer completes `accept` (texts that a right quote must hold) and `articles` (those that answer).
    """
    cited = [{"article": str(one["article"])[:_MOST], "quote": str(one["quote"])[:_MOST]} for one in told["citations"]]
    return {
        "question": str(told["question"])[:_MOST],
        "lang": str(told["language"])[:_MOST],
        "answerable": bool(told["found"]) if good else reason != "should_decline",
        "accept": [[one["quote"]] for one in cited[:1]] if good else [],
        "articles": [one["article"] for one in cited[:1]] if good else [],
        "verdict": "good" if good else "bad",
        "reason": reason if reason in REASONS and not good else "",
        "answered": cited[:_CITED],
        "filters": {name: str(told["filters"][name])[:_MOST] for name in FILTERS if name in told["filters"]},
        "generation": str(told["index"]["generation"])[:_MOST],
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def note(path: Path, noted: Mapping[str, Any]) -> None:
    """Add a line to the file.

    Raises:
        QAError: it cannot be written.
    """
    text = json.dumps(noted, ensure_ascii=False) + "\n"
    try:
        with _writing, path.open("a", encoding="utf-8", newline="\n") as out:
            out.write(text)
    except OSError as error:
        raise FileError(f"{path}: cannot be written ({error.strerror})") from error
