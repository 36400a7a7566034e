"""The first start: the page is there before the index is."""

from pathlib import Path
from typing import Any

import pytest
from browser.serving import serve

pytestmark = [pytest.mark.browser, pytest.mark.model, pytest.mark.slow]


def test_the_page_says_that_it_is_being_prepared_and_answers_when_it_is(chromium: Any, tmp_path: Path) -> None:
    corpus = Path(__file__).parents[2] / "corpus"
    with serve(tmp_path, corpus, tmp_path / "index", until="http://") as url:
        page = chromium.new_page(locale="zh-TW")
        page.goto(url)
        page.wait_for_selector(".qa-app[data-stage=model], .qa-app[data-stage=index]", timeout=60_000)
        assert page.locator("#state").inner_text().startswith("準備中")
        page.fill("#question", "札波羅熱核電廠由誰監督？")
        page.press("#question", "Enter")
        page.wait_for_selector(".qa-pending")
        page.wait_for_selector("#turn-1 .qa-answer a.qa-mark", timeout=240_000)
        ready = "document.querySelector('#state').textContent.trim().startsWith('7 篇報導')"
        page.wait_for_function(ready, timeout=30_000)  # the page asks for the state every few seconds
        page.close()
