"""Files on the disk: whole, or as they were; and one writer at a time, whatever became of the last one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from qa.disk import alone, whole
from qa.errors import FileError

HOLDER = """
import sys, time
from pathlib import Path
from qa.disk import alone
with alone(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def holder(path: Path) -> subprocess.Popen[str]:
    """Start a process that holds `path`."""
    process = subprocess.Popen([sys.executable, "-c", HOLDER, str(path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    process.stdout.close()
    return process


def test_a_second_writer_is_refused_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "answers.csv"
    first = holder(path)
    try:
        with pytest.raises(FileError, match=r"answers\.csv: another run is writing it; wait") as caught, alone(path):
            pass
        assert "\n" not in str(caught.value)
        with alone(tmp_path / "other.csv"):
            pass
    finally:
        first.kill()
        first.wait()


def test_a_killed_writer_leaves_no_lock(tmp_path: Path) -> None:
    path = tmp_path / "answers.csv"
    first = holder(path)
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    with alone(path):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "none").touch()
    with pytest.raises(FileError, match=r"answers\.csv: cannot be written"), alone(tmp_path / "none" / "answers.csv"):
        pass


def test_a_file_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "out.md"
    path.write_text("before")
    with pytest.raises(RuntimeError), whole(path) as draft:
        draft.write_text("half")
        raise RuntimeError
    assert path.read_text() == "before"
    assert [each.name for each in tmp_path.iterdir()] == ["out.md"]


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"out\.md: cannot be written"), whole(tmp_path / "none" / "out.md") as draft:
        draft.write_text("half")
