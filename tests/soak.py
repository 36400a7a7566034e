"""Readers who ask while the index changes under them: `python tests/soak.py --readers 50 --seconds 300 --rebuilds 10`.

The web app's own functions answer in this process, each reader in a thread; the index is rebuilt by other processes,
as from another terminal. Every article of the corpus names the round that it was written in, so that an answer shows
if it is put together of two. Checked of every answer: it is no error, all of it is of one round and one generation, its
quotes are what stands in the articles of that round, and no reader is ever taken back to an older one. The memory
of this process is looked at all the while; once warm it may not grow.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from conftest import ConceptEncoder, write_articles

from qa import build
from qa.embed import Encoder
from qa.web.desk import Desk
from qa.web.limits import questions
from qa.web.service import functions

FIRST = 4001  # the round that the corpus begins in; its number is the figure that every article names
PLACES = "Alder Birch Cedar Dogwood Elm Fir Gorse Hazel Ivy Juniper Larch Maple Nettle Oak Pine Rowan".split()
OUTLETS = ("Harbour Post", "Valley Echo", "河口日報", "南岸晚报")
ENGLISH = """---
title: {place} bridge
date: 2025-03-{day:02}
outlet: {outlet}
---

In {place} the bridge cost ${round} million, the auditors of {place} say. The council of {place} paid ${round} million.

The bridge of {place} was designed by the architect Nora {place}son, whose {place} office has {round} drawings of it.
"""
CHINESE = """---
title: {place}大橋
date: 2025-04-{day:02}
outlet: {outlet}
---

{place}的大橋造價{round}萬元，{place}市政府說。{place}議會付了{round}萬元。

{place}大橋由建築師{place}林設計，她在{place}的事務所有{round}張圖。
"""
QUESTIONS = (
    "How much did the bridge cost?", "大橋的造價是多少？", "Who designed the bridge?", "大桥由谁设计？",
    "How much did the bridge in {place} cost?", "{place}大橋的造價是多少？",
)  # fmt: skip
LOOK = {"look": {"language": "en", "script": "original", "gloss": False}}
_ROUND = re.compile(r"\b(4\d{3})\b|(?<!\d)(4\d{3})(?!\d)")
_SAMPLES = 40  # looks at the memory
_PATIENCE = 180.0  # seconds that a new generation may take to be answered from
_GROWN = 1.05  # times the memory of the second third of the time, that the last third may take


def articles(number: int) -> dict[str, str]:
    """Return the files of round `number`."""
    return {
        f"{place}-{language}.md": form.format(
            place=place, round=number, day=day, outlet=OUTLETS[(day + shift) % len(OUTLETS)]
        )
        for day, place in enumerate(PLACES, 1)
        for shift, (language, form) in enumerate((("en", ENGLISH), ("zh", CHINESE)))
    }


def stored(name: str, number: int) -> str:
    """Return the text of an article of round `number` as it is stored."""
    return articles(number)[name].split("---\n", 2)[2].strip("\n")


def resident() -> float:
    """Return the memory of this process in MB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


@dataclass
class Soak:
    """A desk that is asked and an index that is rebuilt; what went wrong is gathered, not raised."""

    home: Path
    encoder: str
    failures: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)  # that each answer took
    memory: list[tuple[float, float]] = field(default_factory=list)  # (seconds since the start, MB)
    rounds: dict[str, set[int]] = field(default_factory=dict)  # of each generation
    reached: threading.Event = field(default_factory=threading.Event)  # the last round built has been answered from
    ended: threading.Event = field(default_factory=threading.Event)
    number: int = FIRST
    found: int = 0

    def __post_init__(self) -> None:
        self.corpus, self.index = self.home / "corpus", self.home / "index"
        self.rebuild()
        self.desk = Desk(
            self.index, self.corpus, encoder=encoder_of(self.encoder), limit=questions(0)
        )  # one address asks
        assert self.desk.assistant()
        self.call = {each.__name__: each for each in functions(self.desk, self.home / "feedback.jsonl")}

    def rebuild(self) -> None:
        """Write the corpus of this round and build it in another process."""
        write_articles(self.corpus, articles(self.number))
        command = [sys.executable, __file__, "--build", str(self.home), "--encoder", self.encoder]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            self.failures.append(f"build of round {self.number}: {done.stderr[-2000:]}")

    def rebuilds(self, times: int, seconds: float) -> None:
        """Rebuild as often, spread over the time, each time waiting until a reader was answered from what was built."""
        started = time.monotonic()
        for turn in range(1, times + 1):
            self.ended.wait(max(0.0, started + seconds * turn / (times + 1) - time.monotonic()))
            self.number += 1
            self.reached.clear()
            self.rebuild()
            if not self.reached.wait(_PATIENCE):
                self.failures.append(f"nobody was answered from round {self.number}")

    def read(self, reader: int, pause: float) -> None:
        """Ask until the time is over, now and then opening an article."""
        newest = FIRST
        for turn in count(reader):
            if self.ended.wait(pause):
                return
            question = QUESTIONS[turn % len(QUESTIONS)].format(place=PLACES[turn % len(PLACES)])
            started = time.perf_counter()
            told = self.call["ask"](LOOK | {"question": question, "number": 1})
            self.seconds.append(time.perf_counter() - started)
            try:
                newest = self.check(told, newest)
                if turn % 7 == 0 and told["turn"]["found"]:
                    self.check_article(told["turn"]["citations"][0])
            except Exception as error:
                self.failures.append(f"{question}: {type(error).__name__} {error} in {str(told)[:400]}")

    def check(self, told: dict[str, Any], newest: int) -> int:
        """Check an answer; return its round."""
        turn = told["turn"]
        self.found += turn["found"]
        pieces = [one["quote"] for one in turn["citations"]] + [one["text"] for one in turn["passages"]]
        (number,) = rounds(" ".join((*pieces, told["answer"], told["sources"])))
        for one in turn["citations"]:
            assert stored(one["article"], number)[one["start"] : one["end"]] == one["quote"], "not what is stored"
        self.rounds.setdefault(turn["index"]["generation"], set()).add(number)
        assert number >= newest, f"back from round {newest}"
        if number == self.number:
            self.reached.set()
        return number

    def check_article(self, one: dict[str, Any]) -> None:
        """Check that a cited article can be opened and is of one round, maybe a later one by now."""
        told = self.call["article"](LOOK | {"article": one["article"], "quotes": [one]})
        assert len(rounds(told["html"])) == 1, told

    def watch_memory(self, seconds: float) -> None:
        started = time.monotonic()
        while not self.ended.wait(seconds / _SAMPLES):
            self.memory.append((time.monotonic() - started, resident()))

    def run(self, readers: int, seconds: float, times: int, pause: float) -> dict[str, Any]:
        """Let all of it go on for so long; return what was seen."""
        work = [threading.Thread(target=self.read, args=(reader, pause)) for reader in range(readers)]
        work += [threading.Thread(target=self.watch_memory, args=(seconds,))]
        builder = threading.Thread(target=self.rebuilds, args=(times, seconds))
        for thread in (*work, builder):
            thread.start()
        self.ended.wait(seconds)
        builder.join()
        self.ended.set()
        for thread in work:
            thread.join()
        return self.told(readers, times)

    def told(self, readers: int, times: int) -> dict[str, Any]:
        """Return the figures of a run, with what failed."""
        mixed = {name: sorted(found) for name, found in self.rounds.items() if len(found) > 1}
        self.failures += [f"generations of several rounds: {mixed}"] if mixed else []
        third = len(self.memory) // 3
        warm, last = (
            max((mb for _, mb in part), default=0.0)
            for part in (self.memory[third : 2 * third], self.memory[2 * third :])
        )
        took = sorted(self.seconds)
        return {
            "readers": readers,
            "rebuilds": times,
            "answers": len(took),
            "found": self.found,
            "generations answered from": len(self.rounds),
            "seconds an answer, median and 99 of 100": [round(took[len(took) * share // 100], 3) for share in (50, 99)],
            "MB once warm, in the last third": [round(warm), round(last)],
            "memory flat": last <= warm * _GROWN,
            "memory (second: MB)": " ".join(f"{at:.0f}: {mb:.0f}" for at, mb in self.memory),
            "load of the machine": os.getloadavg()[0],
            "failures": len(self.failures),
            "first failures": self.failures[:5],
        }


def rounds(text: str) -> set[int]:
    return {int(one or other) for one, other in _ROUND.findall(text)}


def encoder_of(name: str) -> Encoder | None:
    """Return the encoder computed on paper, or none for the bundled weights."""
    return ConceptEncoder() if name == "concepts" else None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name, value in {"readers": 50, "seconds": 300, "rebuilds": 10}.items():
        parser.add_argument(f"--{name}", type=int, default=value)
    parser.add_argument("--pause", type=float, default=1.0, help="seconds that a reader rests between two questions")
    parser.add_argument("--encoder", choices=("bundled", "concepts"), default="bundled")
    parser.add_argument("--build", type=Path, help=argparse.SUPPRESS)  # what the rebuilding processes are told
    asked = parser.parse_args()
    if asked.build:
        if asked.encoder == "concepts":
            from crash import thin_null_questions  # which binds numpy to one thread when it is imported

            thin_null_questions()
        build(asked.build / "corpus", asked.build / "index", encoder=encoder_of(asked.encoder))
        return
    with tempfile.TemporaryDirectory() as home:
        told = Soak(Path(home), asked.encoder).run(asked.readers, asked.seconds, asked.rebuilds, asked.pause)
    print(json.dumps(told, ensure_ascii=False, indent=1))
    sys.exit(1 if told["failures"] else 0)


if __name__ == "__main__":
    main()
