"""Files to raw articles: text and metadata as the file has them.

A reader takes bytes and returns records; it knows formats, not folders. Text is decoded, line ends
become `\\n`, and the text is composed (NFC) once, here; after this no character changes.
"""

from __future__ import annotations

import codecs
import unicodedata
from dataclasses import dataclass, field
from typing import Any

from qa.errors import SourceError

SUFFIXES = (".txt", ".md")


@dataclass(frozen=True, slots=True)
class Source:
    """What one file says: the text, and what its head says about it."""

    text: str
    meta: dict[str, str] = field(default_factory=dict)


def _decoded(data: bytes, name: str) -> str:
    if b"\x00" in data[:65536]:
        raise SourceError(f"{name}: not a text file (it holds binary data)")
    try:
        return data.removeprefix(codecs.BOM_UTF8).decode("utf-8")
    except UnicodeDecodeError as error:
        raise SourceError(f"{name}: not UTF-8 text (byte {error.start}); save it as UTF-8") from error


def normalise(text: str) -> str:
    """Return `text` as it is stored: composed (NFC), with `\\n` line ends, without blank ends."""
    lines = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n")
    return lines.strip("\n\ufeff")


def _plain(value: Any) -> str:
    """Return one YAML value as a line of text; nested values are no metadata of ours."""
    return "" if value is None or isinstance(value, (dict, list)) else " ".join(str(value).split())


def _front_matter(text: str, name: str) -> tuple[dict[str, str], str]:
    """Split YAML front matter from the text that follows it."""
    import yaml

    head, mark, body = text.removeprefix("---\n").partition("\n---\n")
    if not mark:
        return {}, text
    try:
        meta = yaml.safe_load(head)
    except (yaml.YAMLError, ValueError) as error:
        reason = str(getattr(error, "problem", error))
        raise SourceError(f"{name}: the front matter is not YAML ({reason}); mend it or remove it") from error
    if not isinstance(meta, dict):
        return {}, text  # a rule of dashes, not front matter
    return {str(key).strip().lower(): _plain(value) for key, value in meta.items()}, body


def read(data: bytes, name: str) -> Source:
    """Return the article that the bytes of file `name` hold.

    Raises:
        SourceError: the bytes are no text, or hold no words.
    """
    text = normalise(_decoded(data, name))
    meta, body = _front_matter(text, name) if text.startswith("---\n") else ({}, text)
    body = body.strip("\n")
    if not any(character.isalnum() for character in body):
        raise SourceError(f"{name}: the file has no text")
    return Source(body, meta)
