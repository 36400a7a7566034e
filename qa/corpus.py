"""The folder of source files, and the articles it holds. The only module that reads `corpus/`."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from qa.clean import blocks
from qa.dates import date_line, iso_date
from qa.errors import CorpusError, SourceError
from qa.language import language_of, script_of
from qa.readers import MAX_BYTES, SUFFIXES, Refused, Source, read
from qa.records import Article, Kind, Script

NAMES_FILE = "names.tsv"  # of the corpus folder itself: spellings of names, not articles
NO_CORPUS = "CACHEDIR.TAG"  # marks a folder of things that can be made again, such as an index

_DATE_LINE = re.compile(r"\s*date\s+(\d{4}-\d{2}-\d{2})")
_DATE_LINES = 4  # lines at the top that may hold nothing but the date
_SCRIPTS: dict[str, Script] = {
    "en": "en", "english": "en", "英文": "en", "英語": "en", "英语": "en",
    "zh-hant": "zh-Hant", "zh-tw": "zh-Hant", "zh-hk": "zh-Hant", "zh-mo": "zh-Hant", "zht": "zh-Hant",
    "traditional chinese": "zh-Hant", "chinese (traditional)": "zh-Hant",
    "繁體中文": "zh-Hant", "正體中文": "zh-Hant", "繁體": "zh-Hant", "繁中": "zh-Hant",
    "zh-hans": "zh-Hans", "zh-cn": "zh-Hans", "zh-sg": "zh-Hans", "zhs": "zh-Hans",
    "simplified chinese": "zh-Hans", "chinese (simplified)": "zh-Hans",
    "简体中文": "zh-Hans", "簡體中文": "zh-Hans", "简体": "zh-Hans", "簡體": "zh-Hans", "简中": "zh-Hans",
}  # fmt: skip
# What people take for an article and no reader takes; said, where pictures and the like are passed over.
_UNREAD = {
    ".doc": ".docx", ".rtf": ".docx", ".odt": ".docx", ".pages": ".docx", ".wps": ".docx",
    ".xls": ".csv", ".xlsx": ".csv", ".ods": ".csv", ".mht": ".html", ".mhtml": ".html", ".xhtml": ".html",
    ".json": ".jsonl", ".mobi": ".epub", ".azw3": ".epub", ".zip": "files of their own", ".markdown": ".md",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file, or a part of one, that was not read, and why."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file and what came of it; `mark` is the SHA-256 of its bytes, nothing where it could not be read."""

    name: str
    mark: str
    items: tuple[Article | Skipped, ...]


@dataclass(frozen=True, slots=True)
class Corpus:
    """What a folder holds: its articles in order of their names, what was skipped, and the files of both."""

    articles: tuple[Article, ...]
    skipped: tuple[Skipped, ...]
    files: tuple[SourceFile, ...]


def digest_of(article: Article) -> str:
    """Return the hash of everything about an article that the index keeps, its name apart."""
    fields = (article.text, article.title, article.outlet, article.published, article.language)
    return sha256(repr((*fields, article.region, article.url)).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class _Found:
    """A file that may be an article: its path and name below the folder, and why it is not read or nothing."""

    path: str
    name: str
    is_link: bool
    reason: str = ""


def _walk(folder: Path) -> list[_Found]:
    """Return every file that may be an article."""
    if not folder.is_dir():
        raise CorpusError(
            f"no corpus folder at {folder}; make it and put articles in it, or name another with --corpus"
        )
    return list(_below(str(folder), ""))


def _below(folder: str, inside: str) -> Iterator[_Found]:
    """Yield the files of a folder, whose own name below the top is `inside`, as text: there may be very many."""
    try:
        with os.scandir(folder) as scanned:
            entries = sorted(scanned, key=lambda entry: entry.name)
    except OSError as error:
        if not inside:
            raise CorpusError(f"the corpus folder {folder} cannot be read ({error.strerror})") from error
        yield _Found(folder, _printable(inside), False, f"the folder cannot be read ({error.strerror})")
        return
    names = {entry.name for entry in entries}
    if NO_CORPUS in names and inside:
        return
    for entry in entries:
        name = f"{inside}/{entry.name}" if inside else entry.name
        if entry.name.startswith((".", "~$")) or name == NAMES_FILE:
            continue
        if entry.is_dir(follow_symlinks=False):
            if not _belongs_to_page(entry.name, names):
                yield from _below(entry.path, name)
        elif reason := _reason(entry):
            yield _Found(entry.path, _printable(name), entry.is_symlink(), reason)
        elif _suffix(name) in MAX_BYTES:
            yield _Found(entry.path, _printable(name), entry.is_symlink())


def _belongs_to_page(name: str, beside: set[str]) -> bool:
    """Tell whether a folder holds the pictures and frames of the saved page beside it."""
    stem = re.fullmatch(r"(.+)(?:_files|\.files|_檔案|_文件)", name)
    return stem is not None and not beside.isdisjoint({f"{stem[1]}.html", f"{stem[1]}.htm"})


def _suffix(name: str) -> str:
    """Return the suffix of a file in small letters; pathlib takes five times as long."""
    stem, dot, last = name.rpartition(".")
    return dot + last.lower() if stem else ""


def _reason(entry: os.DirEntry[str]) -> str:
    """Return why what people may take for an article is not read, or nothing."""
    suffix = _suffix(entry.name)
    if entry.is_symlink() and not Path(entry.path).is_file():
        if Path(entry.path).is_dir():
            return "a link to a folder is not followed; move the folder here, or name it with --corpus"
        return "a link to nothing, or in a circle; remove it" if suffix in MAX_BYTES else ""
    return f"{suffix} files are not read; save it as {_UNREAD[suffix]}" if suffix in _UNREAD else ""


def _printable(name: str) -> str:
    r"""Return an article's name: its path, with what cannot be printed as UTF-8 on one line written as \xNN."""
    return name if name.isprintable() else "".join(each if each.isprintable() else _escaped(each) for each in name)


def _escaped(character: str) -> str:
    if character.isspace() and character not in "\t\n\r\v\f\x1c\x1d\x1e\x1f\x85\u2028\u2029":
        return character  # the wide space of Chinese, and its like
    return "".join(f"\\x{byte:02x}" for byte in character.encode("utf-8", "surrogateescape"))


def _data(found: _Found, folder: Path) -> bytes:
    """Return the bytes of a file, judged and read through one descriptor, so that it cannot change between."""
    name = found.name
    if found.is_link and not _inside(Path(found.path), folder):
        raise SourceError(f"{name}: a link out of the corpus folder; put the file itself here")
    limit = MAX_BYTES[_suffix(found.path)]
    try:
        with open(found.path, "rb", opener=_follow if found.is_link else _open) as file:
            state = os.fstat(file.fileno())
            fits = stat.S_ISREG(state.st_mode) and state.st_size <= limit
            data = file.read(state.st_size + 1) if fits else b""
            if len(data) > state.st_size:  # it has grown meanwhile, or is of a kind that tells no size
                data += file.read(limit)
    except FileNotFoundError as error:
        raise SourceError(f"{name}: it vanished while it was read") from error
    except OSError as error:
        raise SourceError(f"{name}: cannot be read ({error.strerror}); check its permissions") from error
    if not stat.S_ISREG(state.st_mode):
        raise SourceError(f"{name}: not an ordinary file but a pipe or a device; remove it")
    if max(state.st_size, len(data)) > limit:
        size = max(state.st_size, len(data)) / 2**20
        raise SourceError(f"{name}: {size:.0f} MB is too large for such a file (at most {limit >> 20} MB); split it")
    return data


def _follow(path: str, flags: int) -> int:
    """Open without waiting for the other end of a pipe that is named like an article."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _open(path: str, flags: int) -> int:
    """Open what was no link when the folder was read, and is none now."""
    return _follow(path, flags | getattr(os, "O_NOFOLLOW", 0))


def _inside(path: Path, folder: Path) -> bool:
    try:
        return path.resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError):  # a circle of links
        return False


def _published(source: Source) -> str | None:
    """Return the ISO date that the metadata, the first line or a line of its own gives."""
    if source.meta.get("date"):
        return iso_date(source.meta["date"])
    head = _DATE_LINE.match(source.text)
    if head:
        return iso_date(head[1])
    lines = [line for line in source.text[:2000].split("\n") if line.strip()][:_DATE_LINES]
    return next(filter(None, map(date_line, lines)), None)


def _title(source: Source, name: str) -> str:
    """Return the title from the metadata, else the heading that opens the text, else the file's name."""
    if source.meta.get("title"):
        return source.meta["title"]
    told = [block for block in blocks(source.text) if block.kind is not Kind.FURNITURE]
    if len(told) > 1 and told[0].kind is Kind.HEADING:
        return told[0].span.of(source.text).lstrip("# ").strip()
    return Path(name).stem + source.part


def _script(label: str, text: str) -> Script:
    """Return the script that a label names, unless the text is plainly in the other language."""
    told = _SCRIPTS.get(label.lower().replace("_", "-"))
    return told if told and (told == "en") == (language_of(text) == "en") else script_of(text)


def _article(source: Source, name: str) -> Article:
    meta = source.meta
    return Article(
        name=name + source.part,
        text=source.text,
        title=_title(source, name),
        outlet=meta.get("outlet", ""),
        published=_published(source),
        language=_script(meta.get("language", ""), source.text),
        region=meta.get("region", ""),
        url=meta.get("url", ""),
    )


def _items(data: bytes, name: str) -> Iterator[Article | Skipped]:
    """Yield the articles of one file, and its parts that hold none."""
    for part in read(data, name):
        if isinstance(part, Refused):
            yield Skipped(name + part.part, part.reason)
            continue
        try:
            yield _article(part, name)
        except ValueError as error:
            yield Skipped(name + part.part, str(error))


def _source(found: _Found, folder: Path, known: Mapping[str, SourceFile]) -> SourceFile:
    """Read one file, or take what came of the same bytes before."""
    name = found.name
    try:
        data = _data(found, folder)
        mark = sha256(data).hexdigest()
        before = known.get(name)
        if before and before.mark == mark:
            return before
        return SourceFile(name, mark, tuple(_items(data, name)))
    except SourceError as error:
        return SourceFile(name, "", (Skipped(name, str(error).removeprefix(f"{name}: ")),))


def _each(folder: Path, known: Mapping[str, SourceFile]) -> Iterator[SourceFile]:
    seen: set[str] = set()
    for found in _walk(folder):
        if found.reason or found.name in seen:
            told = found.reason or "another file has this name too, once it is made printable; rename one"
            yield SourceFile(found.name, "", (Skipped(found.name, told),))
            continue
        seen.add(found.name)
        yield _source(found, folder, known)


def load(folder: Path, known: Sequence[SourceFile] = ()) -> Corpus:
    """Read every article below `folder`; a file that cannot be read is skipped and named.

    Of a file that has the same bytes as one of those `known`, what is told there is taken.

    Raises:
        CorpusError: there is no such folder, or nothing in it can be read.
    """
    files = tuple(_each(folder, {file.name: file for file in known}))
    items = [item for file in files for item in file.items]
    articles = tuple(item for item in items if isinstance(item, Article))
    skipped = tuple(item for item in items if isinstance(item, Skipped))
    if not articles:
        why = f" ({skipped[0].name}: {skipped[0].reason})" if skipped else ""
        raise CorpusError(f"no article could be read in {folder}{why}; put {', '.join(SUFFIXES)} files in it")
    return Corpus(articles, skipped, files)
