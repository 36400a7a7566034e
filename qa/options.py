"""What a user can choose, as frozen values that check themselves and do nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from qa.errors import QuestionError
from qa.records import Article, Language

MAX_QUESTION = 2000  # characters; a longer text is no question
MAX_TOP = 100
BUNDLED = "bundled"  # the model whose weights come with the install
THRESHOLD = 0.5  # on XQuAD with half its paragraphs taken out, one in five unanswerable questions passes it


@dataclass(frozen=True, slots=True)
class Filters:
    """Which articles may answer. Dates are ISO and inclusive; an article without a date is outside any range.

    Raises:
        QuestionError: a date is none, or the range is empty.
    """

    since: str | None = None
    until: str | None = None
    outlet: str | None = None
    language: Language | None = None

    def __post_init__(self) -> None:
        for name, value in (("since", self.since), ("until", self.until)):
            if value is not None:
                _check_date(name, value)
        if self.since and self.until and self.since > self.until:
            raise QuestionError(f"--since {self.since} is after --until {self.until}; swap them")
        if self.language not in (None, "en", "zh"):
            raise QuestionError(f"{self.language!r} is not a language of the corpus; use en or zh")

    def __bool__(self) -> bool:
        return any(value is not None for value in (self.since, self.until, self.outlet, self.language))

    def admit(self, article: Article) -> bool:
        """Tell whether an article may answer."""
        published = article.published or ""
        return (
            (self.since is None or published >= self.since)
            and (self.until is None or "" < published <= self.until)
            and (self.outlet is None or article.outlet.casefold() == self.outlet.casefold())
            and (self.language is None or article.language.startswith(self.language))
        )


@dataclass(frozen=True, slots=True)
class AskOptions:
    """How a question is answered: `top` passages are consulted, and `threshold` is the least confidence.

    Raises:
        QuestionError: `top` or `threshold` is out of its range.
    """

    top: int = 8
    filters: Filters = Filters()
    threshold: float = THRESHOLD

    def __post_init__(self) -> None:
        if not 1 <= self.top <= MAX_TOP:
            raise QuestionError(f"--top {self.top} is out of range; use 1 to {MAX_TOP}")
        if not 0 <= self.threshold <= 1:
            raise QuestionError(f"--threshold {self.threshold} is out of range; use 0 to 1")


def _check_date(name: str, value: str) -> None:
    try:
        valid = date.fromisoformat(value).isoformat() == value
    except ValueError:
        valid = False
    if not valid:
        raise QuestionError(f"--{name} {value!r} is not a date; write it as YYYY-MM-DD")
