from __future__ import annotations

from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.confidence import Evidence, confidence
from qa.options import THRESHOLD

_RANGES = {"coverage": st.floats(0, 1), "figures": st.floats(0, 1)}
_STANDARD = st.floats(-20_000, 20_000)  # a difference of cosines, at most 2, over a deviation of at least 1e-4
evidences = st.builds(Evidence, **{part.name: _RANGES.get(part.name, _STANDARD) for part in fields(Evidence)})
PARTS = [part.name for part in fields(Evidence)]


@given(evidences)
def test_confidence_is_between_0_and_1(told: Evidence) -> None:
    assert 0 <= confidence(told) <= 1


@pytest.mark.parametrize("part", PARTS)
@given(told=evidences, more=st.floats(0, 1))
def test_more_evidence_never_lowers_it(part: str, told: Evidence, more: float) -> None:
    assert confidence(replace(told, **{part: getattr(told, part) + more})) >= confidence(told)


def of(standard: float, coverage: float) -> Evidence:
    return Evidence(standard, coverage)


def test_what_chance_finds_is_no_answer() -> None:
    assert confidence(of(0, 0)) < THRESHOLD


def test_what_chance_never_finds_is_an_answer() -> None:
    assert confidence(of(6, 1)) > THRESHOLD


@pytest.mark.parametrize("part", PARTS)
def test_every_part_counts(part: str) -> None:
    ordinary = of(1, 0.5)
    assert confidence(replace(ordinary, **{part: getattr(ordinary, part) + 0.5})) > confidence(ordinary)
