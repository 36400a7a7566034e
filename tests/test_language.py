from __future__ import annotations

import pytest
from hypothesis import given
from strategies import texts

from qa.folding import simplify
from qa.language import language_of, script_of


@pytest.mark.parametrize(
    ("text", "language"),
    [
        pytest.param("", "en", id="nothing"),
        pytest.param("2025", "en", id="digits only"),
        pytest.param("Who signed it?", "en", id="english"),
        pytest.param("由誰簽署？", "zh", id="chinese"),
        pytest.param("盧比歐（Marco Rubio）表示樂觀", "zh", id="chinese with a latin name"),
        pytest.param("Wang Yi (王毅) spoke in Geneva", "en", id="english with a chinese name"),
        pytest.param("NATO是什麼？", "zh", id="an acronym and chinese"),
        pytest.param("GDP 成長", "zh", id="short question with an acronym"),
        pytest.param("〇", "zh", id="the han zero"),
        pytest.param("𠮷", "zh", id="beyond the basic plane"),
    ],
)
def test_language_is_the_one_that_prevails(text: str, language: str) -> None:
    assert language_of(text) == language


@pytest.mark.parametrize(
    ("text", "script"),
    [
        pytest.param("Who?", "en", id="english"),
        pytest.param("由誰監督？", "zh-Hant", id="traditional"),
        pytest.param("谁监督核电站？", "zh-Hans", id="simplified"),
        pytest.param("普京", "zh-Hant", id="nothing tells"),
        pytest.param("澤倫斯基說，“我们”的軍隊還在", "zh-Hant", id="traditional with a simplified quote"),
        pytest.param("台湾的总统府发表声明", "zh-Hans", id="simplified with a shared character"),
    ],
)
def test_script_is_told_by_its_characters(text: str, script: str) -> None:
    assert script_of(text) == script


@given(texts)
def test_script_agrees_with_language(text: str) -> None:
    assert script_of(text)[:2] == language_of(text)


@given(texts)
def test_simplifying_changes_no_language(text: str) -> None:
    assert language_of(simplify(text)) == language_of(text)
