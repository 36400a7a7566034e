from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import texts

from qa.records import Span
from qa.sentences import split, split_long


@pytest.mark.parametrize(
    "parts",
    [
        pytest.param(["他走了。", "她留下。"], id="chinese"),
        pytest.param(["真的嗎？", "真的！", "好。"], id="question and exclamation"),
        pytest.param(["他說：「好。」", "然後離開。"], id="closing quotation mark"),
        pytest.param(["他說：「好。我明天來。」", "然後離開。"], id="two sentences in one quotation"),
        pytest.param(["他走了（沒人知道。）", "她留下。"], id="full stop inside a bracket"),
        pytest.param(["甲方同意；乙方拒絕。"], id="chinese semicolon"),
        pytest.param(["He left. ", "She stayed."], id="english"),
        pytest.param(["Mr. Tusk left. ", "Dr. Lee and Gen. Gale stayed."], id="titles"),
        pytest.param(["The U.S. sent 1.5 million. ", "It helped."], id="initials and decimals"),
        pytest.param(["J. K. Rowling wrote it. ", "We read it."], id="single initials"),
        pytest.param(["It closed at 5 p.m. and opened at 8."], id="lower case follows"),
        pytest.param(["It began in 2022. ", "Then it ended."], id="a year ends a sentence"),
        pytest.param(["1. Ukraine is sovereign. ", "It stays so."], id="a list number"),
        pytest.param(["“It works.” ", "He smiled."], id="english quotation"),
        pytest.param(["Why?! ", "Because."], id="two marks"),
        pytest.param(["He left. ", "他走了。", "She stayed."], id="both languages"),
        pytest.param(["沒有句號的一行"], id="no stop"),
    ],
)
def test_split_into_sentences(parts: list[str]) -> None:
    text = "".join(parts)
    assert [span.of(text) for span in split(text)] == parts


def test_semicolons_come_apart_on_request() -> None:
    text = "甲方同意；乙方拒絕。"
    assert [span.of(text) for span in split(text, semicolons=True)] == ["甲方同意；", "乙方拒絕。"]


def test_nothing_has_no_sentences() -> None:
    assert split("") == ()


def test_a_mark_that_never_closes_swallows_one_stretch_only() -> None:
    text = "「他說。" + "然後走了。" * 100
    assert len(split(text)) == 101


def test_split_of_a_part_speaks_of_the_whole_text() -> None:
    text = "前文。他走了。她留下。"
    assert [span.of(text) for span in split(text, Span(3, len(text)))] == ["他走了。", "她留下。"]


@given(texts, st.booleans())
def test_sentences_partition_the_text(text: str, semicolons: bool) -> None:
    spans = split(text, semicolons=semicolons)
    assert "".join(span.of(text) for span in spans) == text
    assert all(one.end == other.start for one, other in pairwise(spans))
    assert all(span.start < span.end for span in spans)


@given(texts, st.data())
def test_sentences_partition_any_stretch(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    span = Span(start, data.draw(st.integers(start, len(text))))
    assert "".join(part.of(text) for part in split(text, span)) == span.of(text)


@given(texts, st.integers(1, 40))
def test_long_stretches_are_cut_within_the_limit(text: str, limit: int) -> None:
    spans = split_long(text, Span(0, len(text)), limit)
    assert "".join(span.of(text) for span in spans) == text
    assert all(span.end - span.start <= limit for span in spans)


@pytest.mark.parametrize(
    ("text", "limit", "parts"),
    [
        pytest.param("甲乙，丙丁，戊己", 6, ["甲乙，丙丁，", "戊己"], id="at a comma"),
        pytest.param("甲乙丙丁戊己", 4, ["甲乙丙丁", "戊己"], id="where it must be"),
        pytest.param("one two three", 9, ["one two ", "three"], id="at a space"),
        pytest.param("短", 9, ["短"], id="short enough"),
    ],
)
def test_long_stretches_are_cut_at_their_marks(text: str, limit: int, parts: list[str]) -> None:
    assert [span.of(text) for span in split_long(text, Span(0, len(text)), limit)] == parts
