"""Photograph the web app: chat, refusal, article, batch, corpus, light and dark, laptop and phone.

    python tests/screenshots/make.py                 every view, into build/screenshots
    python tests/screenshots/make.py --readme        the two of the README, into this folder

Starts a server of its own over the starter corpus; needs Chromium and playwright.
"""

import argparse
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(HERE.parent))

from browser.serving import CHROMIUM, FLAGS, serve  # noqa: E402 - found through the line above

LAPTOP = {"viewport": {"width": 1280, "height": 800}}
PHONE = {"viewport": {"width": 390, "height": 780}, "device_scale_factor": 2, "is_mobile": True, "has_touch": True}
QUESTIONS = """question,desk
How large may Ukraine's army be under each plan?,foreign
札波羅熱核電廠由誰監督？,energy
冻结的俄罗斯资产怎么用？,business
Who won the 2022 World Cup?,sport
"""


@contextmanager
def serving() -> Iterator[str]:
    """Run the server on a copy of the starter corpus; yield its address."""
    with tempfile.TemporaryDirectory() as made:
        home = Path(made)
        corpus = Path(shutil.copytree(ROOT / "corpus", home / "corpus"))
        with serve(home, corpus, home / "index", "--editable", until="embedded") as url:
            yield url


def opened(browser: Any, url: str, **given: Any) -> Any:
    """Return a page that is ready to be asked."""
    page = browser.new_context(**given).new_page()
    page.goto(url)
    page.wait_for_selector(".qa-app[data-stage=ready]", timeout=240_000)
    return page


def ask(page: Any, question: str) -> None:
    page.fill("#question", question)
    page.press("#question", "Enter")
    page.wait_for_selector(".qa-turn:last-child .qa-answer", timeout=60_000)
    page.wait_for_timeout(500)


def chat(page: Any) -> None:
    ask(page, "Who supervises the Zaporizhzhia nuclear plant?")


def refusal(page: Any) -> None:
    ask(page, "誰贏得2022年世界盃？")


def article(page: Any) -> None:
    ask(page, "札波羅熱核電廠由誰監督？")
    page.locator("#cards .qa-card [data-do=article]").first.click()
    page.wait_for_selector("dialog[open] mark.qa-here")
    page.wait_for_timeout(300)


def batch(page: Any) -> None:
    page.click("nav [data-view=batch]")
    page.set_input_files("#batch-file", {"name": "questions.csv", "mimeType": "text/csv", "buffer": QUESTIONS.encode()})
    page.wait_for_selector("#batch-downloads:not([hidden])", timeout=60_000)


def corpus(page: Any) -> None:
    page.click("nav [data-view=corpus]")
    page.wait_for_selector(".qa-plot")


VIEWS = (chat, refusal, article, batch, corpus)
README = ((chat, "light", "en-GB"), (article, "dark", "zh-TW"))


def shrink(path: Path) -> None:
    """Write a picture again in few colours: a third of the size, and nobody sees the difference."""
    from PIL import Image

    with Image.open(path) as picture:
        picture.convert("RGB").quantize(200, dither=Image.Dither.NONE).save(path, optimize=True)


def photograph(out: Path, browser: Any, url: str, view: Any, scheme: str, locale: str, frame: dict[str, Any]) -> None:
    """Write one picture."""
    page = opened(browser, url, color_scheme=scheme, locale=locale, **frame)
    view(page)
    name = f"{view.__name__}-{scheme}{'-phone' if frame is PHONE else ''}.png"
    page.screenshot(path=out / name)
    shrink(out / name)
    page.context.close()
    print(out / name)


def main() -> None:
    from playwright.sync_api import sync_playwright

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--readme", action="store_true")
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    out = given.out or (HERE if given.readme else ROOT / "build" / "screenshots")
    out.mkdir(parents=True, exist_ok=True)
    with serving() as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        if given.readme:
            shots = [(view, scheme, locale, LAPTOP) for view, scheme, locale in README]
        else:
            frames = (("light", "en-GB", LAPTOP), ("dark", "zh-TW", LAPTOP), ("light", "zh-CN", PHONE))
            shots = [(view, *frame) for view in VIEWS for frame in frames]
        for shot in shots:
            photograph(out, browser, url, *shot)
        browser.close()


if __name__ == "__main__":
    main()
