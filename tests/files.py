"""Files of every format, made from one article as a reader of it would have them."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape


@dataclass(frozen=True)
class Told:
    """An article as it is to come out of every format."""

    title: str
    date: str
    outlet: str
    url: str
    paragraphs: tuple[str, ...]

    @property
    def text(self) -> str:
        return "\n\n".join(self.paragraphs)

    @property
    def labelled(self) -> list[str]:
        return [f"Title: {self.title}", f"Date: {self.date}", f"Outlet: {self.outlet}", f"URL: {self.url}"]


def text(told: Told) -> bytes:
    return "\n".join([*told.labelled, "", told.text]).encode()


def markdown(told: Told) -> bytes:
    head = f"---\ntitle: {json.dumps(told.title)}\ndate: {told.date}\noutlet: {told.outlet}\nurl: {told.url}\n---\n\n"
    return (head + told.text + "\n").encode()


def page(told: Told) -> bytes:
    links = "".join(f'<li><a href="/{n}">{escape(word)}</a></li>' for n, word in enumerate(("首頁", "World", "登入")))
    body = "".join(f"<p>{escape(paragraph)}</p>\n" for paragraph in told.paragraphs)
    return f"""<!DOCTYPE html><html><head><meta charset="utf-8"><title>{escape(told.title)} | {told.outlet}</title>
<meta property="og:title" content="{escape(told.title)}"><meta property="og:site_name" content="{told.outlet}">
<meta property="article:published_time" content="{told.date}T10:00:00+08:00">
<link rel="canonical" href="{told.url}"><script>var ad = "買一送一";</script></head>
<body><nav><ul>{links}</ul></nav><main><article><h1>{escape(told.title)}</h1>{body}</article></main>
<aside><a href="/x">延伸閱讀</a></aside>
<footer>© 2025 All rights reserved <a href="/p">Privacy</a></footer></body></html>
""".encode()


def jsonl(told: Told) -> bytes:
    row = {"title": told.title, "published": told.date, "source": told.outlet, "link": told.url, "content": told.text}
    return (json.dumps(row, ensure_ascii=False) + "\n").encode()


def separated(told: Told, mark: str = ",", encoding: str = "utf-8-sig") -> bytes:
    cells = [told.title, told.date, told.outlet, told.url, told.text]
    quoted = mark.join('"' + cell.replace('"', '""') + '"' for cell in cells)
    return f"標題{mark}日期{mark}媒體{mark}網址{mark}內文\r\n{quoted}\r\n".encode(encoding)


def docx(told: Told) -> bytes:
    from docx import Document

    document = Document()
    document.core_properties.title = told.title
    for line in (*told.labelled[1:], *told.paragraphs):
        document.add_paragraph(line)
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def epub(told: Sequence[Told]) -> bytes:
    first = told[0]
    chapters = [
        '<?xml version="1.0" encoding="utf-8"?><html xmlns="http://www.w3.org/1999/xhtml"><head><title>x</title></head>'
        f"<body><h1>{escape(each.title)}</h1>{''.join(f'<p>{escape(p)}</p>' for p in each.paragraphs)}</body></html>"
        for each in told
    ]
    items = "".join(f'<item id="c{n}" href="text/c{n}.xhtml"/>' for n in range(len(chapters)))
    spine = "".join(f'<itemref idref="c{n}"/>' for n in range(len(chapters)))
    package = f"""<package xmlns="http://www.idpf.org/2007/opf"><metadata xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:title>{escape(first.title)}</dc:title><dc:date>{first.date}</dc:date><dc:publisher>{first.outlet}</dc:publisher>
<dc:source>{first.url}</dc:source></metadata><manifest>{items}</manifest><spine>{spine}</spine></package>"""
    container = """<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>
<rootfile full-path="OEBPS/book.opf"/></rootfiles></container>"""
    members = {"mimetype": "application/epub+zip", "META-INF/container.xml": container, "OEBPS/book.opf": package}
    return zipped(members | {f"OEBPS/text/c{n}.xhtml": chapter for n, chapter in enumerate(chapters)})


def zipped(members: dict[str, str]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def pdf_lines(told: Told, width: int = 60) -> list[str]:
    """Return the article as the lines of a printed page."""
    lines = [*told.labelled, ""]
    for paragraph in told.paragraphs:
        lines += wrapped(paragraph, width)
    return lines


def wrapped(paragraph: str, width: int) -> list[str]:
    if not paragraph.isascii():  # Chinese breaks anywhere
        return [paragraph[start : start + width // 2] for start in range(0, len(paragraph), width // 2)]
    import textwrap

    return textwrap.wrap(paragraph, width, break_on_hyphens=False)


def pdf(lines: Sequence[str]) -> bytes:
    """Return a PDF of one page whose text can be selected; its font maps each code to the character of that code."""
    cmap = (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapType 2 def"
        " 1 begincodespacerange <0000> <FFFF>"
        " endcodespacerange 1 beginbfrange <0000> <FFFF> <0000> endbfrange endcmap end end"
    )
    shown = "".join(f"<{line.encode('utf-16-be').hex()}> Tj T*\n" for line in lines)
    content = f"BT /F1 10 Tf 14 TL 40 800 Td\n{shown}ET"
    return _assembled(
        [
            "<</Type/Catalog/Pages 2 0 R>>",
            "<</Type/Pages/Kids[3 0 R]/Count 1>>",
            "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
            f"<</Length {len(content)}>>stream\n{content}\nendstream",
            "<</Type/Font/Subtype/Type0/BaseFont/X/Encoding/Identity-H/DescendantFonts[6 0 R]/ToUnicode 7 0 R>>",
            "<</Type/Font/Subtype/CIDFontType2/BaseFont/X/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)"
            "/Supplement 0>>/DW 1000>>",
            f"<</Length {len(cmap)}>>stream\n{cmap}\nendstream",
        ]
    )


def _assembled(objects: Sequence[str]) -> bytes:
    made, places = "%PDF-1.7\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(made))
        made += f"{number} 0 obj\n{content}\nendobj\n"
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    size = len(objects) + 1
    trailer = f"trailer<</Size {size}/Root 1 0 R>>\nstartxref\n{len(made)}\n%%EOF\n"
    return (f"{made}xref\n0 {size}\n0000000000 65535 f \n{table}{trailer}").encode("latin-1")


FORMATS: dict[str, Callable[[Told], bytes]] = {
    "a.txt": text,
    "a.md": markdown,
    "a.html": page,
    "a.htm": page,
    "a.pdf": lambda told: pdf(pdf_lines(told)),
    "a.docx": docx,
    "a.jsonl": jsonl,
    "a.csv": separated,
    "a.tsv": lambda told: separated(told, "\t"),
    "a.epub": lambda told: epub([told]),
}
