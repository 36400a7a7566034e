from __future__ import annotations

import pytest
from hypothesis import given
from strategies import texts

from qa.folding import fold, simplified_of, simplify, traditional_of


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        pytest.param("", "", id="nothing"),
        pytest.param("烏克蘭總統", "乌克兰总统", id="traditional"),
        pytest.param("乌克兰总统", "乌克兰总统", id="simplified stays"),
        pytest.param("\uff2e\uff21\uff34\uff2f２０２５", "nato2025", id="full width"),
        pytest.param("，：！？（）", ",:!?()", id="full-width marks"),
        pytest.param("。、「」", "。、「」", id="marks without a half width stay"),
        pytest.param("Marco RUBIO", "marco rubio", id="case"),
        pytest.param("ÉCOLE Čapek", "école čapek", id="accented case"),
        pytest.param("Ukraine’s", "ukraine's", id="curly apostrophe"),
        pytest.param("甲\u3000乙\u00a0丙", "甲 乙 丙", id="wide and hard spaces"),
        pytest.param("札波羅熱核電廠", "札波罗热核电厂", id="place"),
        pytest.param("𠮷🙂", "𠮷🙂", id="beyond the basic plane"),
    ],
)
def test_fold_gives_one_spelling(text: str, folded: str) -> None:
    assert fold(text) == folded


@pytest.mark.parametrize("text", ["İstanbul", "ﬁve", "ẞ", "㍿", "Ⅷ"])
def test_fold_keeps_the_length_where_lower_case_would_not(text: str) -> None:
    assert len(fold(text)) == len(text)


@given(texts)
def test_fold_keeps_the_length(text: str) -> None:
    assert len(fold(text)) == len(text)


@given(texts)
def test_fold_of_a_fold_is_itself(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(texts, texts)
def test_fold_works_character_by_character(one: str, other: str) -> None:
    assert fold(one + other) == fold(one) + fold(other)


@given(texts)
def test_simplify_keeps_the_length_and_settles(text: str) -> None:
    once = simplify(text)
    assert len(once) == len(text)
    assert simplify(once) == once


def test_simplify_changes_nothing_but_script() -> None:
    assert simplify("\uff2e\uff21\uff34\uff2f，Marco 說") == "\uff2e\uff21\uff34\uff2f，Marco 说"


@pytest.mark.parametrize("table", [simplified_of, traditional_of], ids=["simplified_of", "traditional_of"])
def test_tables_hold_only_single_characters_that_change(table: object) -> None:
    pairs = table()  # type: ignore[operator]  # both are functions of nothing
    assert len(pairs) > 2000
    assert all(len(before) == len(after) == 1 and before != after for before, after in pairs.items())


def test_a_simplified_form_is_never_simplified_further() -> None:
    assert not set(simplified_of().values()) & simplified_of().keys()
    assert fold("薴") == fold("苧") == "苎"
