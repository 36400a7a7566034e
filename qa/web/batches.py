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
from qa.batch import Row, head_of, read_questions, run, today
from qa.errors import FileError, LimitError
from qa.journal import journal_path, line_of
from qa.web.limits import CLIENT, Window, files
from qa.web.log import UNFORESEEN

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
    client: str = ""
    day: str = field(default_factory=today)  # of the run, not of a download
    stage: Stage = "running"
    done: int = 0
    found: int = 0
    error: QAError | None = None
    stopped: bool = False
    _writing: Lock = field(default_factory=Lock)  # of a further form: two visitors' clicks are one run

    @property
    def answers(self) -> Path:
        """Where the answers are, once all are there."""
        return self.folder / _ANSWERS

    def records(self, start: int) -> Iterator[dict[str, Any]]:
        """Yield the records of the rows from `start` on, as far as they are answered."""
        yield from map(json.loads, islice(self._lines(), start, None))

    def _lines(self) -> Iterator[bytes]:
        """Yield the line of every row that is answered, whole lines only."""
        whole = self.answers.exists()
        path, head = (self.answers, 0) if whole else (journal_path(self.answers), 1)
        with suppress(FileNotFoundError), path.open("rb") as lines:
            yield from (line for line in islice(lines, head, None) if line.endswith(b"\n"))

    def work(self) -> None:
        """Answer all rows; run in a thread."""
        try:
            self.found = run(self.assistant, self.rows, self.answers, self.options, self._progress)
            self.stage = "done"
        except _Cancelled:
            self.found = sum(record["found"] for record in self.records(0))
            self.stage = "cancelled"
        except QAError as error:
            self.error, self.stage = error, "failed"
        finally:
            if self.stage == "running":
                self.error = QAError(UNFORESEEN)
                self.stage = "failed"

    def _progress(self, count: int) -> None:
        self.done += count
        if self.stopped and self.done < len(self.rows):
            raise _Cancelled

    def file(self, form: str) -> bytes:
        """Return the answers in one of `FORMS`; of a job that was cancelled, those of its first `done` rows.

        Raises:
            FileError: the form is not known, the job has not ended, or no row is answered.
        """
        if form not in FORMS or self.stage not in ("done", "cancelled") or not self.done:
            raise FileError(f"no answers as {form}")
        out = self.folder / f"download.{form}"
        with self._writing:
            if not out.exists():
                self._write(out)
        return out.read_bytes()

    def _write(self, out: Path) -> None:
        """Write the answers in another form: as a run that is resumed when all its rows are there already."""
        rows = self.rows[: self.done]
        with journal_path(out).open("wb") as kept:
            kept.write(line_of({**head_of(self.assistant, rows, self.options), "date": self.day}))
            kept.writelines(islice(self._lines(), len(rows)))
        run(self.assistant, rows, out, self.options, lambda count: None, resume=True)

    @property
    def file_name(self) -> str:
        """The name of a download without its suffix; one that does not hold all rows says so."""
        stem = self.name.rpartition(".")[0] or self.name
        return f"{stem}-answers" + (f"-first-{self.done}" if self.done < len(self.rows) else "")


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
    limit: Window = field(default_factory=files)
    _changing: Lock = field(default_factory=Lock)

    def start(self, name: str, data: bytes, options: AskOptions) -> str:
        """Begin to answer a file of questions; return the job's name.

        Raises:
            QAError: the file cannot be read, or there is no room for one more.
            LimitError: the client has one running, or has sent too many.
        """
        assistant = self.open()
        if assistant is None:
            raise QAError("the index is being prepared; try again in a minute")
        self._one_at_a_time()
        self.limit.take()
        key = token_urlsafe(12)
        folder = self.home / key
        folder.mkdir(parents=True)
        try:
            rows = self._rows(folder / _safe(name), data)
            self._make_room()
        except QAError:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        job = self.jobs[key] = Job(_safe(name), rows, assistant, options, folder, CLIENT.get())
        Thread(target=job.work, daemon=True, name="batch").start()
        return key

    def _one_at_a_time(self) -> None:
        running = (job for job in list(self.jobs.values()) if job.stage == "running" and not job.stopped)
        if any(job.client == CLIENT.get() for job in running):
            raise LimitError("one file of questions is answered at a time; wait for yours to end, or cancel it")

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
