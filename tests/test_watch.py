"""Watching: builds follow changes, one at a time, and failures do not end it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, SimpleQueue

import pytest

from qa import Report, build
from qa.embed import Encoder
from qa.errors import CorpusError, IndexBusy, QAError
from qa.watch import watch

PAUSE = 100  # milliseconds


class Heard:
    """A watch in a thread of its own, and what it tells."""

    def __init__(self, corpus: Path, index: Path, rebuild: Callable[[], Report]) -> None:
        self.told: SimpleQueue[Report | QAError] = SimpleQueue()
        self.stop = threading.Event()
        self.builds = 0
        self._rebuild = rebuild
        self.thread = threading.Thread(
            target=watch,
            args=(corpus, index, self._counted, self.told.put),
            kwargs={"pause": PAUSE, "stop": self.stop},
            daemon=True,
        )

    def _counted(self) -> Report:
        self.builds += 1
        return self._rebuild()

    def next(self) -> Report | QAError:
        return self.told.get(timeout=60)


@contextmanager
def watching(corpus: Path, index: Path, rebuild: Callable[[], Report]) -> Iterator[Heard]:
    heard = Heard(corpus, index, rebuild)
    heard.thread.start()
    try:
        yield heard
    finally:
        heard.stop.set()
        heard.thread.join(timeout=60)
    assert not heard.thread.is_alive()


def report(*added: str) -> Report:
    return Report("0" * 16, added, (), (), (), 0, (), 0, 0, 0.0)


def test_a_change_is_built_and_told(corpus: Path, index: Path, encoder: Encoder) -> None:
    with watching(corpus, index, lambda: build(corpus, index, encoder=encoder)) as heard:
        while heard.builds == 0:
            time.sleep(0.05)
        time.sleep(0.5)
        (corpus / "new.txt").write_text("A new article stands here.", encoding="utf-8")
        told = heard.next()

    assert isinstance(told, Report) and told.added == ("new.txt",)


def test_many_changes_lead_to_few_builds_one_at_a_time(tmp_path: Path) -> None:
    corpus, running, most = tmp_path, [0], [0]

    def rebuild() -> Report:
        running[0] += 1
        most[0] = max(most[0], running[0])
        time.sleep(0.3)
        running[0] -= 1
        return report("x")

    with watching(corpus, tmp_path / "index", rebuild) as heard:
        heard.next()
        for number in range(40):
            (corpus / f"{number}.txt").write_text("Words.", encoding="utf-8")
            time.sleep(0.01)
        heard.next()
        time.sleep(1)
        assert heard.builds <= 6
    assert most == [1]


def test_a_failure_is_told_once_and_tried_again(tmp_path: Path) -> None:
    failures = [IndexBusy("another build is writing"), IndexBusy("another build is writing")]

    def rebuild() -> Report:
        if failures:
            raise failures.pop()
        return report("x")

    with watching(tmp_path, tmp_path / "index", rebuild) as heard:
        assert isinstance(heard.next(), IndexBusy)
        assert isinstance(heard.next(), Report)
        assert heard.builds == 3


def test_the_index_and_hidden_files_start_nothing(tmp_path: Path) -> None:
    index = tmp_path / "index"
    index.mkdir()
    with watching(tmp_path, index, report) as heard:
        while heard.builds == 0:
            time.sleep(0.05)
        time.sleep(0.5)
        (index / "CURRENT").write_text("x", encoding="utf-8")
        (tmp_path / ".hidden.txt").write_text("x", encoding="utf-8")
        time.sleep(1)
        assert heard.builds == 1
        with pytest.raises(Empty):
            heard.told.get_nowait()


def test_no_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="cannot watch"):
        watch(tmp_path / "none", tmp_path / "index", report, lambda told: None)


@pytest.mark.model
def test_control_c_stops_it_cleanly(corpus: Path, tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "qa",
        "build",
        "--watch",
        "--corpus",
        str(corpus),
        "--index",
        str(tmp_path / "index"),
    ]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert "articles:" in process.stdout.readline()
    os.kill(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 0
    assert said.splitlines()[-1] == "stopped" and "Traceback" not in said
