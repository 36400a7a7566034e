"""How much a client may ask of the server, who may come in, and what is told and noted when something goes wrong."""

import asyncio
import base64
import json
import logging
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from test_web import caller, finished, sent

from qa import AskOptions, Assistant
from qa.errors import LimitError
from qa.holdings import Editor
from qa.records import Script
from qa.web.batches import MAX_ROWS, Batches
from qa.web.desk import Desk
from qa.web.gate import MAX_MEGABYTES, Gate
from qa.web.limits import CLIENT, MISTAKES, Window, files
from qa.web.log import begin
from qa.web.service import guarded
from qa.web.tabs import corpus_functions
from qa.web.words import LANGUAGES, say


@pytest.fixture
def desk(corpus: Path, index: Path, encoder: Any) -> Desk:
    made = Desk(index, corpus, encoder=encoder)
    assert made.assistant()
    return made


@pytest.fixture(autouse=True)
def _client() -> Iterator[None]:
    token = CLIENT.set("192.0.2.1")
    yield
    CLIENT.reset(token)


# --- windows ----------------------------------------------------------------------


def test_a_client_has_its_share_of_any_minute() -> None:
    now = [0.0]
    window = Window(2, "too many", now=lambda: now[0])
    for now[0] in (0.0, 30.0):
        window.take()
    now[0] = 45.0
    with pytest.raises(LimitError, match=r"too many \(at most 2 a minute\); try again in 15 seconds"):
        window.take()
    now[0] = 60.0
    window.take()
    with pytest.raises(LimitError, match="in 30 seconds"):
        window.check()


def test_clients_do_not_share() -> None:
    window = Window(1, "too many")
    window.take()
    CLIENT.set("192.0.2.2")
    window.take()


def test_none_is_no_limit_and_memory_is_bounded() -> None:
    window = Window(0, "")
    for number in range(12_000):
        CLIENT.set(f"client {number}")
        window.take()
    assert len(window._times) == 10_000


# --- what the page may ask ----------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "too many questions from this address (at most 1 a minute)"),
        ("zh-Hant", "來自這個位址的提問太頻繁（每分鐘最多 1 次）"),
        ("zh-Hans", "来自此地址的提问太频繁（每分钟最多 1 次）"),
    ],
)
def test_too_many_questions_are_told_in_the_readers_language(desk: Desk, language: Script, words: str) -> None:
    desk.limit = Window(1, desk.limit.words)
    call = caller(desk)
    assert call("ask", question="What did the bridge cost?", number=1)["turn"]["found"]
    assert words in call("ask", question="What did the bridge cost?", number=2, look={"language": language})["error"]
    CLIENT.set("192.0.2.2")
    assert call("ask", question="What did the bridge cost?", number=1)["turn"]["found"]


def test_waiting_for_the_index_does_not_count(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "index", tmp_path, limit=Window(1, "too many"))
    for _ in range(3):
        assert "waiting" in caller(desk)("ask", question="What?", number=1)


def test_one_file_of_questions_at_a_time_is_answered_for_a_client(assistant: Assistant, tmp_path: Path) -> None:
    batches = Batches(lambda: assistant, home=tmp_path / "jobs")
    many = b"Who designed the bridge?\n" * MAX_ROWS
    first = batches.start("q.txt", many, AskOptions())
    with pytest.raises(LimitError, match="one file of questions is answered at a time"):
        batches.start("q.txt", many, AskOptions())
    CLIENT.set("192.0.2.2")
    second = batches.start("q.txt", b"Who?", AskOptions())
    CLIENT.set("192.0.2.1")
    batches.jobs[first].stopped = True
    third = batches.start("q.txt", b"Who?", AskOptions())
    until = time.monotonic() + 30
    while any(job.stage == "running" for job in batches.jobs.values()) and time.monotonic() < until:
        time.sleep(0.02)
    assert [batches.jobs[key].stage for key in (second, third)] == ["done", "done"]


def test_files_are_bounded_in_number_rows_and_size(desk: Desk) -> None:
    call = caller(desk)
    rows = call("batch_start", name="q.txt", data=sent("Why?\n" * (MAX_ROWS + 1)))
    assert f"has {MAX_ROWS + 1:,} questions; give it 1 to {MAX_ROWS:,}" in rows["error"]
    large = call("batch_start", name="q.txt", data="A" * (MAX_MEGABYTES * 2**20 * 4 // 3 + 4))
    assert f"larger than {MAX_MEGABYTES} MB" in large["error"]
    batches = Batches(desk.opened, limit=Window(1, files().words))
    batches.jobs[batches.start("q.txt", b"Who?", AskOptions())].stopped = True
    with pytest.raises(LimitError, match="too many files from this address"):
        batches.start("q.txt", b"Who?", AskOptions())


def test_a_long_question_in_a_file_is_told_in_its_row(desk: Desk) -> None:
    call = caller(desk)
    job = call("batch_start", name="q.txt", data=sent("x" * 3000))["job"]
    assert "3,000 characters" in finished(call, job)["html"]


def test_after_too_many_wrong_passwords_not_even_the_right_one_is_tried(desk: Desk) -> None:
    editor = Editor(desk.corpus, allowed=True, password="secret")  # noqa: S106 - a password for the test
    add = {each.__name__: each for each in corpus_functions(desk, editor)}["corpus_add"]
    asked = {"look": {}, "name": "n.md", "data": sent("Text.")}
    for _ in range(MISTAKES):
        assert "the password is wrong" in add(asked | {"password": "guess"})["error"]
    assert "too many wrong passwords" in add(asked | {"password": "secret"})["error"]
    CLIENT.set("192.0.2.2")
    assert "words" in add(asked | {"password": "secret"})


def test_feedback_is_bounded(desk: Desk, tmp_path: Path) -> None:
    notes = tmp_path / "notes.jsonl"
    call = caller(desk, notes)
    turn = call("ask", question="What did the bridge cost?", number=1)["turn"]
    long = turn["citations"][0] | {"quote": "x" * 100_000}
    call(
        "feedback", turn=turn | {"citations": [long] * 1000, "filters": {str(n): "x" for n in range(10_000)}}, good=True
    )
    assert notes.stat().st_size < 100_000


# --- the gate -------------------------------------------------------------------------


async def _inside(scope: Any, receive: Any, send: Any) -> None:
    body = json.dumps({"client": CLIENT.get()}).encode()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": body})


def through(gate: Gate, path: str = "/", client: str = "192.0.2.7", **headers: str) -> tuple[int, dict[str, str], str]:
    """Return status, headers and body of a request through the gate."""
    said: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        said.append(message)

    pairs = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "path": path, "client": (client, 1), "headers": pairs}
    with ThreadPoolExecutor(1) as apart:  # after a browser test, playwright's loop still runs in this thread
        apart.submit(lambda: asyncio.run(gate(scope, None, send))).result()  # type: ignore[arg-type]
    told = {name.decode(): value.decode() for name, value in said[0]["headers"]}
    return said[0]["status"], told, said[1]["body"].decode()


def test_a_fault_behind_the_gate_is_told_in_three_languages_and_noted_without_its_words(
    caplog: pytest.LogCaptureFixture,
) -> None:
    asked = "Who sings?"

    async def failing(scope: Any, receive: Any, send: Any) -> None:
        raise KeyError(asked)

    status, _, body = through(Gate(failing))
    assert status == 500 and len(body.splitlines()) == len(LANGUAGES) == 3
    assert asked not in body + caplog.text and "KeyError" in caplog.text


def basic(login: str) -> str:
    return "Basic " + base64.b64encode(login.encode()).decode()


def test_the_gate_notes_who_asks() -> None:
    assert through(Gate(_inside)) == (200, {}, '{"client": "192.0.2.7"}')


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/", {"content_length": str(10**9)}, 413),
        ("/", {"transfer_encoding": "chunked"}, 411),
        ("/gradio_api/upload", {}, 404),
        ("/gradio_api/upload/", {}, 404),
    ],
)
def test_what_is_too_large_or_not_for_visitors_is_refused_in_three_languages(
    path: str, headers: dict[str, str], status: int
) -> None:
    told, _, body = through(Gate(_inside), path, **headers)
    assert told == status and len(body.splitlines()) == len(LANGUAGES)


@pytest.mark.parametrize("brought", ["", "Bearer x", "Basic !!", basic("ann:wrong"), basic("bob:secret"), basic("")])
def test_without_the_login_nobody_comes_in(brought: str) -> None:
    status, headers, body = through(Gate(_inside, "ann:secret"), "/gradio_api/mcp/", authorization=brought)
    assert status == 401 and headers["www-authenticate"].startswith("Basic")
    assert body.splitlines() == [say("login", language) for language in LANGUAGES]


def test_with_the_login_one_does_and_the_password_may_hold_any_character() -> None:
    assert through(Gate(_inside, "ann:密:碼"), authorization=basic("ann:密:碼"))[0] == 200


def test_after_too_many_wrong_logins_not_even_the_right_one_is_compared() -> None:
    gate = Gate(_inside, "ann:secret")
    for _ in range(MISTAKES):
        assert through(gate, authorization=basic("ann:guess"))[0] == 401
    status, headers, body = through(gate, authorization=basic("ann:secret"))
    assert status == 429 and "too many wrong passwords" in body and "密碼太多" in body and headers["retry-after"]
    assert through(gate, client="192.0.2.8", authorization=basic("ann:secret"))[0] == 200


# --- faults and notes ---------------------------------------------------------------------


@pytest.mark.parametrize("kind", [RuntimeError, OSError, ZeroDivisionError, MemoryError, KeyError, ValueError])
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_fault_is_told_in_words_and_its_place_noted_without_what_was_asked(
    kind: type[Exception], language: Script, caplog: pytest.LogCaptureFixture
) -> None:
    def ask(told: Any, look: Any) -> dict[str, Any]:
        raise kind("my secret question")

    reply = guarded(ask)({"look": {"language": language}})
    assert set(reply) == {"error"} and "secret" not in reply["error"] and "Traceback" not in reply["error"]
    assert f"ask failed with {kind.__name__}" in caplog.text and "test_web_limits.py" in caplog.text
    assert "my secret question" not in caplog.messages[0].split("\n")[0]


@pytest.mark.parametrize("wanted", [False, True])
def test_questions_are_noted_only_where_that_was_asked_for(
    desk: Desk, wanted: bool, caplog: pytest.LogCaptureFixture
) -> None:
    level = logging.getLogger("qa.web").level
    begin(questions=wanted)
    caller(desk)("ask", question="What did the bridge cost?", number=1)
    logging.getLogger("qa.web").setLevel(level)
    assert ("asked 'What did the bridge cost?': " in caplog.text) == wanted
