"""Bring the index up to date with the corpus: the one place where an index is put together."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from hashlib import sha256
from importlib.resources import files
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from qa import generations, store
from qa.copies import copies
from qa.corpus import NAMES_FILE, Skipped, digest_of, load
from qa.dense import FLAT, RAW, DenseIndex
from qa.dictionary import Bridge, bridge
from qa.embed import Encoder, load_encoder
from qa.errors import CorpusError, StoreError
from qa.folding import fold, simplify
from qa.material import Material, joined, passage_texts, read, sentence_texts
from qa.models import fingerprint, is_unfetched
from qa.names import Group, Names, merge, mine, parse_table, shipped
from qa.options import BUNDLED
from qa.records import Article, Language
from qa.retrieve import Question, fuse, moments, score
from qa.store import LANGUAGES, Index, Shelf, Vectors
from qa.terms import question_terms, used_entries

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float32]

_SHIFT = 0.5  # how far a corpus's own sentences move the mean of questions: measured on XQuAD
_SAMPLE = 256  # sentences of a shelf that are encoded as questions to learn that move
_THIN = 5  # of the null questions, every fifth one is asked of a shelf that is too large to ask them all
_MIX = np.uint64(0x9E3779B97F4A7C15)  # odd, with its bits spread: the golden ratio (Knuth, volume 3, 6.4)
_NO_ROWS = np.empty((0, 0), RAW)

Progress = Callable[[int, int], None]  # (texts embedded, texts to embed)


@dataclass(frozen=True, slots=True)
class Report:
    """What a build did. A file that was only renamed is `moved` (old name, new name), not removed and added."""

    generation: str
    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    moved: tuple[tuple[str, str], ...]
    unchanged: int
    skipped: tuple[Skipped, ...]
    embedded: int
    reused: int
    seconds: float


@dataclass(frozen=True, slots=True)
class _Change:
    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    moved: tuple[tuple[str, str], ...]
    unchanged: int

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.removed or self.moved)


def compare(before: dict[str, str], after: dict[str, str]) -> _Change:
    """Tell which names are new, gone, renamed, or have another digest.

    >>> compare({"a": "1", "b": "2"}, {"a": "1", "c": "2", "d": "3"})
    _Change(added=('d',), changed=(), removed=(), moved=(('b', 'c'),), unchanged=1)
    """
    added, removed = sorted(after.keys() - before.keys()), sorted(before.keys() - after.keys())
    moved = _moved(before, after, removed, added)
    return _Change(
        added=tuple(name for name in added if name not in moved.values()),
        changed=tuple(name for name in sorted(after) if name in before and before[name] != after[name]),
        removed=tuple(name for name in removed if name not in moved),
        moved=tuple(moved.items()),
        unchanged=sum(before.get(name) == digest for name, digest in after.items()),
    )


def _moved(before: dict[str, str], after: dict[str, str], gone: list[str], new: list[str]) -> dict[str, str]:
    """Map each name that is gone to the new name that the same article has, one to one."""
    free: dict[str, list[str]] = {}
    for name in reversed(new):
        free.setdefault(after[name], []).append(name)
    return {name: free[before[name]].pop() for name in gone if free.get(before[name])}


@cache
def null_questions() -> dict[Language, tuple[str, ...]]:
    """Return the shipped questions that no corpus answers, by language."""
    text = files("qa").joinpath("data", "null_questions.tsv").read_text(encoding="utf-8")
    rows = [line.split("\t") for line in text.splitlines()[1:]]
    return {"en": tuple(row[0] for row in rows), "zh": tuple(row[2] for row in rows)}


def _own_names(folder: Path) -> tuple[Group, ...]:
    """Return the groups of the corpus's own `names.tsv`, if it has one."""
    path = folder / NAMES_FILE
    if not path.is_file():
        return ()
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise CorpusError(f"{path} cannot be read as UTF-8 text; save it as UTF-8 or remove it") from error
    return parse_table(text, "corpus")


class _Embedder:
    """Embeds texts, taking vectors of the index before where it has them."""

    def __init__(self, encoder: Encoder, known: Mapping[str, NDArray[np.float16]], asked: Vectors) -> None:
        self._encoder = encoder
        self._known = known
        self._asked = dict(zip(asked.texts, asked.rows, strict=True))
        self.embedded = 0

    def passages(self, groups: Sequence[Sequence[str]], progress: Progress | None) -> list[NDArray[np.float16]]:
        """Return the raw vectors of several groups of texts, each of shape (texts, width)."""
        simple = [[simplify(text) for text in texts] for texts in groups]
        missing = [text for text in dict.fromkeys(chain(*simple)) if text not in self._known]
        self.embedded += len(missing)
        done = 0

        def tell(count: int) -> None:
            nonlocal done
            done += count
            if progress:
                progress(done, len(missing))

        vectors = self._encoder.encode_passages(missing, progress=tell).astype(RAW)
        found = {**self._known, **dict(zip(missing, vectors, strict=True))}
        return [self._rows([found[text] for text in texts]) for texts in simple]

    def questions(self, texts: Sequence[str]) -> FloatArray:
        """Return the vectors of texts as questions, rounded as they are stored, shape (texts, width)."""
        simple = [simplify(text) for text in texts]
        missing = [text for text in dict.fromkeys(simple) if text not in self._asked]
        self.embedded += len(missing)
        self._asked |= dict(zip(missing, self._encoder.encode_questions(missing).astype(RAW), strict=True))
        return self._rows([self._asked[text] for text in simple]).astype(np.float32)

    def asked(self, texts: Iterable[str]) -> Vectors:
        """Return the vectors of questions that were embedded, in order of their texts."""
        chosen = tuple(sorted({simplify(text) for text in texts}))
        return Vectors(chosen, self._rows([self._asked[text] for text in chosen]))

    def _rows(self, rows: Sequence[NDArray[np.float16]]) -> NDArray[np.float16]:
        return np.array(rows, RAW).reshape(-1, self._encoder.width)


def _sample(material: Material, articles: Sequence[Article]) -> list[str]:
    """Return sentences that stand for a shelf: those with the least hashes of their article and place in it.

    A change of one article leaves nearly all of them as they are.
    """
    owners = material.passages[material.sentences[:, 6], 0]
    digests = np.array([int(digest_of(article)[:16], 16) for article in articles], np.uint64)
    first = np.searchsorted(owners, np.arange(len(articles)))
    places = (np.arange(len(owners)) - first[owners]).astype(np.uint64)
    keys = (digests[owners] ^ (places * _MIX)) * _MIX  # wraps: only the order matters
    rows = np.sort(np.argsort(keys ^ (keys >> np.uint64(32)), kind="stable")[:_SAMPLE])
    return sentence_texts(material, articles, rows)


def _shelf(material: Material, sample: Sequence[str], embedder: _Embedder, names: Names, words: Bridge) -> Shelf:
    bare = Shelf(
        language=material.language,
        passages=material.passages,
        sentences=material.sentences,
        dense_passages=DenseIndex.build(material.raw_passages),
        dense_sentences=DenseIndex.build(material.raw_sentences),
        lexical_passages=material.lexical_passages,
        lexical_sentences=material.lexical_sentences,
        statistics=_question_means(material.language, sample, embedder),
    )
    return _with_nulls(bare, embedder, names, words) if len(bare) else bare


def _question_means(language: Language, sample: Sequence[str], embedder: _Embedder) -> dict[str, FloatArray]:
    """Return what to subtract from questions in each language for one shelf.

    It is the mean of the null questions, moved towards the corpus's subject: by half of what its own
    sentences, encoded as questions, differ from the null questions of their language.
    """
    nulls = {asked: embedder.questions(null_questions()[asked]).mean(0) for asked in LANGUAGES}
    shift = embedder.questions(sample).mean(0) - nulls[language] if sample else np.float32(0)
    return {f"question_mean.{asked}": nulls[asked] + _SHIFT * shift for asked in LANGUAGES}


def _with_nulls(bare: Shelf, embedder: _Embedder, names: Names, words: Bridge) -> Shelf:
    """Return the shelf with what null questions score on it: the moments, then the best scores."""
    statistics = dict(bare.statistics)
    for language in LANGUAGES:
        texts = null_questions()[language][:: _THIN if len(bare) > FLAT else 1]
        asked = [
            Question(vector, language, question_terms(text, bare.language, names, words))
            for text, vector in zip(texts, embedder.questions(texts), strict=True)
        ]
        scored = [(question, score(bare, question)) for question in asked]
        statistics[f"prior.{language}"] = np.mean([moments(scores) for _, scores in scored], axis=0)
        shelf = replace(bare, statistics=statistics)
        found = (fuse(shelf, question, scores) for question, scores in scored)
        best = [(each.scores.sentence.max(), each.fused_sentence.max()) for each in found if each]
        statistics[f"null.{language}"] = np.array(best, np.float32)
    return replace(bare, statistics=statistics)


def _copies(articles: Sequence[Article]) -> dict[str, str]:
    """Map each article that copies an earlier one to the name of that one."""
    firsts = copies([article.text for article in articles])
    return {articles[place].name: articles[first].name for place, first in enumerate(firsts) if first != place}


def _digests(articles: Sequence[Article]) -> dict[str, str]:
    return {article.name: digest_of(article) for article in articles}


@cache
def _code() -> str:
    """Return a hash of this package's modules: another version cuts and counts texts in other ways."""
    sources = sorted(Path(__file__).parent.glob("*.py"))
    return sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()


def _about(articles: Sequence[Article], mark: str, spec: str, own_names: Sequence[Group]) -> dict[str, object]:
    """Return what the manifest says of the corpus and the model: everything that shaped the index."""
    return {
        "articles": _digests(articles),
        "model": {"spec": spec, "fingerprint": mark},
        "names": sha256(repr((shipped(), own_names)).encode()).hexdigest(),
        "null_questions": sha256(repr(null_questions()).encode()).hexdigest(),
        "code": _code(),
    }


def expected(corpus: Path, *, mark: str, model: str) -> dict[str, Any]:
    """Return what the manifest of an up-to-date index of `corpus` says of everything that shaped it.

    Raises:
        CorpusError: the corpus cannot be read.
    """
    return _about(load(corpus).articles, mark, model, _own_names(corpus))


def _before(index: Path) -> Index | None:
    """Return the index as it is, None where there is none that can be kept."""
    try:
        return store.open_index(index)
    except StoreError:
        return None


def _kept(before: Index | None, articles: Sequence[Article], about: Mapping[str, object], names: Names) -> list[int]:
    """Return for each article its number in the index before if its rows there still hold, else -1.

    They hold while the article, this program's way of reading, and the names that stand in it are the same.
    """
    if before is None or before.manifest["code"] != about["code"]:
        return [-1] * len(articles)
    numbers = {article.name: number for number, article in enumerate(before.articles)}
    changed = set(before.names.groups) ^ set(names.groups)
    spelled = {fold(spelling) for group in changed for spelling in group.spellings}
    told: dict[str, str] = before.manifest["articles"]

    def number(article: Article) -> int:
        if told.get(article.name) != digest_of(article):
            return -1
        folded = fold(article.text) if spelled else ""
        return -1 if any(spelling in folded for spelling in spelled) else numbers[article.name]

    return [number(article) for article in articles]


def _known(before: Index, kept: Collection[int]) -> dict[str, NDArray[np.float16]]:
    """Return the vectors of the texts in articles of the index before whose rows are not kept, by their texts."""
    found: dict[str, NDArray[np.float16]] = {}
    gone = np.array([number not in kept for number in range(len(before.articles))])
    for shelf in before.shelves:
        rows = np.flatnonzero(gone[shelf.passages[:, 0]])
        told = np.flatnonzero(gone[shelf.passages[shelf.sentences[:, 6], 0]])
        texts = passage_texts(shelf, before.articles, rows), sentence_texts(shelf, before.articles, told)
        found |= dict(zip(map(simplify, texts[0]), shelf.dense_passages.raw[rows], strict=True))
        found |= dict(zip(map(simplify, texts[1]), shelf.dense_sentences.raw[told], strict=True))
    return found


def _is_current(before: Index | None, new: Mapping[str, object]) -> bool:
    """Tell whether the index was made of the same things."""
    return before is not None and all(before.manifest.get(name) == value for name, value in new.items())


def build(
    corpus: Path,
    index: Path,
    *,
    model: str = BUNDLED,
    encoder: Encoder | None = None,
    progress: Progress | None = None,
) -> Report:
    """Bring the index in folder `index` up to date with the articles in folder `corpus`.

    Only texts that the old index has no vector of are embedded. `encoder` is used instead of loading
    `model`, where one is at hand.

    Raises:
        CorpusError: the corpus cannot be used.
        ModelError: the model cannot be loaded.
        StoreError: the index cannot be written, or another build is writing it.
    """
    started = time.perf_counter()
    source = load(corpus)
    own_names = _own_names(corpus)
    if encoder is None and is_unfetched(model):
        encoder = load_encoder(model)  # fetched first, so that its fingerprint is known
    mark = encoder.fingerprint if encoder else fingerprint(model)
    about = _about(source.articles, mark, model, own_names)
    with generations.lock(index):
        before = _before(index)
        change = compare(before.manifest["articles"] if before else {}, _digests(source.articles))
        if before and _is_current(before, about):
            generation, embedded, reused = before.generation, 0, int(before.manifest["vectors"])
        else:
            same = before if before and before.manifest["model"]["fingerprint"] == mark else None
            generation, embedded, reused = _write(
                index, source.articles, own_names, encoder or load_encoder(model), about, same, progress
            )
    return Report(
        generation=generation,
        added=change.added,
        changed=change.changed,
        removed=change.removed,
        moved=change.moved,
        unchanged=change.unchanged,
        skipped=source.skipped,
        embedded=embedded,
        reused=reused,
        seconds=time.perf_counter() - started,
    )


def _write(
    index: Path,
    articles: Sequence[Article],
    own_names: Sequence[Group],
    encoder: Encoder,
    about: Mapping[str, object],
    before: Index | None,
    progress: Progress | None,
) -> tuple[str, int, int]:
    """Put the index together and write it; return its generation and how many texts were embedded and reused."""
    names = merge(shipped(), own_names, mine([article.text for article in articles]))
    kept = _kept(before, articles, about, names)
    known = _known(before, set(kept)) if before else {}
    embedder = _Embedder(encoder, known, before.questions if before else Vectors((), _NO_ROWS))
    fresh = read(
        articles,
        [number for number, old in enumerate(kept) if old < 0],
        names,
        lambda texts: embedder.passages(texts, progress),
    )
    materials = [_with_kept(before, kept, fresh[language]) if before else fresh[language] for language in LANGUAGES]
    words = bridge(*used_entries([material.lexical_passages for material in materials]))
    samples = [_sample(material, articles) for material in materials]
    shelves = [
        _shelf(material, sample, embedder, names, words) for material, sample in zip(materials, samples, strict=True)
    ]
    vectors = sum(len(shelf.passages) + len(shelf.sentences) for shelf in shelves)
    questions = embedder.asked(chain(*null_questions().values(), *samples))
    counts = {
        "passages": {shelf.language: len(shelf.passages) for shelf in shelves},
        "sentences": {shelf.language: len(shelf.sentences) for shelf in shelves},
        "vectors": vectors + len(questions.texts),
        "copies": _copies(articles),
    }
    generation = store.write(
        index,
        articles=articles,
        shelves=shelves,
        names=names,
        bridge=words,
        questions=questions,
        about={**about, **counts},
    )
    return generation, embedder.embedded, int(str(counts["vectors"])) - embedder.embedded


def _with_kept(before: Index, kept: Sequence[int], fresh: Material) -> Material:
    """Return the fresh rows of a shelf together with those of articles that are as they were."""
    numbers = np.full(len(before.articles), -1, np.int64)
    for number, old in enumerate(kept):
        if old >= 0:
            numbers[old] = number
    shelf = next(shelf for shelf in before.shelves if shelf.language == fresh.language)
    return joined(shelf, numbers, fresh)


def status(corpus: Path, index: Path) -> tuple[dict[str, Any], _Change | None]:
    """Return the manifest of the index, and how the corpus has moved on since; None where it is gone.

    Raises:
        StoreError: there is no index, or it cannot be read.
    """
    generation, told = generations.current_manifest(index)
    manifest = told | {"generation": generation}
    try:
        now = _digests(load(corpus).articles)
    except CorpusError:
        return manifest, None
    return manifest, compare(manifest["articles"], now)
