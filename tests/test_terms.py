from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from strategies import texts

from qa.dictionary import Bridge, bridge
from qa.lexical import LexicalIndex
from qa.names import Group, Names
from qa.records import Language
from qa.terms import (
    Term,
    entries_used,
    gloss,
    index_terms,
    located,
    missing_names,
    question_terms,
    use_same_entries,
)

NAMES = Names(
    [
        Group("Karin Lindqvist", "person", ("Karin Lindqvist", "Lindqvist", "林奎斯特", "林德奎斯特"), "mined"),
        Group("Boris Veil", "person", ("Boris Veil", "維爾"), "shipped"),
        Group("missile", "term", ("missile", "飛彈", "導彈"), "shipped"),
    ]
)
ENGLISH = "Lindqvist designed the bridge for 600,000 crowns. The hospital is older."
CHINESE = "林奎斯特設計的橋花了60萬克朗，醫院更老。"


@pytest.fixture(scope="module")
def words() -> Bridge:
    found = index_terms(ENGLISH, NAMES) + index_terms(CHINESE, NAMES)
    return bridge(*entries_used([LexicalIndex.build([found])]))


@pytest.mark.parametrize(
    ("more", "same"), [("", True), ("Qwxyzt Zqqvwk.", True), ("A hippopotamus swam.", False), ("河馬", False)]
)
def test_a_text_without_new_words_of_the_dictionary_leaves_the_bridge_as_it_is(more: str, same: bool) -> None:
    before, now = (
        [LexicalIndex.build([index_terms(text, NAMES)]) for text in (ENGLISH + added, CHINESE)] for added in ("", more)
    )
    assert use_same_entries(before, now) is same
    assert (bridge(*entries_used(before)) == bridge(*entries_used(now))) is same


def asked(question: str, language: Language, words: Bridge) -> tuple[Term, ...]:
    return question_terms(question, language, NAMES, words)


def hits(question: str, text: str, language: Language, words: Bridge) -> set[str]:
    """Return the words of the question that stand in the text in whatever form."""
    told = index_terms(text, NAMES)
    return {
        question[term.start : term.end]
        for term in asked(question, language, words)
        if any(key in told for key in term.keys)
    }


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("林奎斯特來了", "林德奎斯特來了", id="two spellings of a name"),
        pytest.param("飛彈", "导弹", id="two words for a thing, two scripts"),
        pytest.param("花了60萬", "花了60万", id="numbers"),
        pytest.param("設計", "设计", id="scripts"),
    ],
)
def test_spellings_are_the_same_index_terms(one: str, other: str) -> None:
    def marks(text: str) -> set[str]:
        return {key for key in index_terms(text, NAMES) if len(key) > 1}

    assert marks(one) == marks(other)


@pytest.mark.parametrize(
    ("question", "text", "language", "expected"),
    [
        pytest.param(
            "Did Lindqvist design a bridge?", ENGLISH, "en", {"Lindqvist", "design", "bridge"}, id="english in english"
        ),
        pytest.param(
            "林德奎斯特設計了什麼？",
            CHINESE,
            "zh",
            {"林德奎斯特", "設計"},
            id="chinese in chinese, by another spelling",
        ),
        pytest.param("林奎斯特的醫院", ENGLISH, "en", {"林奎斯特", "醫院"}, id="chinese in english"),
        pytest.param("Lindqvist and the hospital", CHINESE, "zh", {"Lindqvist", "hospital"}, id="english in chinese"),
        pytest.param("Was it 600 thousand?", CHINESE, "zh", {"600 thousand"}, id="a number across languages"),
        pytest.param("花了六十萬嗎？", ENGLISH, "en", {"六十萬"}, id="a number back"),
    ],
)
def test_a_question_meets_a_text(
    question: str, text: str, language: Language, expected: set[str], words: Bridge
) -> None:
    assert expected <= hits(question, text, language, words)


def test_grammar_is_no_term(words: Bridge) -> None:
    question = "Who was the one that designed it?"
    asked_words = {question[term.start : term.end] for term in asked(question, "en", words)}
    assert not asked_words & {"Who", "was", "the", "that", "it"}


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("question", ["", "？", "the of and"], ids=["nothing", "a mark", "grammar"])
def test_a_question_without_content_has_no_terms(question: str, language: Language, words: Bridge) -> None:
    assert asked(question, language, words) == ()


@pytest.mark.parametrize(
    ("question", "missing"),
    [
        pytest.param("Who is Lindqvist?", (), id="a name the corpus has"),
        pytest.param("林德奎斯特是誰？", (), id="under another spelling"),
        pytest.param("Who is Boris Veil?", ("Boris Veil",), id="a known name it never mentions"),
        pytest.param("維爾是誰？", ("維爾",), id="the same in chinese"),
        pytest.param("What did Xanthippe say?", ("Xanthippe",), id="a name nobody knows"),
        pytest.param("Where is the hospital?", (), id="no name"),
        pytest.param("飛彈在哪裡？", (), id="an everyday term is no name"),
    ],
)
def test_names_that_the_corpus_never_mentions(question: str, missing: tuple[str, ...], words: Bridge) -> None:
    index = LexicalIndex.build([index_terms(ENGLISH, NAMES), index_terms(CHINESE, NAMES)])
    assert missing_names(question, [index], NAMES, words) == missing


def test_a_term_is_located_in_the_text(words: Bridge) -> None:
    terms = asked("Did Lindqvist design the hospital?", "zh", words)
    found = {term.keys[0]: span.of(CHINESE) for term, span in located(CHINESE, terms, NAMES)}
    assert {"林奎斯特", "設計", "醫院"} <= set(found.values())


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        pytest.param("弗雷斯諾的醫院在哪裡？", "弗雷斯诺 hospital ？", id="an unknown name stays"),
        pytest.param("林奎斯特設計了2座橋", "Karin Lindqvist design 2 seat bridge", id="names, words and figures"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_a_gloss_is_a_question_word_by_word(question: str, expected: str, words: Bridge) -> None:
    assert gloss(question, NAMES, words) == expected


def test_a_gloss_is_the_same_of_both_scripts(words: Bridge) -> None:
    assert gloss("聖胡安號的維爾說什麼", NAMES, words) == gloss("圣胡安号的维尔说什么", NAMES, words)


@pytest.mark.parametrize(
    ("question", "text", "found"),
    [
        pytest.param("弗雷斯諾在哪裡？", "The road to Fresno is closed.", {"Fresno"}, id="a name that no table has"),
        pytest.param("在弗雷斯諾修橋", "A bridge in Fresno", {"Fresno"}, id="beside other words"),
        pytest.param("弗雷斯諾在哪裡？", "The road to Boston is closed.", set(), id="another name"),
    ],
)
def test_a_name_is_found_by_its_sound(question: str, text: str, found: set[str], words: Bridge) -> None:
    terms = tuple(term for term in asked(question, "en", words) if term.way == "sound")
    assert {span.of(text) for _, span in located(text, terms, NAMES)} == found


def in_bounds(text: str, terms: Sequence[Term]) -> bool:
    return all(0 <= term.start < term.end <= len(text) for term in terms)


@given(text=texts)
def test_terms_never_fail_and_stay_inside(text: str) -> None:
    index_terms(text, NAMES)
    assert in_bounds(text, question_terms(text, "en", NAMES, Bridge()))
    assert in_bounds(text, question_terms(text, "zh", NAMES, Bridge()))


@given(text=texts, other=texts)
def test_places_lie_in_the_text(text: str, other: str) -> None:
    terms = question_terms(text, "zh", NAMES, Bridge())
    assert all(0 <= span.start < span.end <= len(other) for _, span in located(other, terms, NAMES))
