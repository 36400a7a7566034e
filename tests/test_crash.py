"""What a killed build and a full disk leave: `crash.py` has the trials; here are a short and the full form."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

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
    told = trials(steps=100, moments=140, fresh=30, limits=16)
    assert told["steps"][0] + told["moments"][0] + told["fresh"][0] >= 200


@pytest.mark.slow
@pytest.mark.skipif(not can_mount(), reason="only root may mount a small disk")
def test_a_full_disk_leaves_the_old_index() -> None:
    full, fitted = trials(disks=20)["disks"]
    assert full >= 10 and fitted >= 1
