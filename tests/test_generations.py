from __future__ import annotations

import errno
import json
import shutil
import time
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path

import pytest

from qa import generations
from qa.errors import IndexBusy, IndexDamaged, IndexMissing, IndexOutdated, StoreError
from qa.store import open_index


def test_no_index_is_said(tmp_path: Path) -> None:
    with pytest.raises(IndexMissing, match="run `qa build`"):
        open_index(tmp_path)


@pytest.mark.parametrize("words", ["", "../elsewhere\n", "\n"], ids=["empty", "a path", "blank"])
def test_a_pointer_that_names_nothing_is_damage(index: Path, words: str) -> None:
    (index / "CURRENT").write_text(words)
    with pytest.raises(IndexDamaged, match="CURRENT"):
        open_index(index)


def test_a_pointer_to_what_is_gone_is_damage(index: Path) -> None:
    (index / "CURRENT").write_text("0123456789abcdef\n")
    with pytest.raises(IndexDamaged, match="0123456789abcdef"):
        open_index(index)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize("damage", [cut, flip, Path.unlink], ids=["cut short", "one bit flipped", "missing"])
def test_every_damaged_file_is_refused_by_name(index: Path, damage: Callable[[Path], None]) -> None:
    home = index / generations.current(index)
    for path in sorted(home.iterdir()):
        whole = path.read_bytes()
        damage(path)
        with pytest.raises(IndexDamaged) as refusal:
            open_index(index)
        assert path.name in str(refusal.value)
        assert "\n" not in str(refusal.value)
        path.write_bytes(whole)
    assert open_index(index).articles


def test_every_damage_is_told_at_once(index: Path) -> None:
    home = index / generations.current(index)
    flip(home / "words.json")
    (home / "questions.npy").unlink()
    told = " ".join(chain(*generations.damages(home, generations.read_manifest(home))))
    assert "words.json" in told
    assert "questions.npy" in told


@pytest.mark.parametrize("number", [0, generations.FORMAT + 1, "x"], ids=["older", "newer", "strange"])
def test_another_format_is_refused(index: Path, number: object) -> None:
    path = index / generations.current(index) / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | {"format": number}))
    with pytest.raises(IndexOutdated, match="run `qa build`"):
        open_index(index)


def test_a_manifest_that_was_edited_is_refused(index: Path) -> None:
    path = index / generations.current(index) / "manifest.json"
    path.write_text(path.read_text(encoding="utf-8").replace("concepts-1", "concepts-2"), encoding="utf-8")
    with pytest.raises(IndexDamaged, match=r"manifest\.json"):
        open_index(index)


def test_a_second_build_says_who_is_in_the_way(tmp_path: Path) -> None:
    with generations.lock(tmp_path), pytest.raises(IndexBusy, match="another build"), generations.lock(tmp_path):
        pass


def test_the_lock_is_free_again(tmp_path: Path) -> None:
    for _ in range(2):
        with generations.lock(tmp_path / "index"):
            assert (tmp_path / "index").is_dir()


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="--index"), generations.lock(tmp_path / "file" / "index"):
        pass


def stopped(index: Path) -> None:
    """Begin to write a generation and stop in the middle."""
    with pytest.raises(KeyboardInterrupt), generations.lock(index), generations.writing(index) as draft:
        draft.json("a.json", list(range(1000)))
        raise KeyboardInterrupt


def test_a_write_that_is_stopped_leaves_the_current_generation(index: Path) -> None:
    current = generations.current(index)
    stopped(index)
    assert [path.name for path in generations.generations(index)] == [current]
    assert open_index(index).generation == current
    assert not list(index.glob(".draft-*"))


def test_nothing_is_removed_where_no_generation_is_known_to_be_the_current_one(index: Path) -> None:
    there = generations.generations(index)
    pointer = (index / "CURRENT").read_bytes()
    (index / "CURRENT").unlink()
    stopped(index)
    assert generations.generations(index) == there
    (index / "CURRENT").write_bytes(pointer)
    assert open_index(index).articles


def test_an_old_generation_that_cannot_be_removed_stops_nothing(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(index / generations.current(index), index / ("0" * 16))

    def refused(home: Path) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", str(home))

    monkeypatch.setattr(generations, "_discard", refused)
    with generations.lock(index), generations.writing(index) as draft:
        draft.json("a.json", [])
    assert generations.current(index) == draft.generation


def test_a_disk_that_is_full_is_told_before_the_rest_is_worked_out(index: Path) -> None:
    def full() -> Iterator[bytes]:
        raise OSError(errno.ENOSPC, "No space left on device")
        yield b""

    told = pytest.raises(StoreError, match="No space left")
    with told, generations.lock(index), generations.writing(index) as draft:
        draft.file("a.txt", full)
        while True:
            draft.json("b.json", [])
            time.sleep(0.01)
