"""How much one client may ask of the server: so many events a minute, counted by address, in memory only."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from threading import Lock

from qa.errors import LimitError

CLIENT: ContextVar[str] = ContextVar("client", default="")  # the address that is being answered; `gate` sets it

QUESTIONS = 300  # a minute from one address, behind which a whole office may sit
FILES = 200  # sent a minute: questions, articles, feedback
MISTAKES = 10  # wrong passwords a minute
_MINUTE = 60.0
_REMEMBERED = 10_000  # addresses; the one that came least recently is forgotten


@dataclass(slots=True)
class Window:
    """At most `most` events within any minute for each client; 0 sets no limit. `words` say what is counted."""

    most: int
    words: str
    now: Callable[[], float] = time.monotonic
    _times: dict[str, deque[float]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def check(self) -> None:
        """Let the client that is being answered go on.

        Raises:
            LimitError: it has had its share of this minute.
        """
        with self._lock:
            self._check()

    def take(self) -> None:
        """Count one more event of the client that is being answered.

        Raises:
            LimitError: it has had its share of this minute; the event is not counted.
        """
        with self._lock:
            self._check()
            times = self._times.pop(CLIENT.get(), None) or deque(maxlen=self.most)
            times.append(self.now())
            self._times[CLIENT.get()] = times
            if len(self._times) > _REMEMBERED:
                del self._times[next(iter(self._times))]

    def _check(self) -> None:
        times = self._times.get(CLIENT.get()) or deque()
        left = _MINUTE - (self.now() - times[0]) if self.most and len(times) == self.most else 0
        if left > 0:
            raise LimitError(f"{self.words} (at most {self.most} a minute); try again in {math.ceil(left)} seconds")


def questions(most: int = QUESTIONS) -> Window:
    """Return the limit on questions."""
    return Window(most, "too many questions from this address")


def files() -> Window:
    """Return the limit on what is sent to be kept."""
    return Window(FILES, "too many files from this address")


def mistakes() -> Window:
    """Return the limit on wrong passwords."""
    return Window(MISTAKES, "too many wrong passwords from this address")
