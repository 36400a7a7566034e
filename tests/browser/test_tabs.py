"""The Batch tab and the Corpus tab in a real browser."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from browser.serving import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.model]

Open = Callable[..., Any]
NEW = """---
title: Ferry to Tarnholm
date: 2025-11-26
outlet: Harbour Post
language: en
---

The ferry to Tarnholm carries forty-two goats every morning.
"""


def file(name: str, text: str) -> dict[str, Any]:
    return {"name": name, "mimeType": "text/plain", "buffer": text.encode()}


def test_a_batch_is_run_looked_through_and_downloaded(window: Open) -> None:
    page = window().page
    page.click("nav [data-view=batch]")
    rows = "question,desk\nWho drafted the 28-point plan?,foreign\n誰贏得2022年世界盃？,sport\n"
    page.set_input_files("#batch-file", file("questions.csv", rows))
    page.wait_for_selector("#batch-downloads:not([hidden])", timeout=60_000)
    assert page.locator("#batch-words").inner_text() == "questions.csv: 1 of 2 with an answer."
    assert [row.split("\t")[2] for row in page.locator("#batch-rows tr").all_inner_texts()] == ["Yes", "No"]
    page.select_option("#language", "zh-Hans")
    page.wait_for_function("document.querySelectorAll('#batch-rows tr').length === 2")
    assert page.locator("#batch-words").inner_text() == "questions.csv：共 2 题，1 题有答案。"
    assert [row.split("\t")[2] for row in page.locator("#batch-rows tr").all_inner_texts()] == ["有", "无"]
    with page.expect_download() as download:
        page.click("[data-do=download][data-form=jsonl]")
    assert download.value.suggested_filename == "questions-answers.jsonl"
    first, second = map(json.loads, download.value.path().read_text("utf-8").splitlines())
    assert first["found"] and not second["found"] and first["input"]["desk"] == "foreign"
    page.click("#batch-rows button >> nth=0")
    page.wait_for_selector("#turn-1 .qa-answer")


def test_a_batch_is_cancelled(window: Open) -> None:
    page = window().page
    page.click("nav [data-view=batch]")
    rows = "\n".join(f"How many soldiers are there in unit {number}?" for number in range(1500))
    page.set_input_files("#batch-file", file("many.txt", rows))
    page.wait_for_selector("#batch-cancel:not([hidden])")
    page.wait_for_selector("#batch-rows tr", timeout=60_000)
    page.set_input_files("#batch-file", file("another.txt", "Who?"))
    page.wait_for_function(
        "/one file of questions is answered at a time/.test(document.querySelector('#toast').textContent)"
    )
    page.click("#batch-cancel")
    page.wait_for_function("/cancelled after/.test(document.querySelector('#batch-words').textContent)", timeout=60_000)
    done, total = re.search(r"after (\d+) of (\d+)", page.locator("#batch-words").inner_text()).groups()
    assert 0 < int(done) < int(total) == 1500
    with page.expect_download() as download:
        page.click("[data-do=download][data-form=jsonl]")
    assert download.value.suggested_filename == f"many-answers-first-{done}.jsonl"
    lines = download.value.path().read_text("utf-8").splitlines()
    assert [json.loads(line)["input"]["question"] for line in lines] == rows.split("\n")[: int(done)]


def test_a_file_that_is_none_is_told_why(window: Open) -> None:
    page = window(locale="zh-TW").page
    page.click("nav [data-view=batch]")
    page.set_input_files("#batch-file", file("questions.exe", "x"))
    page.wait_for_selector("#batch-words.qa-error")
    assert page.locator("#batch-words").inner_text().startswith("發生錯誤：")


def test_a_bar_of_the_plot_filters_the_articles_and_the_questions(window: Open) -> None:
    page = window().page
    page.click("nav [data-view=corpus]")
    page.locator(".qa-part[data-since='2025-11-24'][data-outlet='Starter corpus']").click()
    shown = page.locator("#corpus-page tr[data-outlet]:visible")
    assert shown.count() == 3 and all("2025-11-24" in row for row in shown.all_inner_texts())
    page.click("[data-do=ask-these]")
    page.wait_for_function("/3 of \\d+ articles/.test(document.querySelector('#chips').textContent)")


def test_nothing_is_added_without_the_password(window: Open, server: Any) -> None:
    page = window().page
    page.click("nav [data-view=corpus]")
    page.fill("#corpus-password", "wrong")
    page.set_input_files("#corpus-files", file("other.md", NEW))
    page.wait_for_function("/password is wrong/.test(document.querySelector('#corpus-said').textContent)")
    assert not (Path(server.corpus) / "other.md").exists()


def test_an_article_is_added_and_indexed_while_questions_are_answered(window: Open, server: Any) -> None:
    page = (opened := window()).page
    asking = window()
    page.click("nav [data-view=corpus]")
    page.wait_for_selector("#corpus-password")
    page.fill("#corpus-password", PASSWORD)
    page.set_input_files("#corpus-files", file("tarnholm.md", NEW))
    page.locator("#corpus-page tr.qa-new", has_text="Ferry to Tarnholm").wait_for()
    page.click("[data-do=rebuild]")
    while page.locator("#corpus-page tr.qa-new").count():
        asking.page.click("#new")
        assert asking.ask("Who drafted the 28-point plan?").locator("a.qa-mark").count()
    page.click("nav [data-view=ask]")
    turn = opened.ask("How many goats does the ferry to Tarnholm carry?")
    assert "forty-two goats" in turn.locator("blockquote").first.inner_text()
    page.click("nav [data-view=corpus]")
    page.once("dialog", lambda dialog: dialog.accept())
    page.locator("[data-do=remove][data-article='tarnholm.md']").click()
    page.locator("#corpus-page tr.qa-removed", has_text="Ferry to Tarnholm").wait_for()
    assert not (Path(server.corpus) / "tarnholm.md").exists()
