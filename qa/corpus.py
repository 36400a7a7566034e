"""The folder of source files, and the articles it holds. The only module that reads `corpus/`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path

from qa.clean import blocks
from qa.errors import CorpusError, SourceError
from qa.language import script_of
from qa.readers import SUFFIXES, Source, read
from qa.records import Article, Kind, Script

MAX_BYTES = 20 * 2**20  # a news article of 20 MB is something else

_DATE_LINE = re.compile(r"\s*date\s+(\d{4}-\d{2}-\d{2})")
_SCRIPTS: dict[str, Script] = {
    "en": "en", "english": "en", "zh-hant": "zh-Hant", "zh-tw": "zh-Hant", "zh-hk": "zh-Hant",
    "zh-hans": "zh-Hans", "zh-cn": "zh-Hans", "zh-sg": "zh-Hans",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that was not read, and why."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Corpus:
    """What a folder holds: its articles in order of their names, and what was skipped."""

    articles: tuple[Article, ...]
    skipped: tuple[Skipped, ...]


def digest_of(article: Article) -> str:
    """Return the hash of everything about an article that the index keeps, its name apart."""
    fields = (article.text, article.title, article.outlet, article.published, article.language)
    return sha256(repr((*fields, article.region, article.url)).encode()).hexdigest()


def files(folder: Path) -> tuple[Path, ...]:
    """Return the source files below `folder`, in order of their names; hidden ones are left alone.

    Raises:
        CorpusError: there is no such folder.
    """
    if not folder.is_dir():
        raise CorpusError(
            f"no corpus folder at {folder}; make it and put articles in it, or name another with --corpus"
        )
    found = (path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file())
    visible = (path for path in found if not any(part.startswith(".") for part in path.relative_to(folder).parts))
    return tuple(sorted(visible, key=lambda path: path.relative_to(folder).as_posix()))


def _inside(path: Path, folder: Path) -> bool:
    return path.resolve().is_relative_to(folder.resolve())


def _published(source: Source, name: str) -> str | None:
    """Return the ISO date that the front matter or the first line gives."""
    head = _DATE_LINE.match(source.text)
    value = source.meta.get("date") or source.meta.get("published") or (head[1] if head else "")
    if not value:
        return None
    try:
        return date.fromisoformat(value[:10]).isoformat()
    except ValueError as error:
        raise SourceError(f"{name}: {value!r} is not a date; write it as YYYY-MM-DD") from error


def _title(source: Source, name: str) -> str:
    """Return the title from the front matter, else the heading that opens the text, else the file's name."""
    if source.meta.get("title"):
        return source.meta["title"]
    told = [block for block in blocks(source.text) if block.kind is not Kind.FURNITURE]
    if len(told) > 1 and told[0].kind is Kind.HEADING:
        return told[0].span.of(source.text).lstrip("# ").strip()
    return Path(name).stem


def _article(source: Source, name: str) -> Article:
    meta = source.meta
    return Article(
        name=name,
        text=source.text,
        title=_title(source, name),
        outlet=meta.get("outlet", "") or meta.get("source", ""),
        published=_published(source, name),
        language=_SCRIPTS.get(meta.get("language", "").lower()) or script_of(source.text),
        region=meta.get("region", ""),
        url=meta.get("url", ""),
    )


def _read(path: Path, folder: Path) -> Article:
    name = path.relative_to(folder).as_posix()
    if not _inside(path, folder):
        raise SourceError(f"{name}: a link out of the corpus folder")
    try:
        size = path.stat().st_size
        data = path.read_bytes() if size <= MAX_BYTES else b""
    except OSError as error:
        raise SourceError(f"{name}: cannot be read ({error.strerror})") from error
    if size > MAX_BYTES:
        raise SourceError(f"{name}: {size / 2**20:.0f} MB is too large for an article (at most 20 MB)")
    return _article(read(data, name), name)


def _each(folder: Path) -> Iterator[Article | Skipped]:
    for path in files(folder):
        name = path.relative_to(folder).as_posix()
        try:
            yield _read(path, folder)
        except SourceError as error:
            yield Skipped(name, str(error).removeprefix(f"{name}: "))


def load(folder: Path) -> Corpus:
    """Read every article below `folder`; a file that cannot be read is skipped and named.

    Raises:
        CorpusError: there is no such folder, or nothing in it can be read.
    """
    each = tuple(_each(folder))
    articles = tuple(item for item in each if isinstance(item, Article))
    skipped = tuple(item for item in each if isinstance(item, Skipped))
    if not articles:
        why = f" ({skipped[0].name}: {skipped[0].reason})" if skipped else ""
        raise CorpusError(f"no article could be read in {folder}{why}; put {' or '.join(SUFFIXES)} files in it")
    return Corpus(articles, skipped)
