"""Files of questions that visitors run: each in a thread and a folder of its own, which goes with the server."""

from __future__ import annotations

import atexit
import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from secrets import token_urlsafe
from tempfile import mkdtemp
from threading import Lock, Thread
from typing import Any, Literal

from qa import AskOptions, Assistant, QAError
from qa.batch import Row, read_questions, run
from qa.errors import FileError
from qa.journal import journal_path

FORMS = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv",
    "jsonl": "application/jsonl",
    "md": "text/markdown",
}
MAX_ROWS = 5000
_KEPT = 12  # jobs; the oldest that has ended makes room
_ANSWERS = "answers.jsonl"

Stage = Literal["running", "done", "cancelled", "failed"]


class _Cancelled(Exception):
    """The visitor has stopped the job."""


@dataclass(slots=True)
class Job:
    """One file of questions being answered, with the assistant it began with."""

    name: str
    rows: list[Row]
    assistant: Assistant
    options: AskOptions
    folder: Path
    stage: Stage = "running"
    done: int = 0
    found: int = 0
    error: str = ""
    stopped: bool = False

    @property
    def answers(self) -> Path:
        """Where the answers are, once all are there."""
        return self.folder / _ANSWERS

    def records(self, start: int) -> Iterator[dict[str, Any]]:
        """Yield the records of the rows from `start` on, as far as they are answered."""
        whole = self.answers.exists()
        path, head = (self.answers, 0) if whole else (self.folder / "kept", 1)
        if not whole and not path.exists():
            path = journal_path(self.answers)
        with suppress(OSError), path.open(encoding="utf-8") as lines:
            for line in islice(lines, head + start, None):
                if line.endswith("\n"):
                    yield json.loads(line)

    def work(self) -> None:
        """Answer all rows; run in a thread."""
        try:
            self.found = run(self.assistant, self.rows, self.answers, self.options, self._progress)
            self.stage = "done"
        except _Cancelled:
            self.stage = "cancelled"
        except QAError as error:
            self.error, self.stage = str(error), "failed"
        finally:
            if self.stage == "running":
                self.error, self.stage = "an unexpected fault; the server's terminal tells more", "failed"

    def _progress(self, count: int) -> None:
        self.done += count
        if self.done == len(self.rows):  # with its rows kept, every other form can be written without asking again
            shutil.copyfile(journal_path(self.answers), self.folder / "kept")
        elif self.stopped:
            raise _Cancelled

    def file(self, form: str) -> bytes:
        """Return the answers in one of `FORMS`.

        Raises:
            FileError: the form is not known, or the job has not ended.
        """
        if form not in FORMS or self.stage != "done":
            raise FileError(f"no answers as {form}")
        out = self.folder / f"answers.{form}"
        if not out.exists():
            shutil.copyfile(self.folder / "kept", journal_path(out))
            run(self.assistant, self.rows, out, self.options, lambda count: None, resume=True)
        return out.read_bytes()


def _home() -> Path:
    """Make a folder that goes when the process ends."""
    folder = Path(mkdtemp(prefix="news-qa-batch-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


@dataclass(slots=True)
class Batches:
    """The jobs of one server; a job is known only to whoever was given its name."""

    open: Callable[[], Assistant | None]
    jobs: dict[str, Job] = field(default_factory=dict)
    home: Path = field(default_factory=_home)
    _changing: Lock = field(default_factory=Lock)

    def start(self, name: str, data: bytes, options: AskOptions) -> str:
        """Begin to answer a file of questions; return the job's name.

        Raises:
            QAError: the file cannot be read, or there is no room for one more.
        """
        assistant = self.open()
        if assistant is None:
            raise QAError("the index is being prepared; try again in a minute")
        key = token_urlsafe(12)
        folder = self.home / key
        folder.mkdir(parents=True)
        try:
            rows = self._rows(folder / _safe(name), data)
            self._make_room()
        except QAError:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        job = self.jobs[key] = Job(_safe(name), rows, assistant, options, folder)
        Thread(target=job.work, daemon=True, name="batch").start()
        return key

    def _rows(self, path: Path, data: bytes) -> list[Row]:
        path.write_bytes(data)
        try:
            rows = read_questions(path)
        except QAError as error:
            raise FileError(str(error).replace(f"{path.parent}/", "")) from error
        if not 1 <= len(rows) <= MAX_ROWS:
            raise FileError(f"{path.name}: has {len(rows):,} questions; give it 1 to {MAX_ROWS:,}")
        return rows

    def _make_room(self) -> None:
        with self._changing:
            ended = [key for key, job in self.jobs.items() if job.stage != "running"]
            if len(self.jobs) >= _KEPT and not ended:
                raise QAError("too many files are being answered; wait for one to end")
            for key in ended[: max(0, len(self.jobs) - _KEPT + 1)]:
                shutil.rmtree(self.jobs.pop(key).folder, ignore_errors=True)


def _safe(name: str) -> str:
    """Return the last part of a file's name, such that it can only be a file in its folder.

    >>> _safe("../../etc/questions.csv")
    'questions.csv'
    """
    return Path(name.replace("\\", "/")).name.lstrip(".") or "questions"
