"""Every error that can reach a reader has its Chinese."""

import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from qa import errors
from qa.faults import FAULTS, tell, translated
from qa.records import Script
from qa.web.faults import KINDS, in_words

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


def test_a_sentence_that_is_not_known_stays() -> None:
    assert tell("q.csv: nobody foresaw this", "zh-Hant") == "q.csv: nobody foresaw this"
    assert tell("q.csv: the file is empty", "en") == "q.csv: the file is empty"
    assert tell("q.csv: the file is empty", "zh-Hans") == "q.csv：文件是空的"
