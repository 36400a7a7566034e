"""Bring the index up to date with the corpus: the one place where an index is put together."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from qa import generations, store
from qa.changes import Change, compare
from qa.copies import copies
from qa.corpus import NAMES_FILE, Corpus, Skipped, load
from qa.dictionary import Bridge, bridge
from qa.embed import Encoder, Progress, load_encoder
from qa.embedding import Embedder
from qa.errors import CorpusError, StoreError
from qa.lexical import LexicalIndex
from qa.material import joined, read
from qa.models import fingerprint, is_unfetched
from qa.names import Group, merge, mine, parse_table, shipped
from qa.options import BUNDLED
from qa.records import Article
from qa.reuse import (
    Counts,
    Salvage,
    code_mark,
    digests,
    known_sources,
    known_vectors,
    names_given,
    reads_as_now,
    salvaged,
    same_articles,
    sketches,
    untouched,
)
from qa.shelves import null_mark, sample, shelf
from qa.store import LANGUAGES, Index, Memory, Recalled, Shelf
from qa.terms import entries_used, use_same_entries

if TYPE_CHECKING:
    from numpy.typing import NDArray


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


def _copies(
    before: Index | None, same: Sequence[int], articles: Sequence[Article], sketched: NDArray[np.uint64]
) -> dict[str, str]:
    """Map each article that copies an earlier one to the name of that one."""
    told = before.manifest["copies"] if before else {}
    apart = {place for place, old in enumerate(same) if old >= 0 and articles[place].name not in told}
    firsts = copies([article.text for article in articles], sketched, apart)
    return {articles[place].name: articles[first].name for place, first in enumerate(firsts) if first != place}


def _about(told: Mapping[str, str], mark: str, spec: str, own_names: Sequence[Group]) -> dict[str, Any]:
    """Return what the manifest says of the corpus and the model: everything that shaped the index."""
    return {
        "articles": told,
        "model": {"spec": spec, "fingerprint": mark},
        "names": sha256(repr((shipped(), own_names)).encode()).hexdigest(),
        "null_questions": null_mark(),
        "code": code_mark(),
    }


def expected(corpus: Path, *, mark: str, model: str) -> dict[str, Any]:
    """Return what the manifest of an up-to-date index of `corpus` says of everything that shaped it.

    Raises:
        CorpusError: the corpus cannot be read.
    """
    return _about(digests(load(corpus).articles, None), mark, model, _own_names(corpus))


def _before(index: Path) -> Recalled | None:
    """Return what is known of the index as it is, None where there is none that can be kept."""
    try:
        return store.recall(index)
    except StoreError:
        return None


def _usable(before: Recalled | None, mark: str) -> Index | None:
    """Return the index before, if its vectors are those of the model with this fingerprint."""
    if before is None or before.manifest["model"]["fingerprint"] != mark:
        return None
    try:
        return store.completed(before)
    except StoreError:
        return None


def _moved_on(index: Path, before: Recalled | None) -> bool:
    """Tell whether another build has finished since the index before was opened."""
    try:
        return before is None or generations.current(index) != before.generation
    except StoreError:
        return True


def _is_current(before: Recalled | None, new: Mapping[str, object]) -> bool:
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
    before = _before(index)
    source = load(corpus, known_sources(before))
    own_names = _own_names(corpus)
    if encoder is None and is_unfetched(model):
        encoder = load_encoder(model)  # fetched first, so that its fingerprint is known
    mark = encoder.fingerprint if encoder else fingerprint(model)
    told = digests(source.articles, before)
    about = _about(told, mark, model, own_names)
    with generations.lock(index), ThreadPoolExecutor(1) as threads:
        if _moved_on(index, before):
            before = _before(index)
        change = compare(before.manifest["articles"] if before else {}, told)
        if before and _is_current(before, about):
            generation, embedded, reused = before.generation, 0, int(before.manifest["vectors"])
        else:
            loaded = threads.submit(lambda: encoder or load_encoder(model)).result  # while articles are read
            usable = _usable(before, mark)
            with store.writing(index, usable) as writer:
                salvage = Salvage() if usable else salvaged(index, mark)
                embedded, reused = _write(writer, source, own_names, loaded, about, usable, salvage, progress)
            generation = writer.generation
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
    writer: store.Writer,
    source: Corpus,
    own_names: Sequence[Group],
    encoder: Callable[[], Encoder],
    about: Mapping[str, Any],
    before: Index | None,
    salvage: Salvage,
    progress: Progress | None,
) -> tuple[int, int]:
    """Put the index together and write it; return how many texts were embedded and reused."""
    articles = source.articles
    writer.articles(articles)
    told: dict[str, str] = dict(about["articles"])
    same = same_articles(before, told)
    given = names_given(before, same, articles)
    count = Counts(before, same, articles)
    names = merge(shipped(), own_names, mine(chain(*given), count))
    kept = untouched(before, same, articles, names) if before else same
    known = known_vectors(before, set(kept)) if before else salvage.texts
    embedder = Embedder(encoder, known, before.memory.questions if before else salvage.questions)
    fresh = read(
        articles,
        [number for number, old in enumerate(kept) if old < 0],
        names,
        lambda texts: embedder.passages(texts, progress),
    )
    materials = [_with_kept(before, kept, fresh[language]) if before else fresh[language] for language in LANGUAGES]
    for material in materials:
        writer.rows(material)
    words = _bridge([material.lexical_passages for material in materials], before if reads_as_now(before) else None)
    writer.words(names, words)
    for material in materials:
        own = sample(material, articles, list(told.values()))
        writer.statistics(shelf(material, own, embedder, names, words, before))
    sketched = sketches(before, same, articles)
    questions = embedder.asked()
    writer.memory(Memory(source.files, tuple(given), count.asked, sketched, questions), articles)
    vectors = sum(len(material.passages) + len(material.sentences) for material in materials) + len(questions.texts)
    counts = {
        "passages": {material.language: len(material.passages) for material in materials},
        "sentences": {material.language: len(material.sentences) for material in materials},
        "vectors": vectors,
        "copies": _copies(before, same, articles, sketched),
    }
    writer.about({**about, **counts})
    return embedder.embedded, vectors - embedder.embedded


def _with_kept(before: Index, kept: Sequence[int], fresh: Shelf) -> Shelf:
    """Return the fresh rows of a shelf together with those of articles that are as they were."""
    numbers = np.full(len(before.articles), -1, np.int64)
    for number, old in enumerate(kept):
        if old >= 0:
            numbers[old] = number
    return joined(before.shelf(fresh.language), numbers, fresh)


def _bridge(indexes: Sequence[LexicalIndex], before: Index | None) -> Bridge:
    if before and use_same_entries([old.lexical_passages for old in before.shelves], indexes):
        return before.bridge
    return bridge(*entries_used(indexes))


def status(corpus: Path, index: Path) -> tuple[dict[str, Any], Change | None]:
    """Return the manifest of the index, and how the corpus has moved on since; None where it is gone.

    Raises:
        StoreError: there is no index, or it cannot be read.
    """
    generation, told = generations.current_manifest(index)
    manifest = told | {"generation": generation}
    try:
        before = _before(index)
        now = digests(load(corpus, known_sources(before)).articles, before)
    except CorpusError:
        return manifest, None
    return manifest, compare(manifest["articles"], now)
