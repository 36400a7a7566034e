"""Saved web pages and electronic books: markup to the text that a reader sees."""

from __future__ import annotations

import logging
import posixpath
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

from qa.archives import Archive
from qa.decoding import decode
from qa.heads import Refused, Source, fields, normalise, plain, split_head

_DECLARATION = re.compile(r"\A\s*<\?xml[^>]*\?>")
_TITLE_TAIL = re.compile(r"\s*[|｜–—\-_»]\s*[^|｜–—\-_»]{1,30}$")
_BLOCKS = frozenset("p h1 h2 h3 h4 h5 h6 li blockquote pre td th dt dd figcaption div section article".split())
_HEADINGS = ("h1", "h2", "h3")
_SILENT = frozenset("script style head nav template noscript".split())
_FEWEST = 40  # characters; a shorter chapter is a cover or a divider, a shorter page without a sentence a menu
_SENTENCE = re.compile(r"[。！？.!?]")
_CHAPTERS = 5000
_PARSER_LOGS = ("trafilatura", "htmldate", "justext", "courlan")

_NAMES = {"o": "urn:oasis:names:tc:opendocument:xmlns:container", "p": "http://www.idpf.org/2007/opf"}
_DUBLIN = "{http://purl.org/dc/elements/1.1/}"


def read_page(data: bytes) -> Source:
    """Return the article of a saved web page: its main text, without navigation, and its metadata.

    Raises:
        ValueError: no article is found in it.
    """
    for name in _PARSER_LOGS:
        logging.getLogger(name).addHandler(logging.NullHandler())  # they grumble at every odd page
    from lxml.etree import LxmlError
    from trafilatura import extract, extract_metadata

    markup = _DECLARATION.sub("", decode(data))
    if "<html" not in markup.lower():
        markup = f"<html><body>{markup}</body></html>"
    dating = {"extensive_search": False, "original_date": True}  # what the page states, not what might be a date
    try:
        about = extract_metadata(markup, date_config=dating, extensive=False)
        text = extract(markup, include_comments=False, with_metadata=False, date_extraction_params=dating)
    except (LxmlError, ValueError, TypeError, AttributeError) as error:
        raise ValueError(f"broken: the page cannot be taken apart ({error}); save it anew") from error
    if not text or (len(text) < _FEWEST and not _SENTENCE.search(text)):
        raise ValueError("no article is found in the page; save the page of one article, or its text")
    told = {"title": about.title, "date": about.date, "outlet": about.sitename, "url": about.url}
    meta = {name: plain(value) for name, value in told.items() if plain(value)}
    if meta.get("outlet", "").lower() == (about.hostname or "").lower():
        meta.pop("outlet", None)  # an address is no name; better none than that
    lines = normalise(text).split("\n")
    return _headed(meta, lines)


def _headed(meta: dict[str, str], lines: list[str]) -> Source:
    """Return an article of paragraphs, without the line that repeats its title."""
    if meta.get("title") and lines and lines[0].strip() in (meta["title"], _TITLE_TAIL.sub("", meta["title"])):
        lines = lines[1:]
    told, text = split_head(normalise("\n\n".join(line.strip() for line in lines if line.strip())))
    return Source(text, meta | told)


def read_book(data: bytes) -> Iterator[Source | Refused]:
    """Yield the chapters of an EPUB as articles; of a news digest each is one.

    Raises:
        ValueError: it is broken, encrypted or a bomb.
    """
    archive = Archive.open(data)
    if "META-INF/encryption.xml" in archive.names() and b"EncryptedData" in archive.read("META-INF/encryption.xml"):
        raise ValueError("encrypted (protected against copying); save it without protection")
    package = _package(archive)
    book = _book_meta(package[0])
    told = [lines for name in _spine(*package) if sum(map(len, lines := _chapter(archive.read(name)))) >= _FEWEST]
    if not told:
        raise ValueError("the book has no text")
    for number, lines in enumerate(told, 1):
        yield _chapter_source(lines, book, f"#{number}" if len(told) > 1 else "")


def _chapter_source(lines: list[str], book: dict[str, str], part: str) -> Source:
    first = lines[0].removeprefix("\f")
    own = {"title": first} if part and lines[0].startswith("\f") else {}
    source = _headed(book | own, [first, *(line.removeprefix("\f") for line in lines[1:])])
    return Source(source.text, source.meta, part)


def _xml(data: bytes) -> Any:
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True)
    root = etree.fromstring(data, parser)
    if root is None:
        raise ValueError("broken: the book's table of contents cannot be read; get it anew")
    return root


def _package(archive: Archive) -> tuple[Any, str]:
    """Return the root of the book's package file, and the folder that it is in."""
    from lxml.etree import LxmlError

    try:
        container = _xml(archive.read("META-INF/container.xml"))
        path = str(container.find(".//o:rootfile", _NAMES).get("full-path"))
        return _xml(archive.read(path)), posixpath.dirname(path)
    except (LxmlError, AttributeError) as error:
        raise ValueError("broken: the book's table of contents cannot be read; get it anew") from error


def _book_meta(package: Any) -> dict[str, str]:
    named = {"title": "title", "date": "date", "publisher": "outlet", "language": "language", "source": "url"}
    found = {own: package.findtext(f".//{_DUBLIN}{name}") for name, own in named.items()}
    if not str(found["url"]).startswith("http"):
        found.pop("url")
    return fields(found)


def _spine(package: Any, folder: str) -> Iterator[str]:
    """Yield the names of the chapters' files in reading order."""
    items = {item.get("id"): item for item in package.iterfind(".//p:item", _NAMES)}
    for number, place in enumerate(package.iterfind(".//p:itemref", _NAMES)):
        item = items.get(place.get("idref"))
        if item is None or "nav" in (item.get("properties") or "").split() or number >= _CHAPTERS:
            continue
        yield posixpath.normpath(posixpath.join(folder, unquote(item.get("href") or "")))


def _chapter(data: bytes) -> list[str]:
    """Return the lines of one chapter; one that is a heading begins with a form feed."""
    from lxml import html
    from lxml.etree import LxmlError

    try:
        root = html.fromstring(_DECLARATION.sub("", decode(data)))
    except (LxmlError, ValueError):
        return []
    return [line for line in _lines(root) if line.strip()]


def _lines(root: Any) -> Iterator[str]:
    """Yield the text of each block of a page, white space run together as browsers do."""
    kept: list[str] = []
    mark = ""
    silent = 0
    from lxml.etree import iterwalk

    for event, element in iterwalk(root, events=("start", "end", "comment", "pi")):
        tag = element.tag if isinstance(element.tag, str) else ""
        silent += {"start": 1, "end": -1}.get(event, 0) if tag in _SILENT else 0
        if tag in _BLOCKS or tag == "br":
            if kept and (event == "start" or tag != "br"):
                yield mark + " ".join("".join(kept).split())
                kept = []
            mark = "\f" if tag in _HEADINGS and event == "start" else ""
        told = element.text if event == "start" else element.tail
        if told and not silent:
            kept.append(told)
    if kept:
        yield " ".join("".join(kept).split())
