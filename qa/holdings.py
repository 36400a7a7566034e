"""What the corpus folder and the index hold, side by side; adding and removing files of the folder."""

from __future__ import annotations

import hmac
import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile

from qa.assistant import Assistant
from qa.changes import compare
from qa.corpus import Corpus, Skipped, load
from qa.errors import CorpusError, LoginError, QAError
from qa.readers import SUFFIXES
from qa.records import Article
from qa.reuse import digests, known_sources
from qa.store import Index


@dataclass(frozen=True, slots=True)
class Holding:
    """One article of the folder or the index: `state` is indexed, new, changed or removed."""

    article: Article
    state: str
    passages: int


@dataclass(frozen=True, slots=True)
class Holdings:
    """All that there is, and what was passed over."""

    held: tuple[Holding, ...]
    skipped: tuple[Skipped, ...]
    problem: CorpusError | None = None

    @property
    def moved_on(self) -> bool:
        """Whether the folder is no longer what was indexed."""
        return any(each.state != "indexed" for each in self.held)


def holdings(corpus: Path, assistant: Assistant | None) -> Holdings:
    """Compare the folder with the index; a folder that cannot be read is told as a problem."""
    indexed = assistant.index.articles if assistant else ()
    problem, found = None, Corpus(tuple(indexed), (), ())
    try:
        found = load(corpus, known_sources(assistant.index if assistant else None))
    except CorpusError as error:
        problem = error
    counts = _passages(assistant)
    states = _states(assistant.index if assistant else None, found.articles)
    known = {each.name: each for each in (*indexed, *found.articles)}
    held = (Holding(each, states.get(name, "indexed"), counts[name]) for name, each in known.items())
    order = sorted(held, key=lambda each: (each.article.published or "", each.article.name), reverse=True)
    return Holdings(tuple(order), found.skipped, problem)


def _passages(assistant: Assistant | None) -> Counter[str]:
    """Return how many passages each article has in the index."""
    if assistant is None:
        return Counter()
    articles = assistant.index.articles
    rows = (int(row) for shelf in assistant.index.shelves for row in shelf.passages[:, 0])
    return Counter(articles[row].name for row in rows)


def _states(before: Index | None, articles: Iterable[Article]) -> Mapping[str, str]:
    change = compare(before.manifest["articles"] if before else {}, digests(articles, before))
    moved = [name for pair in change.moved for name in pair]
    return (
        dict.fromkeys(change.changed, "changed")
        | dict.fromkeys((*change.added, *moved[1::2]), "new")
        | dict.fromkeys((*change.removed, *moved[::2]), "removed")
    )


# --- changing the folder ------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Editor:
    """The right to change a corpus folder: none unless the server was started with it."""

    corpus: Path
    allowed: bool = False
    password: str = ""

    def check(self, password: str) -> None:
        """Let the caller go on.

        Raises:
            QAError: the folder may not be changed.
            LoginError: the password is wrong.
        """
        if not self.allowed:
            raise QAError("this server does not change its articles; start it with --editable")
        if self.password and not hmac.compare_digest(password.encode(), self.password.encode()):
            raise LoginError("the password is wrong")

    def add(self, name: str, data: bytes) -> None:
        """Write a new file into the folder, whole.

        Raises:
            QAError: its kind is not read, there is one of that name, or the folder cannot be written.
        """
        path = self.corpus / _plain(name)
        if path.suffix.lower() not in SUFFIXES:
            raise CorpusError(f"{path.name}: articles are read from {', '.join(sorted(SUFFIXES))} files")
        if path.exists():
            raise CorpusError(f"{path.name}: there is a file of this name; remove it first or choose another name")
        try:
            _write(path, data)
        except OSError as error:
            raise CorpusError(f"{path.name}: cannot be written ({error.strerror})") from error

    def remove(self, name: str) -> None:
        """Remove the file of an article from the folder.

        Raises:
            QAError: there is no such file in the folder itself or below it.
        """
        path = self.corpus / name
        inside = path.resolve().is_relative_to(self.corpus.resolve())
        if not inside or not path.is_file() or path.suffix.lower() not in SUFFIXES:
            raise CorpusError(f"{name}: no file of this name can be removed here")
        try:
            path.unlink()
        except OSError as error:
            raise CorpusError(f"{name}: cannot be removed ({error.strerror})") from error


def _plain(name: str) -> str:
    """Return a file name that can only be a visible file of the folder itself.

    Raises:
        CorpusError: nothing is left of it.
    """
    last = Path(name.replace("\\", "/")).name.strip().lstrip(".")
    if not Path(last).stem or any(ord(character) < 32 for character in last):
        raise CorpusError(f"{name!r} is no name for a file")
    return last


def _write(path: Path, data: bytes) -> None:
    """Write a file that appears under its name only when it is complete; raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=path.parent, prefix=".", delete=False) as draft:
        try:
            draft.write(data)
            draft.flush()
            os.fsync(draft.fileno())
            Path(draft.name).chmod(0o644)
            os.link(draft.name, path)  # fails where the name has been taken meanwhile
        finally:
            Path(draft.name).unlink()


# --- the plot -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Column:
    """The articles of one day (or month, where there are many days): how many of each outlet."""

    label: str
    since: str
    until: str
    counts: Mapping[str, int]


def timeline(articles: Sequence[Article], most: int = 60) -> tuple[Column, ...]:
    """Return the dated articles by day; by month where that would be more than `most` columns."""
    dated = [each for each in articles if each.published]
    days = sorted({str(each.published) for each in dated})
    length = 10 if len(days) <= most else 7
    labels = sorted({day[:length] for day in days})
    return tuple(_column(label, [each for each in dated if str(each.published).startswith(label)]) for label in labels)


def _column(label: str, articles: Sequence[Article]) -> Column:
    days = sorted(str(each.published) for each in articles)
    return Column(label, days[0], days[-1], Counter(each.outlet for each in articles))
