"""Every error that can reach a reader of the web app is told in the language of the interface."""

import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from qa import errors
from qa.errors import FileError, QAError, QuestionError
from qa.records import Script
from qa.web.faults import FAULTS, KINDS, in_words, translated
from qa.web.words import LANGUAGES

HOME = Path(errors.__file__).parent
CHINESE: tuple[Script, ...] = ("zh-Hant", "zh-Hans")
HAN = re.compile(r"[\u4e00-\u9fff]")
# Where what a reader can meet is said: files of questions, their answers, the articles, the page itself.
MODULES = """archives assistant batch build cells corpus dates decoding documents heads holdings names options pages
    readers rows tables workbook web/api web/batches web/desk web/feedback
    web/limits web/tabs""".split()
TOLD_BY_KIND = {"StoreError", "ModelError", "IndexMissing", "IndexDamaged", "IndexOutdated", "IndexBusy"}
ONLY_ON_THE_COMMAND_LINE = ("answers are written to", "there is no folder", "would overwrite the questions")


def raised() -> Iterator[tuple[str, str]]:
    """Yield where each sentence of an error is, and the sentence with a sample for every value."""
    for name in MODULES:
        for node in ast.walk(ast.parse((HOME / f"{name}.py").read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
                told = node.func.id
                if told in {"Refused", "Line", "Skipped"} or (told.endswith("Error") and told not in TOLD_BY_KIND):
                    yield from ((f"{name}.py:{node.lineno}", text) for text in sentences(node.args[-1]))
            if isinstance(node, ast.Yield) and isinstance(node.value, ast.Tuple) and name == "corpus":
                yield from ((f"{name}.py:{node.lineno}", text) for text in sentences(node.value.elts[-1]))


def sentences(node: ast.expr) -> Iterator[str]:
    """Yield the sentences that an argument can be; one that only joins others is none."""
    if isinstance(node, ast.IfExp):
        yield from (*sentences(node.body), *sentences(node.orelse))
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        parts = [
            str(part.value)
            if isinstance(part, ast.Constant)
            else "'7'"
            if getattr(part, "conversion", 0) == 114
            else "7"
            for part in node.values
        ]
        if any(isinstance(part, ast.Constant) and re.search("[a-z]{2}", str(part.value)) for part in node.values):
            yield "".join(parts)


SENTENCES = sorted(
    {each for each in raised() if each[1] and not any(word in each[1] for word in ONLY_ON_THE_COMMAND_LINE)}
)


@pytest.mark.parametrize(("place", "sentence"), SENTENCES, ids=[place for place, _ in SENTENCES])
def test_every_sentence_of_the_library_has_its_chinese(place: str, sentence: str) -> None:
    told = in_words(sentence, "en")  # as a page says it
    for language in CHINESE:
        assert HAN.search(translated(told, language) or ""), f"qa/web/faults.py has no Chinese for {told!r}"


def test_there_are_sentences_to_look_at() -> None:
    assert len(SENTENCES) > 60


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


@pytest.mark.parametrize("row", [*FAULTS, *KINDS.values()], ids=lambda row: row[0][:40])
def test_a_sentence_uses_only_values_that_it_has_and_does_not_mix_scripts(row: tuple[str, str, str]) -> None:
    from qa.folding import simplified_of, traditional_of

    english, traditional, simplified = (
        {name for _, name, _, _ in string.Formatter().parse(words) if name} for words in row
    )
    assert traditional == simplified and traditional <= english
    assert not [each for each in row[1] if each in traditional_of() and each not in simplified_of()
                and each not in "台里面只後后群干了"]  # fmt: skip
    assert not [each for each in row[2].replace("內文", "") if each in simplified_of()]


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
