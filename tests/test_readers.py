"""Formats, encodings and dates: what each file says, and how a bad one is refused."""

from __future__ import annotations

import io
import json
import random
import struct
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import files
import fuzz_readers
import pytest
from files import FORMATS, Told
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qa.copies import copies, sketch
from qa.corpus import load
from qa.dates import date_line, iso_date
from qa.decoding import decode
from qa.errors import SourceError
from qa.heads import split_head
from qa.readers import MAX_BYTES, SUFFIXES, Refused, Source, normalise, read

ENGLISH = Told(
    title="Alder Bridge opens after four years",
    date="2025-03-01",
    outlet="Harbour Post",
    url="https://harbour.example/bridge",
    paragraphs=(
        "The Alder Bridge was opened to traffic on Saturday. It took four years to build, twice as long as planned,"
        " and cost $600 million, officials of the town said.",
        "The bridge was designed by the architect Karin Lindqvist, who said that the fog on the river had given her"
        " the idea for its shape.",
        "The ferry that has crossed the river since 1921 makes its last trip on 30 March.",
    ),
)
CHINESE = Told(
    title="赤楊大橋通車 渡輪三月底停駛",
    date="2025-03-02",
    outlet="河口日報",
    url="https://hekou.example/1",
    paragraphs=(
        "赤楊大橋三月一日通車，工程前後四年，比原定的時間多了一倍，造價六億美元，鎮公所官員在典禮上向記者表示。",
        "大橋由建築師林奎斯特設計，她說，河上的霧給了她靈感，橋身的弧線就是這樣來的，當地居民起初並不喜歡。",
        "一九二一年起往返兩岸的渡輪，三月三十日開出最後一班。",
    ),
)


def only(data: bytes, name: str) -> Source:
    (part,) = read(data, name)
    assert isinstance(part, Source)
    return part


def reason(data: bytes, name: str) -> str:
    with pytest.raises(SourceError) as caught:
        read(data, name)
    words = str(caught.value)
    assert words.startswith(f"{name}: ") and "\n" not in words
    return words.removeprefix(f"{name}: ")


# --- formats --------------------------------------------------------------------------------------


def test_every_format_is_tried() -> None:
    assert {Path(name).suffix for name in FORMATS} == set(SUFFIXES)


@pytest.mark.parametrize("told", [ENGLISH, CHINESE], ids=["English", "Chinese"])
@pytest.mark.parametrize("name", FORMATS)
def test_the_same_article_comes_out_of_every_format(tmp_path: Path, name: str, told: Told) -> None:
    (tmp_path / name).write_bytes(FORMATS[name](told))

    (article,) = load(tmp_path).articles

    assert (article.title, article.published, article.outlet, article.url, article.text) == (
        told.title, told.date, told.outlet, told.url, told.text,
    )  # fmt: skip
    assert article.language == ("en" if told is ENGLISH else "zh-Hant")


def test_rows_are_articles_of_their_own() -> None:
    rows = [{"title": "One", "text": "First text."}, {"text": ""}, ["no object"], {"text": "Third.", "date": "soon"}]
    data = "\n".join([*map(json.dumps, rows), "{broken"]).encode()

    one, *refused, three, last = read(data, "a.jsonl")

    assert one == Source("First text.", {"title": "One"}, "#1")
    assert three == Source("Third.", {"date": "soon"}, "#4")
    assert refused == [Refused("#2", "the row has no text"), Refused("#3", "the line is not a JSON object")]
    assert last == Refused("#5", "the line is not JSON")


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "big5", "gb18030"])
def test_tables_of_every_separator_and_encoding(mark: str, encoding: str) -> None:
    assert only(files.separated(CHINESE, mark, encoding), "a.csv").text == CHINESE.text


def test_a_row_with_too_many_cells_is_refused_and_the_others_are_read() -> None:
    parts = read(b'title,text\nA,one, two\nB,"three, four"\n', "a.csv")

    assert isinstance(parts[0], Refused) and "3 cells under 2 columns" in parts[0].reason
    assert parts[1] == Source("three, four", {"title": "B"}, "#2")


def test_a_long_cell_is_an_article() -> None:
    long = "A sentence of some length. " * 20_000
    assert len(only(f'title,text\nA,"{long}"\n'.encode(), "a.csv").text) > 500_000


def test_chapters_of_a_digest_are_articles() -> None:
    parts = read(files.epub([ENGLISH, CHINESE]), "a.epub")

    assert [part.part for part in parts] == ["#1", "#2"]
    assert [part.meta["title"] for part in parts if isinstance(part, Source)] == [ENGLISH.title, CHINESE.title]
    assert [part.text for part in parts if isinstance(part, Source)] == [ENGLISH.text, CHINESE.text]


def test_a_saved_page_gives_no_navigation() -> None:
    text = only(files.page(CHINESE), "a.html").text
    assert not any(word in text for word in ("首頁", "登入", "延伸閱讀", "買一送一", "rights reserved"))


def test_what_printing_does_to_a_page_is_undone() -> None:
    lines = ["第 12 頁", "大橋⼒⾸⽤的 28 ⼈。", "The ﬁrst ferry.", "部⻑與市⺠∕圖〜說。"]
    assert only(files.pdf(lines), "a.pdf").text == "大橋力首用的28人。\n\nThe first ferry.\n\n部長與市民／圖～說。"


@pytest.mark.parametrize("stamp", ["11/22/25, 1:19 AM The bridge", "2025/11/22 凌晨1:19 大橋通車", "22.11.2025, 13:19"])
def test_what_a_browser_prints_around_a_page_is_left_out(stamp: str) -> None:
    for lines in (
        [stamp, "The bridge is open.", "https://x.example/a?b=1 1/1"],
        ["The bridge is open.", stamp, "file:///tmp/a.html 1/1"],
    ):
        assert only(files.pdf(lines), "a.pdf").text == "The bridge is open."
    assert stamp[:5] in only(files.pdf([stamp, "The bridge is open."]), "a.pdf").text


def test_a_line_of_chinese_goes_on_in_the_next_without_a_gap() -> None:
    lines = [
        "外電引述兩名知情人士報導，赤楊大橋在河口鎮通車，造價達到",
        "600萬元，由 Karin Lindqvist 設計的橋身比原定多花",
        "Quist 兩年。",
    ]
    assert only(files.pdf(lines), "a.pdf").text.count(" ") == 4


def test_heavy_libraries_wait_for_a_file_of_theirs() -> None:
    code = (
        "import sys; from qa.readers import read; read(b'Words.', 'a.txt'); read(b'text\\nWords.', 'a.csv');"
        "print(*{'pypdf', 'docx', 'lxml', 'trafilatura', 'watchfiles'} & sys.modules.keys())"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "\n"


def test_head_lines_are_metadata_only_when_there_are_two() -> None:
    assert split_head("來源：中央社\n內容不明。")[0] == {}
    assert split_head("標題：通車\n日期：2025年3月1日\n\n大橋通車。") == (
        {"title": "通車", "date": "2025年3月1日"},
        "大橋通車。",
    )


# --- encodings ------------------------------------------------------------------------------------

SIMPLIFIED = "市图书馆公布四条新规，九月起实行。馆长说，新规听取了八百位读者的意见。"
TRADITIONAL = "大橋由建築師林奎斯特設計，造價6億美元，是最初估計的兩倍。"
LATIN = "The architect’s café – “a fine place” – costs £600 million… they’re naïve."


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        *((text, code) for text in (SIMPLIFIED, TRADITIONAL, LATIN) for code in ("utf-8", "utf-8-sig", "utf-16")),
        *((text, code) for text in (SIMPLIFIED, TRADITIONAL, ENGLISH.text) for code in ("utf-16-le", "utf-16-be")),
        *((TRADITIONAL, code) for code in ("big5", "cp950", "big5hkscs", "gb18030", "gbk")),
        *((CHINESE.text, code) for code in ("big5", "gb18030")),
        ("香港嘅士多啤梨同埋佢哋喺度食", "big5hkscs"),
        *((SIMPLIFIED, code) for code in ("gb2312", "gbk", "gb18030")),
        (LATIN, "cp1252"),
        ("", "utf-8"),
    ],
)
def test_encodings_are_told_apart(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding)) == text


ENGLISH_LINES = (
    "Who designed the bridge, and what did it cost?",
    'The director said that "two wards" stay shut at night (see page 4).',
    "How many nurses is the hospital short of?",
    "Officials confirmed the plan on 27 November; talks go on.",
)
TRADITIONAL_WORDS = ("河口日報", "建築師", "澤倫斯基", "烏克蘭總統", "和平計畫的內容", "停火協議", "立法院院長")
SIMPLIFIED_WORDS = ("南岸晚报", "建筑师", "泽连斯基", "乌克兰总统", "和平计划的内容", "停火协议", "外交部发言人")
LATIN_LINES = (
    "Où est passé l’été ? Le maire répond : « à l’hôtel de ville, bien sûr ».",
    "Die Ämter öffnen um 8 Uhr; für Köln gilt das nicht. Straße gesperrt!",
    "Ein Gespräch über Größe, Übermut und süße Äpfel",
    "Le café a coûté 3 € de plus qu’en février",
    "Übung macht den Meister",
    "¿Quién diseñó el puente? ¡Mañana lo sabrán!",
    "São Paulo não é a capital; a decisão saiu à noite.",
)


def with_words(words: Sequence[str]) -> st.SearchStrategy[str]:
    """Lines of English with a few Chinese words in them, two of these at least."""
    line = st.tuples(
        st.sampled_from(ENGLISH_LINES), st.sampled_from(words), st.sampled_from(("{} {}", "{}, ({})", "{},{}"))
    )
    lines = st.lists(line.map(lambda told: told[2].format(told[0], told[1])), min_size=2, max_size=4)
    plain = st.lists(st.sampled_from(ENGLISH_LINES), max_size=20)
    return st.tuples(lines, plain).map(lambda told: "\n".join((*told[1], *told[0], "")))


@pytest.mark.parametrize("encoding", ["big5", "cp950", "big5hkscs", "gb18030", "utf-16-le", "utf-16-be", "utf-8"])
@given(text=with_words(TRADITIONAL_WORDS))
def test_a_few_traditional_words_tell_the_encoding_of_a_page_of_english(encoding: str, text: str) -> None:
    assert decode(text.encode(encoding)) == text


@pytest.mark.parametrize("encoding", ["gb2312", "gb18030", "utf-16-le", "utf-16-be", "utf-8"])
@given(text=with_words(SIMPLIFIED_WORDS))
def test_a_few_simplified_words_tell_the_encoding_of_a_page_of_english(encoding: str, text: str) -> None:
    assert decode(text.encode(encoding)) == text


@given(st.lists(st.sampled_from(ENGLISH_LINES), max_size=20), st.lists(st.sampled_from(LATIN_LINES), min_size=1))
def test_western_text_is_never_taken_for_chinese(english: list[str], latin: list[str]) -> None:
    text = "\n".join((*english, *latin))
    assert decode(text.encode("cp1252")) == text


def test_a_letter_far_into_a_long_english_text_is_read() -> None:
    text = f"{'Nothing but ASCII here. ' * 10_000}\nThe café is open.\n"
    assert decode(text.encode("cp1252")) == text


def test_an_encoding_that_is_not_known_is_no_guess() -> None:
    with pytest.raises(ValueError, match="in no encoding that can be told"):
        decode("Где находится мост и сколько он стоил?".encode("cp1251"))


@given(st.binary(max_size=400))
def test_decoding_gives_text_or_says_why(data: bytes) -> None:
    try:
        assert "\x00" not in decode(data)
    except ValueError as error:
        assert len(str(error)) < 200


# --- dates ----------------------------------------------------------------------------------------

DAY_FORMS: dict[str, Callable[[date], str]] = {
    "ISO": lambda day: day.isoformat(),
    "ISO with the hour": lambda day: f"{day.isoformat()}T23:59:00-08:00",
    "slashes": lambda day: f"{day.year}/{day.month}/{day.day}",
    "dots": lambda day: f"{day.year}.{day.month:02}.{day.day:02}",
    "run together": lambda day: day.strftime("%Y%m%d"),
    "Chinese": lambda day: f"{day.year}年{day.month}月{day.day}日",
    "Chinese with the hour": lambda day: f"{day.year}年{day.month}月{day.day}日 星期三 10:05",
    "Republic": lambda day: f"民國{day.year - 1911}年{day.month}月{day.day}日",
    "Republic, spaces": lambda day: f"中華民國 {day.year - 1911} 年 {day.month} 月 {day.day} 日",
    "Republic, slashes": lambda day: f"民國{day.year - 1911}/{day.month:02}/{day.day:02}",
    "British": lambda day: f"{day.day} {day:%B} {day.year}",
    "British, ordinal": lambda day: f"{day:%A} {day.day}th of {day:%b}, {day.year}",
    "American": lambda day: f"{day:%b}. {day.day}, {day.year}",
    "American, long": lambda day: f"{day:%A}, {day:%B} {day.day}, {day.year} 3:05 p.m.",
    "e-mail": lambda day: f"{day:%a}, {day.day:02} {day:%b} {day.year} 10:00:00 +0800",
}


@pytest.mark.parametrize("form", DAY_FORMS)
@given(day=st.dates(date(1950, 1, 1), date(2099, 12, 31)))
def test_a_day_is_read_in_every_form(form: str, day: date) -> None:
    written = DAY_FORMS[form](day)
    assert iso_date(written) == day.isoformat()
    assert date_line(f"Published: {written}") == day.isoformat()


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("民國一百一十四年十一月二十一日", "2025-11-21"),
        ("二〇二五年十一月廿一日", "2025-11-21"),
        ("二零二五年十月十日", "2025-10-10"),
        ("114/11/21", "2025-11-21"),
        ("21/11/2025", "2025-11-21"),
        ("11/21/2025", "2025-11-21"),
        ("５／５／2025", "2025-05-05"),
        ("Sept 5, 2025", "2025-09-05"),
    ],
)
def test_a_day_in_rarer_forms(written: str, day: str) -> None:
    assert iso_date(written) == day


@pytest.mark.parametrize(
    "written", ["", "soon", "2025", "November 2025", "2025-13-01", "2025-02-30", "03/04/2025", "25年3月1日", "11月21日"]
)
def test_what_names_no_day_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="YYYY-MM-DD"):
        iso_date(written)


@pytest.mark.parametrize("line", ["川普於2025年11月21日表示", "On 21 November 2025 the talks began.", "2025"])
def test_a_sentence_is_no_line_of_a_date(line: str) -> None:
    assert date_line(line) is None


# --- bad files ------------------------------------------------------------------------------------


def encrypted_pdf() -> bytes:
    from pypdf import PdfReader, PdfWriter

    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(files.pdf(["Words."]))))
    writer.encrypt("secret", algorithm="AES-256")
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


def bomb(name: str, size: int = 300 << 20) -> bytes:
    """Return an archive whose directory says what it is, or (`size` 0) one whose directory lies."""
    file = io.BytesIO()
    with (
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open(name, "w", force_zip64=False) as member,
    ):
        for _ in range(size >> 20):
            member.write(bytes(1 << 20))
    return file.getvalue()


def lying_bomb() -> bytes:
    """Return an archive whose member unpacks to 60 MB and says 10 bytes."""
    data = bytearray(bomb("word/document.xml", 60 << 20))
    place = data.rindex(b"PK\x01\x02")
    data[place + 24 : place + 28] = struct.pack("<I", 10)
    return bytes(data)


def png() -> bytes:
    return b"\x89PNG\r\n\x1a\n" + zlib.compress(bytes(range(256)) * 50)


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("a.txt", b"", "empty"),
        ("a.txt", b" \n\t\n", "empty"),
        ("a.md", b"---\ntitle: x\n---\n", "no text"),
        ("a.txt", png(), "not a text file"),
        ("a.txt", bytes(2000), "not a text file"),
        ("a.txt", "café".encode("utf-16")[:-1], "not UTF-16"),
        ("a.md", b"---\ntitle: [unclosed\n---\nWords.", "front matter is not YAML"),
        ("a.md", b"---\n" + b"[" * 5000 + b"\n---\nWords.", "front matter is not YAML"),
        ("a.pdf", b"%PDF-1.7 and nothing else", "broken"),
        ("a.pdf", b"", "empty"),
        ("a.pdf", files.pdf(["Words."])[:300], "broken"),
        ("a.pdf", encrypted_pdf(), "encrypted"),
        ("a.pdf", files.pdf([]), "no text"),
        ("a.docx", b"PK\x03\x04 broken", "broken"),
        ("a.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "encrypted"),
        ("a.docx", files.zipped({"readme": "x"}), "broken"),
        ("a.docx", files.docx(ENGLISH)[:-40], "broken"),
        ("a.docx", bomb("word/document.xml"), "unpacks to more than"),
        ("a.epub", bomb("a.xhtml", 30 << 20), "packed more than"),
        ("a.docx", lying_bomb(), "broken"),
        ("a.epub", files.zipped({"mimetype": "application/epub+zip"}), "broken"),
        ("a.html", b"<html><body><nav><a href='/'>Home</a></nav></body></html>", "no article"),
        ("a.csv", b"one,two\n1,2\n", "no column is named text"),
        ("a.csv", b"", "empty"),
        ("a.jsonl", b"", "empty"),
    ],
)  # fmt: skip
def test_a_bad_file_is_refused_in_clear_words(name: str, data: bytes, words: str) -> None:
    assert words in reason(data, name)


def test_a_file_that_takes_too_long_is_given_up() -> None:
    page = b"<html><body><article>" + b"<p>The bridge is open. " * 100_000
    with pytest.raises(
        SourceError, match=r"^a\.html: it takes longer than 0\.05 seconds to read; save it in a simpler"
    ):
        read(page, "a.html", seconds=0.05)
    assert only(files.pdf(["The bridge is open."]), "a.pdf").text == "The bridge is open."


def test_dashes_far_apart_are_no_front_matter() -> None:
    text = "---\n" + "[" * 60_000 + "\n---\nwords"
    assert split_head(text) == ({}, text)


def test_every_suffix_has_a_limit() -> None:
    assert all(1 << 20 < limit <= 100 << 20 for limit in MAX_BYTES.values())


# --- text at the door -----------------------------------------------------------------------------


@given(st.text())
def test_stored_text_can_be_written_and_stays_as_it_is(text: str) -> None:
    stored = normalise(text)
    assert normalise(stored) == stored
    assert "\r" not in stored and "\x00" not in stored
    stored.encode()


# --- copies ---------------------------------------------------------------------------------------

WIRE = " ".join(ENGLISH.paragraphs) * 4


@pytest.mark.parametrize(
    ("texts", "firsts"),
    [
        ([], ()),
        (["", ""], (0, 1)),
        ([WIRE, WIRE], (0, 0)),
        ([WIRE, f"HARBOUR (Agency) - {WIRE}\n\nEditing by A. Quill"], (0, 0)),
        ([WIRE, WIRE.replace("$600 million", "$610 million", 1)], (0, 0)),
        ([WIRE, WIRE[: len(WIRE) // 2]], (0, 1)),
        ([WIRE, CHINESE.text, WIRE], (0, 1, 0)),
        (["大橋由建築師設計，造價六億美元。", "大桥由建筑师设计，造价六亿美元。"], (0, 0)),
    ],
)
def test_copies_of_one_report_are_one_source(texts: list[str], firsts: tuple[int, ...]) -> None:
    if texts == [WIRE, WIRE[: len(WIRE) // 2]]:  # half of a repeated text has the same runs; make it half in truth
        texts = [ENGLISH.text, ENGLISH.paragraphs[0]]
    assert copies(texts, [sketch(text) for text in texts]) == firsts


# --- mangled files --------------------------------------------------------------------------------


@given(st.randoms(use_true_random=False))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_mangled_file_is_read_or_skipped_with_its_reason(tmp_path: Path, chance: random.Random) -> None:
    fuzz_readers.trial(tmp_path, chance)
