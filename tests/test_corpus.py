"""The corpus folder: what is read from it, what is passed over, and what is said of what cannot be read."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from qa import build, corpus
from qa.corpus import Corpus, load
from qa.embed import Encoder
from qa.errors import CorpusError
from qa.store import open_index

WORDS = "The Alder Bridge was opened to traffic on 1 March."


def names(corpus: Corpus) -> list[str]:
    return [article.name for article in corpus.articles]


def reasons(corpus: Corpus) -> dict[str, str]:
    return {skipped.name: skipped.reason for skipped in corpus.skipped}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "good.txt").write_text(WORDS, encoding="utf-8")
    return folder


def test_folders_are_read_to_their_depth_in_order_of_names(folder: Path) -> None:
    for name in ("b/2.txt", "b/1.txt", "a.b/x.txt", "b.txt"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(WORDS, encoding="utf-8")
    assert names(load(folder)) == ["a.b/x.txt", "b/1.txt", "b/2.txt", "b.txt", "good.txt"]


@pytest.mark.parametrize(
    "name",
    [
        ".hidden.txt", ".git/x.txt", "~$open.docx", "names.tsv", "picture.jpg", "page_files/frame.html",
        "index/3f2a/articles.jsonl",
    ],
)  # fmt: skip
def test_what_is_no_article_is_passed_over(folder: Path, name: str) -> None:
    (folder / "page.html").write_text(f"<article><p>{WORDS * 3}</p></article>", encoding="utf-8")
    (folder / name).parent.mkdir(exist_ok=True, parents=True)
    (folder / name).write_text(WORDS, encoding="utf-8")
    if name.startswith("index/"):
        (folder / "index" / "CACHEDIR.TAG").touch()

    corpus = load(folder)

    assert names(corpus) == ["good.txt", "page.html"] and not corpus.skipped


def test_a_table_of_names_counts_only_at_the_top(folder: Path) -> None:
    (folder / "old").mkdir()
    (folder / "old" / "names.tsv").write_text(f"title\ttext\nA\t{WORDS}\n", encoding="utf-8")
    assert names(load(folder)) == ["good.txt", "old/names.tsv#1"]


def fifo(path: Path) -> None:
    os.mkfifo(path)


def sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(200 << 20)


@pytest.mark.parametrize(
    ("name", "make", "words"),
    [
        pytest.param(
            "out.txt", lambda path: path.symlink_to("/etc/hostname"), "a link out of the corpus", id="link out"
        ),
        pytest.param("me.txt", lambda path: path.symlink_to(path), "in a circle", id="link to itself"),
        pytest.param("gone.txt", lambda path: path.symlink_to("nowhere"), "a link to nothing", id="link to nothing"),
        pytest.param("up", lambda path: path.symlink_to(".."), "a link to a folder", id="folder in a circle"),
        pytest.param("pipe.txt", fifo, "not an ordinary file", id="pipe"),
        pytest.param("big.txt", sparse, "200 MB is too large", id="200 MB"),
        pytest.param("old.doc", Path.touch, "save it as .docx", id="old Word"),
        pytest.param(
            "x.md", lambda path: path.write_text("---\ndate: soon\n---\nWords."), "'soon' is not a date", id="date"
        ),
        pytest.param("b.txt", lambda path: path.write_bytes(bytes(99)), "not a text file", id="binary"),
        pytest.param("r.csv", lambda path: path.write_text("date,text\nsoon,Words.\n"), "is not a date", id="row"),
    ],
)
def test_one_bad_file_is_skipped_and_said(folder: Path, name: str, make: Callable[[Path], object], words: str) -> None:
    make(folder / name)

    corpus = load(folder)

    (reason,) = reasons(corpus).values()
    assert words in reason and "\n" not in reason
    assert next(iter(reasons(corpus))).removesuffix("#1") == name
    assert names(corpus) == ["good.txt"]


def test_a_file_that_becomes_a_link_after_the_folder_was_read_is_not_followed(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "late.txt").write_text(WORDS, encoding="utf-8")
    found = corpus._walk(folder)
    (folder / "late.txt").unlink()
    (folder / "late.txt").symlink_to("/etc/hostname")
    monkeypatch.setattr(corpus, "_walk", lambda _: found)
    loaded = load(folder)
    assert names(loaded) == ["good.txt"] and "cannot be read" in reasons(loaded)["late.txt"]


def test_a_link_within_the_folder_is_read(folder: Path) -> None:
    (folder / "again.txt").symlink_to("good.txt")
    assert names(load(folder)) == ["again.txt", "good.txt"]


def test_a_file_that_vanishes_is_said(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "vanishing.txt").write_text(WORDS, encoding="utf-8")
    opened = os.open

    def open_late(path: str, *arguments: int) -> int:
        if str(path).endswith("vanishing.txt"):
            Path(path).unlink()
        return opened(path, *arguments)

    monkeypatch.setattr(os, "open", open_late)
    assert reasons(load(folder)) == {"vanishing.txt": "it vanished while it was read"}


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("標題 with spaces　and “marks”.txt", "標題 with spaces　and “marks”.txt"),
        ("-rf.txt", "-rf.txt"),
        ("100%#?&;$(x).txt", "100%#?&;$(x).txt"),
        ("new\nline.txt", r"new\x0aline.txt"),
        (b"\xb4\xfa.txt", r"\xb4\xfa.txt"),
        ("🙂" * 50 + ".txt", "🙂" * 50 + ".txt"),
    ],
)
def test_a_name_may_hold_any_character(
    folder: Path, tmp_path: Path, encoder: Encoder, name: str | bytes, told: str
) -> None:
    (folder / os.fsdecode(name)).write_text(WORDS, encoding="utf-8")

    report = build(folder, tmp_path / "index", encoder=encoder)

    assert told in report.added
    assert told in [article.name for article in open_index(tmp_path / "index").articles]


def test_two_files_of_one_content_are_both_kept(folder: Path, tmp_path: Path, encoder: Encoder) -> None:
    shutil.copy(folder / "good.txt", folder / "same.txt")

    build(folder, tmp_path / "index", encoder=encoder)

    index = open_index(tmp_path / "index")
    assert [article.name for article in index.articles] == ["good.txt", "same.txt"]
    assert index.manifest["copies"] == {"same.txt": "good.txt"}


def test_the_date_may_stand_on_a_line_of_its_own(folder: Path) -> None:
    (folder / "good.txt").write_text("大橋通車\n發布時間：民國114年3月1日 10:05\n\n大橋今天通車。", encoding="utf-8")
    assert load(folder).articles[0].published == "2025-03-01"


@pytest.mark.parametrize(
    ("label", "text", "script"),
    [
        ("zh-TW", "由誰監督？", "zh-Hant"),
        ("简体中文", "由谁监督？", "zh-Hans"),
        ("zh", "谁监督核电站？", "zh-Hans"),
        ("en", "大橋今天通車。", "zh-Hant"),
        ("", "The bridge opened.", "en"),
    ],
)
def test_a_label_of_language_holds_unless_the_text_says_otherwise(
    folder: Path, label: str, text: str, script: str
) -> None:
    (folder / "good.txt").write_text(f"---\nlanguage: {label}\n---\n{text}", encoding="utf-8")
    assert load(folder).articles[0].language == script


def test_no_folder_and_nothing_in_it_are_said(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="no corpus folder"):
        load(tmp_path / "nowhere")
    with pytest.raises(CorpusError, match="no article could be read"):
        load(tmp_path)
