"""Chinese text in another script and usage, for reading beside the original; never for quoting."""

from __future__ import annotations

from functools import cache
from typing import Any, Literal

Choice = Literal["original", "tw", "hk", "cn"]
CHOICES: tuple[Choice, ...] = ("original", "tw", "hk", "cn")
TAGS = {"tw": "zh-Hant-TW", "hk": "zh-Hant-HK", "cn": "zh-Hans-CN"}

_STEPS: dict[tuple[str, str], tuple[str, ...]] = {
    # (what the text is in, what is asked for): OpenCC's profiles, in order
    ("tw", "hk"): ("tw2sp", "s2hk"),
    ("tw", "cn"): ("tw2sp",),
    ("hk", "tw"): ("hk2s", "s2twp"),
    ("hk", "cn"): ("hk2s",),
    ("cn", "tw"): ("s2twp",),
    ("cn", "hk"): ("s2hk",),
}


@cache
def _converter(profile: str) -> Any:
    from opencc import OpenCC

    return OpenCC(profile)


def usage(language: str, region: str) -> str:
    """Return in which usage an article is written: tw, hk or cn; nothing for one that is not Chinese."""
    if language == "zh-Hans":
        return "cn"
    if language == "zh-Hant":
        return "hk" if region in ("HK", "MO") else "tw"
    return ""


def tag(language: str, region: str) -> str:
    """Return the BCP 47 tag of an article's text, by which a browser chooses its font and its voice.

    >>> tag("zh-Hant", "HK"), tag("zh-Hans", ""), tag("en", "INT")
    ('zh-Hant-HK', 'zh-Hans', 'en')
    """
    known = {"zh-Hant": ("TW", "HK", "MO"), "zh-Hans": ("CN", "SG")}
    return f"{language}-{region}" if region in known.get(language, ()) else language


def convert(text: str, written: str, choice: str) -> str:
    """Return `text`, written in one usage, in the chosen one."""
    for profile in _STEPS.get((written, choice), ()):
        text = _converter(profile).convert(text)
    return text


def converts(written: str, choice: str) -> bool:
    """Tell whether a choice changes a text of this usage."""
    return (written, choice) in _STEPS
