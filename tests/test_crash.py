"""What a killed build and a full disk leave: `crash.py` has the trials; here are a short and the full form."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from test_store import write

from qa import Assistant, build, generations, store
from qa.doctor import examine
from qa.embed import Encoder
from qa.errors import IndexBusy, StoreError

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="the trials fork")


def trials(**counts: int) -> dict[str, tuple[int, int]]:
    arguments = [part for name, count in counts.items() for part in (f"--{name}", str(count))]
    script = Path(__file__).with_name("crash.py")
    done = subprocess.run([sys.executable, str(script), *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-4000:]
    return {name: (first, second) for name, (first, second) in json.loads(done.stdout).items()}


def can_mount() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0 and sys.platform == "linux"


def test_a_killed_build_leaves_a_whole_index() -> None:
    told = trials(steps=7, moments=3, limits=3)
    assert told["steps"][0] >= 5 and told["limits"][0] >= 2


@pytest.mark.slow
def test_two_hundred_killed_builds_leave_a_whole_index() -> None:
    told = trials(steps=80, moments=110, fresh=25, limits=16)
    assert told["moments"][0] == 110 and told["fresh"][0] == 25
    assert told["steps"][0] >= 65  # the last ones may lie behind the end of the build


@pytest.mark.slow
@pytest.mark.skipif(not can_mount(), reason="only root may mount a small disk")
def test_a_full_disk_leaves_the_old_index() -> None:
    full, fitted = trials(disks=20)["disks"]
    assert full >= 10 and fitted >= 1


def test_a_reader_never_fails_while_generations_change(index: Path) -> None:
    opened = store.open_index(index)
    ended = threading.Event()
    failures: list[BaseException] = []

    def read() -> None:
        while not ended.is_set():
            try:
                found = store.open_index(index)
                assert len(found.articles) == len(opened.articles)
                assert store.find_article(index, opened.articles[0].name) == opened.articles[0]
            except BaseException as error:
                failures.append(error)
                return

    readers = [threading.Thread(target=read) for _ in range(3)]
    for turn in range(25):
        about = {key: opened.manifest[key] for key in ("articles", "model")} | {"turn": turn}
        with generations.lock(index), store.writing(index) as writer:
            write(writer, opened, about)
        if not turn:
            for reader in readers:
                reader.start()
    ended.set()
    for reader in readers:
        reader.join()
    assert not failures
    assert len(generations.generations(index)) == 2


@pytest.mark.skipif(not can_mount(), reason="only root may mount a disk")
def test_a_read_only_index_answers_and_is_not_built(corpus: Path, index: Path, encoder: Encoder) -> None:
    subprocess.run(["mount", "--bind", str(index), str(index)], check=True)
    try:
        subprocess.run(["mount", "-o", "remount,bind,ro", str(index)], check=True)
        assert Assistant.open(index, encoder=encoder).ask("Who designed the bridge?").found
        assert examine(corpus, index, mark="concepts-1") == ()
        with pytest.raises(StoreError, match=r"cannot write .* choose another folder with --index") as caught:
            build(corpus, index, encoder=encoder)
        assert not isinstance(caught.value, IndexBusy)
    finally:
        subprocess.run(["umount", "-l", str(index)], check=True)


def test_a_lock_says_who_holds_it_and_dies_with_its_holder(index: Path, corpus: Path, encoder: Encoder) -> None:
    code = """if True:
        import sys, time
        from pathlib import Path
        from qa import generations, store
        with generations.lock(Path(sys.argv[1])):
            print(flush=True)
            time.sleep(60)
    """
    holder = subprocess.Popen([sys.executable, "-c", code, str(index)], stdout=subprocess.PIPE)
    try:
        assert holder.stdout is not None and holder.stdout.readline()
        with pytest.raises(IndexBusy, match=f"process {holder.pid} "):
            build(corpus, index, encoder=encoder)
    finally:
        holder.kill()
        holder.wait()
        assert holder.stdout is not None
        holder.stdout.close()
    with generations.lock(index):
        pass
