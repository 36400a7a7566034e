from __future__ import annotations

import time
from pathlib import Path

import pytest

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
