"""Text to terms: the one tokenizer for indexing and for asking.

Han characters become overlapping pairs and, at low weight, single characters; Latin words are folded
and stemmed (Snowball); quantities become their value. Offsets are those of the text given.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from threading import Lock
from typing import Any, Literal

from qa.folding import fold
from qa.language import HAN
from qa.quantities import quantities

SINGLE_WEIGHT = 0.2  # of one Han character, against 1 for a pair: a pair carries the word, one character a hint

_HAN_RUN = re.compile(f"[{HAN}]+")
_WORD = re.compile(r"[a-zà-ɏ][a-zà-ɏ'0-9]*(?:-\d+[a-z]?)?|[a-z]?\d[a-z0-9]*")

# two letters or more, in capitals: "I" is a pronoun, "C" and "M" are initials
_ROMAN = re.compile(r"\b(?=[IVXL]{2,}\b)(?P<tens>XL|L?X{0,3})(?P<ones>IX|IV|V?I{0,3})\b", re.ASCII)
_ROMAN_TENS = {"": 0, "X": 10, "XX": 20, "XXX": 30, "XL": 40, "L": 50, "LX": 60, "LXX": 70, "LXXX": 80}
_ROMAN_ONES = {ones: value for value, ones in enumerate(("", *"I II III IV V VI VII VIII IX".split()))}

_ENGLISH_STOPS = frozenset(
    "a an the and or but if of to in on at by for from with about into over after before under between during than"
    " as is are was were be been being am do does did doing done have has had having will would shall should can could"
    " may might must not no nor so too very that this these those there here it its itself he him his she her they them"
    " their we us our you your i me my who whom whose which what when where why how much many more most some any each"
    " other such own same only also just then again out up down off say says said tell tells told according s t".split()
)
_CHINESE_STOPS = frozenset(
    "什么 哪些 哪里 哪个 哪一 哪位 多少 如何 怎么 怎样 怎么样 为何 为什 是谁 谁是 是否 "
    "何时 何人 几个 有哪 有什 是什 是哪 是多 有多 么时 时候 请问 谁的 么人 的是 了什 "
    "些什 么样 是如 会如 要如 中的 么内 些内 为多 到底 究竟 关于 对于 以及 或者 还是 "
    "个国 位是 名叫 叫什 叫做 一个 这个 那个 他们 我们 你们 是在 在哪 的什 说什 么是 "
    "的哪 的谁 被谁 由谁 谁来 谁在 有谁 于哪 于什".split()
)
_CHINESE_SINGLE_STOPS = frozenset(
    "的了是在有和与及吗呢吧啊么之而但或被把由对从向为以于等也都就要会能可将其这那哪谁何几什怎个些位名来去上下里中到说着过不"
)


@dataclass(frozen=True, slots=True)
class Token:
    """One term of a text with its offsets; `weight` is what an occurrence counts in a question."""

    term: str
    start: int
    end: int
    kind: Literal["word", "han", "single", "number"]
    weight: float = 1.0


_BRITISH = (
    (re.compile(r"(?<=[a-z]{3})is(?=(?:e[ds]?|ing|ation|ations)$)"), "iz"),
    (re.compile(r"(?<=[a-z]{2})our(?=(?:s|ed|ing|able|ite)?$)(?<!hour)(?<!four)(?<!tour)(?<!pour)(?<!your)"), "or"),
    (re.compile(r"(?<=[cn]t)re(?=s?$)"), "er"),
    (re.compile(r"(?<=[ef]en)ce(?=s?$)"), "se"),
)


# base form: forms that no rule of endings leads back to it; forms that are words of their own too (left, ground,
# wound, bound, lay) stay out
_IRREGULAR = {
    form: line.split()[0]
    for line in (
        "become became", "begin began begun", "bite bit bitten", "blow blew blown", "break broke broken",
        "bring brought", "build built", "burn burnt", "buy bought", "catch caught", "choose chose chosen",
        "come came", "deal dealt", "dig dug", "draw drew drawn", "drink drank drunk",
        "drive drove driven", "eat ate eaten", "fall fell fallen", "feed fed", "feel felt", "fight fought",
        "find found", "flee fled", "fly flew flown", "forbid forbade forbidden", "forget forgot forgotten",
        "freeze froze frozen", "get got gotten", "give gave given", "go went gone", "grow grew grown",
        "hang hung", "hear heard", "hide hid hidden", "hold held", "keep kept", "know knew known", "lead led",
        "lend lent", "lose lost", "make made", "meet met", "overthrow overthrew overthrown",
        "overcome overcame", "pay paid", "prove proven", "ride rode ridden", "ring rang rung", "rise rose risen",
        "run ran", "say said", "see saw seen", "seek sought", "sell sold", "send sent", "shake shook shaken",
        "shoot shot", "show shown", "sing sang sung", "sink sank sunk", "sit sat", "sleep slept",
        "speak spoke spoken", "spend spent", "stand stood", "steal stole stolen", "strike struck stricken",
        "swear swore sworn", "sweep swept", "swim swam swum", "take took taken", "teach taught", "tell told",
        "think thought", "throw threw thrown", "undergo underwent undergone", "understand understood",
        "undertake undertook undertaken", "wake woke woken", "wear wore worn", "win won", "withdraw withdrew withdrawn",
        "write wrote written", "man men", "woman women", "child children", "foot feet", "tooth teeth", "person people",
    )
    for form in line.split()[1:]
}  # fmt: skip

_STEMMING = Lock()  # the stemmer keeps its place in itself; the web app asks and builds at once


@cache
def _stemmer() -> Any:
    import snowballstemmer

    return snowballstemmer.stemmer("english")


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """Return the Snowball (Porter 2) stem of a lower-case Latin word, British spelling as American.

    >>> stem("negotiations"), stem("ukraine's"), stem("recognised") == stem("recognizes"), stem("neighbours")
    ('negoti', 'ukrain', True, 'neighbor')
    """
    plain = word.removesuffix("'s")
    american = _IRREGULAR.get(plain, plain)
    for british, spelled in _BRITISH:
        american = british.sub(spelled, american)
    with _STEMMING:
        return str(_stemmer().stemWord(american))


def is_function_word(word: str) -> bool:
    """Tell whether a lower-case English word carries grammar rather than content."""
    return word in _ENGLISH_STOPS


def is_stop(token: Token, folded: str) -> bool:
    """Tell whether a token carries grammar rather than content; `folded` is the text it stands in."""
    if token.kind == "word":
        return is_function_word(folded[token.start : token.end])
    if token.kind == "han":
        return token.term in _CHINESE_STOPS or all(c in _CHINESE_SINGLE_STOPS for c in token.term)
    return token.kind == "single" and token.term in _CHINESE_SINGLE_STOPS


def _han_tokens(run: str, offset: int) -> Iterator[Token]:
    for place, character in enumerate(run):
        yield Token(character, offset + place, offset + place + 1, "single", SINGLE_WEIGHT)
    for place in range(len(run) - 1):
        yield Token(run[place : place + 2], offset + place, offset + place + 2, "han")


def _number_tokens(folded: str) -> Iterator[Token]:
    marks = {"number": "=", "share": "%", "date": "@", "day": "@", "clause": "§"}
    for quantity in quantities(folded):
        yield Token(marks[quantity.kind] + quantity.key, quantity.start, quantity.end, "number")
        if quantity.kind == "date":  # news writes "27日" for the 27 November of the question
            yield Token(f"@{int(quantity.key[3:])}", quantity.start, quantity.end, "number", 0.5)


def _roman_tokens(text: str) -> Iterator[Token]:
    """Yield the Roman numerals of a text as it is written: folded, "XI" and "Xi" are one."""
    for match in _ROMAN.finditer(text):
        value = _ROMAN_TENS[match["tens"]] + _ROMAN_ONES[match["ones"]]
        yield Token(f"={value}", match.start(), match.end(), "number")


def tokenize(text: str) -> list[Token]:
    """Return the tokens of a text, in a fixed order.

    >>> [token.term for token in tokenize("烏軍60萬") if token.kind != "single"]
    ['=600000', '乌军']
    >>> [token.term for token in tokenize("600,000 Soldiers")]
    ['=600000', 'soldier']
    >>> [token.term for token in tokenize("Louis XIV")]
    ['=14', 'loui']
    """
    folded = fold(text)
    counted = [*_number_tokens(folded), *_roman_tokens(text)]
    covered = {place for token in counted for place in range(token.start, token.end)}
    words = (match for match in _WORD.finditer(folded) if match.start() not in covered)
    latin = [Token(stem(match[0]), match.start(), match.end(), "word") for match in words]
    runs = (token for run in _HAN_RUN.finditer(folded) for token in _han_tokens(run[0], run.start()))
    han = [token for token in runs if not _in_digits(token, folded, covered)]
    return [*counted, *latin, *han]


def _in_digits(token: Token, folded: str, covered: set[int]) -> bool:
    """Tell whether a Han token is the unit of a written-out number, such as 萬 in 60萬."""
    return token.start in covered and token.end - 1 in covered and folded[token.start] in "万亿月日号点条项款"
