from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from qa.dense import DenseIndex, centred, normalised
from qa.errors import IndexDamaged

WIDTH = 8


def unit_rows(seed: int, count: int) -> NDArray[np.float32]:
    rows = np.random.default_rng(seed).normal(size=(count, WIDTH)).astype(np.float32)
    return normalised(rows)


@given(st.integers(0, 1000), st.integers(1, 30), st.integers(1, 40))
def test_search_is_a_plain_product_in_order(seed: int, rows: int, count: int) -> None:
    vectors, question = unit_rows(seed, rows), unit_rows(seed + 1, 1)[0]
    product = vectors @ question
    order = np.lexsort((np.arange(rows), -product))[:count]
    found, scores = DenseIndex.build(vectors).search(question, count)
    assert found.tolist() == order.tolist()
    np.testing.assert_allclose(scores, product[order], atol=1e-6)


@given(st.integers(0, 1000), st.lists(st.integers(0, 19), max_size=30))
def test_scores_of_rows_are_their_products(seed: int, rows: list[int]) -> None:
    vectors, question = unit_rows(seed, 20), unit_rows(seed + 1, 1)[0]
    chosen = np.array(rows, np.int64)
    np.testing.assert_allclose(
        DenseIndex.build(vectors).scores(question, chosen), vectors[chosen] @ question, atol=1e-6
    )


def test_equal_vectors_come_in_order_of_their_rows() -> None:
    vectors = np.repeat(unit_rows(1, 1), 5, axis=0)
    found, _ = DenseIndex.build(vectors).search(vectors[0], 5)
    assert found.tolist() == [0, 1, 2, 3, 4]


def test_scores_of_all_rows_in_another_order_are_in_that_order() -> None:
    vectors = unit_rows(3, 4)
    rows = np.array([3, 1, 0, 2])
    np.testing.assert_allclose(
        DenseIndex.build(vectors).scores(vectors[0], rows), vectors[rows] @ vectors[0], atol=1e-6
    )


def test_an_empty_index_finds_nothing() -> None:
    empty = DenseIndex.build(np.empty((0, WIDTH), np.float32))
    rows, scores = empty.search(unit_rows(1, 1)[0], 5)
    assert (len(empty), len(rows), len(scores)) == (0, 0, 0)


def test_no_rows_have_no_scores() -> None:
    assert DenseIndex.build(unit_rows(1, 3)).scores(unit_rows(1, 1)[0], np.empty(0, np.int64)).tolist() == []


def test_an_index_comes_back_from_the_disk(tmp_path: Path) -> None:
    vectors = unit_rows(5, 9)
    DenseIndex.build(vectors).write(tmp_path / "a.faiss")
    again = DenseIndex.read(tmp_path / "a.faiss")
    np.testing.assert_array_equal(again.vectors(np.arange(9)), vectors)
    assert again.search(vectors[4], 3)[0][0] == 4


@pytest.mark.parametrize("data", [b"", b"no index", b"IxFI" + b"\x00" * 20], ids=["empty", "words", "cut short"])
def test_a_damaged_file_is_refused_by_name(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.faiss").write_bytes(data)
    with pytest.raises(IndexDamaged, match=r"a\.faiss"):
        DenseIndex.read(tmp_path / "a.faiss")


def test_normalised_rows_have_length_one() -> None:
    rows = np.array([[3, 4], [0, 2]], np.float32)
    np.testing.assert_allclose(normalised(rows), [[0.6, 0.8], [0, 1]], atol=1e-7)


def test_a_row_of_zeros_stays() -> None:
    assert normalised(np.zeros((1, 3), np.float32)).tolist() == [[0, 0, 0]]


def test_centring_takes_away_what_all_share() -> None:
    rows = np.array([[1, 1], [1, -1]], np.float32)
    np.testing.assert_allclose(centred(rows, rows.mean(0)), [[0, 1], [0, -1]], atol=1e-7)
