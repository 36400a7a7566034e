"""A server that is open to others: its login covers everything, its limits are told in words."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from browser.serving import serve

pytestmark = [pytest.mark.browser, pytest.mark.model]

LOGIN = {"username": "ann", "password": "fog: 霧"}


@pytest.fixture(scope="module")
def guarded(bundled_index: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    home = tmp_path_factory.mktemp("guarded")
    index = Path(shutil.copytree(bundled_index, home / "index"))
    login = ":".join(LOGIN.values())
    with serve(
        home, Path(__file__).parents[2] / "corpus", index, "--login", login, "--rate", "2", until="reused"
    ) as url:
        yield url
    log = (home / "server.log").read_text("utf-8")
    assert "28-point" not in log and "Traceback" not in log


@pytest.mark.parametrize(
    "path", ["/", "/config", "/gradio_api/info", "/gradio_api/mcp/", "/gradio_api/mcp/schema", "/?q=x"]
)
def test_nothing_is_served_without_the_login(guarded: str, path: str) -> None:
    with pytest.raises(HTTPError) as refused, urlopen(guarded + path):  # noqa: S310 - our own address
        pass
    assert refused.value.code == 401 and "請輸入此伺服器的名稱與密碼登入" in refused.value.read().decode()
    refused.value.close()


def test_gradios_own_upload_is_closed(guarded: str) -> None:
    request = Request(f"{guarded}/gradio_api/upload", data=b"x", headers={"content-type": "text/plain"})  # noqa: S310
    with pytest.raises(HTTPError) as refused, urlopen(request):  # noqa: S310
        pass
    assert refused.value.code == 404
    refused.value.close()


@pytest.mark.parametrize(
    ("locale", "client", "words"),
    [
        ("en-GB", "203.0.113.1", "too many questions from this address (at most 2 a minute); try again in"),
        ("zh-TW", "203.0.113.2", "來自這個位址的提問太頻繁（每分鐘最多 2 次），請"),
        ("zh-CN", "203.0.113.3", "来自此地址的提问太频繁（每分钟最多 2 次），请"),
    ],
)
def test_with_it_one_asks_until_the_limit_which_is_told_in_words(
    chromium: Any, guarded: str, locale: str, client: str, words: str
) -> None:
    context = chromium.new_context(
        locale=locale, http_credentials=LOGIN, extra_http_headers={"X-Forwarded-For": client}
    )
    page = context.new_page()
    page.goto(guarded)
    page.wait_for_selector(".qa-app[data-stage=ready]", timeout=30_000)
    for number in (1, 2):
        page.fill("#question", "Who drafted the 28-point plan?")
        page.press("#question", "Enter")
        page.wait_for_selector(f"#turn-{number} .qa-answer")
    page.fill("#question", "And the army?")
    page.press("#question", "Enter")
    page.wait_for_selector(".qa-failed")
    assert words in page.locator(".qa-failed p").inner_text()
    assert page.input_value("#question") == "And the army?"
    context.close()
