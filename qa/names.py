"""Names and terms that are spelled differently, as groups: 川普, 特朗普, Trump are one term.

Groups come from three places: the table that ships with the package, `names.tsv` in the corpus
folder, and pairs mined from the articles themselves, such as 盧比歐（Marco Rubio）.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TypeAlias

from qa.errors import CorpusError
from qa.folding import fold
from qa.language import HAN
from qa.tokens import is_function_word

Count: TypeAlias = Callable[[str], int]

_COLUMNS = ("kind", "latin", "tw", "hk", "cn")
_NAMED_KINDS = frozenset({"person", "country", "place", "organisation"})
_HAN = re.compile(f"[{HAN}·．・‧]+")
_BRACKETED = re.compile(
    rf"([{HAN}·．・‧-]{{2,16}})[」』]?\s*[（(]\s*([A-ZÀ-Þ][A-Za-zÀ-ɏ.’'‘ -]{{1,40}}?)\s*"
    r"(?:[,，、；;][^（）()]{0,30})?[)）]"
)
_LATIN_FIRST = re.compile(
    rf"((?:[A-ZÀ-Þ][A-Za-zÀ-ɏ.’'-]+ ){{0,3}}[A-ZÀ-Þ][A-Za-zÀ-ɏ’'-]+)\s*[（(]([{HAN}·．・‧]{{2,12}})[)）]"
)
_STARTS = re.compile(r"(?<![a-z0-9])[a-z0-9]|[^a-z0-9\s]")  # where a spelling may begin in a folded text
_NOT_IN_NAMES = frozenset(
    "的是在和與与及或等為为了被由將将對对從从說说稱称表示名位第個个年月號号總总統统長长員员使相席者人家國国社報报理"
)
_COMMON_NOUNS = frozenset(
    "river sea plant lake gulf strait bay island islands mountain mountains ocean canal peninsula desert valley city"
    " state province republic union council agency bank party group court house street journal times post news".split()
)
_MAX_NAME = 8  # characters of a transliterated name


@dataclass(frozen=True, slots=True)
class Group:
    """Spellings of one name or term; `key` is its first spelling, `origin` is shipped, corpus or mined."""

    key: str
    kind: str
    spellings: tuple[str, ...]
    origin: str

    @property
    def is_name(self) -> bool:
        """Whether the group names someone or something, rather than being an everyday term."""
        return self.kind in _NAMED_KINDS

    @property
    def latin(self) -> str:
        """The first Latin spelling, or nothing."""
        return next((spelling for spelling in self.spellings if not _HAN.search(spelling)), "")


@dataclass(frozen=True, slots=True)
class Mention:
    """A spelling of a group in a text."""

    group: Group
    start: int
    end: int


def skeleton(latin: str) -> str:
    """Return what the romanisations of one name have in common.

    >>> {skeleton(name) for name in ("Zelensky", "Zelenskyy", "Zelenskiy", "Zelenskij")}
    {'zelensk'}
    """
    plain = unicodedata.normalize("NFKD", latin.casefold())
    letters = re.sub(r"[^a-z]", "", plain)
    return re.sub(r"(.)\1+", r"\1", re.sub(r"[iyj]+$", "", letters))


class Names:
    """All groups in force, and the search for their spellings in a text."""

    def __init__(self, groups: Iterable[Group]) -> None:
        self.groups = tuple(groups)
        self._spelled: dict[str, Group] = {}
        lengths: dict[str, set[int]] = defaultdict(set)
        for group in self.groups:
            for spelling in (fold(spelling) for spelling in group.spellings):
                self._spelled.setdefault(spelling, group)
                lengths[spelling[:2]].add(len(spelling))
        self._lengths = {start: sorted(found, reverse=True) for start, found in lengths.items()}

    def find(self, text: str) -> list[Mention]:
        """Return the mentions in `text`, longest first where several begin at one place, none overlapping."""
        folded = fold(text)
        found: list[Mention] = []
        for start in _STARTS.finditer(folded):
            place = start.start()
            if found and place < found[-1].end:
                continue
            mention = self._at(folded, place)
            if mention and is_function_word(folded[place : mention.end]) and not text[place : mention.end].isupper():
                mention = None  # "us" is not the US, nor "who" the WHO
            if mention:
                found.append(mention)
        return found

    def _at(self, folded: str, place: int) -> Mention | None:
        for length in self._lengths.get(folded[place : place + 2], ()):
            group = self._spelled.get(folded[place : place + length]) if place + length <= len(folded) else None
            end = _bounded(folded, place, place + length) if group else 0
            if group and end:
                return Mention(group, place, end)
        return None


def _bounded(folded: str, start: int, end: int) -> int:
    """Return where a spelling at `start` ends, or 0 if it is only a part of a longer Latin word."""

    def latin(character: str) -> bool:
        return character.isascii() and character.isalnum()

    if latin(folded[start]) and start and latin(folded[start - 1]):
        return 0
    if latin(folded[end - 1]) and end < len(folded) and latin(folded[end]):
        plural = folded[end] == "s" and not (end + 1 < len(folded) and latin(folded[end + 1]))
        return end + 1 if plural and end - start > 3 else 0
    return end


def parse_table(text: str, origin: str) -> tuple[Group, ...]:
    """Read groups from lines of tab-separated spellings; several in one cell are divided by `|`.

    A first line of column names is optional; with it, `kind` is the kind of the group, and without it
    every cell is a spelling.

    Raises:
        CorpusError: a line has fewer than two spellings.
    """
    lines = [line for line in text.lstrip("\ufeff").splitlines() if line.strip() and not line.startswith("#")]
    header = bool(lines) and tuple(lines[0].strip().lower().split("\t"))[:2] == _COLUMNS[:2]
    groups = []
    for number, line in enumerate(lines[header:], 1 + header):
        cells = [cell.strip() for cell in line.split("\t")]
        kind = cells[0] if header else "term"
        spelled = [part.strip() for cell in cells[header:] for part in cell.split("|")]
        spellings = tuple(dict.fromkeys(part for part in spelled if part))
        if len(spellings) < 2:
            raise CorpusError(f"names.tsv, line {number}: {line!r} has fewer than two spellings; divide them by tabs")
        groups.append(Group(spellings[0], kind, spellings, origin))
    return tuple(groups)


@cache
def shipped() -> tuple[Group, ...]:
    """Return the groups of the table that comes with the package."""
    text = files("qa").joinpath("data", "names.tsv").read_text(encoding="utf-8")
    return parse_table(text, "shipped")


@cache
def transliterating() -> frozenset[str]:
    """Return the characters that the shipped names of people and places are written with."""
    named = (group for group in shipped() if group.kind in ("person", "place", "country"))
    spelled = (spelling for group in named for spelling in group.spellings if _HAN.fullmatch(spelling))
    return frozenset(fold("".join(spelled))) - _NOT_IN_NAMES


def _han_name(run: str, count: Count) -> str:
    """Return the end of `run` that is the name: 國務卿盧比歐 gives 盧比歐.

    That is as far back as the characters transliterate, and further where the articles never use the
    shorter form without the character before it.
    """
    length = 0
    for longer in range(1, min(len(run), _MAX_NAME) + 1):
        character = fold(run[-longer])
        always = length >= 1 and character not in _NOT_IN_NAMES and count(run[-longer:]) == count(run[-length:])
        if not (character in transliterating() or always):
            break
        length = longer
    return run[len(run) - length :].strip("·．・‧")


def pairs(text: str) -> tuple[tuple[str, str], ...]:
    """Return (Han run, Latin name) for every name that an article gives in both."""
    found = [(match[1], match[2].strip()) for match in _BRACKETED.finditer(text)]
    found += [(match[2], match[1].strip()) for match in _LATIN_FIRST.finditer(text)]
    return tuple(found)


def _person_like(latin: str) -> bool:
    words = latin.split()
    return 1 <= len(words) <= 4 and all(word[0].isupper() for word in words) and not latin.isupper()


def _latin_forms(latin: str) -> tuple[str, ...]:
    """Return a Latin name, and its last word where that can stand for it."""
    last = latin.split()[-1]
    return (latin,) if last.lower() in _COMMON_NOUNS or last == latin else (latin, last)


def _least_length(latin: str) -> int:
    """Return how many characters a transliteration has at least: one for three letters, and two in all."""
    return max(2, len(latin.split()[-1]) // 3)


def mine(given: Iterable[tuple[str, str]], count: Count) -> tuple[Group, ...]:
    """Return the groups that articles give away by writing a Han name with its Latin form in brackets.

    `given` are the `pairs` of all articles, `count` tells how often they use a string. A name counts when they
    use the Han form at least once more.
    """
    spelled: dict[str, dict[str, None]] = defaultdict(dict)
    for run, latin in dict.fromkeys(given):
        name = _han_name(run, count)
        if _person_like(latin) and len(name) >= _least_length(latin) and count(name) >= 2:
            forms = _latin_forms(latin)
            spelled[skeleton(forms[-1])].update(dict.fromkeys((*forms, name)))
    return tuple(Group(next(iter(names)), "person", tuple(names), "mined") for names in spelled.values())


def merge(*tables: Sequence[Group]) -> Names:
    """Join groups that share a spelling; the first table that has a group gives it its key and kind."""
    groups: list[Group] = []
    owner: dict[str, int] = {}
    for group in (group for table in tables for group in table):
        marks = [_mark(spelling) for spelling in group.spellings]
        place = next((owner[mark] for mark in marks if mark in owner), len(groups))
        if place == len(groups):
            groups.append(group)
        else:
            old = groups[place]
            spellings = tuple(dict.fromkeys((*old.spellings, *group.spellings)))
            origin = old.origin if len(spellings) == len(old.spellings) else f"{old.origin}+{group.origin}"
            groups[place] = Group(old.key, old.kind, spellings, origin)
        for mark in marks:
            owner.setdefault(mark, place)
    return Names(groups)


def _mark(spelling: str) -> str:
    """Return what makes two spellings the same for joining groups."""
    if _HAN.search(spelling) or spelling.isupper():
        return fold(spelling)
    return "latin:" + " ".join(skeleton(word) for word in spelling.split())
