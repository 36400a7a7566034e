"""What each line of an article is: prose, numbered clause, heading, photo caption, or furniture.

Nothing is removed and nothing is changed: the blocks cover the stored text, and what is not prose or a
clause is merely known for what it is, so that it is searched with its passage but not quoted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from qa.language import language_of
from qa.quantities import chinese_value
from qa.records import Block, Kind, Span

_HEADING_CHARACTERS = {"zh": 40, "en": 110}  # the longest headlines seen in either language
_TERMINAL = re.compile(r"[。！!.;；…」』”\"）)]\s*$")
_SENTENCE_END = re.compile(r"[。！；]|[.!?](?=\s|$)")

_DATE_LINE = re.compile(r"\s*date\s+\d{4}-\d{2}-\d{2}[ \t\u3000]*")
_NUMBERED = re.compile(
    r"\s*(?:(\d{1,3})\s*(?:[.．、)）](?!\d)|\s-\s)"
    r"|第\s*([0-9一二三四五六七八九十百]+)\s*[點点條条項项款][：:、，,\s]"
    r"|(?:Point|Clause|Article|Item)\s+(\d{1,3})\s*[:.–—-])\s*"
)
_MARKDOWN_HEADING = re.compile(r"\s*#{1,6}\s+\S")
_BULLET_HEADING = re.compile(r"\s*[◆■●◎★▍►▶]\s*\S")

_CAPTION_START = re.compile(
    r"\s*(?:[▲▼△▽]|(?:資料)?[圖图](?:為|为|／|/|：|:|片[:：])|(?:Photo|Image|Picture|File photo|Caption)\s*[:–—-]"
    r"|!\[)"
)
_CREDIT = (
    r"路透|美聯社|美联社|法新社|新華社|新华社|中央社|歐新社|達志|翻攝|翻摄|資料照|资料图|資料圖|圖／|图／|圖/|网站|網站"
    r"|[Rr]euters|REUTERS|\bAP\b|AFP|EPA|Getty|Handout|[Pp]hoto|Shutterstock|Xinhua|Bloomberg"
)
_CREDIT_END = re.compile(
    rf"[（(][^（）()]*(?:{_CREDIT})[^（）()]*[）)]\s*$|。(?:美聯社|路透社?|法新社|新華社|歐新社|資料照片?)\s*$"
)

_FURNITURE = re.compile(
    r"\s*(?:"
    r"[（(【\[]?\s*(?:記者|编译|編譯|实习记者|實習記者|特派員|特约记者|撰文|文[／/:：]|作者[／/:：]|責任編輯|责任编辑|編輯[／/:：]"
    r"|編按|核稿|圖文|原文網址|原文链接|來源[:：]|来源[:：]|更新時間|更新时间|發布時間|发布时间)"
    r"|(?:分享|轉發|转发|按讚|讚好|留言|讀者回應|延伸閱讀|延伸阅读|相關新聞|相关新闻|相關報導|推薦閱讀|推荐阅读|熱門新聞"
    r"|更多.{0,12}(?:新聞|新闻|報導|報道|报道)|看更多|點我|点击|訂閱|订阅|加入.{0,8}(?:LINE|好友|會員)|下載.{0,12}APP"
    r"|版權所有|版权所有|免責聲明|未經授權)"
    r"|(?:By\s+[A-Z][\w.’'-]+(?:\s+[A-Z][\w.’'-]+){0,4}\s*$)"
    r"|(?:Share (?:this|on)|Follow us|Subscribe|Sign up|Read more|Related(?: (?:news|stories|articles))?\s*[:：]?\s*$"
    r"|Advertisement|Copyright|©|Tags?\s*[:：]"
    r"|All rights reserved|Click here|Loading|Comments?\s*$|Skip to)"
    r")",
    re.IGNORECASE,
)
_BYLINE = re.compile(r"^[^。！？!?]{0,40}(?:／|/)\s*(?:綜合)?(?:報導|報道|报道|電|电|編譯|编译|整理)\s*$")
_DATELINE = re.compile(
    r"\s*(?:[（(【\[][^（）()【】\[\]]{0,40}(?:社|記者|记者|電|电|訊|讯|報導|報道|报道)[^（）()【】\[\]]{0,40}[）)】\]]"
    r"|[A-Z][A-Za-z ,./]{2,40}(?:\([A-Z][A-Za-z/ ]{1,20}\))\s*[-–—])\s*"
)
_MENU_GAP = re.compile(r"\s*[|｜›»>·•]\s*|[ \u3000]+")


def _is_menu(line: str) -> bool:
    """Tell whether a line is a row of short labels: five or more, none of them a sentence."""
    if re.search(r"[。！？，,.!?：:；;「」“”]", line):
        return False
    labels = [label for label in _MENU_GAP.split(line.strip()) if label]
    bars = len(re.findall(r"[|｜›»>]", line))
    if language_of(line) == "zh":
        return len(labels) >= 4 and max(map(len, labels)) <= 10
    return bars >= 2 and len(labels) >= 4


def _is_tag_list(line: str) -> bool:
    """Tell whether a line runs words together without any punctuation, longer than a headline would."""
    stripped = line.strip()
    return language_of(line) == "zh" and len(stripped) >= 20 and not re.search(r"[\W_]", stripped)


def _is_heading(line: str) -> bool:
    stripped = line.strip()
    if _MARKDOWN_HEADING.match(line) or stripped.endswith(("：", ":")):
        return True
    if len(stripped) > _HEADING_CHARACTERS[language_of(stripped)]:
        return False
    if _BULLET_HEADING.match(line) and not _SENTENCE_END.search(stripped[:-1]):
        return True
    if stripped.endswith(("？", "?")):
        return not _SENTENCE_END.search(stripped[:-1])
    return not _TERMINAL.search(stripped)


def kind_of(line: str) -> Kind:
    """Return what one line is, judged by itself.

    >>> [kind_of(line).value for line in ("▲普丁與川普通話。（圖／路透）", "6.烏軍限60萬人。", "美方怎麼說？", "分享")]
    ['caption', 'clause', 'heading', 'furniture']
    """
    if _CAPTION_START.match(line) or _CREDIT_END.search(line):
        return Kind.CAPTION
    if _FURNITURE.match(line) and len(line.strip()) <= 80:
        return Kind.FURNITURE
    if _BYLINE.match(line.strip()) or _is_menu(line) or _is_tag_list(line):
        return Kind.FURNITURE
    if not re.search(r"\w", line):
        return Kind.FURNITURE
    if _NUMBERED.match(line):
        return Kind.CLAUSE
    return Kind.HEADING if _is_heading(line) else Kind.PROSE


def clause_number(line: str) -> int | None:
    """Return the number that a clause begins with.

    >>> clause_number("19.札波羅熱核電廠"), clause_number("第二十一條：領土"), clause_number("1.5 million")
    (19, 21, None)
    """
    matched = _NUMBERED.match(line)
    if matched is None:
        return None
    digits = matched[1] or matched[3] or matched[2]
    return int(digits) if digits.isdigit() else chinese_value(digits)


def _lines(text: str) -> Iterator[Span]:
    """Yield every line that is not blank, without its line end."""
    for line in re.finditer(r"[^\n]+", text):
        if line[0].strip():
            yield Span(line.start(), line.end())


def _blocks_of(text: str, line: Span) -> Iterator[Block]:
    """Yield the blocks of one line: a date head or an agency tag before what it introduces."""
    start = line.start
    for prefix in (_DATE_LINE, _DATELINE):
        tag = prefix.match(text, start, line.end)
        if tag and tag.end() > start:
            yield Block(Span(start, tag.end()), Kind.FURNITURE)
            start = tag.end()
    rest = Span(start, line.end)
    if rest.of(text).strip():
        kind = kind_of(rest.of(text))
        number = clause_number(rest.of(text)) if kind is Kind.CLAUSE else None
        yield Block(rest, kind, number, rest.of(text).rstrip().endswith(("：", ":")))


def blocks(text: str) -> tuple[Block, ...]:
    """Return what the lines of an article are, in order; blank lines belong to none."""
    return tuple(block for line in _lines(text) for block in _blocks_of(text, line))
