from __future__ import annotations

import pytest
from hypothesis import given
from strategies import texts

from qa.dictionary import bridge
from qa.sounds import FEWEST_SOUNDS, han_sounds, latin_sounds


@pytest.mark.parametrize(
    ("han", "latin"),
    [
        ("格兰杰", "Granger"),
        ("弗雷斯诺", "Fresno"),
        ("麦金德", "Mackinder"),
        ("德里斯科尔", "Driscoll"),
        ("坎特伯雷", "Canterbury"),
        ("胡格诺茨", "Huguenots"),
    ],
)
def test_a_name_sounds_alike_in_both_languages(han: str, latin: str) -> None:
    assert set(han_sounds(han, bridge([], []).syllables)) & set(latin_sounds(latin))


@pytest.mark.parametrize(("one", "other"), [("Fresno", "Boston"), ("Mackinder", "Macron"), ("Lindqvist", "London")])
def test_other_names_sound_different(one: str, other: str) -> None:
    assert not set(latin_sounds(one)) & set(latin_sounds(other))


def test_marks_on_letters_are_not_heard() -> None:
    assert latin_sounds("Mérimée-Brontë") == latin_sounds("Merimee-Bronte")


@given(texts)
def test_skeletons_are_short_and_never_too_short(text: str) -> None:
    assert all(len(sound) >= FEWEST_SOUNDS for sound in latin_sounds(text))
