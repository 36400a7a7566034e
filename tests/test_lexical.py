from __future__ import annotations

import math
from collections import Counter
from random import Random
from typing import TypeAlias

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.lexical import K1, B, LexicalIndex, hashes

ROWS = [
    Counter(bridge=2, opens=1),
    Counter(ferry=1, stops=1, river=3),
    Counter(bridge=1, river=1, fog=1, night=1),
    Counter[str](),
]
INDEX = LexicalIndex.build(ROWS)


Terms: TypeAlias = list[tuple[tuple[str, ...], float, float]]


def by_hand(rows: list[Counter[str]], terms: Terms) -> list[float]:
    """The formula, a row and a term at a time."""
    lengths = [sum(row.values()) for row in rows]
    mean = sum(lengths) / len(rows)
    scores = []
    for row, length in zip(rows, lengths, strict=True):
        score = 0.0
        for spellings, weight, _ in terms:
            holding = sum(any(word in other for word in spellings) for other in rows)
            idf = math.log(1 + (len(rows) - holding + 0.5) / (holding + 0.5))
            count = sum(row[word] for word in spellings)
            score += weight * idf * (K1 + 1) * count / (count + K1 * (1 - B + B * length / (mean or 1)))
        scores.append(score)
    return scores


@pytest.mark.parametrize(
    "terms",
    [
        pytest.param([], id="no term"),
        pytest.param([(("bridge",), 1.0, 1.0)], id="one term"),
        pytest.param([(("bridge",), 1.0, 1.0), (("river",), 1.0, 1.0)], id="two terms"),
        pytest.param([(("bridge", "ferry"), 1.0, 1.0)], id="synonyms count together"),
        pytest.param([(("bridge", "river"), 1.0, 1.0)], id="synonyms in one row add up"),
        pytest.param(
            [(("bridge",), 0.2, 1.0), (("fog", "night", "moon"), 2.0, 1.0)],
            id="weights, and a spelling that no row has",
        ),
        pytest.param([(("moon",), 1.0, 1.0)], id="a term that no row has"),
    ],
)
def test_scores_are_bm25_by_the_formula(terms: Terms) -> None:
    np.testing.assert_allclose(INDEX.score(terms).scores, by_hand(ROWS, terms), rtol=1e-5)


def test_a_score_computed_on_paper() -> None:
    # "ferry" is in 1 of 4 rows: idf = ln(1 + 3.5 / 1.5); its row has 5 of 3 words on average
    # (3 + 5 + 4 + 0) / 4 = 3: norm = .6 * (.25 + .75 * 5 / 3) = .9
    score = INDEX.score([(("ferry",), 1.0, 1.0)]).scores[1]
    assert score == pytest.approx(math.log(1 + 3.5 / 1.5) * 1.6 / 1.9)


words = st.sampled_from("abcdefgh")
rows = st.lists(st.dictionaries(words, st.integers(1, 5), max_size=5).map(Counter), min_size=1, max_size=8)
questions = st.lists(
    st.tuples(
        st.lists(words, min_size=1, max_size=3, unique=True).map(tuple),
        st.sampled_from([0.0, 0.2, 1.0]),
        st.sampled_from([0.0, 0.2, 1.0]),
    ),
    max_size=4,
)


@given(rows, questions)
def test_scores_are_bm25_on_generated_rows(found: list[Counter[str]], terms: Terms) -> None:
    scored = LexicalIndex.build(found).score(terms)
    np.testing.assert_allclose(scored.scores, by_hand(found, terms), rtol=1e-4, atol=1e-6)


@given(rows, questions)
def test_coverage_is_a_share(found: list[Counter[str]], terms: Terms) -> None:
    coverage = LexicalIndex.build(found).score(terms).coverage
    assert ((coverage >= 0) & (coverage <= 1.00001)).all()


def test_coverage_is_whole_where_every_term_stands() -> None:
    coverage = INDEX.score([(("bridge",), 1.0, 1.0), (("fog",), 1.0, 1.0)]).coverage
    assert coverage[2] == pytest.approx(1)
    assert 0 < coverage[0] < 1
    assert coverage[1] == coverage[3] == 0


def test_a_rarer_term_weighs_more() -> None:
    rare, common = (INDEX.score([((term,), 1.0, 1.0)]).scores[2] for term in ("fog", "bridge"))
    assert rare > common > 0


def test_a_term_that_no_row_holds_lowers_the_coverage() -> None:
    alone, along = (INDEX.score([(("fog",), 1.0, 1.0), *more]).coverage[2] for more in ([], [(("moon",), 1.0, 1.0)]))
    assert alone == pytest.approx(1)
    assert 0 < along < alone


def test_a_term_without_a_share_is_left_out_of_the_coverage() -> None:
    scored = INDEX.score([(("fog",), 1.0, 1.0), (("bridge",), 1.0, 0.0)])
    assert scored.coverage.tolist() == pytest.approx([0, 0, 1, 0])
    assert scored.scores[0] > 0


def test_a_term_without_spellings_stands_nowhere() -> None:
    assert INDEX.score([((), 1.0, 1.0)]).scores.tolist() == [0, 0, 0, 0]


@pytest.mark.parametrize(("term", "known"), [("bridge", True), ("moon", False), ("", False)])
def test_membership_is_by_term(term: str, known: bool) -> None:
    assert (term in INDEX) == known


@pytest.mark.parametrize("found", [[], [Counter[str]()]], ids=["no rows", "a row without terms"])
def test_an_empty_index_scores_nothing(found: list[Counter[str]]) -> None:
    scored = LexicalIndex.build(found).score([(("bridge",), 1.0, 1.0)])
    assert scored.scores.tolist() == [0.0] * len(found)
    assert len(LexicalIndex.build(found)) == len(found)


def test_the_arrays_are_the_index() -> None:
    again = LexicalIndex.of(INDEX.arrays())
    terms = [(("bridge", "ferry"), 1.0, 1.0), (("river",), 0.5, 1.0)]
    assert again.score(terms).scores.tolist() == INDEX.score(terms).scores.tolist()


def test_the_order_in_which_words_were_met_changes_nothing() -> None:
    turned = LexicalIndex.build([Counter(dict(reversed(row.items()))) for row in ROWS])
    for name, array in INDEX.arrays().items():
        np.testing.assert_array_equal(array, turned.arrays()[name])


def same(one: LexicalIndex, other: LexicalIndex) -> bool:
    return all(
        a.dtype == b.dtype and np.array_equal(a, b)
        for a, b in zip(one.arrays().values(), other.arrays().values(), strict=True)
    )


counters = st.dictionaries(st.sampled_from("abcdefgh"), st.integers(1, 300), max_size=5).map(Counter)


@given(st.lists(counters, max_size=8), st.lists(counters, max_size=4), st.randoms())
def test_rows_of_two_indexes_join_as_if_built_together(
    old: list[Counter[str]], new: list[Counter[str]], luck: Random
) -> None:
    kept = [row for row in range(len(old)) if luck.random() < 0.7]
    total = len(kept) + len(new)
    mine = luck.sample(range(total), len(kept))
    if luck.random() < 0.5:  # else in another order, as after a renaming
        mine.sort()
    theirs = [row for row in range(total) if row not in mine]
    places = np.full(len(old), -1, np.int64)
    places[kept] = mine
    together: list[Counter[str]] = [Counter()] * total
    for place, row in zip(mine, kept, strict=True):
        together[place] = old[row]
    for place, counts in zip(theirs, new, strict=True):
        together[place] = counts
    joined = LexicalIndex.build(old).joined(places, LexicalIndex.build(new), np.array(theirs, np.int64))
    assert same(joined, LexicalIndex.build(together))


@given(st.lists(counters, min_size=1, max_size=8), st.randoms())
def test_some_rows_score_as_they_do_among_all(rows: list[Counter[str]], luck: Random) -> None:
    index = LexicalIndex.build(rows)
    chosen = np.array(luck.sample(range(len(rows)), luck.randint(0, len(rows))), np.int64)
    terms: Terms = [(("a", "b"), 1.0, 1.0), (("c",), 0.5, 0.0), (("d", "e", "f"), 2.0, 1.0)]
    every, some = index.score(terms), index.score(terms, chosen)
    np.testing.assert_array_equal(some.scores, every.scores[chosen])
    np.testing.assert_array_equal(some.coverage, every.coverage[chosen])


def test_terms_that_stand_in_a_row_are_told_from_others() -> None:
    assert INDEX.holds(hashes(["fog", "moon", "ferry"])).tolist() == [True, False, True]


def test_terms_of_only_one_of_two_indexes_are_told() -> None:
    one = LexicalIndex.build([Counter("abc"), Counter("cd")])
    other = LexicalIndex.build([Counter("bde")])
    assert set(one.differing(other).tolist()) == set(hashes(["a", "c", "e"]).tolist())
    assert set(other.differing(one).tolist()) == set(one.differing(other).tolist())
    assert not len(one.differing(LexicalIndex.build([Counter("dcba")])))
    empty, blank = LexicalIndex.build([]), LexicalIndex.build([Counter()])
    assert not len(empty.differing(blank)) and len(blank.differing(one)) == 4
