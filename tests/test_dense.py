from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from qa import blocks, dense
from qa.blocks import Blocks
from qa.dense import DenseIndex, centred, normalised
from qa.errors import IndexDamaged

WIDTH = 8


def unit_rows(seed: int, count: int, width: int = WIDTH) -> NDArray[np.float32]:
    rows = np.random.default_rng(seed).normal(size=(count, width)).astype(np.float32)
    return normalised(rows)


def raw_rows(seed: int, count: int, width: int = WIDTH) -> NDArray[np.float16]:
    return unit_rows(seed, count, width).astype(np.float16)


def products(raw: NDArray[np.float16], question: NDArray[np.float32]) -> NDArray[np.float32]:
    """What a search goes by, the plain way."""
    rows = raw.astype(np.float32)
    return np.asarray(centred(rows, rows.mean(0)) @ question)


@given(st.integers(0, 1000), st.integers(1, 30), st.integers(1, 40))
def test_search_is_a_plain_product_in_order(seed: int, rows: int, count: int) -> None:
    raw, question = raw_rows(seed, rows), unit_rows(seed + 1, 1)[0]
    product = products(raw, question)
    found, scores = DenseIndex.build(raw).search(question, count)
    np.testing.assert_allclose(scores, np.sort(product)[::-1][:count], atol=1e-5)
    np.testing.assert_allclose(scores, product[found], atol=1e-5)


@given(st.integers(0, 1000), st.lists(st.integers(0, 19), max_size=30))
def test_scores_of_rows_are_their_products(seed: int, rows: list[int]) -> None:
    raw, question = raw_rows(seed, 20), unit_rows(seed + 1, 1)[0]
    chosen = np.array(rows, np.int64)
    scores = DenseIndex.build(raw).scores(question, chosen)
    np.testing.assert_allclose(scores, products(raw, question)[chosen], atol=1e-5)


def test_equal_vectors_come_in_order_of_their_rows() -> None:
    raw = np.repeat(raw_rows(1, 1), 5, axis=0)
    found, _ = DenseIndex.build(raw).search(unit_rows(1, 1)[0], 5)
    assert found.tolist() == [0, 1, 2, 3, 4]


def test_scores_of_all_rows_in_another_order_are_in_that_order() -> None:
    raw, question = raw_rows(3, 4), unit_rows(4, 1)[0]
    rows = np.array([3, 1, 0, 2])
    scores = DenseIndex.build(raw).scores(question, rows)
    np.testing.assert_allclose(scores, products(raw, question)[rows], atol=1e-5)


def test_an_empty_index_finds_nothing() -> None:
    empty = DenseIndex.build(np.empty((0, WIDTH), np.float16))
    rows, scores = empty.search(unit_rows(1, 1)[0], 5)
    assert (len(empty), len(rows), len(scores)) == (0, 0, 0)


def test_no_rows_have_no_scores() -> None:
    assert DenseIndex.build(raw_rows(1, 3)).scores(unit_rows(1, 1)[0], np.empty(0, np.int64)).tolist() == []


@pytest.mark.parametrize("flat", [True, False], ids=["flat", "by bits"])
def test_an_index_comes_back_from_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, flat: bool) -> None:
    monkeypatch.setattr(dense, "FLAT", 9 if flat else 8)
    raw, question = raw_rows(5, 9), unit_rows(6, 1)[0]
    built = DenseIndex.build(raw)
    (tmp_path / "a.faiss").write_bytes(built.dump())
    again = DenseIndex.read(tmp_path / "a.faiss", built.raw, built.total, built.lengths)
    assert again.is_flat == flat
    np.testing.assert_array_equal(again.vectors(np.arange(9)), built.vectors(np.arange(9)))
    assert again.search(question, 3)[0].tolist() == built.search(question, 3)[0].tolist()


@pytest.mark.parametrize("flat", [True, False], ids=["flat", "by bits"])
@pytest.mark.parametrize("data", [b"", b"no index", b"IxFI" + b"\x00" * 20], ids=["empty", "words", "cut short"])
def test_a_damaged_file_is_refused_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, data: bytes, flat: bool
) -> None:
    monkeypatch.setattr(dense, "FLAT", 9 if flat else 8)
    (tmp_path / "a.faiss").write_bytes(data)
    with pytest.raises(IndexDamaged, match=r"a\.faiss"):
        DenseIndex.read(tmp_path / "a.faiss", Blocks.of([raw_rows(1, 9)]), np.zeros(WIDTH), np.ones(9, np.float32))


@pytest.mark.parametrize("flat", [True, False], ids=["flat", "by bits"])
def test_only_admitted_rows_are_found(monkeypatch: pytest.MonkeyPatch, flat: bool) -> None:
    monkeypatch.setattr(dense, "FLAT", 100 if flat else 10)
    raw, question = raw_rows(7, 60), unit_rows(8, 1)[0]
    admitted = np.arange(60) % 3 == 0
    found, _ = DenseIndex.build(raw).search(question, 30, admitted)
    best = np.argsort(np.where(admitted, -products(raw, question), np.inf))[:20]
    assert found.tolist() == best.tolist()


def test_a_search_by_bits_finds_what_a_flat_one_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    raw, questions = raw_rows(9, 3000, 384), unit_rows(10, 20, 384)
    exact = [set(DenseIndex.build(raw).search(question, 10)[0]) for question in questions]
    monkeypatch.setattr(dense, "FLAT", 1000)
    monkeypatch.setattr(dense, "_RESCORED", 300)
    by_bits = DenseIndex.build(raw)
    found = [set(by_bits.search(question, 10)[0]) for question in questions]
    assert np.mean([len(one & other) for one, other in zip(exact, found, strict=True)]) >= 9.5


def test_normalised_rows_have_length_one() -> None:
    rows = np.array([[3, 4], [0, 2]], np.float32)
    np.testing.assert_allclose(normalised(rows), [[0.6, 0.8], [0, 1]], atol=1e-7)


def test_a_row_of_zeros_stays() -> None:
    assert normalised(np.zeros((1, 3), np.float32)).tolist() == [[0, 0, 0]]


def test_centring_takes_away_what_all_share() -> None:
    rows = np.array([[1, 1], [1, -1]], np.float32)
    np.testing.assert_allclose(centred(rows, rows.mean(0)), [[0, 1], [0, -1]], atol=1e-7)


@pytest.mark.parametrize("flat", [True, False], ids=["flat", "by bits"])
def test_rows_at_hand_score_as_the_others_do(monkeypatch: pytest.MonkeyPatch, flat: bool) -> None:
    monkeypatch.setattr(dense, "FLAT", 100 if flat else 10)
    raw, question = raw_rows(11, 40), unit_rows(12, 1)[0]
    built = DenseIndex.build(raw)
    rows = np.array([39, 3, 0, 7, 20])
    held = built.holding(np.array([0, 7, 21]))
    np.testing.assert_allclose(held.scores(question, rows), built.scores(question, rows), atol=1e-5)


@pytest.mark.parametrize("spread", [1, 20], ids=["the mean stays", "the mean moves"])
@pytest.mark.parametrize("flat", [100, 35, 10], ids=["flat", "grown past flat", "by bits"])
def test_rows_that_join_an_index_make_the_one_built_of_all(
    monkeypatch: pytest.MonkeyPatch, flat: int, spread: int
) -> None:
    monkeypatch.setattr(dense, "FLAT", flat)
    monkeypatch.setattr(blocks, "_ONE_IN", 4)
    monkeypatch.setattr(blocks, "_LEAST", 2)
    monkeypatch.setattr(dense, "_GRID", spread)  # a coarse mean stays, a fine one moves with four rows of forty
    raw, fresh = raw_rows(13, 34), raw_rows(14, 4)
    places = np.delete(np.arange(36), [5, 11, 20, 35])
    places = np.insert(places, [3, 30], -1)  # two rows are left out
    joined = DenseIndex.build(raw).joined(places, DenseIndex.build(fresh), np.array([5, 11, 20, 35]))
    whole = np.empty((36, WIDTH), np.float16)
    whole[places[places >= 0]], whole[[5, 11, 20, 35]] = raw[places >= 0], fresh
    built = DenseIndex.build(whole)
    assert [len(part) for part in joined.raw.parts] == [len(part) for part in built.raw.parts]
    np.testing.assert_array_equal(np.concatenate(joined.raw.parts), np.concatenate(built.raw.parts))
    np.testing.assert_array_equal(joined.total, built.total)
    np.testing.assert_array_equal(joined.lengths, built.lengths)
    assert joined.dump() == built.dump()
