from __future__ import annotations

import pytest
from hypothesis import given
from strategies import texts

from qa.folding import fold, simplify
from qa.tokens import SINGLE_WEIGHT, is_stop, stem, tokenize


def terms(text: str) -> list[str]:
    return [token.term for token in tokenize(text) if token.kind != "single"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", [], id="nothing"),
        pytest.param("和平計畫", ["和平", "平计", "计画"], id="overlapping pairs"),
        pytest.param("和平，計畫", ["和平", "计画"], id="no pair across a mark"),
        pytest.param("Negotiations continued", ["negoti", "continu"], id="stems"),
        pytest.param("Ukraine's army", ["ukrain", "armi"], id="possessive"),
        pytest.param("烏軍60萬", ["=600000", "乌军"], id="a number is its value"),
        pytest.param("600,000 soldiers", ["=600000", "soldier"], id="the same value in english"),
        pytest.param("11月27日", ["@11-27", "@27"], id="a date, and the day of it"),
        pytest.param("27 November", ["@11-27", "@27"], id="the same date in english"),
        pytest.param("50%", ["%50"], id="a share"),
        pytest.param("第19點", ["§19"], id="a clause"),
        pytest.param("point 19", ["§19"], id="the same clause in english"),
        pytest.param("G7 leaders", ["g7", "leader"], id="a name with a number"),
        pytest.param("Louis XIV", ["=14", "loui"], id="a roman numeral is its value"),
        pytest.param("Xi and I", ["xi", "and", "i"], id="no roman numeral"),
        pytest.param("NATO北約", ["nato", "北约"], id="both scripts at once"),
    ],
)
def test_terms_of_a_text(text: str, expected: list[str]) -> None:
    assert terms(text) == expected


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("烏克蘭總統", "乌克兰总统", id="scripts"),
        pytest.param("NATO", "\uff4e\uff41\uff54\uff4f", id="width and case"),
        pytest.param("60萬", "600 thousand", id="numbers"),
        pytest.param("negotiating", "negotiated", id="inflection"),
        pytest.param("withdraw, lose", "withdrawn, lost", id="irregular verbs"),
        pytest.param("第33屆", "第XXXIII屆", id="roman numerals"),
    ],
)
def test_spellings_of_one_word_are_one_term(one: str, other: str) -> None:
    assert terms(one) == terms(other)


def test_single_characters_count_little() -> None:
    singles = [token for token in tokenize("核電") if token.kind == "single"]
    assert [(token.term, token.weight) for token in singles] == [("核", SINGLE_WEIGHT), ("电", SINGLE_WEIGHT)]


@pytest.mark.parametrize(
    ("text", "content"),
    [
        pytest.param("Who will supervise the plant?", ["superv", "plant"], id="english"),
        pytest.param("什麼是", [], id="chinese"),
        pytest.param("誰的核電", ["核电"], id="a question word beside content"),
    ],
)
def test_grammar_is_no_content(text: str, content: list[str]) -> None:
    folded = fold(text)
    kept = [t.term for t in tokenize(text) if t.kind in ("word", "han") and not is_stop(t, folded)]
    assert [term for term in content if term not in kept] == []
    assert not {"who", "will", "the", "什么", "么是"} & set(kept)


def test_stem_of_a_possessive_is_that_of_the_word() -> None:
    assert stem("ukraine's") == stem("ukraine")


@given(texts)
def test_tokens_never_fail_and_stay_inside(text: str) -> None:
    assert all(0 <= token.start < token.end <= len(text) and token.term for token in tokenize(text))


@given(texts)
def test_tokens_are_those_of_the_simplified_text(text: str) -> None:
    assert tokenize(text) == tokenize(simplify(text))


@given(texts)
def test_pairs_and_singles_stand_in_the_folded_text(text: str) -> None:
    folded = fold(text)
    assert all(folded[t.start : t.end] == t.term for t in tokenize(text) if t.kind in ("han", "single"))
