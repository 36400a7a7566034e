"""New processes to measure in: commands with their peak memory, functions with theirs. For Linux."""

from __future__ import annotations

import os
import platform
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from importlib.metadata import version
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter
from typing import ParamSpec, TypeVar

from benchmarks.corpora import ROOT

LIBRARIES = ("openvino", "faiss-cpu", "numpy", "torch", "sentence-transformers")

Given = ParamSpec("Given")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Ran:
    """A command that has ended: seconds, megabytes at most, and what it said."""

    seconds: float
    peak: float
    out: str


def qa(*arguments: str | Path, codes: Sequence[int] = (0,)) -> Ran:
    """Run `python -m qa` in a new process.

    Its peak memory cannot be told below that of this process, from which it was forked: keep this one small.

    Raises:
        RuntimeError: it ended with another exit code than one of `codes`.
    """
    command = [sys.executable, "-m", "qa", *map(str, arguments)]
    started = perf_counter()
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as running:
        out = running.stdout.read() if running.stdout else b""
        _, status, usage = os.wait4(running.pid, 0)
        seconds = perf_counter() - started
        running.returncode = os.waitstatus_to_exitcode(status)
    if running.returncode not in codes:
        raise RuntimeError(f"{' '.join(command)} ended with exit code {running.returncode}")
    return Ran(seconds, usage.ru_maxrss / 1024, out.decode())


def fresh(function: Callable[Given, Result], /, *given: Given.args, **named: Given.kwargs) -> Result:
    """Call a function in a new process and return what it returns."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(function, *given, **named).result()


def memory(field: str) -> float:
    """Return a field of this process's memory in megabytes: VmHWM, RssAnon, RssFile."""
    told = Path("/proc/self/status").read_text(encoding="ascii")
    found = re.search(rf"^{field}:\s*(\d+) kB", told, re.MULTILINE)
    return int(found[1]) / 1024 if found else float("nan")


def machine() -> str:
    """Return the processor, its cores, the memory, and the versions that matter, in one line."""
    told = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    cpu = re.search(r"^model name\s*: (.*)", told, re.MULTILINE)
    native = "bfloat16" if "amx_bf16" in told or "avx512_bf16" in told else "no bfloat16"
    room = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    parts = (
        f"{cpu[1] if cpu else platform.processor()} ({native})",
        f"{len(os.sched_getaffinity(0))} cores (load {os.getloadavg()[0]:.1f} before)",
        f"{room:.0f} GB",
        f"{platform.system()} {platform.release()}",
        f"Python {platform.python_version()}",
        *(f"{name} {version(name)}" for name in LIBRARIES),
    )
    return ", ".join(parts)
