"""What a generation of the index holds, and how it is written and opened.

    articles.jsonl      the stored articles, in order
    words.json          names in force and the dictionary's pairs
    memory.json, sketches.npy, questions.npy    what the next build need not work out again
    en.*, zh.*          a shelf a language: raw vectors, FAISS, BM25, spans, statistics

Arrays are mapped, not read: what a question does not touch stays on the disk.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson

from qa import generations
from qa.blocks import Blocks, edges
from qa.corpus import Skipped, SourceFile
from qa.dense import DenseIndex
from qa.dictionary import Bridge
from qa.errors import StoreError
from qa.generations import Draft, checked, opened
from qa.lexical import LexicalIndex
from qa.names import Group, Names
from qa.records import Article, Kind, Language, Passage, Sentence, Span

if TYPE_CHECKING:
    from numpy.typing import NDArray

LANGUAGES: tuple[Language, ...] = ("en", "zh")

BACKGROUND = 1000  # passages that tell what an ordinary score is; all of them up to here
_KINDS = tuple(Kind)
_SIDES = ("chinese", "english")


@dataclass(frozen=True, slots=True)
class Vectors:
    """Texts and the raw unit vector of each, shape (texts, width)."""

    texts: tuple[str, ...]
    rows: NDArray[np.float16]


@dataclass(frozen=True, slots=True)
class Memory:
    """What the next build need not work out again; parallel to the articles where it is of each of them.

    `pairs` are the names that an article gives in both scripts, `counts` how often all articles together use a
    string, `sketches` have the shape (articles, 16); see `names` and `copies`.
    """

    sources: tuple[SourceFile, ...]
    pairs: tuple[tuple[tuple[str, str], ...], ...]
    counts: Mapping[str, int]
    sketches: NDArray[np.uint64]
    questions: Vectors


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

    def background(self) -> NDArray[np.int64]:
        """Return evenly spaced passages that stand for the shelf: what an ordinary score is, they tell."""
        return np.unique(np.linspace(0, len(self) - 1, min(len(self), BACKGROUND)).astype(np.int64))

    def sentences_of(self, rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the sentence rows of passages, and for each the place of its passage in `rows`."""
        first = np.append(self.passages[:, 5], len(self.sentences)).astype(np.int64)
        counts = first[rows + 1] - first[rows]
        owner = np.repeat(np.arange(len(rows)), counts)
        within = np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts, counts)
        return first[rows][owner] + within, owner

    def ready(self) -> Shelf:
        """Return the shelf with the vectors of its background, which every question is compared with, in memory."""
        rows = self.background()
        dense = self.dense_passages.holding(rows), self.dense_sentences.holding(self.sentences_of(rows)[0])
        return replace(self, dense_passages=dense[0], dense_sentences=dense[1])

    def sentence(self, row: int) -> Sentence:
        """Return the sentence of a row."""
        start, end, whole_start, whole_end, kind, clause = map(int, self.sentences[row, :6])
        number = None if clause < 0 else clause
        return Sentence(Span(start, end), Span(whole_start, whole_end), _KINDS[kind], number)


@dataclass(frozen=True, kw_only=True)
class Recalled:
    """What a build knows of a generation before anything is looked for in it."""

    generation: str
    manifest: Mapping[str, Any]
    articles: tuple[Article, ...]
    memory: Memory
    folder: Path


@dataclass(frozen=True, kw_only=True)
class Index(Recalled):
    """One opened generation."""

    shelves: tuple[Shelf, ...]
    names: Names
    bridge: Bridge

    def shelf(self, language: Language) -> Shelf:
        """Return the shelf of a language."""
        return self.shelves[LANGUAGES.index(language)]


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
def writing(folder: Path, before: Index | None = None) -> Iterator[Writer]:
    """Give what writes a generation and makes it the current one at the end.

    Raises:
        StoreError: the disk is full or the folder cannot be written; the old generation stands.
    """
    with generations.writing(folder) as draft:
        yield Writer(draft, before)


class Writer:
    """Writes a generation part by part, each while the next is worked out, in whatever order.

    Arrays that are those of the index `before` themselves are not written again.
    """

    def __init__(self, draft: Draft, before: Index | None) -> None:
        self._draft = draft
        self._before = before

    @property
    def generation(self) -> str:
        """The name of the generation, once all is written."""
        return self._draft.generation

    def articles(self, articles: Sequence[Article]) -> None:
        """Write the stored articles."""
        lines = partial(orjson.dumps, option=orjson.OPT_APPEND_NEWLINE)
        self._draft.file("articles.jsonl", lambda: map(lines, articles))

    def words(self, names: Names, bridge: Bridge) -> None:
        """Write the names in force and the dictionary's pairs."""
        old = self._before
        stands = old is not None and bridge is old.bridge and names.groups == old.names.groups
        if stands and self._stands("words.json", "words.json"):
            return
        words = {
            "names": [asdict(group) for group in names.groups],
            "to_chinese": dict(bridge.to_chinese),
            "to_english": dict(bridge.to_english),
            "words": ["\n".join(bridge.words), "\n".join(bridge.words.values())],  # two texts load faster than pairs
            "syllables": dict(bridge.syllables),
        }
        self._draft.json("words.json", words)

    def memory(self, memory: Memory, articles: Sequence[Article]) -> None:
        """Write what the next build need not work out again."""
        numbers = {article.name: number for number, article in enumerate(articles)}
        told = {
            "sources": [
                (
                    file.name,
                    file.mark,
                    [numbers[item.name] if isinstance(item, Article) else asdict(item) for item in file.items],
                )
                for file in memory.sources
            ],
            "pairs": memory.pairs,
            "counts": dict(sorted(memory.counts.items())),
            "questions": memory.questions.texts,
        }
        self._draft.json("memory.json", told)
        self._draft.array("sketches.npy", memory.sketches)
        self._draft.array("questions.npy", memory.questions.rows)

    def rows(self, shelf: Shelf) -> None:
        """Write everything of a shelf but its statistics."""
        old = self._before.shelf(shelf.language) if self._before else None
        engines = {name: dense.engine for name, dense in _engines(old)} if old else {}
        self._arrays(shelf.language, dict(_row_arrays(shelf)), dict(_row_arrays(old)) if old else {})
        for part, dense in _engines(shelf):
            name = f"{shelf.language}.{part}.faiss"
            if not (dense.engine is engines.get(part) and self._stands(name, name)):
                self._draft.file(name, lambda dense=dense: [dense.dump()])  # type: ignore[misc]

    def statistics(self, shelf: Shelf) -> None:
        """Write the statistics of a shelf."""
        old = self._before.shelf(shelf.language).statistics if self._before else {}
        self._arrays(f"{shelf.language}.statistics", shelf.statistics, old)

    def about(self, told: Mapping[str, Any]) -> None:
        """Tell what the generation was made of."""
        self._draft.about = told

    def _arrays(self, prefix: str, arrays: Mapping[str, NDArray[Any]], before: Mapping[str, NDArray[Any]]) -> None:
        names = {id(rows): f"{prefix}.{part}.npy" for part, rows in before.items()}  # a block may have another now
        for part, rows in arrays.items():
            name, old = f"{prefix}.{part}.npy", names.get(id(rows))
            if not (old and self._stands(name, old)):
                self._draft.array(name, rows)

    def _stands(self, name: str, old: str) -> bool:
        """Take the file `old` of the generation before as it is, where that can be done."""
        if self._before is None:
            return False
        path = self._before.folder / self._before.generation / old
        return self._draft.keep(name, path, self._before.manifest["files"][old])


def _row_arrays(shelf: Shelf) -> Iterator[tuple[str, NDArray[Any]]]:
    yield "passages", shelf.passages
    yield "sentences", shelf.sentences
    yield from ((f"lexical_passages.{name}", rows) for name, rows in shelf.lexical_passages.arrays().items())
    yield from ((f"lexical_sentences.{name}", rows) for name, rows in shelf.lexical_sentences.arrays().items())
    for name, dense in _engines(shelf):
        yield from ((_raw(name, number), rows) for number, rows in enumerate(dense.raw.parts))
        yield f"{name}.total", dense.total
        yield f"{name}.lengths", dense.lengths


def _raw(name: str, number: int) -> str:
    """Return what a block of raw vectors is called; in order of these names they are read."""
    return f"{name}.raw.{number:05}"


def _engines(shelf: Shelf) -> Iterator[tuple[str, DenseIndex]]:
    yield "passages", shelf.dense_passages
    yield "sentences", shelf.dense_sentences


def open_index(folder: Path) -> Index:
    """Open the current generation, every file of it checked.

    Raises:
        StoreError: there is no index, or it is damaged or of another version; nothing is read from it then.
    """

    def read(home: Path) -> Index:
        index = _completed(home, _recalled(home))
        return replace(index, shelves=tuple(shelf.ready() for shelf in index.shelves))

    return opened(folder, read)


def recall(folder: Path) -> Recalled:
    """Read what a build knows of the current generation, every file of it checked.

    Raises:
        StoreError: see `open_index`.
    """
    return opened(folder, _recalled)


def completed(recalled: Recalled) -> Index:
    """Open the rest of a generation, to build on; the lock on the index is held, so that it is there.

    Raises:
        StoreError: see `open_index`.
    """
    return opened(recalled.folder, lambda home: _completed(home, recalled))


def _recalled(home: Path) -> Recalled:
    manifest = checked(home)
    articles = read_articles(home)
    memory = _read_memory(home, articles)
    return Recalled(generation=home.name, manifest=manifest, articles=articles, memory=memory, folder=home.parent)


def _completed(home: Path, recalled: Recalled) -> Index:
    words = orjson.loads((home / "words.json").read_bytes())
    groups = (Group(**{**group, "spellings": tuple(group["spellings"])}) for group in words["names"])
    chinese, english = ({key: tuple(found) for key, found in words[f"to_{side}"].items()} for side in _SIDES)
    return Index(
        **vars(recalled),
        shelves=tuple(_read_shelf(home, recalled.manifest["files"], language) for language in LANGUAGES),
        names=Names(groups),
        bridge=Bridge(
            chinese, english, dict(zip(*(text.split("\n") for text in words["words"]), strict=True)), words["syllables"]
        ),
    )


@dataclass(frozen=True, slots=True)
class Remains:
    """A block of raw vectors that stands in a damaged index: those of these rows of the passages or sentences."""

    articles: tuple[Article, ...]
    passages: NDArray[np.int32]
    sentences: NDArray[np.int32]
    of: str
    rows: NDArray[np.int64]
    vectors: NDArray[np.float16]


def whole_files(folder: Path, mark: str) -> tuple[Path, set[str]]:
    """Return the current generation and which of its files are whole; none where it is not of this model.

    The lock on the index is held.

    Raises:
        StoreError: there is none, or it cannot be told what it was.
    """
    generation, manifest = generations.current_manifest(folder)
    home = folder / generation
    if manifest["model"]["fingerprint"] != mark:
        return home, set()
    return home, set(manifest["files"]) - {name for name, _ in generations.damages(home, manifest)}


def remains(home: Path, whole: Collection[str]) -> Iterator[Remains]:
    """Yield the vectors that are left of a damaged generation, of which these files are whole."""
    if "articles.jsonl" not in whole:
        return
    articles = read_articles(home)
    for language in LANGUAGES:
        tables = {of: f"{language}.{of}.npy" for of in ("passages", "sentences")}
        if not all(name in whole for name in tables.values()):
            continue
        spans = {of: np.load(home / name) for of, name in tables.items()}
        for of in tables:
            lengths = f"{language}.{of}.lengths.npy"
            for number, (start, end) in enumerate(pairwise(edges(np.load(home / lengths)) if lengths in whole else ())):
                name = f"{language}.{_raw(of, number)}.npy"
                if name in whole:
                    yield Remains(articles, **spans, of=of, rows=np.arange(start, end), vectors=np.load(home / name))


def remaining_questions(home: Path, whole: Collection[str]) -> Vectors | None:
    """Return the questions of a damaged generation, if their files are whole; see `remains`."""
    if "memory.json" not in whole or "questions.npy" not in whole:
        return None
    told = orjson.loads((home / "memory.json").read_bytes())
    return Vectors(tuple(told["questions"]), np.load(home / "questions.npy"))


def read_articles(home: Path) -> tuple[Article, ...]:
    """Return the stored articles of a generation, in order."""
    with (home / "articles.jsonl").open("rb") as lines:
        return tuple(Article(**orjson.loads(line)) for line in lines)


def _read_memory(home: Path, articles: Sequence[Article]) -> Memory:
    told = orjson.loads((home / "memory.json").read_bytes())

    def item(value: Any) -> Article | Skipped:
        return articles[value] if isinstance(value, int) else Skipped(**value)

    return Memory(
        sources=tuple(SourceFile(name, mark, tuple(map(item, items))) for name, mark, items in told["sources"]),
        pairs=tuple(tuple((han, latin) for han, latin in given) for given in told["pairs"]),
        counts=told["counts"],
        sketches=np.load(home / "sketches.npy"),
        questions=Vectors(tuple(told["questions"]), np.load(home / "questions.npy", mmap_mode="r")),
    )


def _read_shelf(home: Path, files: Iterable[str], language: Language) -> Shelf:
    """Read the files of a shelf that the manifest lists; others are none of ours."""
    arrays = {
        name.removeprefix(f"{language}.").removesuffix(".npy"): np.asarray(np.load(home / name, mmap_mode="r"))
        for name in sorted(files)
        if name.startswith(f"{language}.") and name.endswith(".npy")
    }

    def part(prefix: str) -> dict[str, NDArray[Any]]:
        marked = f"{prefix}."
        return {name.removeprefix(marked): rows for name, rows in arrays.items() if name.startswith(marked)}

    def dense(name: str) -> DenseIndex:
        path = home / f"{language}.{name}.faiss"
        raw = Blocks.of(part(f"{name}.raw").values())
        return DenseIndex.read(path, raw, arrays[f"{name}.total"], arrays[f"{name}.lengths"])

    return Shelf(
        language=language,
        passages=arrays["passages"],
        sentences=arrays["sentences"],
        dense_passages=dense("passages"),
        dense_sentences=dense("sentences"),
        lexical_passages=LexicalIndex.of(part("lexical_passages")),
        lexical_sentences=LexicalIndex.of(part("lexical_sentences")),
        statistics=part("statistics"),
    )


def stored_articles(folder: Path) -> tuple[Article, ...]:
    """Return the articles of the current generation, their file checked.

    Raises:
        StoreError: there is no index, or it is damaged.
    """
    return opened(folder, _checked_articles)


def _checked_articles(home: Path) -> tuple[Article, ...]:
    checked(home, "articles.jsonl")
    return read_articles(home)


def find_article(folder: Path, name: str) -> Article:
    """Return one stored article.

    Raises:
        StoreError: there is no index, or no such article in it.
    """
    for article in stored_articles(folder):
        if article.name == name:
            return article
    raise StoreError(f"no article {name!r} in the index; its name is its path in the corpus folder")
