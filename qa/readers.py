r"""Files to raw articles: text and metadata as the file has them.

A reader takes bytes and returns records; it knows formats, not folders. Text is decoded, line ends
become `\n`, and the text is composed (NFC) once, here; after this no character changes. A library for a
format is imported when the first file of that format is read. Formats that can be made to take for ever, or to
break a library down, are read in a process of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict
from functools import cache
from pathlib import PurePosixPath
from typing import Any

from qa.apart import Apart, Ended, serve
from qa.decoding import decode
from qa.errors import SourceError
from qa.heads import Refused, Source, normalise, split_head

__all__ = ["MAX_BYTES", "SUFFIXES", "Refused", "Source", "normalise", "read"]

MAX_SECONDS = 60.0  # for one file; a page that was made to be slow would hold up every other

_ARTICLE, _TABLE = 20 * 2**20, 100 * 2**20
MAX_BYTES = {
    ".txt": _ARTICLE, ".md": _ARTICLE, ".html": _ARTICLE, ".htm": _ARTICLE, ".docx": _ARTICLE, ".pdf": 50 * 2**20,
    ".epub": 50 * 2**20, ".jsonl": _TABLE, ".csv": _TABLE, ".tsv": _TABLE,
}  # fmt: skip
SUFFIXES = tuple(MAX_BYTES)
_LAID_OUT = frozenset({".html", ".htm", ".pdf", ".docx", ".epub"})  # the others take time only with their length

_MOST_SAID = 300  # characters; a message may quote what the file is full of
_NO_TEXT = "the file has no text"

Parts = Iterable[Source | Refused]


def read(data: bytes, name: str, *, seconds: float = MAX_SECONDS) -> tuple[Source | Refused, ...]:
    """Return the articles that the bytes of file `name` hold, in order, and which parts hold none.

    Raises:
        SourceError: the file holds no article, is broken, or takes longer than `seconds`.
    """
    suffix = PurePosixPath(name).suffix.lower()
    if not data.strip():
        raise SourceError(f"{name}: the file is empty")
    try:
        parts = _read_apart(data, suffix, seconds) if suffix in _LAID_OUT else _parts(data, suffix)
    except ValueError as error:
        raise SourceError(f"{name}: {error}") from error
    if not parts or parts == (Refused("", _NO_TEXT),):
        raise SourceError(f"{name}: {_NO_TEXT}")
    return parts


def _parts(data: bytes, suffix: str) -> tuple[Source | Refused, ...]:
    """Return what is in a file; raises ValueError, its message one line, whatever a library makes of a mangled file."""
    try:
        return tuple(map(_checked, _READERS[suffix](data)))
    except ValueError as error:
        raise ValueError(_one_line(error)) from error
    except Exception as error:  # a mangled file can make a library fail anywhere
        told = f"{type(error).__name__}: {_one_line(error)[:120]}"
        raise ValueError(f"broken: it cannot be read ({told})") from error


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:_MOST_SAID] or type(error).__name__


def _checked(part: Source | Refused) -> Source | Refused:
    if isinstance(part, Source) and not any(character.isalnum() for character in part.text):
        return Refused(part.part, _NO_TEXT)
    return part


@cache
def _apart() -> Apart:
    return Apart("from qa.readers import serve_apart; serve_apart()")


def _read_apart(data: bytes, suffix: str, seconds: float) -> tuple[Source | Refused, ...]:
    """Return what is in a file as `_parts` does, read by a process that is ended when it takes too long."""
    try:
        told = _apart().ask(suffix, data, seconds)
    except Ended as error:
        raise ValueError(
            f"it takes longer than {seconds:g} seconds to read; save it in a simpler form"
            if error.too_long
            else "broken: it cannot be read; save it in a simpler form"
        ) from error
    if isinstance(told, str):
        raise ValueError(told)
    return tuple(Refused(**part) if "reason" in part else Source(**part) for part in told)


def serve_apart() -> None:
    """Read the files that another process sends."""

    def answer(suffix: str, data: bytes) -> list[dict[str, Any]] | str:
        try:
            return [asdict(part) for part in _parts(data, suffix)]
        except ValueError as error:
            return str(error)

    serve(answer)


def _read_text(data: bytes) -> Parts:
    meta, body = split_head(normalise(decode(data)))
    return [Source(body.strip("\n"), meta)]


def _read_page(data: bytes) -> Parts:
    from qa.pages import read_page

    return [read_page(data)]


def _read_book(data: bytes) -> Parts:
    from qa.pages import read_book

    return read_book(data)


def _read_pdf(data: bytes) -> Parts:
    from qa.documents import read_pdf

    return [read_pdf(data)]


def _read_docx(data: bytes) -> Parts:
    from qa.documents import read_docx

    return [read_docx(data)]


def _read_jsonl(data: bytes) -> Parts:
    from qa.rows import read_jsonl

    return read_jsonl(decode(data))


def _read_csv(data: bytes) -> Parts:
    from qa.rows import read_separated

    return read_separated(decode(data), tabs=False)


def _read_tsv(data: bytes) -> Parts:
    from qa.rows import read_separated

    return read_separated(decode(data), tabs=True)


_READERS: dict[str, Callable[[bytes], Parts]] = {
    ".txt": _read_text, ".md": _read_text, ".html": _read_page, ".htm": _read_page, ".pdf": _read_pdf,
    ".docx": _read_docx, ".epub": _read_book, ".jsonl": _read_jsonl, ".csv": _read_csv, ".tsv": _read_tsv,
}  # fmt: skip
