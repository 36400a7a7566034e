"""`index/` on disk: generations written whole, a pointer swapped, everything checked when opened.

    index/
    ├── CURRENT              the name of the generation to read
    ├── lock                 held while a build writes
    └── 3f2a…/               one generation, named by the hash of its manifest
        ├── manifest.json    format, model, counts, digests of articles; size and SHA-256 of each file
        ├── articles.jsonl   the stored articles, in order
        ├── words.json       names in force and the dictionary's pairs
        ├── vectors.npy, vectors.json      raw vectors and the hashes of what they embed, for reuse
        └── en.*, zh.*       a shelf a language: FAISS, BM25, spans, statistics

The only module that touches this folder.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Any

import numpy as np

from qa.dense import DenseIndex
from qa.dictionary import Bridge
from qa.errors import IndexBusy, IndexDamaged, IndexMissing, IndexOutdated, StoreError
from qa.lexical import LexicalIndex
from qa.names import Group, Names
from qa.records import Article, Kind, Language, Passage, Sentence, Span

if TYPE_CHECKING:
    from numpy.typing import NDArray

FORMAT = 1  # raised whenever an index of an older form must be built anew

_POINTER, _LOCK, _MANIFEST = "CURRENT", "lock", "manifest.json"
_KINDS = tuple(Kind)
LANGUAGES: tuple[Language, ...] = ("en", "zh")


@dataclass(frozen=True, slots=True)
class Shelf:
    """The passages of one language, with every engine over them.

    `passages` has a row (article, start, end, heading start, heading end, first sentence) for each
    passage, `sentences` a row (start, end, whole start, whole end, kind, clause, passage); -1 is none.
    `statistics` are the arrays that retrieval reads scores against.
    """

    language: Language
    passages: NDArray[np.int32]
    sentences: NDArray[np.int32]
    dense_passages: DenseIndex
    dense_sentences: DenseIndex
    lexical_passages: LexicalIndex
    lexical_sentences: LexicalIndex
    statistics: Mapping[str, NDArray[np.float32]]

    def __len__(self) -> int:
        return len(self.passages)

    def span(self, passage: int) -> Span:
        """Return where a passage stands in its article."""
        return Span(int(self.passages[passage, 1]), int(self.passages[passage, 2]))

    def sentence(self, row: int) -> Sentence:
        """Return the sentence of a row."""
        start, end, whole_start, whole_end, kind, clause = map(int, self.sentences[row, :6])
        number = None if clause < 0 else clause
        return Sentence(Span(start, end), Span(whole_start, whole_end), _KINDS[kind], number)


@dataclass(frozen=True, slots=True)
class Index:
    """One opened generation."""

    generation: str
    manifest: Mapping[str, Any]
    articles: tuple[Article, ...]
    shelves: tuple[Shelf, ...]
    names: Names
    bridge: Bridge
    folder: Path


@dataclass(frozen=True, slots=True)
class Vectors:
    """Raw unit vectors and the hash of the text that each embeds."""

    keys: tuple[str, ...]
    rows: NDArray[np.float16]


def passage_table(passages: Sequence[Passage]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return passages and their sentences as the two tables of a shelf."""
    rows: list[tuple[int, ...]] = []
    told: list[tuple[int, ...]] = []
    for number, passage in enumerate(passages):
        heading = passage.heading or Span(-1, -1)
        rows.append((passage.article, passage.span.start, passage.span.end, heading.start, heading.end, len(told)))
        for s in passage.sentences:
            clause = -1 if s.clause is None else s.clause
            spans = (s.span.start, s.span.end, s.whole.start, s.whole.end)
            told.append((*spans, _KINDS.index(s.kind), clause, number))
    return np.array(rows, np.int32).reshape(-1, 6), np.array(told, np.int32).reshape(-1, 7)


@contextmanager
def lock(folder: Path) -> Iterator[None]:
    """Hold the right to write `folder`; the system lets it go when the process dies.

    Raises:
        IndexBusy: another build holds it.
        StoreError: the folder cannot be made or written.
    """
    from filelock import FileLock, Timeout

    try:
        folder.mkdir(parents=True, exist_ok=True)
        held = FileLock(folder / _LOCK, timeout=0)
        held.acquire()
    except Timeout as error:
        raise IndexBusy(f"another build is writing {folder}; wait for it to end, then try again") from error
    except OSError as error:
        raise StoreError(f"cannot write {folder} ({error.strerror}); choose another folder with --index") from error
    try:
        yield
    finally:
        held.release()


def write(
    folder: Path,
    *,
    articles: Sequence[Article],
    shelves: Sequence[Shelf],
    names: Names,
    bridge: Bridge,
    vectors: Vectors,
    about: Mapping[str, Any],
) -> str:
    """Write a generation in full, swap the pointer to it, remove those before the last; return its name.

    The name is a hash of everything in it, so the same corpus and model give the same generation.

    Raises:
        StoreError: the disk is full or the folder cannot be written; the old generation stands.
    """
    try:
        draft = Path(mkdtemp(prefix=".draft-", dir=folder))
        try:
            _write_files(draft, articles, shelves, names, bridge, vectors)
            generation = _seal(draft, about)
            _swap(folder, draft, generation)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    except OSError as error:
        reason = error.strerror or str(error)
        raise StoreError(f"cannot write the index in {folder} ({reason}); the old one stands") from error
    return generation


def _write_files(
    draft: Path,
    articles: Sequence[Article],
    shelves: Sequence[Shelf],
    names: Names,
    bridge: Bridge,
    vectors: Vectors,
) -> None:
    lines = (json.dumps(asdict(article), ensure_ascii=False, sort_keys=True) + "\n" for article in articles)
    (draft / "articles.jsonl").write_text("".join(lines), encoding="utf-8", newline="")
    words = {
        "names": [asdict(group) for group in names.groups],
        "to_chinese": dict(bridge.to_chinese),
        "to_english": dict(bridge.to_english),
    }
    _write_json(draft / "words.json", words)
    np.save(draft / "vectors.npy", vectors.rows)
    _write_json(draft / "vectors.json", list(vectors.keys))
    for shelf in shelves:
        _write_shelf(draft, shelf)


def _write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, separators=(",", ":")), encoding="utf-8", newline="")


def _shelf_arrays(shelf: Shelf) -> Iterator[tuple[str, NDArray[Any]]]:
    yield "passages", shelf.passages
    yield "sentences", shelf.sentences
    yield from ((f"lexical_passages.{name}", rows) for name, rows in shelf.lexical_passages.arrays().items())
    yield from ((f"lexical_sentences.{name}", rows) for name, rows in shelf.lexical_sentences.arrays().items())
    yield from ((f"statistics.{name}", rows) for name, rows in shelf.statistics.items())


def _write_shelf(draft: Path, shelf: Shelf) -> None:
    for name, rows in _shelf_arrays(shelf):
        np.save(draft / f"{shelf.language}.{name}.npy", rows)
    shelf.dense_passages.write(draft / f"{shelf.language}.passages.faiss")
    shelf.dense_sentences.write(draft / f"{shelf.language}.sentences.faiss")


def _checksum(path: Path) -> str:
    with path.open("rb") as file:
        digest = sha256()
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def _seal(draft: Path, about: Mapping[str, Any]) -> str:
    """Write the manifest, sync everything to the disk, and return the generation's name."""
    files = sorted(path for path in draft.iterdir())
    listed = {path.name: {"bytes": path.stat().st_size, "sha256": _checksum(path)} for path in files}
    manifest = {"format": FORMAT, **about, "files": listed}
    text = json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True)
    (draft / _MANIFEST).write_text(text, encoding="utf-8", newline="")
    for path in (*files, draft / _MANIFEST, draft):
        _sync(path)
    return sha256(text.encode()).hexdigest()[:16]


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _swap(folder: Path, draft: Path, generation: str) -> None:
    """Move the draft to its name, point to it, and keep the one before it for those who still read it."""
    before = _pointer(folder)
    if not (folder / generation).exists():
        draft.rename(folder / generation)
        _sync(folder)
    pointer = folder / f".{_POINTER}"
    pointer.write_text(generation + "\n", encoding="utf-8")
    _sync(pointer)
    pointer.replace(folder / _POINTER)
    _sync(folder)
    kept = {generation, before, _POINTER, _LOCK}
    for path in folder.iterdir():
        if path.is_dir() and path.name not in kept and (path / _MANIFEST).exists() | path.name.startswith(".draft-"):
            shutil.rmtree(path, ignore_errors=True)


def _pointer(folder: Path) -> str | None:
    try:
        return (folder / _POINTER).read_text(encoding="utf-8").strip() or None
    except (OSError, UnicodeDecodeError):
        return None


def current(folder: Path) -> str:
    """Return the name of the generation to read.

    Raises:
        IndexMissing: there is none.
    """
    generation = _pointer(folder)
    if generation is None or not generation.isalnum():
        raise IndexMissing(f"no index in {folder}; run `qa build` first")
    return generation


def read_manifest(home: Path) -> dict[str, Any]:
    """Return the manifest of the generation in `home`, checked against the generation's name.

    Raises:
        IndexDamaged: the manifest is not what was written.
        IndexOutdated: it was written by another version.
    """
    path = home / _MANIFEST
    try:
        text = path.read_text(encoding="utf-8")
        manifest = json.loads(text)
        written = manifest["format"]
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise IndexDamaged(f"{path} is missing or damaged; run `qa build`") from error
    if written != FORMAT:
        raise IndexOutdated(f"the index in {home.parent} has format {written}, not {FORMAT}; run `qa build`")
    if sha256(text.encode()).hexdigest()[:16] != home.name:
        raise IndexDamaged(f"{path} is not what was written; run `qa build`")
    return dict(manifest)


def damages(home: Path, manifest: Mapping[str, Any]) -> Iterator[str]:
    """Yield one line for each file of a generation that is not what its manifest says."""
    for name, told in manifest["files"].items():
        path = home / name
        if not path.is_file():
            yield f"{name} is missing"
        elif path.stat().st_size != told["bytes"]:
            yield f"{name} has {path.stat().st_size} bytes instead of {told['bytes']}"
        elif _checksum(path) != told["sha256"]:
            yield f"{name} is not what was written (checksum)"


def _checked(folder: Path) -> tuple[Path, dict[str, Any]]:
    """Return the current generation and its manifest, every file checked."""
    home = folder / current(folder)
    manifest = read_manifest(home)
    for damage in damages(home, manifest):
        raise IndexDamaged(f"the index in {folder} is damaged: {damage}; run `qa build`")
    return home, manifest


def open_index(folder: Path) -> Index:
    """Open the current generation, every file of it checked.

    Raises:
        StoreError: there is no index, or it is damaged or of another version; nothing is read from it then.
    """
    home, manifest = _checked(folder)
    words = json.loads((home / "words.json").read_text(encoding="utf-8"))
    groups = (Group(**{**group, "spellings": tuple(group["spellings"])}) for group in words["names"])
    pairs = ({key: tuple(found) for key, found in words[side].items()} for side in ("to_chinese", "to_english"))
    return Index(
        generation=home.name,
        manifest=manifest,
        articles=read_articles(home),
        shelves=tuple(_read_shelf(home, language) for language in LANGUAGES),
        names=Names(groups),
        bridge=Bridge(*pairs),
        folder=folder,
    )


def read_articles(home: Path) -> tuple[Article, ...]:
    """Return the stored articles of a generation, in order."""
    with (home / "articles.jsonl").open(encoding="utf-8", newline="\n") as lines:
        return tuple(Article(**json.loads(line)) for line in lines)


def read_vectors(folder: Path) -> Vectors:
    """Return the raw vectors of the current generation, for reuse.

    Raises:
        StoreError: there is no whole index to reuse.
    """
    home, _ = _checked(folder)
    keys = json.loads((home / "vectors.json").read_text(encoding="utf-8"))
    return Vectors(tuple(keys), np.load(home / "vectors.npy", mmap_mode="r"))


def _read_shelf(home: Path, language: Language) -> Shelf:
    arrays = {
        path.name.removeprefix(f"{language}.").removesuffix(".npy"): np.load(path, mmap_mode="r")
        for path in sorted(home.glob(f"{language}.*.npy"))
    }

    def part(prefix: str) -> dict[str, NDArray[Any]]:
        marked = f"{prefix}."
        return {name.removeprefix(marked): rows for name, rows in arrays.items() if name.startswith(marked)}

    return Shelf(
        language=language,
        passages=arrays["passages"],
        sentences=arrays["sentences"],
        dense_passages=DenseIndex.read(home / f"{language}.passages.faiss"),
        dense_sentences=DenseIndex.read(home / f"{language}.sentences.faiss"),
        lexical_passages=LexicalIndex.of(part("lexical_passages")),
        lexical_sentences=LexicalIndex.of(part("lexical_sentences")),
        statistics=part("statistics"),
    )


def find_article(folder: Path, name: str) -> Article:
    """Return one stored article.

    Raises:
        StoreError: there is no index, or no such article in it.
    """
    home, _ = _checked(folder)
    for article in read_articles(home):
        if article.name == name:
            return article
    raise StoreError(f"no article {name!r} in the index; its name is its path in the corpus folder")
