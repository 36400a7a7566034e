"""Readers who ask while the index changes under them: `soak.py` has the trial; here are a short and the full form."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="the trial reads its memory there")


def soak(*arguments: object) -> dict[str, Any]:
    script = Path(__file__).with_name("soak.py")
    done = subprocess.run(
        [sys.executable, str(script), *map(str, arguments)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr[-4000:]
    return dict(json.loads(done.stdout))


def test_readers_get_whole_answers_while_the_index_is_rebuilt() -> None:
    told = soak("--encoder", "concepts", "--readers", 4, "--seconds", 4, "--rebuilds", 1, "--pause", 0.3)
    assert told["failures"] == 0 and told["found"] >= 10
    assert told["generations answered from"] == 2


@pytest.mark.slow
@pytest.mark.model
def test_fifty_readers_ask_for_five_minutes_while_the_index_is_rebuilt_ten_times() -> None:
    told = soak("--readers", 50, "--seconds", 300, "--rebuilds", 10)
    assert told["failures"] == 0 and told["memory flat"]
    assert told["generations answered from"] == 11
