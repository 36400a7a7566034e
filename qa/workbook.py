"""XLSX in and out, by openpyxl alone: a grid of plain values in, laid-out sheets out, the same bytes each time."""

from __future__ import annotations

import datetime
import re
import warnings
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from io import BytesIO
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qa.cells import Unreadable, as_cell, is_blank, visible
from qa.errors import FileError

if TYPE_CHECKING:
    from openpyxl.cell.cell import Cell, MergedCell
    from openpyxl.styles import NamedStyle
    from openpyxl.workbook.workbook import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

_FORMULA = re.compile(rb"<f[ >/]")
_UNPACKED = 400_000_000  # bytes; more inside one workbook is no list of questions
_OLE = b"\xd0\xcf\x11\xe0"  # how old and encrypted workbooks begin
_CELL = 32_767  # characters that a cell holds at most
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time a zip can state
_STAMP = b"1980-01-01T00:00:00Z"
_HEAD, _BAND, _LINE, _MARK, _GREY = "FF1F3A5F", "FFF6F8FB", "FFD5DCE6", "FFB45309", "FF7A8698"
_HEAD_POINTS, _LINE_POINTS, _TALLEST = 28, 15, 409  # 409 is the most that a row can have
_LATIN, _HAN = 0.95, 2.05  # how wide a character is, in those that a column's width counts


@dataclass(frozen=True, slots=True)
class Rich:
    """A text with marked stretches: pieces of (text, marked)."""

    pieces: tuple[tuple[str, bool], ...]


@dataclass(frozen=True, slots=True)
class Column:
    """A heading, its width in characters, whether its cells are numbers or words to choose from."""

    name: str
    width: int
    centred: bool = False
    choices: tuple[str, ...] = ()
    number_format: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet to write; a cell is a Rich, a text, a number or None."""

    title: str
    columns: tuple[Column, ...]
    rows: Sequence[Sequence[object]]
    frozen: int = 0  # columns that stay in view
    pale: frozenset[int] = field(default=frozenset())  # rows that are shown in grey


# --- reading --------------------------------------------------------------------------------------


def read_grid(path: Path, data: bytes) -> list[list[Any]]:
    """Return the cells of the first visible sheet.

    A formula counts as the value that was saved with it, and is Unreadable without one. A cell merged over
    several rows counts for each of them, but not for the columns beside.

    Raises:
        FileError: it is no workbook, or locked by a password.
    """
    sheet = _first_visible(_opened(path, data), path)
    grid = _merged(sheet, _grid(sheet))
    if _FORMULA.search(_sheet_xml(data)):
        _mark_unsaved(grid, _first_visible(_opened(path, data, values=False), path))
    return grid


def read_sheets(path: Path, data: bytes) -> dict[str, list[list[Any]]]:
    """Return the cells of every sheet by its title.

    Raises:
        FileError: it is no workbook, or locked by a password.
    """
    return {sheet.title: _grid(sheet) for sheet in _opened(path, data).worksheets}


def _first_visible(book: Workbook, path: Path) -> Worksheet:
    for sheet in book.worksheets:
        if sheet.sheet_state == "visible":
            return sheet
    raise FileError(f"{path}: every sheet is hidden; show the one with the questions")


def _opened(path: Path, data: bytes, *, values: bool = True) -> Workbook:
    from openpyxl import load_workbook

    if data.startswith(_OLE):
        locked = "EncryptedPackage".encode("utf-16-le") in data
        why = "it is locked by a password; save it without one" if locked else "it is an old .xls; save it as .xlsx"
        raise FileError(f"{path}: cannot be opened, {why}")
    if (size := _unpacked_size(path, data)) > _UNPACKED:
        raise FileError(f"{path}: {size:,} bytes when unpacked; split it into smaller workbooks")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about styles and extensions that do not matter here
            return load_workbook(BytesIO(data), data_only=values)
    except Exception as error:  # over a damaged workbook openpyxl raises whatever comes
        raise _damaged(path) from error


def _damaged(path: Path) -> FileError:
    return FileError(
        f"{path}: not an .xlsx workbook, or a damaged one; open it in a spreadsheet program and save it again"
    )


def _unpacked_size(path: Path, data: bytes) -> int:
    try:
        with zipfile.ZipFile(BytesIO(data)) as packed:
            return sum(member.file_size for member in packed.infolist())
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise _damaged(path) from error


def _sheet_xml(data: bytes) -> bytes:
    with zipfile.ZipFile(BytesIO(data)) as packed:
        names = [name for name in packed.namelist() if name.startswith("xl/worksheets/")]
        return b"".join(packed.read(name) for name in names)


def _grid(sheet: Worksheet) -> list[list[Any]]:
    """Return the values row by row; only cells that exist are visited, however far down one may stand."""
    cells = sheet._cells  # the public ways make every cell in between
    held = {place: _plain(cell) for place, cell in cells.items() if not is_blank(cell.value)}
    width = max((column for _, column in held), default=0)
    rows: list[list[Any]] = [[None] * width for _ in range(max((row for row, _ in held), default=0))]
    for (row, column), value in held.items():
        rows[row - 1][column - 1] = value
    return rows


def _plain(cell: Any) -> Any:
    from openpyxl.utils.escape import unescape

    value = cell.value
    if isinstance(value, datetime.datetime):
        return value.date().isoformat() if value.time() == datetime.time() else value.isoformat(" ", "seconds")
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, (bool, int, float)):
        return value
    text = unescape(str(value))
    return Unreadable(text) if cell.data_type == "e" else text


def _merged(sheet: Worksheet, grid: list[list[Any]]) -> list[list[Any]]:
    for area in sheet.merged_cells.ranges:
        for row in range(area.min_row, min(area.max_row, len(grid))):
            if area.min_col <= len(grid[row]):
                grid[row][area.min_col - 1] = grid[area.min_row - 1][area.min_col - 1]
    return grid


def _mark_unsaved(grid: list[list[Any]], formulas: Worksheet) -> None:
    """Put a formula's own text where no value was saved with it."""
    for (row, column), cell in formulas._cells.items():
        if cell.data_type == "f":
            grid.extend([] for _ in range(row - len(grid)))
            line = grid[row - 1]
            line.extend([None] * (column - len(line)))
            if line[column - 1] is None:
                line[column - 1] = Unreadable(str(getattr(cell.value, "text", cell.value)))


# --- writing --------------------------------------------------------------------------------------


def write(path: Path, sheets: Sequence[Sheet]) -> None:
    """Write a workbook made for reading: frozen header, widths, wrapped text, a filter, a page set-up.

    Raises:
        OSError: the file cannot be written.
    """
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.worksheets[0])
    for style in _styles():
        book.add_named_style(style)  # a cell takes one by name, much faster than part by part
    for sheet in sheets:
        _lay_out(book.create_sheet(sheet.title), sheet)
    packed = BytesIO()
    book.save(packed)
    path.write_bytes(_timeless(packed.getvalue()))


def _lay_out(target: Worksheet, sheet: Sheet) -> None:
    from openpyxl.utils import get_column_letter

    for place, column in enumerate(sheet.columns, 1):
        _put(target.cell(1, place), column.name, "head-centred" if column.centred else "head")
        target.column_dimensions[get_column_letter(place)].width = column.width
    for number, row in enumerate(sheet.rows, 2):
        for place, (column, value) in enumerate(zip(sheet.columns, row, strict=True), 1):
            tone = "pale" if number - 2 in sheet.pale else "plain"
            _put(target.cell(number, place), value, f"{tone}-centred" if column.centred else tone)
            if column.number_format:
                target.cell(number, place).number_format = column.number_format
        target.row_dimensions[number].height = _height(sheet.columns, row)
    _choices(target, sheet)
    _page(target, sheet)


def _height(columns: Sequence[Column], row: Sequence[object]) -> float:
    """Return the height of a row in points: not every program fits it to wrapped text by itself."""
    lines = max((_lines(value, column.width) for column, value in zip(columns, row, strict=True)), default=1)
    return min(lines * _LINE_POINTS + 3, _TALLEST)


def _lines(value: object, width: int) -> int:
    text = "".join(piece for piece, _ in value.pieces) if isinstance(value, Rich) else as_cell(value)
    return sum(max(1, ceil(text_width(line) / (width - 2))) for line in text.split("\n"))


def text_width(line: str) -> float:
    """Return about how wide a line of text is, in the unit of a column's width."""
    return sum(_HAN if ord(character) > 0x2E7F else _LATIN for character in line)


def _page(target: Worksheet, sheet: Sheet) -> None:
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.header_footer import HeaderFooterItem, _HeaderFooterPart
    from openpyxl.worksheet.properties import PageSetupProperties

    target.freeze_panes = f"{get_column_letter(sheet.frozen + 1)}2"
    target.row_dimensions[1].height = _HEAD_POINTS
    if sheet.rows:
        target.auto_filter.ref = f"A1:{get_column_letter(len(sheet.columns))}{len(sheet.rows) + 1}"
    target.print_title_rows = "1:1"
    target.page_setup.orientation = "landscape"
    target.page_setup.paperSize = 8  # A3: a row's answer is long
    target.page_setup.fitToHeight = 0
    target.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    target.oddFooter = HeaderFooterItem(center=_HeaderFooterPart(text="&A  ·  &P / &N"))
    target.page_margins.left = target.page_margins.right = target.page_margins.top = 0.4
    target.sheet_view.zoomScale = 110


def _choices(target: Worksheet, sheet: Sheet) -> None:
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    for place, column in enumerate(sheet.columns, 1):
        if column.choices and sheet.rows:
            rule = DataValidation(type="list", formula1=f'"{",".join(column.choices)}"', allow_blank=True)
            letter = get_column_letter(place)
            rule.add(f"{letter}2:{letter}{len(sheet.rows) + 1}")
            target.add_data_validation(rule)


def _styles() -> tuple[NamedStyle, ...]:
    from openpyxl.styles import Alignment, Border, Font, NamedStyle, PatternFill, Side

    line = Border(bottom=Side("thin", color=_LINE))
    top, middle = (Alignment("left", place, wrap_text=True, indent=1) for place in ("top", "center"))
    centre, both = (Alignment("center", place, wrap_text=True) for place in ("top", "center"))
    white, ink, grey = (
        Font("Calibri", 11, bold=True, color="FFFFFFFF"),
        Font("Calibri", 11),
        Font("Calibri", 11, color=_GREY),
    )
    head, band = (PatternFill("solid", fgColor=color) for color in (_HEAD, _BAND))
    return (
        NamedStyle("head", font=white, fill=head, alignment=middle),
        NamedStyle("head-centred", font=white, fill=head, alignment=both),
        NamedStyle("plain", font=ink, alignment=top, border=line),
        NamedStyle("plain-centred", font=ink, alignment=centre, border=line),
        NamedStyle("pale", font=grey, alignment=top, border=line, fill=band),
        NamedStyle("pale-centred", font=grey, alignment=centre, border=line, fill=band),
    )


def _put(cell: Cell | MergedCell, value: object, style: str) -> None:
    cell.style = style
    if value is None or value == "":
        return
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        cell.value = value
        return
    if isinstance(value, Rich):
        cell.value = _rich(value)
        return
    text = _fitting(as_cell(value))
    cell.value = text
    cell.data_type = "s"  # whatever it begins with, it is text
    if text.startswith(("=", "+", "-", "@")):
        cell.quotePrefix = True  # it stays text when somebody edits it


def _fitting(text: str) -> str:
    """Return `text` as a cell can hold it."""
    shown = visible(text.replace("\r\n", "\n").replace("\r", "\n"))
    shown = re.sub(r"_(?=x[0-9A-Fa-f]{4}_)", "_x005F_", shown)  # which Excel would read as a character's code
    return shown if len(shown) <= _CELL else shown[: _CELL - 1] + "…"


def _rich(value: Rich) -> Any:
    from openpyxl.cell.rich_text import CellRichText, TextBlock
    from openpyxl.cell.text import InlineFont
    from openpyxl.styles.colors import Color

    plain = InlineFont(rFont="Calibri", sz=11)
    mark = InlineFont(rFont="Calibri", sz=11, b=True, color=Color(_MARK))
    room = _CELL - 1
    parts: list[TextBlock] = []
    for text, marked in value.pieces:
        shown = _fitting(text)[:room]
        room -= len(shown)
        if shown:
            parts.append(TextBlock(mark if marked else plain, shown))
    return CellRichText(parts)


def _timeless(data: bytes) -> bytes:
    """Return a workbook without the time it was made at."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.infolist():
            content = old.read(member)
            if member.filename == "docProps/core.xml":
                content = re.sub(rb"(<dcterms:\w+[^>]*>)[^<]*", rb"\g<1>" + _STAMP, content)
            new.writestr(_entry(member.filename), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _EPOCH)
    entry.create_system, entry.external_attr = 3, 0o644 << 16
    return entry
