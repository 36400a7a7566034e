"""The doctor: everything that is wrong is found by its name, and its command mends it."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from qa import Assistant, build, generations
from qa.doctor import Finding, examine
from qa.embed import Encoder
from qa.errors import StoreError

MARK = "concepts-1"


def flip(path: Path) -> None:
    """Change one bit in the middle of a file."""
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0x10
    path.write_bytes(data)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def lengthen(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"\n")


def home(index: Path) -> Path:
    return index / generations.current(index)


def only(findings: tuple[Finding, ...]) -> Finding:
    (finding,) = findings
    return finding


def test_a_whole_index_is_well(built_corpus: Path, built_index: Path) -> None:
    assert examine(built_corpus, built_index, mark=MARK) == ()


@pytest.mark.parametrize("damage", [flip, cut, lengthen, Path.unlink])
def test_every_damaged_file_of_an_index_is_named_at_once(
    corpus: Path, index: Path, damage: Callable[[Path], None]
) -> None:
    files = sorted(path for path in home(index).iterdir() if path.name != "manifest.json")
    for path in files:
        damage(path)

    found = examine(corpus, index, mark=MARK)

    assert [finding.name for finding in found] == [f"{generations.current(index)}/{path.name}" for path in files]
    assert {finding.command for finding in found} == {f"qa build --corpus {corpus} --index {index}"}


@pytest.mark.parametrize("name", ["CURRENT", "manifest.json"])
@pytest.mark.parametrize("damage", [flip, cut, lengthen, Path.unlink])
def test_a_damaged_pointer_or_manifest_is_named_and_refused(
    corpus: Path, index: Path, name: str, damage: Callable[[Path], None]
) -> None:
    damage(index / name if name == "CURRENT" else home(index) / name)

    assert any(name in finding.name + finding.words for finding in examine(corpus, index, mark=MARK))
    with pytest.raises(StoreError, match=name) as caught:
        Assistant.open(index)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["CURRENT", "manifest.json", "zh.sentences.faiss"])
def test_a_build_mends_what_is_damaged(corpus: Path, index: Path, encoder: Encoder, name: str) -> None:
    flip(index / name if name == "CURRENT" else home(index) / name)
    build(corpus, index, encoder=encoder)
    assert examine(corpus, index, mark=MARK) == ()


@pytest.mark.parametrize("place", ["note.txt", "GENERATION/note.txt"])
def test_a_foreign_file_is_named_and_its_command_removes_it(corpus: Path, index: Path, place: str) -> None:
    place = place.replace("GENERATION", generations.current(index))
    (index / place).write_text("mine", encoding="utf-8")

    found = only(examine(corpus, index, mark=MARK))

    assert (found.kind, found.name) == ("foreign", place)
    subprocess.run(shlex.split(found.command), check=True)
    assert examine(corpus, index, mark=MARK) == ()


def test_what_a_killed_build_left_is_no_fault(corpus: Path, index: Path) -> None:
    (index / ".draft-0a1b").mkdir()
    assert examine(corpus, index, mark=MARK) == ()


def test_other_weights_are_found(corpus: Path, index: Path) -> None:
    assert only(examine(corpus, index, mark="others")).kind == "model"


def test_a_model_that_is_gone_is_found(corpus: Path, tmp_path: Path, encoder: Encoder) -> None:
    build(corpus, tmp_path / "own", model=str(tmp_path / "no-model"), encoder=encoder)
    found = only(examine(corpus, tmp_path / "own"))
    assert found.kind == "model" and found.name == str(tmp_path / "no-model")


def test_a_corpus_that_has_moved_on_is_found(corpus: Path, index: Path) -> None:
    (corpus / "undated.txt").rename(corpus / "renamed.txt")
    (corpus / "new.txt").write_text("A new article stands here.", encoding="utf-8")

    found = only(examine(corpus, index, mark=MARK))

    assert found.kind == "corpus" and "1 added, 0 changed, 0 removed, 1 moved" in found.words
    assert shlex.split(found.command) == ["qa", "build", "--corpus", str(corpus), "--index", str(index)]


def test_changed_names_are_found(corpus: Path, index: Path) -> None:
    (corpus / "names.tsv").write_text("person\tKarin Lindqvist\t林德奎斯特\n", encoding="utf-8")
    assert [finding.kind for finding in examine(corpus, index, mark=MARK)] == ["names"]


def test_no_corpus_and_no_index_are_found(corpus: Path, index: Path, tmp_path: Path) -> None:
    assert only(examine(tmp_path / "none", index, mark=MARK)).kind == "corpus"
    assert only(examine(corpus, tmp_path / "none", mark=MARK)).kind == "missing"


def test_the_command_says_one_thing_and_exits_one(tmp_path: Path) -> None:
    def run(*options: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "qa", "doctor", "--index", str(tmp_path / "index"), *options]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    told = run("--json")
    assert told.returncode == 1
    assert json.loads(told.stdout)["findings"][0]["kind"] == "missing"
    assert run().stdout.count("to mend it: qa build") == 1


def test_what_is_wrong_is_named_once(corpus: Path, index: Path, tmp_path: Path) -> None:
    (index / "CURRENT").unlink()
    assert only(examine(corpus, index, mark=MARK)) == Finding(
        "damaged", "CURRENT", "is missing", f"qa build --corpus {corpus} --index {index}"
    )
    assert only(examine(corpus, tmp_path, mark=MARK)).words == "holds no index"


def test_without_its_corpus_the_command_asks_for_the_folder(index: Path, tmp_path: Path) -> None:
    found = only(examine(tmp_path / "none", index, mark=MARK))
    assert found.command == f"qa doctor --corpus FOLDER --index {index}"
