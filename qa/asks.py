"""What kind of thing a question asks for, and whether a text holds one: a number, a date, a person, a place."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal

from qa.folding import fold
from qa.names import Names
from qa.quantities import quantities
from qa.tokens import is_stop, tokenize

Asked = Literal["number", "date", "person", "place"]

_ASKS: tuple[tuple[Asked, re.Pattern[str]], ...] = (
    (
        "date",
        re.compile(
            r"\bwhen\b|\b(?:what|which) (?:date|day|month|year)\b|\b(?:deadline|by what date)\b"
            r"|何时|什么时候|哪一?[天日年月]|几[月号]|几时|日期|期限|什么时间"
        ),
    ),
    (
        "number",
        re.compile(
            r"\bhow (?:many|much|large|big|long|tall|far|old|high)\b"
            r"|\bwhat (?:number|percentage|share|proportion|amount|size)\b"
            r"|\b(?:population|price|cost|ceiling|amount|size) of\b"
            r"|多少|几[个名位人次点条年天项]|多大|多长|多高|多久|比例|规模|百分之几|人口|预算"
        ),
    ),
    (
        "person",
        re.compile(
            r"\bwho(?:m|se)?\b|谁|哪[一几]?[位名]|何人|什么人|叫什么|名字"
            r"|\bwhich (?:\w+ )?(?:official|president|minister|leader|envoy|senator|general|person|politician)s?\b"
        ),
    ),
    (
        "place",
        re.compile(
            r"\bwhere\b|\b(?:which|what) (?:city|country|place|town|region)\b"
            r"|哪里|哪儿|何处|哪个(?:城市|国家|地方|地区)|什么地方"
        ),
    ),
)
_PERSON_LIKE = re.compile(r"[A-Z][a-zà-ɏ]+ [A-Z][a-zà-ɏ]+|(?:Mr|Mrs|Ms|Dr) [A-Z]")
_ROLES = re.compile(
    r"总统|总理|首相|部长|国务卿|主席|议员|特使|发言人|外长|将军|大使|官员|白宫|秘书|president|minister|secretary|envoy|official|senator"
)
_YEAR = re.compile(r"1[5-9]\d\d|20\d\d")
_OPENING = r"^(?:(?:那么|那|而|还有|至于|然后|and|but|or|so|then|what about|how about|what if)(?![a-z])[\s,，]*)+"
_STANDING_IN = re.compile(
    r"[它他她]们?|这个|这些|该|前者|后者|\b(?:it|its|they|them|their|he|him|his|she|her|this|that|those|these|one)\b"
)
_LEANING = re.compile(rf"{_OPENING}|呢[?？]?$|{_STANDING_IN.pattern}")
_STANDING_FOR = re.compile(r"\b(?:the|this|that|which|other|another)(?: [\w-]+){0,2}? ones?\b")  # "the European one"
_PREDICATE = re.compile(
    r"\b(?:who(?:m|se)?|what|which|when|where|why|how|am|is|are|was|were|do|does|did|has|have|had|can|could|will|would"
    r"|shall|should|may|might|must|tell|list|name|describe|explain|give|show)\b"
    r"|[谁何哪几吗怎]|什么|多[少大长高久]|是否|有没有|告诉|说明|介绍|列出"
)
_INNER_CAPITAL = re.compile(r"(?<=\s)[A-ZÀ-Þ]\w")
_LONGEST_LEANING = 60  # characters; a longer question says itself what it is about
_MOST_OWN = 1.0  # words of content; "And who designed it?" has one


def leans(question: str) -> bool:
    """Tell whether a question may need the one before it to be understood.

    >>> leans("那歐洲的版本呢？"), leans("And how many under the European one?"), leans("Who drafted the plan?")
    (True, True, False)
    """
    folded = fold(question.strip())
    return len(folded) <= _LONGEST_LEANING and bool(_LEANING.search(folded))


def hangs(question: str, names: Names) -> bool:
    """Tell whether a question cannot be understood without the one before it.

    It has no word of its own to look for, or it leans, names nothing, and has one word only, which asks or tells
    something of what was said before. A mere noun ("And the army?") may be looked for alone.

    >>> nobody = Names(())
    >>> [hangs(q, nobody) for q in ("And under the European one?", "它的造價是多少？", "And who designed it?")]
    [True, True, True]
    >>> [hangs(q, nobody) for q in ("So who designed the bridge by the harbour?", "And the army?")]
    [False, False]
    """
    text = question.strip()
    rest = _LEANING.sub(" ", _STANDING_FOR.sub(lambda found: " " * len(found[0]), fold(text)))
    own = _content(rest)
    if not own:
        return True
    opened = re.sub(_OPENING, "", fold(text))
    asks = bool(_PREDICATE.search(opened) or _STANDING_IN.search(opened))
    return leans(text) and asks and own <= _MOST_OWN and not _names_something(text, names)


def _content(folded: str) -> float:
    """Return how many words of a text carry content; two Han characters count as one."""
    tokens = tokenize(folded)
    spent = {
        place for each in tokens if each.kind == "han" and is_stop(each, folded) for place in (each.start, each.end - 1)
    }
    kept = [each for each in tokens if each.kind != "han" and each.start not in spent and not is_stop(each, folded)]
    return sum(0.5 if each.kind == "single" else 1.0 for each in kept)


def _names_something(text: str, names: Names) -> bool:
    said = re.sub(_STANDING_FOR.pattern, " ", text, flags=re.IGNORECASE)
    return bool(_INNER_CAPITAL.search(said)) or any(mention.group.is_name for mention in names.find(said))


def asked_for(question: str) -> Asked | None:
    """Return the kind of thing a question asks for, or None where it asks for an account.

    >>> [asked_for(q) for q in ("How many soldiers?", "由誰監督？", "期限是哪一天？", "What does the plan say?")]
    ['number', 'person', 'date', None]
    """
    folded = fold(question)
    return next((kind for kind, pattern in _ASKS if pattern.search(folded)), None)


def holds(kind: Asked, text: str, names: Names) -> bool:
    """Tell whether a text has something of the kind in it."""
    folded = fold(text)
    if kind == "person":
        plain = _PERSON_LIKE.search(text) or _ROLES.search(folded)  # quicker to look for than names
        return bool(plain) or any(mention.group.kind == "person" for mention in names.find(text))
    if kind == "place":
        return any(mention.group.kind in ("place", "country") for mention in names.find(text))
    found = {quantity.kind for quantity in quantities(folded)}
    if kind == "date":
        return bool(found & {"date", "day"}) or bool(
            re.search(r"\d{4}年|\b(?:19|20)\d\d\b|[上下本这]?[周个]?[月年周]|星期|\bweek|month|year|day", folded)
        )
    return bool(found & {"number", "share"})


def figures_missing(question: str, quotes: Iterable[str]) -> bool:
    """Tell whether a question asks for a number or a date and no quote has one that the question does not say itself.

    >>> figures_missing("How many of the 28 points changed?", ["The 28 points changed."])
    True
    >>> figures_missing("How many of the 28 points changed?", ["Nine of the 28 points changed."])
    False
    """
    asked = asked_for(question)
    if asked not in ("number", "date"):
        return False
    known = {each.key for each in quantities(fold(question))}
    given = (each for quote in quotes for each in quantities(fold(quote)) if each.key not in known)
    if asked == "number":
        return not any(each.kind in ("number", "share") for each in given)
    return not any(each.kind in ("date", "day") or bool(_YEAR.fullmatch(each.key)) for each in given)
