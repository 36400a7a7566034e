"""No command reaches beyond this machine or looks up a host: an audit hook in every process says so."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from browser.serving import free_port, wait_until

HOOK = """
import os, sys

def _guard(event, arguments):
    if event in ("socket.connect", "socket.sendto", "socket.getaddrinfo", "socket.gethostbyname", "socket.bind"):
        place = arguments[1] if event in ("socket.connect", "socket.sendto", "socket.bind") else arguments[0]
        host = place[0] if isinstance(place, tuple) else place
        if host not in ("127.0.0.1", "::1", "localhost") and not str(host).startswith("/"):
            with open(os.environ["QA_SOCKETS"], "a") as log:
                log.write(f"{event} {place!r} in {sys.argv}\\n")
            raise OSError("offline")

sys.addaudithook(_guard)
"""


class Guarded:
    """Runs commands under the hook; `opened` is what they tried to reach."""

    def __init__(self, home: Path) -> None:
        (home / "hook").mkdir()
        (home / "hook" / "sitecustomize.py").write_text(HOOK, encoding="utf-8")
        self._log = home / "sockets"
        paths = os.pathsep.join([str(home / "hook"), os.environ.get("PYTHONPATH", "")])
        self.environment = os.environ | {"PYTHONPATH": paths, "QA_SOCKETS": str(self._log)}

    def run(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *map(str, arguments)], env=self.environment, capture_output=True, text=True, check=False
        )

    @contextmanager
    def serving(self, *arguments: str | Path) -> Iterator[str]:
        """Serve until left; yield the address once the index is there and up to date."""
        port, told = free_port(), self._log.with_name("served")
        command = [sys.executable, "-m", "qa", "serve", "--port", str(port), *map(str, arguments)]
        with told.open("wb") as log:
            running = subprocess.Popen(command, env=self.environment, stdout=log, stderr=log)
        try:
            wait_until(lambda: "articles:" in told.read_text("utf-8"), running, told)
            yield f"http://127.0.0.1:{port}"
        finally:
            running.send_signal(signal.SIGINT)
            running.wait(30)

    def opened(self) -> str:
        return self._log.read_text(encoding="utf-8") if self._log.exists() else ""


@pytest.fixture
def guarded(tmp_path: Path) -> Guarded:
    return Guarded(tmp_path)


def test_the_guard_notices_a_connection(guarded: Guarded) -> None:
    code = "import urllib.request; urllib.request.urlopen('http://192.0.2.1/', timeout=1)"
    assert guarded.run("-c", code).returncode != 0
    assert "192.0.2.1" in guarded.opened()


def _use(guarded: Guarded, corpus: Path, home: Path) -> None:
    """Build, ask, ask a file of questions, examine."""
    questions, index = home / "questions.txt", home / "index"
    questions.write_text("Who designed the bridge?\n大橋由誰設計？\n", encoding="utf-8")
    for arguments, codes in (
        (("build", "--corpus", corpus), (0,)),
        (("ask", "Who designed the bridge?", "--json"), (0, 1)),
        (("batch", questions, "--out", home / "answers.jsonl"), (0, 1)),
        (("doctor", "--corpus", corpus), (0, 1)),
    ):
        done = guarded.run("-m", "qa", *arguments, "--index", index)
        assert done.returncode in codes, done.stderr
    lines = (home / "answers.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["question"] for line in lines] == questions.read_text(encoding="utf-8").splitlines()


@pytest.mark.model
def test_build_ask_batch_and_doctor_stay_on_this_machine(guarded: Guarded, corpus: Path, tmp_path: Path) -> None:
    import files
    from test_readers import CHINESE

    for name, make in files.FORMATS.items():
        (corpus / f"format-{name}").write_bytes(make(CHINESE))
    _use(guarded, corpus, tmp_path)
    assert guarded.opened() == ""


@pytest.mark.model
@pytest.mark.slow
def test_unpacking_and_converting_the_weights_stay_on_this_machine(
    guarded: Guarded, corpus: Path, tmp_path: Path
) -> None:
    guarded.environment["QA_CACHE"] = str(tmp_path / "cache")
    _use(guarded, corpus, tmp_path)
    assert guarded.opened() == ""


@pytest.mark.model
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")  # of the client's own libraries
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_serving_stays_on_this_machine(guarded: Guarded, corpus: Path, tmp_path: Path) -> None:
    from gradio_client import Client

    with guarded.serving("--corpus", corpus, "--index", tmp_path / "index") as address:
        with urllib.request.urlopen(address) as page:  # noqa: S310 - the server above
            assert b"qa" in page.read()
        client = Client(address, verbose=False, analytics_enabled=False)
        told = client.predict("Who designed the bridge?", api_name="/ask")
        client.close()
    assert told["index"]["generation"]
    assert guarded.opened() == ""
