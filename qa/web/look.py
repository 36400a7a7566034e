"""How a reader wants to see things: interface language, script of the sources, help with words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from qa.records import Script
from qa.web.scripts import CHOICES
from qa.web.words import LANGUAGES


@dataclass(frozen=True, slots=True)
class Look:
    """A reader's choices."""

    language: Script = "en"
    script: str = "original"
    gloss: bool = False

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Look:
        """Return the look that a browser asks for; what is unknown is as at first."""
        language = next((known for known in LANGUAGES if known == told.get("language")), LANGUAGES[0])
        script = next((known for known in CHOICES if known == told.get("script")), "original")
        return cls(language, script, told.get("gloss") is True)
