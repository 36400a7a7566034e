from __future__ import annotations

import pytest

from qa.dictionary import bridge, phrases_in, words_in
from qa.tokens import stem


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("library", "图书馆"),
        ("bridge", "桥"),
        ("hospital", "医院"),
        ("constitution", "宪法"),
        ("prisoner of war", "战俘"),
    ],
)
def test_words_that_mean_the_same_are_joined_both_ways(english: str, chinese: str) -> None:
    phrase = " ".join(map(stem, english.split()))
    made = bridge([chinese], [phrase])
    assert chinese in made.to_chinese[phrase]
    assert phrase in made.to_english[chinese]


def test_only_what_the_corpus_uses_is_kept() -> None:
    made = bridge(["图书馆"], [stem("hospital")])
    assert {word for words in made.to_chinese.values() for word in words} == {"图书馆"}
    assert {phrase for phrases in made.to_english.values() for phrase in phrases} == {stem("hospital")}


def test_a_name_is_what_stands_before_its_explanation() -> None:
    assert bridge([], [stem("epicurus")]).to_english["伊壁鸠鲁"] == (stem("epicurus"),)


def test_every_headword_has_its_first_meaning() -> None:
    words = bridge([], []).words
    assert (words["图书馆"], words["撤军"]) == ("library", "withdraw troops")


def test_characters_of_foreign_names_have_their_sound() -> None:
    syllables = bridge([], []).syllables
    assert {"斯": "S", "森": "SN", "尔": "L"}.items() <= syllables.items()


def test_an_empty_corpus_has_an_empty_bridge() -> None:
    made = bridge([], [])
    assert not made.to_chinese
    assert not made.to_english


def test_the_bridge_does_not_depend_on_the_order_of_the_words() -> None:
    words, phrases = ["图书馆", "医院", "桥"], [stem("bridge"), stem("library")]
    one, other = bridge(words, phrases), bridge(words[::-1], phrases[::-1])
    assert list(one.to_chinese.items()) == list(other.to_chinese.items())
    assert list(one.to_english.items()) == list(other.to_english.items())


def test_headwords_in_a_text_may_overlap() -> None:
    found = list(words_in("图书馆长"))
    assert {("图书馆", 0), ("图书", 0), ("书", 1)} <= set(found)


def test_headwords_stand_where_they_are_said_to() -> None:
    text = "市图书馆公布四条新规"
    assert all(text.startswith(word, start) for word, start in words_in(text))


def test_phrases_of_a_row_of_stems() -> None:
    stems = [stem(word) for word in "the prisoners of war came home".split()]
    assert " ".join(map(stem, ["prisoner", "of", "war"])) in set(phrases_in(stems))


@pytest.mark.parametrize("stems", [[], ["bridg"]], ids=["no word", "one word"])
def test_one_word_is_no_phrase(stems: list[str]) -> None:
    assert list(phrases_in(stems)) == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("", [], id="nothing"),
        pytest.param("图书馆开门", [("图书馆", 0), ("开门", 3)], id="longest first"),
        pytest.param("x图书馆，医院", [("图书馆", 1), ("医院", 5)], id="what is no word is passed over"),
    ],
)
def test_a_text_is_cut_into_words(text: str, words: list[tuple[str, int]]) -> None:
    assert [found for found in bridge([], []).segment(text) if len(found[0]) > 1] == words
