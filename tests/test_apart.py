from __future__ import annotations

import os
import time
from collections.abc import Iterator
from typing import Any

import pytest

from qa.apart import Apart, Ended

CODE = """if True:
    import os, re, time
    from qa.apart import serve

    def answer(request, data):
        print("this is no answer")
        if request == "pid":
            return os.getpid()
        if request == "match":
            return bool(re.match(r"(a+)+$", data.decode()))
        if request == "break":
            os.abort()
        return [request, len(data), data.decode("latin-1")[:3]]

    serve(answer)
"""
SLOW = b"a" * 60 + b"b"  # what the expression above tries in more ways than a century has seconds


@pytest.fixture(scope="module")
def started() -> Iterator[Apart]:
    apart = Apart(CODE)
    yield apart
    apart.end()


def ask(apart: Apart, request: str, data: bytes = b"", seconds: float = 60.0) -> Any:
    return apart.ask(request, data, seconds)


def test_a_request_and_its_data_are_answered_by_one_process(started: Apart) -> None:
    assert ask(started, "大橋\n", b"\n\x00\xff" * 1_000_000) == ["大橋\n", 3_000_000, "\n\x00\xff"]
    assert ask(started, "pid") == ask(started, "pid") != os.getpid()


def test_what_takes_too_long_is_ended_with_its_process(started: Apart) -> None:
    process, began = ask(started, "pid"), time.monotonic()

    with pytest.raises(Ended) as caught:
        ask(started, "match", SLOW, 0.3)

    assert caught.value.too_long
    assert time.monotonic() - began < 20
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)
    assert ask(started, "match", b"aaa") is True


def test_a_break_down_is_told_and_the_next_request_is_answered(started: Apart) -> None:
    with pytest.raises(Ended) as caught:
        ask(started, "break")
    assert not caught.value.too_long
    assert ask(started, "match", b"aab") is False
