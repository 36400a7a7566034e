"""An error is told on a page in the language of the interface, without what only the server's terminal should say."""

import re
from collections.abc import Iterator

import pytest

from qa import errors
from qa.errors import FileError, QAError, QuestionError
from qa.records import Script
from qa.web.faults import KINDS, in_words
from qa.web.words import LANGUAGES

CHINESE: tuple[Script, ...] = ("zh-Hant", "zh-Hans")


@pytest.mark.parametrize(
    "text",
    [
        "q.csv: no column 'question'; the columns are: a, b. Name the one with the questions with --column",
        "q.xlsx: not an .xlsx workbook, or a damaged one; open it in a spreadsheet program and save it again",
        "q.xlsx: cannot be opened, it is locked by a password; save it without one",
        "q.csv, line 3: a quotation mark is opened and never closed; mend the file",
        "q.csv: cannot be written (No space left on device); 7 rows are kept in q.csv.part; make room, then go on",
        "it and those below are beyond the first 50,000 rows; split the file",
        "a part of it unpacks to more than 60 MB; this is no article",
        "a.md: the file has no text",
        "a.pdf: cannot be read (Permission denied)",
        "no article could be read in corpus (a.md: the file is empty); put .txt, .md files in it",
    ],
)
def test_sentences_that_are_put_together_elsewhere_have_theirs(text: str) -> None:
    for language in CHINESE:
        told = in_words(FileError(text), language)
        assert not re.search(r"[A-Za-z]{3,}(?: [a-z]{2,}){2}", told), told


def kinds(kind: type[QAError] = QAError) -> Iterator[type[QAError]]:
    yield kind
    for each in kind.__subclasses__():
        yield from kinds(each)


@pytest.mark.parametrize("kind", [each for each in kinds() if each.__module__ == "qa.errors"])
def test_every_kind_of_error_can_be_told_whatever_it_says(kind: type[QAError]) -> None:
    assert in_words(kind("nobody foresaw this"), "en") == "nobody foresaw this"
    assert [in_words(kind("nobody foresaw this"), language) for language in CHINESE] == list(KINDS[kind][1:])


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", "q.csv: no column 'question'; the columns are: 甲, 乙. Name the one with the questions 'question'"),
        ("zh-Hant", "q.csv：找不到「question」欄；現有的欄是：甲, 乙。請把問題所在的欄命名為「問題」"),
        ("zh-Hans", "q.csv：找不到“question”列；现有的列是：甲, 乙。请把问题所在的列命名为“问题”"),
    ],
)
def test_the_particulars_stay(language: Script, told: str) -> None:
    text = "q.csv: no column 'question'; the columns are: 甲, 乙. Name the one with the questions with --column"
    assert in_words(FileError(text), language) == told


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_folders_of_the_server_are_not_told(language: Script) -> None:
    told = in_words(
        errors.CorpusError("the corpus folder /home/rosa/news/corpus cannot be read (Permission denied)"), language
    )
    assert "corpus" in told and "home" not in told and "rosa" not in told


def test_options_of_the_command_line_are_not_named_to_a_reader() -> None:
    error = QuestionError("--since 2025-02-02 is after --until 2025-01-01; swap them")
    assert in_words(error, "en") == "since 2025-02-02 is after until 2025-01-01; swap them"
    assert in_words(error, "zh-Hant") == "起始日期 2025-02-02 晚於結束日期 2025-01-01，請對調"
