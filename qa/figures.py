"""The figures in the quotes of an answer side by side, where the question asks for one and they differ."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from qa.asks import asked_for
from qa.folding import fold
from qa.quantities import Quantity, quantities

_KINDS = {"number": ("number", "share"), "date": ("date", "day")}
_ITEM = re.compile(r"\s*\d+[.．、]\s?")  # the number of a clause is not what it says
_APART = 30  # times; figures further apart are hardly about the same thing
_MOST = 6  # figures; more are a list, not a comparison


@dataclass(frozen=True, slots=True)
class Figure:
    """One value: as the quotes write it, and which citations do."""

    written: tuple[str, ...]
    citations: tuple[Mapping[str, Any], ...]


def figures(told: Mapping[str, Any]) -> tuple[Figure, ...]:
    """Return the different figures of an answer in order of the citations; none where all agree or none was asked for.

    What is compared is like the first figure: of its kind, and not far from its size.
    """
    kinds = _KINDS.get(asked_for(told["question"]) or "", ())
    asked = {each.key for each in quantities(fold(told["question"]))}
    stated = [each for one in told["citations"] for each in _stated(one, kinds) if each[0].key not in asked]
    alike = [each for each in stated if _alike(each[0], stated[0][0])]
    found = [_figure(key, alike) for key in dict.fromkeys(quantity.key for quantity, _, _ in alike)]
    return tuple(found[:_MOST]) if len(found) > 1 else ()


_Stated = tuple[Quantity, str, Mapping[str, Any]]


def _stated(one: Mapping[str, Any], kinds: tuple[str, ...]) -> Iterator[_Stated]:
    quote = str(one["quote"])
    item = _ITEM.match(quote)
    opening = item.end() if item else 0
    for each in sorted(quantities(fold(quote)), key=lambda each: each.start):
        if each.kind in kinds and each.start >= opening:
            yield each, quote[each.start : each.end].strip(), one


def _alike(one: Quantity, other: Quantity) -> bool:
    if one.kind != other.kind or one.kind not in ("number", "share"):
        return one.kind == other.kind
    try:
        sizes = sorted((Decimal(one.key), Decimal(other.key)))
    except InvalidOperation:
        return False
    return sizes[1] <= _APART * sizes[0]


def _figure(key: str, stated: list[_Stated]) -> Figure:
    own = [(text, one) for quantity, text, one in stated if quantity.key == key]
    cited = {one["number"]: one for _, one in own}
    return Figure(tuple(dict.fromkeys(text for text, _ in own)), tuple(cited.values()))
