"""The real server in a process of its own, for the tests and for the photographs."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
]
PASSWORD = "lighthouse"  # noqa: S105 - of a server that lives as long as the tests


@contextmanager
def serve(home: Path, corpus: Path, index: Path, *options: str, until: str) -> Iterator[str]:
    """Run `qa serve` until its log holds some words; yield its address."""
    port, told = free_port(), home / "server.log"
    command = [sys.executable, "-m", "qa", "serve", "--corpus", str(corpus), "--index", str(index)]
    with told.open("wb") as log:
        running = subprocess.Popen(
            [*command, "--port", str(port), *options],
            stdout=log,
            stderr=log,
            env=os.environ | {"QA_PASSWORD": PASSWORD, "PYTHONUNBUFFERED": "1"},
        )
    try:
        wait_until(lambda: until in told.read_text("utf-8"), running, told)
        yield f"http://127.0.0.1:{port}"
    finally:
        running.terminate()
        running.wait(20)


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def wait_until(done: Callable[[], bool], running: subprocess.Popen[bytes], told: Path) -> None:
    until = time.monotonic() + 240
    while not done():
        if running.poll() is not None or time.monotonic() > until:
            raise RuntimeError(f"the server did not start:\n{told.read_text('utf-8')}")
        time.sleep(0.1)
