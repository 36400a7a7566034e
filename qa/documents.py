"""PDF and Word documents: the text of their pages, as paragraphs."""

from __future__ import annotations

import io
import logging
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from qa.archives import Archive
from qa.heads import Source, normalise, plain, split_head
from qa.language import HAN

if TYPE_CHECKING:
    from docx.document import Document

MAX_PAGES = 400
MAX_CHARACTERS = 5_000_000

_OLD_WORD = b"\xd0\xcf\x11\xe0"  # the container of .doc files, and of encrypted .docx files
_NO_TITLE = re.compile(r"Microsoft \w+ - |Word Document$|untitled|.*\.(?:docx?|pdf|html?|indd|txt)$", re.IGNORECASE)
_PAGE_NUMBER = re.compile(
    r"\s*(?:[-–—(]?\s*\d{1,4}\s*[-–—)]?|\d{1,4}\s*/\s*\d{1,4}|Page \d+(?: of \d+)?|第\s*\d+\s*[頁页])\s*", re.I
)
# A browser prints above and below a page when and what, and from where; the first alone may be the article's own.
_STAMP = re.compile(r"\s*\d{1,4}[/.]\d{1,2}[/.]\d{1,4},?\s?\D{0,3}\d{1,2}:\d{2}.*")
_ADDRESS = re.compile(r"\s*(?:https?|file)://\S+ \d{1,4}/\d{1,4}\s*")
_END = re.compile(r"[。！？；：.!?;:…」』”\"）)]\s*$")
_SETTING = re.compile(rf"(?<=[{HAN}]) (?=\d)|(?<=\d) (?=[{HAN}])")  # the gap that typesetting leaves: 對 28 點
# Printing names a glyph by the least character that the font has it for. That is a radical for some ideographs (given
# here as Unicode's EquivalentUnifiedIdeograph tells), a mathematical sign for the wide stroke and tilde.
_DRAWN = (
    "⺁⺂⺃⺄⺅⺆⺈⺉⺊⺋⺌⺍⺎⺏⺐⺒⺓⺔⺕⺖⺗⺘⺙⺛⺜⺝⺞⺟⺠⺡⺢⺣⺤⺥⺦⺧⺨⺩⺫⺬⺭⺯⺰⺱⺲⺳⺴⺶⺹⺺⺻"
    "⺼⺾⺿⻀⻁⻂⻃⻄⻅⻆⻈⻉⻋⻌⻍⻎⻏⻐⻑⻒⻓⻔⻖⻗⻘⻙⻚⻛⻜⻝⻟⻠⻢⻣⻤⻥⻦⻧⻨⻩⻪⻫⻬⻭⻮⻯⻰⻱⻲⻳∕〜"
)
_MEANT = (
    "厂乛乚乙亻冂刀刂卜㔾小小兀尣尢巳幺彑彐忄心扌攵旡日月歺母民氵氺灬爫爫丬牛犭王目示礻糹纟罓罒㓁冗羊耂肀聿"
    "肉艹艹艹虎衤覀西见角讠贝车辶辶辶邑钅長镸长门阝雨青韦页风飞食飠饣马骨鬼鱼鸟卤麦黄黾斉齐歯齿竜龙龜亀龟／～"
)
_FULL = 0.72  # of the widest line: a shorter one ends its paragraph


def read_pdf(data: bytes) -> Source:
    """Return the text of a PDF, lines joined to paragraphs, page numbers and running heads left out.

    Raises:
        ValueError: it is broken or encrypted, too long, or has no text.
    """
    logging.getLogger("pypdf").addHandler(logging.NullHandler())  # it grumbles at every odd file
    from pypdf.errors import PyPdfError

    try:
        title, pages = _pdf_pages(data)
    except (PyPdfError, OSError, KeyError, TypeError, IndexError, AttributeError, RecursionError, MemoryError) as error:
        raise ValueError(f"broken: the PDF cannot be read ({plain(error)[:120]}); get it anew") from error
    text = "\n\n".join(_paragraphs([line for page in _without_heads(pages) for line in page]))
    if not any(character.isalnum() for character in text):
        raise ValueError("the PDF has no text (scanned pages?); save one whose text can be selected")
    return _titled(title, text)


def _pdf_pages(data: bytes) -> tuple[str, list[list[str]]]:
    """Return the title and the lines of each page."""
    from pypdf import PdfReader

    reader = PdfReader(io.BytesIO(data))
    if reader.is_encrypted and not reader.decrypt(""):
        raise ValueError("encrypted; save it without a password")
    if len(reader.pages) > MAX_PAGES:
        raise ValueError(f"{len(reader.pages)} pages are too long for an article (at most {MAX_PAGES}); split it")
    pages, length = [], 0
    for page in reader.pages:
        text = page.extract_text().replace("\u00ad\n", "").translate(_glyphs())
        length += len(text)
        if length > MAX_CHARACTERS:
            raise ValueError(f"more than {MAX_CHARACTERS:,} characters; this is no article: split it")
        pages.append([_SETTING.sub("", line) for line in normalise(text).split("\n") if line.strip()])
    return plain(reader.metadata.title if reader.metadata else ""), pages


@cache
def _glyphs() -> dict[int, str]:
    """Map what printing puts for a character that a font draws alike (⼒, ⻑, ﬁ) back to the character (力, 長, fi)."""
    shapes = (*range(0x2F00, 0x2FD6), *range(0xFB00, 0xFB07))
    drawn = {shape: unicodedata.normalize("NFKC", chr(shape)) for shape in shapes}
    return drawn | {ord(shape): meant for shape, meant in zip(_DRAWN, _MEANT, strict=True)}


def _titled(title: str, text: str) -> Source:
    told, body = split_head(normalise(text))
    meta = {} if not title or _NO_TITLE.match(title) else {"title": title}
    first, _, rest = body.partition("\n\n")
    if first.strip() == (meta | told).get("title") and rest.strip():
        body = rest
    return Source(body.strip("\n"), meta | told)


def _without_heads(pages: Sequence[Sequence[str]]) -> Iterator[Sequence[str]]:
    """Yield pages without their first and last lines where these come back on most pages, or are plainly printed."""
    ends = Counter(_bare(line) for page in pages for line in {*page[:2], *page[-2:]})
    running = {line for line, count in ends.items() if count >= 2 and count > len(pages) / 2}
    for page in pages:
        yield [
            line
            for place, line in enumerate(page)
            if 2 <= place < len(page) - 2 or not (_bare(line) in running or _is_printed(line, page))
        ]


def _is_printed(line: str, page: Sequence[str]) -> bool:
    """Tell whether a line at the end of a page is a page number, or what a browser prints there."""
    if _PAGE_NUMBER.fullmatch(line) or _ADDRESS.fullmatch(line):
        return True
    return bool(_STAMP.fullmatch(line)) and any(map(_ADDRESS.fullmatch, (*page[:2], *page[-2:])))


def _bare(line: str) -> str:
    return re.sub(r"\d+", "#", line.strip())


def _width(line: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in line.strip())


def _paragraphs(lines: Sequence[str]) -> Iterator[str]:
    """Yield lines joined where one was broken only because the page ends: it is full, and no sentence ends there."""
    widths = sorted(map(_width, lines))
    full = _FULL * widths[int(len(widths) * 0.9)] if widths else 0
    kept = ""
    for line in map(str.strip, lines):
        kept = _joined(kept, line)
        if _width(line) < full or _END.search(line):
            yield kept
            kept = ""
    if kept:
        yield kept


def _joined(before: str, line: str) -> str:
    if not before or before.endswith("-"):
        return before + line
    wide = any(unicodedata.east_asian_width(character) in "WF" for character in (before[-1], line[0]))
    return before + line if wide else f"{before} {line}"


def read_docx(data: bytes) -> Source:
    """Return the text of a Word document, paragraphs and rows of tables in order.

    Raises:
        ValueError: it is broken, encrypted or a bomb.
    """
    if data.startswith(_OLD_WORD):
        raise ValueError("encrypted, or of the old form (.doc); save it as .docx without a password")
    if "word/document.xml" not in Archive.open(data).names() and not _is_document(data):
        raise ValueError("broken: there is no Word document in it; get it anew")
    document = _opened(data)
    lines = [normalise(line).strip() for line in _docx_lines(document)]
    return _titled(plain(document.core_properties.title), "\n\n".join(line for line in lines if line))


def _is_document(data: bytes) -> bool:
    return "[Content_Types].xml" in Archive.open(data).names()


def _opened(data: bytes) -> Document:
    import docx
    from docx.opc.exceptions import OpcError
    from lxml.etree import LxmlError

    try:
        return docx.Document(io.BytesIO(data))
    except (OpcError, LxmlError, KeyError, ValueError, AttributeError, OSError, RuntimeError) as error:
        raise ValueError("broken: Word's parts in it do not fit together; save it again as .docx") from error


def _docx_lines(document: Document) -> Iterator[str]:
    from docx.table import Table

    for block in document.iter_inner_content():
        if isinstance(block, Table):
            yield from (" | ".join(dict.fromkeys(_cells(row))) for row in block.rows)
        else:
            yield block.text


def _cells(row: Any) -> Iterator[str]:
    for cell in row.cells:
        text = " ".join(cell.text.split())
        if text:
            yield text
