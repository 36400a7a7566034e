"""Kill builds, fill disks, and look at what is left: `python tests/crash.py --steps 50 --moments 200 --disks 30`.

A build runs in a forked child (this one has built before, so that tables are read and it takes less than a second). It
kills itself with SIGKILL just before its n-th operation on the index folder, or is killed after so many
milliseconds. Then, each time, in children of their own: the doctor finds nothing but that the corpus has moved
on, a question is answered from a whole index, old or new, and the next build completes, leaving nothing behind.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}  # pools of threads do not outlive a fork

from conftest import ARTICLES, ConceptEncoder, write_articles

from qa import Assistant, build, shelves
from qa.doctor import examine
from qa.errors import StoreError

TOUCHES = frozenset({"open", "os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.scandir", "os.listdir"})
FULL = 3  # exit code of a build that was told that the disk is full


class Trial:
    """One index, and a corpus that changes before every build."""

    def __init__(self, home: Path) -> None:
        self.index = home / "index"
        self.corpus = write_articles(home / "corpus", ARTICLES)
        self.turn = 0
        self.sound: set[str] = set()  # generations that a build completed

    def change(self) -> None:
        """Change, add or remove an article."""
        self.turn += 1
        (self.corpus / "undated.txt").write_text(f"Lighthouse painted white.\n\nIt took {self.turn} weeks.\n")
        (self.corpus / f"new-{self.turn % 2}.txt").write_text(f"The bridge cost {self.turn} million more.\n")
        (self.corpus / f"new-{1 - self.turn % 2}.txt").unlink(missing_ok=True)

    def build(self) -> None:
        build(self.corpus, self.index, encoder=ConceptEncoder())

    def generation(self) -> str:
        return (self.index / "CURRENT").read_text().strip()

    def check_left(self, *, first: bool) -> None:
        """Check what a build that was killed has left."""
        found = examine(self.corpus, self.index, mark="concepts-1")
        if first and [finding.kind for finding in found] == ["missing"]:
            return
        kinds = [finding.kind for finding in found]
        assert set(kinds) <= {"corpus"}, found
        self.check_answer()

    def check_answer(self) -> None:
        assistant = Assistant.open(self.index, encoder=ConceptEncoder())
        answer = assistant.ask("Who designed the bridge?")
        assert answer.found and "Karin Lindqvist" in answer.citations[0].quote, answer
        assert answer.generation == self.generation()

    def check_next(self) -> None:
        """Check that the next build completes and that nothing is left over."""
        self.build()
        found = examine(self.corpus, self.index, mark="concepts-1")
        assert not found, found
        self.check_answer()
        left = [path.name for path in self.index.iterdir() if path.name.startswith(".")]
        assert not left, left


def child(work: Callable[[], None]) -> int:
    """Start `work` in a child; return its process id."""
    sys.stdout.flush()
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        work()
        code = 0
    except StoreError as error:
        code = FULL if "stands" in str(error) or "cannot write" in str(error) else 1
        if code == 1:
            traceback.print_exc()
    except BaseException:
        traceback.print_exc()
    os._exit(code)


def ended(pid: int) -> int:
    """Return the exit code of a child, or minus the signal that ended it."""
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def dying(work: Callable[[], None], index: Path, step: int) -> Callable[[], None]:
    """Return `work` as it kills itself before its operation number `step` on the index folder."""
    count = 0

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal count
        if event in TOUCHES and isinstance(arguments[0], (str, Path)) and str(arguments[0]).startswith(str(index)):
            count += 1
            if count == step:
                os.kill(os.getpid(), signal.SIGKILL)

    def run() -> None:
        sys.addaudithook(hook)
        work()

    return run


def steps_of(home: Path) -> int:
    """Return how many operations on the index folder a build makes."""
    trial = Trial(home)
    assert ended(child(trial.build)) == 0
    trial.change()
    step = 16
    while ended(child(dying(trial.build, trial.index, step))) == -signal.SIGKILL:
        step += 16
    return step


def seconds_of(home: Path) -> float:
    """Return how long a build of one change takes, the shortest of three."""
    trial = Trial(home)
    assert ended(child(trial.build)) == 0
    taken = []
    for _ in range(3):
        trial.change()
        started = time.perf_counter()
        assert ended(child(trial.build)) == 0
        taken.append(time.perf_counter() - started)
    return min(taken)


def spread(least: float, most: float, count: int) -> list[float]:
    return [least + (most - least) * place / max(count - 1, 1) for place in range(count)]


def kill_at_steps(home: Path, count: int) -> tuple[int, int]:
    """Return how many builds were killed before operations spread over the build, and how many ended first."""
    most = steps_of(home / "measure")
    trial = Trial(home / "steps")
    results = []
    for step in dict.fromkeys(round(step) for step in spread(1, most, count)):
        first = not trial.index.exists()
        trial.change()
        results.append(ended(child(dying(trial.build, trial.index, step))))
        check(trial, first=first)
    return results.count(-signal.SIGKILL), results.count(0)


def kill_at_moments(home: Path, count: int, *, fresh: bool) -> tuple[int, int]:
    """Return how many builds were killed at moments spread over the build, `count`, and how many ended first.

    A build that ends before its moment shows that builds are faster than was thought; the moments of the others, as
    shares of the build, are then taken of the shorter time, and this one is tried again.
    """
    whole = seconds_of(home / "measure")
    trial = Trial(home / "moments")
    killed = early = 0
    while killed < count:
        if fresh:
            shutil.rmtree(trial.index, ignore_errors=True)
        first = not trial.index.exists()
        trial.change()
        moment = whole * killed / count
        pid = child(trial.build)
        time.sleep(moment)
        os.kill(pid, signal.SIGKILL)
        if (code := ended(pid)) == -signal.SIGKILL:
            killed += 1
        else:
            assert code == 0, code
            early += 1
            whole *= 0.95
        check(trial, first=first)
    return killed, early


def check(trial: Trial, *, first: bool) -> None:
    assert ended(child(lambda: trial.check_left(first=first))) == 0
    assert ended(child(trial.check_next)) == 0


@contextmanager
def small_disk(home: Path, size: int) -> Iterator[Path]:
    """Mount a disk of `size` bytes; only root can."""
    home.mkdir(parents=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(home)], check=True)
    try:
        yield home
    finally:
        subprocess.run(["umount", "-l", str(home)], check=True)


def fill_disks(home: Path, count: int) -> tuple[int, int]:
    """Return how many builds found the disk full at different points, and how many fitted."""
    measured = Trial(home / "measure")
    assert ended(child(measured.build)) == 0
    used = sum(path.stat().st_size + 4096 for path in measured.index.rglob("*"))
    results = []
    for number, share in enumerate(spread(0.02, 1.15, count)):
        with small_disk(home / f"disk{number}", 64 << 20) as disk:
            trial = Trial(home / f"full{number}")
            trial.index = disk / "index"
            assert ended(child(trial.build)) == 0
            before, held = trial.generation(), shutil.disk_usage(disk).used
            resize(disk, held + int(used * share))
            trial.change()
            results.append(ended(child(trial.build)))
            assert results[-1] in (0, FULL), results[-1]
            assert (trial.generation() == before) == (results[-1] == FULL)
            assert ended(child(lambda trial=trial: trial.check_left(first=False))) == 0  # type: ignore[misc]
            resize(disk, 64 << 20)
            assert ended(child(trial.check_next)) == 0
    return results.count(FULL), results.count(0)


def resize(disk: Path, size: int) -> None:
    subprocess.run(["mount", "-o", f"remount,size={size}", str(disk)], check=True)


def limit_files(home: Path, count: int) -> tuple[int, int]:
    """Return how many builds could not write a file beyond a limit, and how many could: no root is needed."""
    trial = Trial(home / "limits")
    assert ended(child(trial.build)) == 0
    for _ in range(3):
        trial.change()
        assert ended(child(trial.build)) == 0
    written = [path.stat() for path in (trial.index / trial.generation()).iterdir()]
    most = max(each.st_size for each in written if each.st_nlink == 1)  # the others are of the generation before
    results = []
    for limit in spread(0, most * 1.2, count):
        trial.change()
        before = trial.generation()

        def limited(limit: float = limit) -> None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (round(limit), round(limit)))
            trial.build()

        results.append(ended(child(limited)))
        assert results[-1] in (0, FULL)
        assert (trial.generation() == before) == (results[-1] == FULL)
        check(trial, first=False)
    return results.count(FULL), results.count(0)


def thin_null_questions() -> None:
    """Leave every twelfth: scoring all of them is seconds of arithmetic that every trial would wait for."""
    few = {language: asked[::12] for language, asked in shelves.null_questions().items()}
    shelves.null_questions = lambda: few


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("steps", "moments", "fresh", "disks", "limits"):
        parser.add_argument(f"--{name}", type=int, default=0)
    asked = parser.parse_args()
    thin_null_questions()
    told = {}
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        Trial(home / "warm").build()  # reads the dictionary and the tables once, here
        for name, run in {
            "steps": lambda: kill_at_steps(home / "a", asked.steps),
            "moments": lambda: kill_at_moments(home / "b", asked.moments, fresh=False),
            "fresh": lambda: kill_at_moments(home / "c", asked.fresh, fresh=True),
            "disks": lambda: fill_disks(home / "d", asked.disks),
            "limits": lambda: limit_files(home / "e", asked.limits),
        }.items():
            if getattr(asked, name):
                told[name] = run()
    print(json.dumps(told))


if __name__ == "__main__":
    main()
