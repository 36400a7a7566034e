from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from qa import Assistant, generations, store

SURROUNDINGS = os.environ | {"HF_HUB_OFFLINE": "1", "PYTHONIOENCODING": "utf-8"}


def run(home: Path, *arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "qa", *arguments]
    return subprocess.run(command, cwd=home, env=SURROUNDINGS, input=given, capture_output=True, encoding="utf-8")


def refused(told: subprocess.CompletedProcess[str], *words: str) -> None:
    """Check that a command ended with exit 2 and one plain line that says `words`."""
    assert told.returncode == 2, told.stderr
    assert told.stdout == ""
    assert told.stderr.startswith("qa: ")
    assert told.stderr.count("\n") == 1
    assert "Traceback" not in told.stderr
    assert [word for word in words if word not in told.stderr] == []


def left_behind(index: Path) -> list[str]:
    """Return what an index folder holds that could be taken for an index or a half of one."""
    return sorted(path.name for path in index.glob("*") if path.is_dir() or path.name == "CURRENT")


def test_help_names_every_command(tmp_path: Path) -> None:
    told = run(tmp_path, "--help")
    assert told.returncode == 0
    commands = ("build", "status", "show", "ask", "batch", "eval", "verify", "doctor", "serve")
    assert [name for name in commands if f" {name} " not in told.stdout] == []


def test_no_corpus_folder(tmp_path: Path) -> None:
    refused(run(tmp_path, "build"), "no corpus folder", "--corpus")
    assert left_behind(tmp_path / "index") == []


def test_an_empty_corpus_folder(tmp_path: Path) -> None:
    (tmp_path / "corpus").mkdir()
    refused(run(tmp_path, "build"), "corpus")
    assert left_behind(tmp_path / "index") == []


def test_a_corpus_of_files_that_are_no_text(tmp_path: Path) -> None:
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "photo.txt").write_bytes(b"\x89PNG\x00\x00\x01" * 40)
    refused(run(tmp_path, "build"), "photo.txt")
    assert left_behind(tmp_path / "index") == []


@pytest.mark.model  # needs no weights, but loads the libraries that would read them
def test_a_model_that_nobody_knows(tmp_path: Path) -> None:
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "one.txt").write_text("The ferry makes its last trip on 30 March.")
    refused(run(tmp_path, "build", "--model", "nosuch/model"), "nosuch/model")
    assert left_behind(tmp_path / "index") == []


@pytest.mark.parametrize(
    "arguments",
    [("ask", "Who?"), ("status",), ("show", "one.txt"), ("batch", "questions.txt", "--out", "answers.jsonl")],
    ids=lambda arguments: arguments[0],
)
def test_no_index(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    (tmp_path / "questions.txt").write_text("Who?\n")
    refused(run(tmp_path, *arguments), "no index", "qa build")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["questions.txt"]


@pytest.mark.parametrize("arguments", [("ask", "Who?"), ("status",), ("show", "en/bridge.md")], ids=lambda a: a[0])
def test_an_index_of_another_version(tmp_path: Path, index: Path, arguments: tuple[str, ...]) -> None:
    path = index / generations.current(index) / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | {"format": 0}))
    refused(run(tmp_path, *arguments), "format 0", "qa build")


def test_a_damaged_index(tmp_path: Path, index: Path) -> None:
    (index / generations.current(index) / "words.json").write_text("{}")
    refused(run(tmp_path, "ask", "Who?"), "words.json", "qa build")


@pytest.mark.parametrize(
    ("option", "words"),
    [
        pytest.param(("--since", "yesterday"), "yesterday", id="no date"),
        pytest.param(("--since", "2025-12-01", "--until", "2025-11-01"), "2025-12-01", id="an empty range"),
        pytest.param(("--language", "fr"), "fr", id="no such language"),
        pytest.param(("--top", "0"), "0", id="no passages"),
        pytest.param(("--top", "9999"), "9999", id="too many passages"),
    ],
)
def test_an_option_out_of_range(tmp_path: Path, option: tuple[str, ...], words: str) -> None:
    refused(run(tmp_path, "ask", "Who?", *option), words)


def test_an_article_is_shown(tmp_path: Path, index: Path) -> None:
    told = run(tmp_path, "show", "tw/storm.txt", "--json")
    shown = json.loads(told.stdout)
    assert (told.returncode, told.stderr) == (0, "")
    assert (shown["article"], shown["published"], shown["language"]) == ("tw/storm.txt", "2025-06-18", "zh-Hant")
    assert "三座小島停電" in shown["text"]


def test_an_unknown_article(tmp_path: Path, index: Path) -> None:
    refused(run(tmp_path, "show", "nosuch.md"), "nosuch.md")


def test_status_tells_what_the_index_holds(tmp_path: Path, corpus: Path, index: Path) -> None:
    told = run(tmp_path, "status", "--json")
    assert told.returncode == 0
    assert json.loads(told.stdout)["generation"] == generations.current(index)
    assert json.loads(told.stdout)["articles"] == len(store.open_index(index).articles)


STARTER = str(Path(__file__).parents[1] / "corpus")


@pytest.mark.model
def test_an_answer_is_on_stdout_as_json(tmp_path: Path, bundled_index: Path, bundled: Assistant) -> None:
    from qa.render import as_dict

    question = "札波羅熱核電廠由誰監督？"
    told = run(tmp_path, "ask", question, "--index", str(bundled_index), "--json")
    assert (told.returncode, told.stderr) == (0, "")
    assert json.loads(told.stdout) == json.loads(json.dumps(as_dict(bundled.ask(question))))


@pytest.mark.model
def test_a_question_comes_from_stdin(tmp_path: Path, bundled_index: Path) -> None:
    question = "Who led the American side in Geneva?"
    argued = run(tmp_path, "ask", question, "--index", str(bundled_index))
    piped = run(tmp_path, "ask", "-", "--index", str(bundled_index), given=question + "\n")
    assert (argued.returncode, argued.stdout) == (piped.returncode, piped.stdout)


@pytest.mark.model
@pytest.mark.parametrize("question", ["", "   ", "？"], ids=["nothing", "blanks", "a mark"])
def test_an_empty_question_is_exit_1(tmp_path: Path, bundled_index: Path, question: str) -> None:
    told = run(tmp_path, "ask", question, "--index", str(bundled_index))
    assert told.returncode == 1
    assert told.stdout
    assert told.stderr == ""


@pytest.mark.model
def test_a_question_that_nothing_answers_is_exit_1(tmp_path: Path, bundled_index: Path) -> None:
    told = run(tmp_path, "ask", "What is the best recipe for apple pie?", "--index", str(bundled_index))
    assert (told.returncode, told.stderr) == (1, "")


@pytest.mark.model
def test_a_question_of_20000_characters_is_exit_2(tmp_path: Path, bundled_index: Path) -> None:
    refused(run(tmp_path, "ask", "為什麼" * 6667, "--index", str(bundled_index)), "20,001", "2,000")


@pytest.mark.model
def test_a_build_tells_what_it_did_and_a_second_one_does_nothing(tmp_path: Path) -> None:
    first, second = (json.loads(run(tmp_path, "build", "--corpus", STARTER, "--json").stdout) for _ in range(2))
    assert len(first["added"]) == 7
    assert first["embedded"] > 0
    assert (second["embedded"], second["unchanged"], second["generation"]) == (0, 7, first["generation"])
