from __future__ import annotations

import pytest

from qa.changes import compare


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        pytest.param({}, {}, ((), (), (), (), 0), id="nothing"),
        pytest.param({}, {"b": "1", "a": "2"}, (("a", "b"), (), (), (), 0), id="added, in order"),
        pytest.param({"a": "1"}, {"a": "2"}, ((), ("a",), (), (), 0), id="changed"),
        pytest.param({"a": "1"}, {}, ((), (), ("a",), (), 0), id="removed"),
        pytest.param({"a": "1"}, {"b": "1"}, ((), (), (), (("a", "b"),), 0), id="renamed"),
        pytest.param(
            {"a": "1", "b": "2", "c": "3"},
            {"a": "1", "b": "4", "d": "3", "e": "5"},
            (("e",), ("b",), (), (("c", "d"),), 1),
            id="all at once",
        ),
    ],
)
def test_compare(before: dict[str, str], after: dict[str, str], told: tuple[object, ...]) -> None:
    change = compare(before, after)
    assert (change.added, change.changed, change.removed, change.moved, change.unchanged) == told
