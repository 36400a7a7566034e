"""Mangled files of every format, for as long as asked: `python tests/fuzz_readers.py --seconds 600 --seed 1`.

A file of generated bilingual text is written in a format and then bent: bits flipped, parts cut, doubled, swapped,
strewn with what breaks parsers. Whatever comes of it, the corpus is read without a crash, what is skipped has its
reason in one line, and of every article the laws of the text hold.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
import unicodedata
from collections import Counter
from pathlib import Path

from files import FORMATS, Told

from qa.clean import blocks
from qa.corpus import Corpus, load
from qa.errors import CorpusError
from qa.passages import passages
from qa.records import Article

PIECES = (
    "盧比歐（Marco Rubio）說：「好。」", "烏軍上限60萬人，", "The plan caps the army at 600,000. ",
    "Mr. Tusk said so; ", "。", "！", "\n", "\n\n", "　",
    "19. 核電廠", "# Heading\n", "▲（圖／路透）", "date 2025-11-21 ",
    "日期：民國114年13月41日\n", "標題：x\n", "---\n",
    "title: [\n", "<p>", "</div>", "<!--", "&#xD800;", "&amp;", "\"", ",", "\t", ";", "{\"text\":",
    "\u200b", "é", "𠮷", "🙂", "\ufeff", "\u2028", "\x0b",
)  # fmt: skip
POISON = (
    b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"\r", b"]]>", b"<![CDATA[", b"endobj", b"stream\n",
    b"/Length -1", b"<<" * 50,
    b"PK\x05\x06", b'"', b"\n---\n", b"\\ud800", b"9" * 400, b"[" * 3000,
    b"&x;", b"\xb4\xfa\xb8\xd5", b"%PDF-", b"(" * 500,
)  # fmt: skip


def told(chance: random.Random) -> Told:
    def words(most: int) -> str:
        return "".join(chance.choice(PIECES) for _ in range(chance.randint(1, most)))

    line = " ".join(words(4).split())
    paragraphs = tuple(words(30) for _ in range(chance.randint(1, 6)))
    return Told(line, chance.choice(("2025-11-21", "soon", "")), "O", "https://x.example/", paragraphs)


def bent(data: bytes, chance: random.Random) -> bytes:
    """Return a file's bytes after one to four misfortunes."""
    bytes_ = bytearray(data)
    for _ in range(chance.randint(1, 4)):
        start, end = sorted((chance.randrange(len(bytes_) + 1), chance.randrange(len(bytes_) + 1)))
        way = chance.randrange(7)
        if way == 0 and bytes_:
            for _ in range(chance.randint(1, 20)):
                bytes_[chance.randrange(len(bytes_))] ^= 1 << chance.randrange(8)
        elif way == 1:
            del bytes_[start:]
        elif way == 2:
            del bytes_[start : min(end, start + 200)]
        elif way == 3:
            bytes_[end:end] = bytes_[start:end][:4000]
        elif way == 4:
            bytes_[start:start] = chance.choice(POISON)
        elif way == 5:
            bytes_[start : start + 8] = chance.randbytes(8)
        else:
            text = bytes_.decode("utf-8", "ignore")
            bytes_ = bytearray(text.encode(chance.choice(("utf-16", "big5", "gb18030", "cp1252")), "ignore"))
    return bytes(bytes_)


def trial(folder: Path, chance: random.Random) -> Corpus | None:
    """Write one bent file, read the folder, check the laws; None where nothing could be read."""
    name = chance.choice(sorted(FORMATS))
    try:
        whole = FORMATS[name](told(chance))
    except ValueError:  # a format that cannot hold such characters at all
        return None
    (folder / name).write_bytes(bent(whole, chance) if chance.random() < 0.9 else whole)
    try:
        corpus = load(folder)
    except CorpusError as error:
        check_words(str(error))
        corpus = None
    finally:
        (folder / name).unlink()
    if corpus:
        for skipped in corpus.skipped:
            check_words(skipped.reason)
        for article in corpus.articles:
            check(article)
    return corpus


def check_words(words: str) -> None:
    assert words.strip() and "\n" not in words and len(words) < 500, words


def check(article: Article) -> None:
    """Check the laws of a stored text."""
    text = article.text
    text.encode()
    assert unicodedata.is_normalized("NFC", text) and "\r" not in text and any(map(str.isalnum, text))
    last = 0
    for block in blocks(text):
        assert last <= block.span.start < block.span.end <= len(text)
        assert not text[last : block.span.start].strip()
        last = block.span.end
    assert not text[last:].strip()
    for passage in passages(article, 0):
        assert passage.span.of(text).strip() == passage.span.of(text)
        place = passage.span.start
        for sentence in passage.sentences:
            assert place <= sentence.span.start < sentence.span.end <= passage.span.end
            place = sentence.span.end
            assert sentence.whole.start <= sentence.span.start and sentence.span.end <= sentence.whole.end
            assert sentence.whole.of(text) in text


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    counts: Counter[str] = Counter()
    slowest = 0.0
    ends = time.monotonic() + asked.seconds
    with tempfile.TemporaryDirectory() as home:
        while time.monotonic() < ends:
            seed = f"{asked.seed}-{counts.total()}"
            started = time.monotonic()
            try:
                counts["read" if trial(Path(home), random.Random(seed)) else "skipped"] += 1  # noqa: S311
            except BaseException:
                print(f"failed at seed {seed!r}", file=sys.stderr)
                raise
            slowest = max(slowest, time.monotonic() - started)
    print(dict(counts), f"slowest {slowest:.2f} s")


if __name__ == "__main__":
    main()
