from __future__ import annotations

from itertools import pairwise
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from qa import blocks
from qa.blocks import Blocks

WIDTH = 4


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let one row in four begin a block, of three rows at least."""
    monkeypatch.setattr(blocks, "_ONE_IN", 4)
    monkeypatch.setattr(blocks, "_LEAST", 3)


def rows_of(numbers: list[int]) -> tuple[NDArray[np.float16], NDArray[np.float32]]:
    """Return a row for each number, the same for the same, and what tells where blocks begin."""
    raw = np.array([[number, number % 7, number % 5, 1] for number in numbers], np.float16).reshape(-1, WIDTH)
    return raw, np.array([np.float32(number) / 7 for number in numbers], np.float32)


numbers = st.lists(st.integers(0, 1000), max_size=60)


@given(numbers)
def test_blocks_are_the_rows_in_order_and_none_but_the_last_is_short(found: list[int]) -> None:
    raw, keys = rows_of(found)
    cut = Blocks.cut(raw, keys)
    np.testing.assert_array_equal(np.concatenate(cut.parts), raw)
    assert len(cut) == len(raw) and cut.width == WIDTH
    assert all(len(part) >= 3 for part in cut.parts[:-1])


@given(numbers, st.data())
def test_rows_are_taken_in_any_order(found: list[int], data: st.DataObject) -> None:
    raw, keys = rows_of(found)
    chosen = data.draw(st.lists(st.integers(0, max(len(raw) - 1, 0)), max_size=20 if found else 0))
    rows = np.array(chosen, np.int64)
    np.testing.assert_array_equal(Blocks.cut(raw, keys).take(rows), raw[rows])
    assert Blocks.cut(raw, keys).take(rows, np.float32).dtype == np.float32


@given(numbers, numbers, st.randoms(use_true_random=False))
def test_rows_that_join_give_the_blocks_of_all(found: list[int], come: list[int], luck: Random) -> None:
    raw, keys = rows_of(found)
    fresh, fresh_keys = rows_of(come)
    kept = [row for row in range(len(raw)) if luck.randint(0, 4)]
    whole: list[int] = list(kept)
    for place in sorted((luck.randint(0, len(kept)) for _ in come), reverse=True):
        whole.insert(place, -1)
    came = np.array(whole, np.int64)
    every, every_keys = np.empty((len(came), WIDTH), np.float16), np.empty(len(came), np.float32)
    every[came >= 0], every[came < 0] = raw[came[came >= 0]], fresh
    every_keys[came >= 0], every_keys[came < 0] = keys[came[came >= 0]], fresh_keys

    joined = Blocks.cut(raw, keys).joined(came, Blocks.cut(fresh, fresh_keys), every_keys)

    built = Blocks.cut(every, every_keys)
    assert [len(part) for part in joined.parts] == [len(part) for part in built.parts]
    np.testing.assert_array_equal(np.concatenate(joined.parts), every)


def test_a_changed_row_leaves_the_other_blocks_as_they_are() -> None:
    raw, keys = rows_of(list(range(200)))
    cut = Blocks.cut(raw, keys)
    came = np.arange(200)
    came[100] = -1
    fresh, fresh_keys = rows_of([5000])
    keys[100] = fresh_keys[0]
    joined = cut.joined(came, Blocks.cut(fresh, fresh_keys), keys)
    others = [part for part in joined.parts if any(part is each for each in cut.parts)]
    assert len(cut.parts) > 5 and len(others) >= len(joined.parts) - 3
    assert all(first < last for first, last in pairwise(joined.starts))
