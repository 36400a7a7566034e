from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from qa import generations, store
from qa.errors import StoreError
from qa.records import Kind, Passage, Sentence, Span
from qa.store import Index, open_index


@pytest.fixture
def opened(built_index: Path) -> Index:
    return open_index(built_index)


def written(folder: Path, source: Index, **about: Any) -> str:
    """Write the parts of an opened index as a generation of another folder."""
    folder.mkdir(exist_ok=True)
    told = {name: value for name, value in source.manifest.items() if name not in ("format", "files")}
    with store.writing(folder) as writer:
        write(writer, source, told | about)
    return writer.generation


def write(writer: store.Writer, source: Index, about: Mapping[str, Any]) -> None:
    writer.articles(source.articles)
    for shelf in source.shelves:
        writer.rows(shelf)
        writer.statistics(shelf)
    writer.words(source.names, source.bridge)
    writer.memory(source.memory, source.articles)
    writer.about(about)


def test_what_is_written_is_what_is_read(tmp_path: Path, opened: Index) -> None:
    generation = written(tmp_path / "again", opened)
    again = open_index(tmp_path / "again")
    assert again.generation == generation == opened.generation
    assert again.articles == opened.articles
    assert again.names.groups == opened.names.groups
    assert again.bridge == opened.bridge
    assert again.manifest == opened.manifest


def test_shelves_come_back_array_for_array(tmp_path: Path, opened: Index) -> None:
    written(tmp_path / "again", opened)
    for one, other in zip(opened.shelves, open_index(tmp_path / "again").shelves, strict=True):
        assert one.language == other.language
        np.testing.assert_array_equal(one.passages, other.passages)
        np.testing.assert_array_equal(one.sentences, other.sentences)
        np.testing.assert_array_equal(*(shelf.dense_passages.vectors(np.arange(len(one))) for shelf in (one, other)))
        assert sorted(one.statistics) == sorted(other.statistics)
        for name, rows in one.lexical_sentences.arrays().items():
            np.testing.assert_array_equal(rows, other.lexical_sentences.arrays()[name])


def test_what_the_next_build_reuses_comes_back(tmp_path: Path, opened: Index) -> None:
    written(tmp_path / "again", opened)
    again = open_index(tmp_path / "again")
    assert again.memory.questions.texts == opened.memory.questions.texts
    np.testing.assert_array_equal(again.memory.questions.rows, opened.memory.questions.rows)
    assert again.memory.sources == opened.memory.sources
    assert again.memory.counts == opened.memory.counts


def test_the_pointer_names_what_was_written_last(tmp_path: Path, opened: Index) -> None:
    folder = tmp_path / "again"
    first, second = written(folder, opened), written(folder, opened, note="second")
    assert first != second
    assert generations.current(folder) == second


def test_the_name_depends_on_the_content_alone(tmp_path: Path, opened: Index) -> None:
    assert written(tmp_path / "one", opened) == written(tmp_path / "two", opened)


def test_the_generation_before_is_kept_and_older_ones_go(tmp_path: Path, opened: Index) -> None:
    folder = tmp_path / "again"
    names = [written(folder, opened, note=note) for note in ("first", "second", "third")]
    assert {path.name for path in folder.iterdir() if path.is_dir()} == set(names[1:])


def test_an_index_that_is_open_outlives_the_next_generation(tmp_path: Path, opened: Index) -> None:
    folder = tmp_path / "again"
    written(folder, opened, note="first")
    reading = open_index(folder)
    written(folder, opened, note="second")
    assert reading.shelves[0].passages[0].tolist() == opened.shelves[0].passages[0].tolist()


def test_the_next_build_clears_what_a_killed_one_left_and_nothing_else(tmp_path: Path, opened: Index) -> None:
    folder = tmp_path / "again"
    (folder / ".draft-dead").mkdir(parents=True)
    (folder / "notes").mkdir()
    (folder / "notes" / "mine.txt").write_text("keep")
    with generations.lock(folder):
        written(folder, opened)
    assert not list(folder.glob(".draft-*"))
    assert (folder / "notes" / "mine.txt").read_text() == "keep"


def test_a_write_that_fails_leaves_the_old_generation(tmp_path: Path, opened: Index) -> None:
    folder = tmp_path / "again"
    first = written(folder, opened)
    broken = replace(opened, shelves=(replace(opened.shelves[0], language="no/such/folder"),))
    with pytest.raises(StoreError, match="stands"):
        written(folder, broken, note="second")
    assert generations.current(folder) == first
    assert not list(folder.glob(".draft-*"))


def test_a_stored_article_is_found_by_its_path(built_index: Path) -> None:
    assert store.find_article(built_index, "tw/storm.txt").published == "2025-06-18"


def test_an_unknown_article_is_said(built_index: Path) -> None:
    with pytest.raises(StoreError, match=r"'nosuch\.md'"):
        store.find_article(built_index, "nosuch.md")


def test_passages_as_tables() -> None:
    told = (Sentence(Span(0, 4), Span(0, 9), Kind.CLAUSE, 7), Sentence(Span(4, 9), Span(4, 9), Kind.PROSE))
    one = Passage(3, Span(0, 9), "en", told, heading=Span(0, 2))
    two = Passage(4, Span(1, 5), "en", (Sentence(Span(1, 5), Span(1, 5), Kind.CAPTION),))
    rows, sentences = store.passage_table([one, two])
    assert rows[:, :6].tolist() == [[3, 0, 9, 0, 2, 0], [4, 1, 5, -1, -1, 2]]
    assert sentences[:, :4].tolist() == [[0, 4, 0, 9], [4, 9, 4, 9], [1, 5, 1, 5]]
    assert sentences[:, 6].tolist() == [0, 0, 1]


def test_a_shelf_gives_the_sentence_back(opened: Index) -> None:
    shelf = next(shelf for shelf in opened.shelves if shelf.language == "zh")
    texts = {article.name: article.text for article in opened.articles}
    clauses = [shelf.sentence(row) for row in range(len(shelf.sentences)) if shelf.sentence(row).clause == 3]
    assert [sentence.whole.of(texts["cn/library.md"]) for sentence in clauses] == ["3. 周日上午十点开门。"]
    assert clauses[0].kind is Kind.CLAUSE
