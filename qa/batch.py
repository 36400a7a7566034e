"""Files of questions in, files of answers out: `.jsonl` and `.txt` in, `.jsonl` out."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from qa.assistant import Assistant
from qa.errors import FileError, QuestionError
from qa.options import AskOptions
from qa.render import as_dict

_TOGETHER = 64  # questions encoded at once


@dataclass(frozen=True, slots=True)
class Row:
    """One asked row: the question, and everything that stood beside it."""

    question: str
    given: dict[str, Any]


def read_questions(path: Path) -> list[Row]:
    """Read a file of questions.

    Raises:
        FileError: there is no such file, or it is not of a known form.
    """
    readers = {".jsonl": _read_jsonl, ".txt": _read_txt}
    if path.suffix.lower() not in readers:
        raise FileError(f"{path}: questions are read from {', '.join(readers)} files")
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not UTF-8 text"
        raise FileError(f"{path}: cannot be read ({reason})") from error
    return list(readers[path.suffix.lower()](text, path))


def _read_txt(text: str, path: Path) -> Iterator[Row]:
    for line in text.splitlines():
        if line.strip():
            yield Row(line.strip(), {"question": line.strip()})


def _read_jsonl(text: str, path: Path) -> Iterator[Row]:
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            given = json.loads(line)
        except ValueError as error:
            raise FileError(f"{path}, line {number}: not JSON; write one object a line") from error
        if not isinstance(given, dict) or not isinstance(given.get("question"), str):
            raise FileError(f'{path}, line {number}: no "question"; write {{"question": "..."}}')
        yield Row(given["question"], given)


@contextmanager
def _whole(path: Path) -> Iterator[TextIO]:
    """Open a file that appears under its name only when it is complete.

    Raises:
        FileError: it cannot be written.
    """
    draft = path.with_name(f".{path.name}.part")
    try:
        with draft.open("w", encoding="utf-8", newline="\n") as out:
            yield out
        draft.replace(path)
    except OSError as error:
        raise FileError(f"{path}: cannot be written ({error.strerror})") from error
    finally:
        draft.unlink(missing_ok=True)


def run(
    assistant: Assistant,
    rows: Sequence[Row],
    out: Path,
    options: AskOptions,
    progress: Callable[[int], None],
) -> int:
    """Answer every row into `out`, one JSON object a line; return how many were answered.

    Raises:
        FileError: `out` cannot be written or is not `.jsonl`.
    """
    if out.suffix.lower() != ".jsonl":
        raise FileError(f"{out}: answers are written to .jsonl files")
    found = 0
    with _whole(out) as lines:
        for start in range(0, len(rows), _TOGETHER):
            part = rows[start : start + _TOGETHER]
            for record in _answered(assistant, part, options):
                found += record["found"]
                lines.write(json.dumps(record, ensure_ascii=False) + "\n")
                progress(1)
    return found


def _answered(assistant: Assistant, rows: Sequence[Row], options: AskOptions) -> Iterator[dict[str, Any]]:
    """Yield one record a row; a question that cannot be asked is a record that says so."""
    try:
        answers = assistant.ask_all([row.question for row in rows], options)
    except QuestionError as error:
        if len(rows) > 1:
            for row in rows:
                yield from _answered(assistant, [row], options)
        else:
            yield {
                "question": rows[0].question,
                "found": False,
                "reason": "error",
                "error": str(error),
                "input": rows[0].given,
            }
        return
    for row, answer in zip(rows, answers, strict=True):
        yield as_dict(answer) | {"question": row.question, "input": row.given}
