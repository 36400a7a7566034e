"""Work in a process of its own, which can be ended: what a file was made to do, it does there.

A thread that takes too long cannot be stopped, and a regular expression or a parser in C may hold up every other
thread; a process can. It is started when it is first needed, takes one request after the other, and ends with
this one. A request is a line of JSON, then as many bytes as it says; the answer is a line of JSON.
"""

from __future__ import annotations

import atexit
import faulthandler
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any, BinaryIO, cast

_TOO_LONG = 1  # the exit code with which `faulthandler` ends a process


class Ended(Exception):
    """The process ended before it answered; `too_long` tells whether because its time was over."""

    def __init__(self, *, too_long: bool) -> None:
        super().__init__("the time was over" if too_long else "the process broke down")
        self.too_long = too_long


@dataclass(slots=True)
class Apart:
    """The process that runs `code`, a statement that calls `serve`. Its methods may be called from several threads."""

    code: str
    _process: subprocess.Popen[bytes] | None = None
    _lock: Lock = field(default_factory=Lock)

    def ask(self, request: str, data: bytes, seconds: float) -> Any:
        """Return what the process answers to a request within so many seconds.

        Raises:
            Ended: it did not; the next request is answered by a new process.
        """
        with self._lock:
            process = self._process = self._process or self._started()
            try:
                return _answer(process, json.dumps([request, len(data), seconds]).encode(), data)
            except (EOFError, OSError) as error:
                self._closed()
                raise Ended(too_long=process.returncode == _TOO_LONG) from error
            except BaseException:  # interrupted; an answer that comes late would be taken for the next one's
                self.end()
                raise

    def end(self) -> None:
        """End the process, whatever it is at; the next request is answered by a new one."""
        if self._process:
            self._process.kill()
            self._closed()

    def _closed(self) -> None:
        process, self._process = self._process, None
        with suppress(OSError), process or nullcontext():
            pass  # leaving closes the pipes and waits

    def _started(self) -> subprocess.Popen[bytes]:
        atexit.register(self.end)
        paths = os.pathsep.join(
            path or str(Path.cwd()) for path in sys.path
        )  # the same modules as here, from nowhere else
        return subprocess.Popen(
            [sys.executable, "-P", "-c", self.code],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": paths},
        )


def _answer(process: subprocess.Popen[bytes], request: bytes, data: bytes) -> Any:
    """Put a request to a process; raises EOFError or OSError where the process ends."""
    requests, answers = cast(BinaryIO, process.stdin), cast(BinaryIO, process.stdout)
    requests.writelines((request, b"\n", data))
    requests.flush()
    line = answers.readline()
    if not line.endswith(b"\n"):
        raise EOFError
    return json.loads(line)


def serve(answer: Callable[[str, bytes], Any]) -> None:
    """Answer requests until there are no more; end this process in the midst of one that takes too long."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the process that asks is interrupted, and this one ends with it
    requests, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no answer
    with Path(os.devnull).open("w") as nothing:
        for line in requests:
            request, size, seconds = json.loads(line)
            data = requests.read(size)
            faulthandler.dump_traceback_later(seconds, exit=True, file=nothing)
            told = json.dumps(answer(request, data))
            faulthandler.cancel_dump_traceback_later()
            answers.write(told.encode() + b"\n")
            answers.flush()
