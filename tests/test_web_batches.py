"""Files of questions over the web: the same files as of the command line, and what is left of a cancelled run."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import ConceptEncoder
from numpy.typing import NDArray

from qa import AskOptions, Assistant
from qa.batch import read_questions, run
from qa.web.batches import FORMS, Batches

QUESTIONS = (
    "問題,desk\nWho designed the bridge?,city\n,\n大桥由谁设计？,metro\n=1+1,odd\nWho designed the bridge?,again\n"
)


def ended(batches: Batches, key: str) -> None:
    for _ in range(600):
        if batches.jobs[key].stage != "running":
            return
        time.sleep(0.05)


@pytest.mark.parametrize("form", FORMS)
def test_the_web_app_and_the_command_line_give_the_same_file(
    assistant: Assistant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1773014400")  # midnight may pass between the two
    asked, out = tmp_path / "questions.csv", tmp_path / f"answers.{form}"
    asked.write_text(QUESTIONS, encoding="utf-8")
    run(assistant, read_questions(asked), out, AskOptions(), lambda count: None)
    batches = Batches(lambda: assistant, home=tmp_path / "jobs")
    key = batches.start("questions.csv", asked.read_bytes(), AskOptions())
    ended(batches, key)
    assert batches.jobs[key].file(form) == out.read_bytes()


def cancelled(assistant: Assistant, home: Path, count: int) -> tuple[Batches, str]:
    """Start a file of `count` questions, and stop it as soon as some are answered."""
    batches = Batches(lambda: replace(assistant, encoder=Slow()), home=home)
    text = "".join(f"Who designed bridge {number}?\n" for number in range(count))
    key = batches.start("many.txt", text.encode(), AskOptions())
    while not batches.jobs[key].done:
        time.sleep(0.001)
    batches.jobs[key].stopped = True
    ended(batches, key)
    return batches, key


class Slow(ConceptEncoder):
    """An encoder that leaves time to cancel."""

    def encode_questions(self, texts: Sequence[str]) -> NDArray:
        time.sleep(0.1)
        return super().encode_questions(texts)


@pytest.mark.parametrize("form", FORMS)
def test_a_cancelled_run_offers_the_rows_that_are_answered(assistant: Assistant, tmp_path: Path, form: str) -> None:
    batches, key = cancelled(assistant, tmp_path / "jobs", 1500)
    job = batches.jobs[key]
    assert job.stage == "cancelled" and 0 < job.done < 1500
    asked, out = tmp_path / "questions.txt", tmp_path / f"answers.{form}"
    asked.write_text("".join(f"{row.question}\n" for row in job.rows[: job.done]), encoding="utf-8")
    run(assistant, read_questions(asked), out, AskOptions(), lambda count: None)
    assert job.file(form) == out.read_bytes()
    assert job.file_name == f"many-answers-first-{job.done}"


def test_what_is_left_of_a_cancelled_run_are_whole_rows(assistant: Assistant, tmp_path: Path) -> None:
    batches, key = cancelled(assistant, tmp_path / "jobs", 200)
    job = batches.jobs[key]
    with (job.folder / "answers.jsonl.part").open("ab") as journal:
        journal.write(b'{"question": "half')
    told = [json.loads(line) for line in job.file("jsonl").splitlines()]
    assert len(told) == len(list(job.records(0))) == job.done
    assert job.found == sum(each["found"] for each in told)
