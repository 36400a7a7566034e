"""Bring the index up to date with the corpus: the one place where an index is put together."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from qa import store
from qa.copies import copies
from qa.corpus import NAMES_FILE, Skipped, digest_of, load
from qa.dense import DenseIndex, centred
from qa.dictionary import Bridge, bridge
from qa.embed import Encoder, load_encoder
from qa.errors import CorpusError, StoreError
from qa.folding import simplify
from qa.lexical import LexicalIndex
from qa.models import fingerprint, is_unfetched
from qa.names import Group, Names, merge, mine, parse_table, shipped
from qa.options import BUNDLED
from qa.passages import passages
from qa.records import Article, Language, Passage
from qa.retrieve import Question, fuse, moments, score
from qa.store import LANGUAGES, Shelf, Vectors
from qa.terms import GLOSSED, gloss, headwords, index_terms, phrases, question_terms

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float32]

_SHIFT = 0.5  # how far a corpus's own sentences move the mean of questions: measured on XQuAD
_SAMPLE = 256  # sentences of a shelf that are encoded as questions to learn that move
_STORED = np.float16  # as stored; rounded before use, so that reused and fresh vectors are the same

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
    """Embeds texts, taking vectors from the old index where it has them."""

    def __init__(self, encoder: Encoder, old: Vectors) -> None:
        self._encoder = encoder
        self._rows = {key: old.rows[row] for row, key in enumerate(old.keys)}
        self.used: dict[str, NDArray[np.float16]] = {}
        self.embedded = 0
        self.reused = 0

    def embed(self, questions: Sequence[str], texts: Sequence[str], progress: Progress | None) -> None:
        """Make sure that every question and every text has a vector."""
        for kind, wanted in (("question", questions), ("passage", texts)):
            keys = {_key(kind, text): text for text in wanted}
            self.used |= {key: self._rows[key] for key in keys if key in self._rows}
            missing = {key: text for key, text in keys.items() if key not in self._rows}
            self.used |= dict(zip(missing, self._encode(kind, list(missing.values()), progress), strict=True))
            self.embedded += len(missing)
            self.reused += len(keys) - len(missing)

    def _encode(self, kind: str, texts: list[str], progress: Progress | None) -> NDArray[np.float16]:
        if kind == "question":
            return self._encoder.encode_questions(texts).astype(_STORED)
        done = 0

        def tell(count: int) -> None:
            nonlocal done
            done += count
            if progress:
                progress(done, len(texts))

        return self._encoder.encode_passages(texts, progress=tell).astype(_STORED)

    def vectors(self, kind: str, texts: Sequence[str]) -> FloatArray:
        """Return the vectors of texts that were embedded, shape (texts, width)."""
        rows = [self.used[_key(kind, text)] for text in texts]
        return np.array(rows, np.float32).reshape(-1, self._encoder.width)

    def all(self) -> Vectors:
        """Return every vector in use, in order of the keys."""
        keys = tuple(sorted(self.used))
        rows = np.array([self.used[key] for key in keys], _STORED).reshape(-1, self._encoder.width)
        return Vectors(keys, rows)


def _key(kind: str, text: str) -> str:
    return kind[0] + sha256(text.encode()).hexdigest()[:31]


@dataclass(frozen=True, slots=True)
class _Material:
    """What one shelf is made of: passages, their texts as embedded, their terms."""

    language: Language
    passages: tuple[Passage, ...]
    texts: tuple[str, ...]
    sentences: tuple[str, ...]
    terms: tuple[Counter[str], ...]
    sentence_terms: tuple[Counter[str], ...]

    def sample(self) -> tuple[str, ...]:
        """Return evenly spaced sentences."""
        places = np.linspace(0, len(self.sentences) - 1, min(len(self.sentences), _SAMPLE)).astype(int)
        return tuple(self.sentences[place] for place in dict.fromkeys(places.tolist()))


def _material(language: Language, articles: Sequence[Article], names: Names) -> _Material:
    every = [passage for number, article in enumerate(articles) for passage in passages(article, number)]
    own = tuple(passage for passage in every if passage.language == language)
    texts = [passage.span.of(articles[passage.article].text) for passage in own]
    told = [s.span.of(articles[passage.article].text) for passage in own for s in passage.sentences]
    return _Material(
        language=language,
        passages=own,
        texts=tuple(map(simplify, texts)),
        sentences=tuple(map(simplify, told)),
        terms=tuple(index_terms(text, names) for text in texts),
        sentence_terms=tuple(index_terms(text, names) for text in told),
    )


def _question_means(material: _Material, embedder: _Embedder) -> dict[str, FloatArray]:
    """Return what to subtract from questions in each language for one shelf.

    It is the mean of the null questions, moved towards the corpus's subject: by half of what its own
    sentences, encoded as questions, differ from the null questions of their language.
    """
    nulls = {language: embedder.vectors("question", _nulls(language)).mean(0) for language in LANGUAGES}
    own = embedder.vectors("question", material.sample())
    shift = own.mean(0) - nulls[material.language] if len(own) else np.float32(0)
    return {f"question_mean.{language}": nulls[language] + _SHIFT * shift for language in LANGUAGES}


def _nulls(language: Language) -> tuple[str, ...]:
    return tuple(map(simplify, null_questions()[language]))


def _glosses(names: Names, words: Bridge) -> tuple[str, ...]:
    """Return the Chinese null questions word by word in English, as they are put to English passages."""
    return tuple(gloss(text, names, words) for text in null_questions()["zh"])


def _shelf(material: _Material, embedder: _Embedder, names: Names, words: Bridge) -> Shelf:
    passage_rows, sentence_rows = store.passage_table(material.passages)
    vectors = embedder.vectors("passage", material.texts)
    told = embedder.vectors("passage", material.sentences)
    means = [rows.mean(0) if len(rows) else np.zeros(rows.shape[1], np.float32) for rows in (vectors, told)]
    bare = Shelf(
        language=material.language,
        passages=passage_rows,
        sentences=sentence_rows,
        dense_passages=DenseIndex.build(centred(vectors, means[0])),
        dense_sentences=DenseIndex.build(centred(told, means[1])),
        lexical_passages=LexicalIndex.build(material.terms),
        lexical_sentences=LexicalIndex.build(material.sentence_terms),
        statistics=_question_means(material, embedder),
    )
    return _with_nulls(bare, embedder, names, words) if len(bare) else bare


def _with_nulls(bare: Shelf, embedder: _Embedder, names: Names, words: Bridge) -> Shelf:
    """Return the shelf with what null questions score on it: the moments, then the best scores."""
    statistics = dict(bare.statistics)
    for language in LANGUAGES:
        vectors = embedder.vectors("question", _nulls(language))
        glossed: Sequence[FloatArray | None] = [None] * len(vectors)
        if (language, bare.language) == GLOSSED:
            glossed = list(embedder.vectors("question", _glosses(names, words)))
        asked = [
            Question(vector, language, question_terms(text, bare.language, names, words), meant)
            for text, vector, meant in zip(null_questions()[language], vectors, glossed, strict=True)
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


def _old_about(index: Path) -> dict[str, object]:
    """Return the manifest of the index as it is, or nothing where there is none that can be kept."""
    try:
        return store.current_manifest(index)[1]
    except StoreError:
        return {}


def _old_vectors(index: Path, mark: str, about: dict[str, object]) -> Vectors:
    """Return the old index's vectors where they are of this model and whole."""
    model = about.get("model")
    if isinstance(model, dict) and model.get("fingerprint") == mark:
        try:
            return store.read_vectors(index)
        except StoreError:
            pass
    return Vectors((), np.empty((0, 0), _STORED))


def _is_current(index: Path, old: dict[str, object], new: dict[str, object]) -> bool:
    """Tell whether the index is whole and was made of the same things."""
    if any(old.get(name) != value for name, value in new.items()):
        return False
    return not any(store.damages(index / store.current(index), old))


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
    with store.lock(index):
        old = _old_about(index)
        before = old.get("articles", {})
        change = compare(before if isinstance(before, dict) else {}, _digests(source.articles))
        if _is_current(index, old, about):
            generation, embedded, reused = store.current(index), 0, int(str(old["vectors"]))
        else:
            embedder = _Embedder(encoder or load_encoder(model), _old_vectors(index, mark, old))
            generation = _write(index, source.articles, own_names, embedder, about, progress)
            embedded, reused = embedder.embedded, embedder.reused
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
    embedder: _Embedder,
    about: dict[str, object],
    progress: Progress | None,
) -> str:
    """Put the index together and write it; return its generation."""
    names = merge(shipped(), own_names, mine([article.text for article in articles]))
    materials = [_material(language, articles, names) for language in LANGUAGES]
    found = [counts for material in materials for counts in material.terms]
    words = bridge(set().union(*map(headwords, found)), set().union(*map(phrases, found)))
    questions = [text for language in LANGUAGES for text in _nulls(language)]
    questions += [text for material in materials for text in material.sample()]
    if any(material.passages for material in materials if material.language == GLOSSED[1]):
        questions += _glosses(names, words)
    texts = [text for material in materials for text in (*material.texts, *material.sentences)]
    embedder.embed(questions, texts, progress)
    vectors = embedder.all()
    counts = {
        "passages": {material.language: len(material.passages) for material in materials},
        "sentences": {material.language: len(material.sentences) for material in materials},
        "vectors": len(vectors.keys),
        "copies": _copies(articles),
    }
    return store.write(
        index,
        articles=articles,
        shelves=[_shelf(material, embedder, names, words) for material in materials],
        names=names,
        bridge=words,
        vectors=vectors,
        about=about | counts,
    )


def status(corpus: Path, index: Path) -> tuple[dict[str, Any], _Change | None]:
    """Return the manifest of the index, and how the corpus has moved on since; None where it is gone.

    Raises:
        StoreError: there is no index, or it cannot be read.
    """
    generation, told = store.current_manifest(index)
    manifest = told | {"generation": generation}
    try:
        now = _digests(load(corpus).articles)
    except CorpusError:
        return manifest, None
    return manifest, compare(manifest["articles"], now)
