"""The real server in a process of its own over the starter corpus, and a headless Chromium that looks at it."""

import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from browser.serving import CHROMIUM, FLAGS, serve

HOSTILE = """---
title: '<b>Grimsund</b> <script>window.hurt = 1</script>'
date: 2025-11-20
outlet: 'Post <img src=x onerror="window.hurt = 2">'
language: en
region: '<i>INT</i>'
url: 'javascript:window.hurt=3'
---

The harbour master of Grimsund said the lighthouse keeper had painted <script>window.hurt = 4</script> on the door.

The lighthouse of Grimsund keeps <img src=x onerror="window.hurt = 5"> and **seventeen** [lamps](javascript:alert(1)).
"""

# One thing said by two outlets, and by a third with another figure.
HOLMVIK = {
    "holmvik-en-1.md": """---
title: Holmvik bridge opens
date: 2025-11-18
outlet: Harbour Post
language: en
---

The new Holmvik bridge cost 600 million crowns to build, the county said.

Cyclists were the first to cross it.
""",
    "holmvik-en-2.md": """---
title: What the county spends
date: 2025-11-19
outlet: Valley Echo
language: en
---

Schools and roads take most of the county's money this year.

The new Holmvik bridge cost 600 million crowns to build, the county said.
""",
    "holmvik-tw.md": """---
title: 霍姆維克大橋通車
date: 2025-11-20
outlet: 河口日報
language: zh-Hant
region: TW
---

霍姆維克（Holmvik）大橋造價7億克朗，比原先估計的多。
""",
}

# One agency report in two outlets; the second puts a line before it, so that the quote stands elsewhere.
_WIRE = """
The Skarvik ferry is to be replaced by an undersea tunnel, the transport agency said on Tuesday.

The tunnel under the Skarvik strait will be 4.2 kilometres long and was drawn up by the engineer Sigrun Dahl. Work
begins in the spring, when the ice has left the harbour, and some three hundred people will be employed for five years.

Fishermen on both shores fear for the herring, which spawn where the shaft is to be sunk. The agency has promised them
a fund, to be filled from the tolls, and two biologists who are to watch over the water as long as there is blasting.

The last ferry will sail on the day on which the first car drives through. The crews have been offered posts in the
control room, where the lamps, the pumps and the fans of the tunnel are looked after by day and by night.
"""
WIRE = {
    "skarvik-1.md": f"""---
title: Tunnel for Skarvik
date: 2025-11-18
outlet: Birch Times
---
{_WIRE}""",
    "skarvik-2.md": f"""---
title: 'Ferry <b>ends</b>'
date: 2025-11-19
outlet: 'Cedar <img src=x onerror="window.hurt = 6"> News'
---

SKARVIK (Agency) -
{_WIRE}""",
}


@dataclass(frozen=True)
class Server:
    """A running server; `url` ends without a slash."""

    url: str
    corpus: Path
    feedback: Path


@pytest.fixture(scope="session")
def server(bundled_index: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Serve copies of the starter corpus, with one hostile article, and of its index; both may be changed."""
    home = tmp_path_factory.mktemp("server")
    corpus = Path(shutil.copytree(Path(__file__).parents[2] / "corpus", home / "corpus"))
    for name, text in {"hostile.md": HOSTILE, **HOLMVIK, **WIRE}.items():
        (corpus / name).write_text(text, "utf-8")
    index = Path(shutil.copytree(bundled_index, home / "index"))
    with serve(home, corpus, index, "--editable", until="reused") as url:
        yield Server(url, corpus, home / "feedback.jsonl")


# --- the browser ------------------------------------------------------------------


@dataclass
class Window:
    """An open page and what it complained about."""

    page: Any
    faults: list[str] = field(default_factory=list)

    def ask(self, question: str) -> Any:
        """Ask and return the turn."""
        self.page.fill("#question", question)
        self.page.press("#question", "Enter")
        self.page.wait_for_selector(".qa-turn:last-child .qa-answer", timeout=30_000)
        turn = self.page.locator(".qa-turn").last
        assert turn.locator("h2").inner_text() == question
        return turn


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    if CHROMIUM is None:
        pytest.skip("no Chromium is installed; apt-get install chromium")
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def window(chromium: Any, server: Server) -> Iterator[Callable[..., Window]]:
    """Return what opens a window; at the end none may have complained or looked at another host."""
    contexts, windows = [], []

    def open_window(path: str = "/", **given: Any) -> Window:
        context = chromium.new_context(
            **{"viewport": {"width": 1360, "height": 850}, "locale": "en-GB", "accept_downloads": True} | given
        )
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        made = Window(context.new_page())
        watch(made, server)
        contexts.append(context)
        windows.append(made)
        made.page.goto(server.url + path)
        made.page.wait_for_selector(".qa-app[data-stage=ready]", timeout=30_000)
        return made

    yield open_window
    faults = [fault for each in windows for fault in each.faults]
    for context in contexts:
        context.close()
    assert not faults


def watch(made: Window, server: Server) -> None:
    """Note what must not happen: errors, and requests to another host."""

    def requested(request: Any) -> None:
        if not re.match(rf"{re.escape(server.url)}/|data:|blob:{re.escape(server.url)}", request.url):
            made.faults.append(f"request to {request.url}")

    def said(message: Any) -> None:
        if message.type == "error":
            made.faults.append(f"console: {message.text}")

    made.page.on("request", requested)
    made.page.on("console", said)
    made.page.on("pageerror", lambda error: made.faults.append(f"error: {error}"))
