from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from conftest import ConceptEncoder
from numpy.typing import NDArray

from qa import Assistant, Report, blocks, build, dense, generations, material, status, store
from qa.errors import CorpusError, IndexBusy, ModelError
from qa.folding import simplify
from qa.records import Article, Passage
from qa.shelves import null_questions
from qa.store import open_index


def edit(path: Path, before: str, after: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after), encoding="utf-8")


def contents(folder: Path) -> dict[str, tuple[int, bytes]]:
    files = (path for path in folder.rglob("*") if path.is_file() and path.name not in ("lock", "holder"))
    return {path.relative_to(folder).as_posix(): (path.stat().st_mtime_ns, path.read_bytes()) for path in files}


def test_an_unchanged_corpus_embeds_nothing_and_touches_nothing(
    corpus: Path, index: Path, encoder: ConceptEncoder
) -> None:
    before = contents(index)
    report = build(corpus, index, encoder=encoder)
    assert (report.added, report.changed, report.removed, report.embedded) == ((), (), (), 0)
    assert report.unchanged == len(open_index(index).articles)
    assert report.reused > 0
    assert encoder.seen == []
    assert contents(index) == before


@dataclass(frozen=True)
class Rebuilt:
    """What became of the index after one article was edited."""

    corpus: Path
    index: Path
    report: Report
    seen: list[str]


@pytest.fixture(scope="module")
def rebuilt(tmp_path_factory: pytest.TempPathFactory, built_corpus: Path, built_index: Path) -> Rebuilt:
    home = tmp_path_factory.mktemp("rebuilt")
    corpus = Path(shutil.copytree(built_corpus, home / "corpus"))
    index = Path(shutil.copytree(built_index, home / "index"))
    edit(corpus / "undated.txt", "painted white last week", "painted red last month")
    encoder = ConceptEncoder()
    return Rebuilt(corpus, index, build(corpus, index, encoder=encoder), encoder.seen)


def test_a_changed_article_embeds_only_its_own_texts(rebuilt: Rebuilt) -> None:
    text = simplify((rebuilt.corpus / "undated.txt").read_text(encoding="utf-8"))
    assert rebuilt.report.changed == ("undated.txt",)
    assert 0 < rebuilt.report.embedded == len(rebuilt.seen) <= 4
    assert all(seen in text for seen in rebuilt.seen)


def test_the_same_corpus_gives_the_same_generation_in_another_process(rebuilt: Rebuilt, tmp_path: Path) -> None:
    elsewhere = shutil.copytree(rebuilt.corpus, tmp_path / "another folder")
    code = f"""if True:
        from pathlib import Path
        from conftest import ConceptEncoder
        from qa import build
        print(build(Path({str(elsewhere)!r}), Path({str(tmp_path / "fresh")!r}), encoder=ConceptEncoder()).generation)
    """
    surroundings = os.environ | {"PYTHONHASHSEED": "1", "PYTHONPATH": str(Path(__file__).parent)}
    ended = subprocess.run([sys.executable, "-c", code], env=surroundings, capture_output=True, encoding="utf-8")
    assert ended.stdout.strip() == rebuilt.report.generation, ended.stderr


def test_a_renamed_article_embeds_nothing(corpus: Path, index: Path, encoder: ConceptEncoder) -> None:
    (corpus / "undated.txt").rename(corpus / "lighthouse.txt")
    edit(corpus / "en" / "bridge.md", "outlet: Harbour Post", "outlet: The Harbour Post")
    report = build(corpus, index, encoder=encoder)
    assert report.moved == (("undated.txt", "lighthouse.txt"),)
    assert (report.added, report.removed) == ((), ())
    assert report.changed == ("en/bridge.md",)
    assert report.embedded == 0
    assert encoder.seen == []
    names = [article.name for article in open_index(index).articles]
    assert "lighthouse.txt" in names
    assert "undated.txt" not in names


def test_a_removed_article_is_gone_everywhere(corpus: Path, index: Path, encoder: ConceptEncoder) -> None:
    vectors = open_index(index).manifest["vectors"]
    (corpus / "en" / "bridge.md").unlink()
    report = build(corpus, index, encoder=encoder)
    assert report.removed == ("en/bridge.md",)
    opened = open_index(index)
    assert "en/bridge.md" not in {article.name for article in opened.articles} | set(opened.manifest["articles"])
    told = " ".join(
        shelf.span(row).of(opened.articles[shelf.passages[row, 0]].text)
        for shelf in opened.shelves
        for row in range(len(shelf))
    )
    assert "Alder Bridge" not in told
    assert opened.manifest["vectors"] < vectors
    answer = Assistant.open(index, encoder=encoder).ask("Who designed the bridge?")
    assert {citation.article.name for citation in answer.citations} <= {"tw/bridge.md", "en/echo.md"}


def test_files_that_cannot_be_read_are_skipped_with_their_reasons(
    corpus: Path, index: Path, encoder: ConceptEncoder
) -> None:
    (corpus / "binary.txt").write_bytes(b"\x00\x01\x02")
    (corpus / "empty.md").write_text("")
    report = build(corpus, index, encoder=encoder)
    assert [skipped.name for skipped in report.skipped] == ["binary.txt", "empty.md"]
    assert all(skipped.reason and "\n" not in skipped.reason for skipped in report.skipped)
    assert report.embedded == 0


def test_a_corpus_that_cannot_be_used_leaves_the_index(tmp_path: Path, index: Path, encoder: ConceptEncoder) -> None:
    before = contents(index)
    with pytest.raises(CorpusError):
        build(tmp_path / "nowhere", index, encoder=encoder)
    assert contents(index) == before


def test_a_damaged_index_is_mended(corpus: Path, index: Path, encoder: ConceptEncoder) -> None:
    generation = generations.current(index)
    (index / generation / "articles.jsonl").write_text("")
    report = build(corpus, index, encoder=encoder)
    assert open_index(index).articles
    assert report.generation == generations.current(index)


def test_another_model_embeds_everything_anew(corpus: Path, index: Path, encoder: ConceptEncoder) -> None:
    other = replace(encoder, fingerprint="concepts-2")
    report = build(corpus, index, encoder=other)
    assert report.reused == 0
    assert report.embedded > 0
    assert Assistant.open(index, encoder=other).ask("Who designed the bridge?").found


@dataclass(frozen=True)
class Failing:
    """An encoder that gives up."""

    width: int = 3
    fingerprint: str = "failing"

    def encode_questions(self, texts: Sequence[str]) -> NDArray[np.float32]:
        raise ModelError("out of memory")

    def encode_passages(
        self, texts: Sequence[str], *, progress: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        raise ModelError("out of memory")


def test_a_build_that_fails_leaves_the_old_index(corpus: Path, index: Path) -> None:
    before = contents(index)
    with pytest.raises(ModelError):
        build(corpus, index, encoder=Failing())
    assert contents(index) == before


def test_a_build_waits_for_no_other(corpus: Path, index: Path, encoder: ConceptEncoder) -> None:
    with generations.lock(index), pytest.raises(IndexBusy):
        build(corpus, index, encoder=encoder)


def test_the_corpus_adds_spellings_of_its_own(corpus: Path, index: Path, encoder: ConceptEncoder) -> None:
    (corpus / "names.tsv").write_text("赤楊大橋\t老橋\tthe Old Span\n", encoding="utf-8")
    report = build(corpus, index, encoder=encoder)
    assert report.embedded == 0
    (mention,) = open_index(index).names.find("老橋")
    assert "赤楊大橋" in mention.group.spellings


def test_a_broken_table_of_names_is_refused(corpus: Path, index: Path, encoder: ConceptEncoder) -> None:
    (corpus / "names.tsv").write_text("only one spelling\n", encoding="utf-8")
    with pytest.raises(CorpusError, match=r"names\.tsv, line 1"):
        build(corpus, index, encoder=encoder)


def test_an_index_of_one_language_answers(tmp_path: Path, encoder: ConceptEncoder) -> None:
    (tmp_path / "corpus").mkdir()
    text = "Fishermen saw the storm. The bridge was designed by Karin Lindqvist. The ferry is late. A nurse came."
    (tmp_path / "corpus" / "one.txt").write_text(text)
    told: list[tuple[int, int]] = []
    build(tmp_path / "corpus", tmp_path / "index", encoder=encoder, progress=lambda *done: told.append(done))
    assert told[-1][0] == told[-1][1] > 0
    answers = Assistant.open(tmp_path / "index", encoder=encoder).ask_all(
        ["Who designed the bridge?", "大橋由誰設計？"]
    )
    assert all(citation.article.name == "one.txt" for answer in answers for citation in answer.citations)
    assert all(answer.consulted for answer in answers)


def test_status_tells_how_the_corpus_has_moved_on(corpus: Path, index: Path) -> None:
    assert not status(corpus, index)[1]
    (corpus / "new.txt").write_text("A new article about the ferry.")
    (corpus / "undated.txt").unlink()
    edit(corpus / "en" / "echo.md", "$650 million", "$660 million")
    manifest, change = status(corpus, index)
    assert change is not None
    assert (change.added, change.changed, change.removed) == (("new.txt",), ("en/echo.md",), ("undated.txt",))
    assert manifest["generation"] == generations.current(index)


def test_status_without_a_corpus_tells_of_the_index(index: Path, tmp_path: Path) -> None:
    manifest, change = status(tmp_path / "nowhere", index)
    assert change is None
    assert manifest["passages"]["en"] > 0


def test_null_questions_are_as_many_in_either_language() -> None:
    questions = null_questions()
    assert len(questions["en"]) == len(questions["zh"]) >= 200


def written(index: Path) -> dict[str, bytes]:
    """Return every file of the current generation."""
    home = index / generations.current(index)
    return {path.name: path.read_bytes() for path in home.iterdir()}


@pytest.fixture(params=[True, False], ids=["small", "large"])
def built(
    request: pytest.FixtureRequest,
    corpus: Path,
    tmp_path: Path,
    encoder: ConceptEncoder,
    monkeypatch: pytest.MonkeyPatch,
) -> Path:
    """Build an index of ordinary bounds, or of such that it is large: searched by bits, its vectors in many blocks."""
    if not request.param:
        for module, name, bound in ((dense, "FLAT", 8), (blocks, "_ONE_IN", 2), (blocks, "_LEAST", 2)):
            monkeypatch.setattr(module, name, bound)
    generation = build(corpus, tmp_path / "built", encoder=encoder).generation
    assert (len(list((tmp_path / "built" / generation).glob("en.sentences.raw.*"))) == 1) is request.param
    return tmp_path / "built"


@pytest.mark.parametrize("change", ["edit", "add", "remove", "rename", "name", "nothing but the code"])
def test_an_index_brought_up_to_date_is_the_one_built_anew(
    corpus: Path, built: Path, tmp_path: Path, encoder: ConceptEncoder, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    bridge = corpus / "en" / "bridge.md"
    if change == "edit":
        bridge.write_text(
            bridge.read_text(encoding="utf-8") + "\n\nThe mayor thanked the engineers.\n", encoding="utf-8"
        )
    elif change == "add":
        (corpus / "a.txt").write_text("A new ferry crosses the river. 新渡輪明年通航。\n", encoding="utf-8")
    elif change == "remove":
        bridge.unlink()
    elif change == "rename":
        bridge.rename(corpus / "zzz.md")
    elif change == "name":
        (corpus / "b.txt").write_text("建築師林奎斯特（Lindqvist）來訪。林奎斯特說橋很美。\n", encoding="utf-8")
    else:
        monkeypatch.setattr(sys.modules["qa.reuse"], "code_mark", lambda: "another")
    build(corpus, built, encoder=encoder)
    build(corpus, tmp_path / "anew", encoder=encoder)
    assert written(built) == written(tmp_path / "anew")


@pytest.mark.parametrize(
    ("damaged", "least", "most"),
    [
        ("en.passages.faiss", 0, 0),
        ("words.json", 0, 0),
        ("en.sentences.raw.00001.npy", 2, 12),
        ("articles.jsonl", 20, 999),
    ],
)
@pytest.mark.parametrize("built", [False], ids=["large"], indirect=True)
def test_vectors_that_stand_in_a_damaged_index_are_not_embedded_again(
    corpus: Path,
    built: Path,
    tmp_path: Path,
    encoder: ConceptEncoder,
    monkeypatch: pytest.MonkeyPatch,
    damaged: str,
    least: int,
    most: int,
) -> None:
    path = built / generations.current(built) / damaged
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    encoder.seen.clear()
    embedded: list[str] = []
    plain = encoder.encode_passages
    monkeypatch.setattr(
        type(encoder), "encode_passages", lambda self, texts, **told: embedded.extend(texts) or plain(texts, **told)
    )
    build(corpus, built, encoder=encoder)
    assert least <= len(embedded) <= most
    assert bool(encoder.seen) is bool(least)  # questions are not embedded again either
    build(corpus, tmp_path / "anew", encoder=encoder)
    assert written(built) == written(tmp_path / "anew")


@pytest.mark.parametrize("built", [False], ids=["large"], indirect=True)
def test_a_block_that_has_become_another_one_in_order_is_not_written_again(built: Path) -> None:
    before = open_index(built)
    shelf = before.shelf("en")
    fewer = replace(shelf.dense_sentences, raw=blocks.Blocks.of(shelf.dense_sentences.raw.parts[1:]))
    with generations.lock(built), store.writing(built, before) as writer:
        writer.rows(replace(shelf, dense_sentences=fewer))
    old, new = (built / name for name in (before.generation, writer.generation))
    assert (new / "en.sentences.raw.00000.npy").samefile(old / "en.sentences.raw.00001.npy")


def test_an_article_without_a_term_joins_an_index_of_the_other_language(
    tmp_path: Path, encoder: ConceptEncoder
) -> None:
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "a.txt").write_text("大橋由林奎斯特設計。渡輪每天開船。", encoding="utf-8")
    build(tmp_path / "corpus", tmp_path / "index", encoder=encoder)
    (tmp_path / "corpus" / "b.txt").write_text("Привет мир, это новость.", encoding="utf-8")
    assert build(tmp_path / "corpus", tmp_path / "index", encoder=encoder).added == ("b.txt",)
    assert Assistant.open(tmp_path / "index", encoder=encoder).ask("大橋由誰設計？").found


@pytest.mark.parametrize("links", [True, False], ids=["links", "no links"])
def test_what_a_change_leaves_as_it_was_is_not_written_again(
    corpus: Path, index: Path, encoder: ConceptEncoder, monkeypatch: pytest.MonkeyPatch, links: bool
) -> None:
    def refused(self: Path, target: Path) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    if not links:
        monkeypatch.setattr(Path, "hardlink_to", refused)
    before = index / generations.current(index)
    (corpus / "en" / "bridge.md").write_text("The bridge is closed until further notice.\n", encoding="utf-8")
    after = index / build(corpus, index, encoder=encoder).generation
    told = [(after / path.name).samefile(path) for path in before.glob("zh.*.raw.*.npy")]
    assert told == [links, links]
    assert not (after / "en.sentences.raw.00000.npy").samefile(before / "en.sentences.raw.00000.npy")


def test_only_a_changed_article_is_read_again(
    corpus: Path, index: Path, encoder: ConceptEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    read = material.passages

    def noted(article: Article, number: int) -> list[Passage]:
        seen.append(article.name)
        return read(article, number)

    monkeypatch.setattr(material, "passages", noted)
    (corpus / "en" / "bridge.md").write_text("The bridge is closed until further notice.\n", encoding="utf-8")
    build(corpus, index, encoder=encoder)
    assert seen == ["en/bridge.md"]
