"""What a source says about itself: title, date, outlet and so on, under the names that people use for them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

# Columns, keys of front matter and labels of head lines, by what they mean here; compared without case and marks.
_ALIASES = {
    "title": "title headline heading subject 標題 标题 題目 题目 新聞標題 新闻标题 篇名",
    "date": "date published publication_date publish_date pub_date pubdate date_published published_at datetime"
    " 日期 時間 时间 發布日期 发布日期 發佈日期 發布時間 发布时间 發佈時間 刊登日期"
    " 出版日期 報導日期 报道日期 新聞日期 見報日期",
    "outlet": "outlet source publisher publication media newspaper site site_name news_source"
    " 媒體 媒体 媒體名稱 媒体名称 來源 来源 新聞來源 新闻来源 報社 报社 報紙 报纸 報刊 报刊 出處 出处",
    "language": "language lang 語言 语言 語文 语种",
    "region": "region country 地區 地区 國家 国家",
    "url": "url link href web_url source_url permalink 網址 网址 連結 链接 鏈接 原文網址 原文链接",
    "text": "text content body article article_text full_text fulltext main_text story"
    " 正文 內文 内文 內容 内容 全文 本文 文章 新聞內容 新闻内容 文章內容 文章内容",
}
_MEANINGS = {alias: meaning for meaning, aliases in _ALIASES.items() for alias in aliases.split()}
_LABELLED = re.compile(r"\s*[【\[]?([^\W\d][\w ]{1,18}?)\s*(?:[】\]]\s*[:：]?|[:：])\s*(\S.*?)\s*")
_UNWRITABLE = re.compile("[\ud800-\udfff\x00]")
_HEAD_END = re.compile(r"\n---[ \t]*(?:\n|$)")
_LONGEST_HEAD = 50_000  # characters of front matter; YAML takes its time, and so much is none
_FEWEST = 2  # labelled lines that make a head; one alone may be prose
_MOST = 2000  # characters of a value; more is no title or name


@dataclass(frozen=True, slots=True)
class Source:
    """One article as its file has it; `part` is its place in a file of several (`#3`), else empty."""

    text: str
    meta: Mapping[str, str] = field(default_factory=dict)
    part: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """A part of a file that holds no article, and why."""

    part: str
    reason: str


def normalise(text: str) -> str:
    r"""Return `text` as it is stored: composed (NFC), with `\n` line ends, without blank ends.

    Halves of surrogate pairs are joined or replaced, and NUL is left out: neither can be written as UTF-8 text.
    """
    if _UNWRITABLE.search(text):
        text = text.replace("\x00", "").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    lines = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n")
    return lines.strip("\n\ufeff")


def meaning(name: str) -> str | None:
    """Return which field a column or key names, or None.

    >>> meaning("Publish Date"), meaning("發布時間"), meaning("猜測")
    ('date', 'date', None)
    """
    return _MEANINGS.get(re.sub(r"[\s_-]+", "_", name.strip("\ufeff \t*:：").lower()))


def plain(value: Any) -> str:
    """Return one value as a line of text; nested values are no metadata of ours."""
    if value is None or isinstance(value, (dict, list)):
        return ""
    return normalise(" ".join(str(value).split()))[:_MOST]


def fields(values: Mapping[str, Any]) -> dict[str, str]:
    """Return what `values` say under our own names; the first of several for one field holds."""
    told: dict[str, str] = {}
    for name, value in values.items():
        which = meaning(str(name))
        if which and which != "text" and plain(value) and not told.get(which):
            told[which] = plain(value)
    return told


def split_head(text: str) -> tuple[dict[str, str], str]:
    """Return what opens a text about it, YAML front matter or labelled lines, and the text that follows.

    Raises:
        ValueError: there is front matter, and it is not YAML.
    """
    if text.startswith("---\n"):
        return _front_matter(text)
    return _labelled_lines(text)


def _front_matter(text: str) -> tuple[dict[str, str], str]:
    import yaml

    end = _HEAD_END.search(text)
    if end is None or end.start() > _LONGEST_HEAD:
        return {}, text
    head, body = text[4 : end.start()], text[end.end() :]
    try:
        # BaseLoader is the safest: every value is text, so that a date that is none is told of as such
        meta = yaml.load(head, Loader=yaml.BaseLoader)  # noqa: S506
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        reason = str(getattr(error, "problem", None) or "it is nested too deeply")
        raise ValueError(f"the front matter is not YAML ({reason}); mend it or remove it") from error
    if not isinstance(meta, dict):
        return {}, text  # a rule of dashes, not front matter
    return fields(meta), body.strip("\n")


def _labelled_lines(text: str) -> tuple[dict[str, str], str]:
    """Split lines such as "標題：…" and "Date: …" from the top of a text."""
    told: dict[str, str] = {}
    place = 0
    for line in text.splitlines(keepends=True):
        label = _LABELLED.fullmatch(line[:_MOST])
        which = meaning(label[1]) if label else None
        if label is None or which is None or (which == "text" or which in told):
            if line.strip():
                break
        else:
            told[which] = plain(label[2])
        place += len(line)
    return (told, text[place:].strip("\n")) if len(told) >= _FEWEST else ({}, text)
