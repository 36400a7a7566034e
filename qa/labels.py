"""The names of sheets, columns, reasons and facts in files of answers, in English, Traditional and Simplified Chinese.

CSV, TSV and JSONL keep the English names, for programs; workbooks and reports are for readers, and speak the language
of most questions. What a workbook says is turned back into the English names when it is read.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from qa.records import Script

_LABELS: Mapping[str, tuple[str, str]] = {
    # sheets
    "Answers": ("回答", "回答"),
    "Citations": ("引文", "引文"),
    "Run": ("本次執行", "本次运行"),
    # columns of answers and of citations
    "row": ("列", "行"),
    "found": ("有回答", "有回答"),
    "confidence": ("把握", "把握"),
    "reason": ("未回答的原因", "未回答的原因"),
    "statements": ("報導中的說法", "报道中的说法"),
    "sources": ("資料來源", "资料来源"),
    "answerable": ("應可回答", "应可回答"),
    "accept": ("可接受的引文", "可接受的引文"),
    " (given)": ("（原有）", "（原有）"),
    "question": ("問題", "问题"),
    "number": ("編號", "编号"),
    "statement": ("說法", "说法"),
    "quote": ("引文", "引文"),
    "title": ("標題", "标题"),
    "outlet": ("媒體", "媒体"),
    "published": ("日期", "日期"),
    "language": ("語言", "语言"),
    "article": ("檔案", "文件"),
    "start": ("起", "起"),
    "end": ("迄", "止"),
    "score": ("分數", "分数"),
    "copies": ("同一篇報導亦見於", "同一篇报道亦见于"),
    "fact": ("項目", "项目"),
    "value": ("內容", "内容"),
    # what cells say
    "yes": ("是", "是"),
    "no": ("否", "否"),
    "not_in_corpus": ("報導中沒有", "报道中没有"),
    "name_not_in_corpus": ("報導未提及此名", "报道未提及此名"),
    "kind_not_in_corpus": ("沒有所問的資料", "没有所问的资料"),
    "outside_filters": ("篩選範圍內沒有", "筛选范围内没有"),
    "empty_question": ("沒有問題", "没有问题"),
    "error": ("無法提問", "无法提问"),
    # facts of a run
    "date": ("執行日期", "运行日期"),
    "index generation": ("索引版次", "索引版次"),
    "model": ("模型", "模型"),
    "model fingerprint": ("模型指紋", "模型指纹"),
    "articles": ("報導篇數", "报道篇数"),
    "articles by language": ("各語言篇數", "各语言篇数"),
    "articles published": ("報導日期", "报道日期"),
    "passages consulted a question": ("每題查閱段落數", "每题查阅段落数"),
    "only since": ("只限此日起", "只限此日起"),
    "only until": ("只限此日止", "只限此日止"),
    "only outlet": ("只限媒體", "只限媒体"),
    "only language": ("只限語言", "只限语言"),
    "question column": ("問題所在的欄", "问题所在的列"),
    "rows": ("列數", "行数"),
    "blank rows": ("空白列", "空白行"),
    "different questions": ("不同的問題", "不同的问题"),
    "answered": ("有回答", "有回答"),
    "not answered": ("未回答", "未回答"),
    "digest of the questions": ("問題摘要值", "问题摘要值"),
}
_SCRIPTS: tuple[Script, ...] = ("zh-Hant", "zh-Hans")


def label(name: str, language: Script) -> str:
    """Return a name in a language, and what stands after its colon too; what is no name stays.

    >>> label("confidence", "zh-Hant"), label("not answered: error", "zh-Hans"), label("error: x", "zh-Hans")
    ('把握', '未回答：无法提问', '无法提问：x')
    """
    head, colon, rest = name.partition(": ")
    if language == "en" or head not in _LABELS:
        return name
    told = _LABELS[head][_SCRIPTS.index(language)]
    return f"{told}：{label(rest, language)}" if colon else told


def names_of(name: str) -> tuple[str, ...]:
    """Return a name in every language, the English one first."""
    return (name, *_LABELS[name])


@cache
def _english(names: tuple[str, ...], language: Script) -> Mapping[str, str]:
    return {label(name, language): name for name in names}


def named(told: str, names: tuple[str, ...], language: Script) -> str:
    """Return which of `names` a label is in a language; a label of none of them stays.

    >>> named("把握", ("found", "confidence"), "zh-Hant"), named("備註", ("found",), "zh-Hant")
    ('confidence', '備註')
    """
    return _english(names, language).get(told, told)
