"""The rows answered so far, beside the file that is being made: `answers.xlsx.part`.

One JSON line that says what is being answered, with what and since which day, then one whole line a row. A killed
run leaves it behind, and the next one goes on where its last whole line ends.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from io import BufferedRandom
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from qa.errors import FileError

_SYNC_EVERY = 32  # rows: a power cut loses no more
_TOLD = {
    "questions": "other questions",
    "generation": "another index (it has been built anew since)",
    "model": "another model",
    "options": "other options",
}


def line_of(record: Mapping[str, Any]) -> bytes:
    """Return a record as its line."""
    return json.dumps(record, ensure_ascii=False).encode() + b"\n"


def journal_path(out: Path) -> Path:
    """Return where the rows of an unfinished `out` are kept."""
    return out.with_name(f"{out.name}.part")


@dataclass(slots=True)
class Journal:
    """An open journal; `head` is what it was begun with, `done` rows are in it, `found` of them with an answer."""

    path: Path
    file: BufferedRandom
    head: Mapping[str, Any]
    done: int = 0
    found: int = 0
    _unsynced: int = field(default=0)

    @classmethod
    def open(cls, out: Path, head: Mapping[str, Any], questions: Sequence[str], *, resume: bool) -> Journal:
        """Open the journal of `out`: a new one, or with `resume` the one that a stopped run left, if any.

        Raises:
            FileError: it cannot be written, or is of other questions, another index or other options.
        """
        path = journal_path(out)
        try:
            journal = cls(path, path.open("r+b" if resume and path.exists() else "w+b"), head)
            try:
                journal._begin(questions, resume=resume)
            except BaseException:
                journal._close()
                raise
        except OSError as error:
            raise FileError(f"{out}: cannot be written ({error.strerror}); choose another place") from error
        return journal

    def _begin(self, questions: Sequence[str], *, resume: bool) -> None:
        """Write the head, or find the end of the last whole row and cut off what follows."""
        first = self.file.readline() if resume else b""
        kept = _parsed(first)
        if kept is None:
            self._write_at(0, line_of(self.head))
            return
        for name, told in _TOLD.items():
            if kept.get(name) != self.head[name]:
                raise FileError(f"{self.path}: was begun with {told}; leave out --resume to start from the beginning")
        self.head = kept
        end = len(first)
        for line, question in zip(self.file, questions, strict=False):
            record = _parsed(line)
            if record is None or record.get("question") != question:
                break
            end += len(line)
            self.done += 1
            self.found += bool(record.get("found"))
        self._write_at(end, b"")

    def _write_at(self, place: int, data: bytes) -> None:
        self.file.seek(place)
        self.file.truncate()
        self.file.write(data)
        self.file.flush()

    def add(self, record: Mapping[str, Any]) -> None:
        """Write one row, whole; raises OSError."""
        self.file.write(line_of(record))
        self.file.flush()
        self.done += 1
        self.found += bool(record["found"])
        self._unsynced += 1
        if self._unsynced >= _SYNC_EVERY:
            self.sync()

    def sync(self) -> None:
        """Bring the rows to the disk; raises OSError."""
        os.fsync(self.file.fileno())
        self._unsynced = 0

    def lines(self) -> Iterator[bytes]:
        """Yield the line of every row."""
        self.file.seek(0)
        self.file.readline()
        yield from self.file

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the journal; without a row in it there is nothing to go on from, so it goes."""
        self._close()
        if not self.done:
            self.path.unlink(missing_ok=True)

    def _close(self) -> None:
        with suppress(OSError):  # what could not be written before cannot be now: that is told already
            self.file.close()


def _parsed(line: bytes) -> dict[str, Any] | None:
    """Return the object of a whole line, None for one that was cut off or damaged."""
    if not line.endswith(b"\n"):
        return None
    try:
        told = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return told if isinstance(told, dict) else None
