"""The shipped data: the table of names, the null questions, the starter corpus."""

from __future__ import annotations

import re
from collections import Counter
from importlib.resources import files
from itertools import chain
from pathlib import Path

import pytest
import yaml

from qa.folding import fold, simplify
from qa.language import HAN, language_of, script_of
from qa.names import shipped

ROOT = Path(__file__).parents[1]
STARTER = sorted((ROOT / "corpus").glob("*.md"))
PUBLISHED = ROOT.parent / "shared" / "articles"
KINDS = {"person", "country", "place", "organisation", "agreement", "weapon", "term"}
_BRACKETED_NAME = re.compile(r"[（(][A-Za-zÀ-ɏ .,’'\-–]+[）)]")


def table(name: str) -> list[list[str]]:
    text = files("qa").joinpath("data", name).read_text(encoding="utf-8")
    assert text.endswith("\n")
    return [line.split("\t") for line in text.splitlines() if not line.startswith("#")]


NAMES = table("names.tsv")
QUESTIONS = table("null_questions.tsv")


def spellings(row: list[str]) -> set[str]:
    return {fold(part) for cell in row[1:] for part in cell.split("|") if part}


def test_names_have_their_columns() -> None:
    assert NAMES[0] == ["kind", "latin", "tw", "hk", "cn"]
    assert [row for row in NAMES if len(row) != 5] == []


def test_there_are_at_least_400_groups() -> None:
    assert len(shipped()) >= 400


def test_every_kind_is_known() -> None:
    assert {row[0] for row in NAMES[1:]} <= KINDS


def test_every_group_has_two_spellings() -> None:
    assert [row for row in NAMES[1:] if len(spellings(row)) < 2] == []


def test_no_cell_is_padded_or_has_an_empty_part() -> None:
    cells = [cell for row in NAMES for cell in row if cell]
    assert [cell for cell in cells if any(part != part.strip() or not part for part in cell.split("|"))] == []


def test_the_mainlands_column_is_simplified() -> None:
    assert [row[4] for row in NAMES[1:] if simplify(row[4]) != row[4]] == []


def test_no_spelling_belongs_to_two_groups() -> None:
    counts = Counter(chain.from_iterable(spellings(row) for row in NAMES[1:]))
    assert [spelling for spelling, count in counts.items() if count > 1] == []


def test_a_cell_names_no_spelling_twice() -> None:
    assert [cell for row in NAMES for cell in row if len(set(cell.split("|"))) < len(cell.split("|"))] == []


def test_null_questions_have_their_columns() -> None:
    assert QUESTIONS[0] == ["en", "zh-Hant", "zh-Hans"]
    assert [row for row in QUESTIONS if len(row) != 3 or not all(row)] == []


@pytest.mark.parametrize("column", [0, 1, 2], ids=["en", "zh-Hant", "zh-Hans"])
def test_no_null_question_comes_twice(column: int) -> None:
    counts = Counter(fold(row[column]) for row in QUESTIONS[1:])
    assert [question for question, count in counts.items() if count > 1] == []


def test_null_questions_are_in_their_languages() -> None:
    told = [tuple(map(language_of, row)) for row in QUESTIONS[1:]]
    assert [row for row, languages in zip(QUESTIONS[1:], told, strict=True) if languages != ("en", "zh", "zh")] == []


def test_simplified_null_questions_are_simplified() -> None:
    assert [row[2] for row in QUESTIONS[1:] if simplify(row[2]) != row[2]] == []


def test_null_questions_end_in_question_marks() -> None:
    assert [row for row in QUESTIONS[1:] if not (row[0].endswith("?") and row[1][-1] == row[2][-1] == "？")] == []


def parts(path: Path) -> tuple[dict[str, object], str]:
    _, head, body = path.read_text(encoding="utf-8").split("---\n", 2)
    return yaml.safe_load(head), body


def test_there_are_seven_reports() -> None:
    assert len(STARTER) == 7


@pytest.mark.parametrize("path", STARTER, ids=lambda path: path.stem)
def test_a_report_has_its_front_matter(path: Path) -> None:
    head, body = parts(path)
    assert set(head) >= {"title", "date", "outlet", "language", "region", "sources"}
    assert head["outlet"] == "Starter corpus"
    assert path.name.startswith(str(head["date"]))
    assert head["language"] == script_of(body)
    assert head["sources"]


@pytest.mark.parametrize("path", STARTER, ids=lambda path: path.stem)
def test_a_report_is_of_an_articles_length(path: Path) -> None:
    head, body = parts(path)
    length, least, most = (len(body.split()), 500, 1200) if head["language"] == "en" else (len(body), 900, 2500)
    assert least <= length <= most


def runs(text: str) -> set[str]:
    """Return every run of 20 Chinese characters, and of 12 English words, names in brackets aside."""
    folded = fold(_BRACKETED_NAME.sub("", text))
    chinese = "".join(folded.split())
    words = re.findall(r"[a-z]+(?:'[a-z]+)?|[0-9][0-9,.]*", folded)
    han = {chinese[place : place + 20] for place in range(len(chinese) - 19)}
    english = {tuple(words[place : place + 12]) for place in range(len(words) - 11)}
    return {run for run in han if len(re.findall(f"[{HAN}]", run)) >= 10} | {
        " ".join(run) for run in english if sum(word.isalpha() for word in run) >= 6
    }


@pytest.mark.skipif(not PUBLISHED.is_dir(), reason="the published articles do not come with the package")
@pytest.mark.parametrize("path", STARTER, ids=lambda path: path.stem)
def test_no_sentence_of_the_published_articles_is_copied(path: Path) -> None:
    published = set().union(*(runs(source.read_text(encoding="utf-8")) for source in PUBLISHED.iterdir()))
    assert sorted(runs(parts(path)[1]) & published) == []
