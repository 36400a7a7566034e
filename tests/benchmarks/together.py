"""Many questions at once: through threads over one assistant, and through the web server."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from threading import Barrier
from time import perf_counter

from qa import Assistant

AT_ONCE = 32

Ask = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Together:
    """Questions asked at once, compared with the same ones asked one at a time.

    `throughput` is a ratio. `fairness` is the longest wait over the median one: 2 where they are served in the
    order in which they came, 1 where all are served alike.
    """

    errors: int
    different: int
    alone: float  # seconds of all questions, one at a time
    at_once: float
    throughput: float
    fairness: float


def together(ask: Ask, questions: Sequence[str], repeat: int) -> Together:
    """Ask one at a time and at once, by turns, `repeat` times; medians."""
    for question in questions:
        ask(question)
    rounds = [_round(ask, questions) for _ in range(repeat)]
    alone, at_once = (median(each[place] for each in rounds) for place in (0, 1))
    return Together(
        errors=sum(each[2] for each in rounds),
        different=sum(each[3] for each in rounds),
        alone=alone,
        at_once=at_once,
        throughput=alone / at_once,
        fairness=median(each[4] for each in rounds),
    )


def _round(ask: Ask, questions: Sequence[str]) -> tuple[float, float, int, int, float]:
    """Return seconds one at a time and at once, errors, answers that differ, and the longest wait over the median."""
    started = perf_counter()
    expected = [ask(question) for question in questions]
    alone = perf_counter() - started
    told = at_once(ask, questions)
    waits = [seconds for seconds, _ in told]
    failed = [isinstance(answer, Exception) for _, answer in told]
    differ = [answer != before for (_, answer), before in zip(told, expected, strict=True)]
    return alone, max(waits), sum(failed), sum(differ) - sum(failed), max(waits) / median(waits)


def at_once(ask: Ask, questions: Sequence[str]) -> list[tuple[float, object]]:
    """Ask every question in a thread of its own, all let go together; return seconds, and answer or error, of each."""
    start = Barrier(len(questions))

    def wait(question: str) -> tuple[float, object]:
        start.wait()
        started = perf_counter()
        try:
            answer = ask(question)
        except Exception as error:  # whatever it is: it is counted
            return perf_counter() - started, error
        return perf_counter() - started, answer

    with ThreadPoolExecutor(len(questions)) as pool:
        return list(pool.map(wait, questions))


def over_threads(index: Path, questions: Sequence[str], repeat: int) -> Together:
    """Measure threads over one assistant, as the web server has them."""
    return together(Assistant.open(index).ask, questions, repeat)


def over_http(address: str) -> Ask:
    """Return what asks a running web server by its API."""

    def ask(question: str) -> object:
        data = json.dumps({"data": [question, 8, "", "", "", ""]}).encode()
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(f"{address}/gradio_api/run/ask", data, headers)  # noqa: S310 - our own server
        with urllib.request.urlopen(request, timeout=120) as reply:  # noqa: S310
            return json.load(reply)["data"]

    return ask
