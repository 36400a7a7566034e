"""What programs may call, through `gradio_client` and an MCP client; and that there is nothing else."""

import asyncio
import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

pytestmark = [
    pytest.mark.model,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # of the clients' own libraries
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

ENDPOINTS = {"/ask", "/search", "/get_article", "/index_status"}


@pytest.fixture(scope="module")
def client(server: Any) -> Iterator[Any]:
    from gradio_client import Client

    made = Client(server.url, verbose=False, analytics_enabled=False)
    yield made
    made.close()


def test_four_typed_functions_and_nothing_else(client: Any) -> None:
    told = client.view_api(return_format="dict", print_info=False)
    assert set(told["named_endpoints"]) == ENDPOINTS and not told["unnamed_endpoints"]
    types = {
        each["parameter_name"]: each["python_type"]["type"] for each in told["named_endpoints"]["/ask"]["parameters"]
    }
    assert types == {"question": "str", "top": "int"} | dict.fromkeys(("since", "until", "outlet", "language"), "str")


def test_ask_answers_in_the_form_of_the_contract(client: Any) -> None:
    answer = client.predict("札波羅熱核電廠由誰監督？", api_name="/ask")
    assert answer["found"] and answer["language"] == "zh-Hant" and answer["index"]["model"] == "bundled"
    cited = answer["citations"][0]
    article = client.predict(cited["article"], api_name="/get_article")
    assert article["text"][cited["start"] : cited["end"]] == cited["quote"]


def test_search_returns_as_many_passages_as_asked_within_the_filters(client: Any) -> None:
    passages = client.predict("nuclear plant", top=3, language="en", api_name="/search")
    assert len(passages) == 3 and all("-en-" in each["article"] or each["article"] == "hostile.md" for each in passages)


def test_index_status_tells_what_the_index_holds(client: Any) -> None:
    told = client.predict(api_name="/index_status")
    assert told["stage"] == "ready" and told["articles"] >= 8 and told["model"] == "bundled"


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda client: client.predict("x" * 20_000, api_name="/ask"), "20,000 characters"),
        (lambda client: client.predict("Who?", since="yesterday", api_name="/ask"), "not a date"),
        (lambda client: client.predict("Who?", top=0, api_name="/search"), "out of range"),
        (lambda client: client.predict("nothing.md", api_name="/get_article"), "no article 'nothing.md'"),
    ],
    ids=["long", "date", "top", "article"],
)
def test_a_mistake_is_told_in_words(client: Any, call: Callable[[Any], Any], words: str) -> None:
    from gradio_client.exceptions import AppError

    with pytest.raises(AppError, match=words):
        call(client)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("run/ask", {"data": [{"a": "heron"}]}),
        ("run/search", {"data": ["heron", "heron"]}),
        ("call/ask", {"data": [["heron"]]}),
        ("call/v2/get_article", {"heron": "heron"}),
        ("component_server", {"component_id": 99, "fn_name": "heron", "session_hash": "x", "data": "heron"}),
    ],
    ids=["type", "number", "queue", "name", "component"],
)
def test_a_wrong_call_is_answered_and_noted_without_what_was_sent(server: Any, path: str, body: dict[str, Any]) -> None:
    import httpx

    told = httpx.post(f"{server.url}/gradio_api/{path}", json=body, timeout=30)
    if path.startswith("call/ask"):
        told = httpx.get(f"{server.url}/gradio_api/{path}/{told.json()['event_id']}", timeout=30)
    assert "Traceback" not in told.text and "null" not in told.text and len(told.text) > 40
    log = server.feedback.with_name("server.log").read_text("utf-8")
    assert " failed with " in log and "heron" not in log


def test_an_mcp_client_finds_the_same_tools_and_calls_one(server: Any) -> None:
    url = f"{server.url}/gradio_api/mcp/"
    with ThreadPoolExecutor(1) as apart:  # playwright keeps a loop of its own running in this thread
        tools, told = apart.submit(lambda: asyncio.run(_through_mcp(url))).result()
    assert {name.rsplit("_qa_")[-1] for name in tools} == {name[1:] for name in ENDPOINTS}
    assert "verbatim quotes" in tools["ask"]
    assert told["found"] and told["citations"]


async def _through_mcp(url: str) -> tuple[dict[str, str], dict[str, Any]]:
    from mcp import ClientSession
    from mcp.client.streamable_http import streamable_http_client

    async with streamable_http_client(url) as streams, ClientSession(streams[0], streams[1]) as session:
        await session.initialize()
        listed = await session.list_tools()
        result = await session.call_tool("ask", {"question": "Who drafted the 28-point plan?"})
        text = result.content[0].text
        return {tool.name: tool.description or "" for tool in listed.tools}, json.loads(text)
