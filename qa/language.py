"""Which language and script a text is in, judged from its characters alone."""

from __future__ import annotations

import re

from qa.folding import simplified_of, traditional_of
from qa.records import Language, Script

HAN = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af〇"
_HAN = re.compile(f"[{HAN}]")
_LATIN_WORD = re.compile(r"[A-Za-zÀ-ɏ]+")


def language_of(text: str) -> Language:
    """Return `zh` if the text has at least as many Han characters as Latin words, else `en`.

    A Han character weighs about a word, so a Chinese sentence with bracketed Latin names stays
    Chinese, and an English one with a Chinese name stays English.

    >>> language_of("盧比歐（Marco Rubio）表示樂觀"), language_of("Wang Yi (王毅) spoke in Geneva")
    ('zh', 'en')
    """
    han = len(_HAN.findall(text))
    return "zh" if han and han >= len(_LATIN_WORD.findall(text)) else "en"


def script_of(text: str) -> Script:
    """Return `en`, `zh-Hant` or `zh-Hans`; Chinese without any telling character counts as Traditional.

    >>> script_of("谁监督核电站？"), script_of("由誰監督？"), script_of("Who?")
    ('zh-Hans', 'zh-Hant', 'en')
    """
    if language_of(text) == "en":
        return "en"
    traditional = sum(character in simplified_of() for character in text)
    simplified = sum(character in traditional_of() for character in text)
    return "zh-Hans" if simplified > traditional else "zh-Hant"
