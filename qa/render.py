"""Answers as text and as JSON. All words that a user reads are here, the languages side by side."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from typing import Any

from qa.figures import figures
from qa.records import Answer, Article, Citation, Kind, Script

LEAD: Mapping[Script, str] = {
    "en": "The articles say:",
    "zh-Hant": "報導中的說法：",
    "zh-Hans": "报道中的说法：",
}
REFUSALS: Mapping[str, Mapping[Script, str]] = {
    "empty_question": {
        "en": "There is no question to answer. Please type one.",
        "zh-Hant": "還沒有輸入問題，請輸入後再試。",
        "zh-Hans": "还没有输入问题，请输入后再试。",
    },
    "not_in_corpus": {
        "en": "The articles do not answer this: nothing in them comes close enough.",
        "zh-Hant": "這些報導沒有回答這個問題：找不到夠接近的內容。",
        "zh-Hans": "这些报道没有回答这个问题：找不到足够接近的内容。",
    },
    "name_not_in_corpus": {
        "en": "The articles do not answer this: they never mention {names}.",
        "zh-Hant": "這些報導沒有回答這個問題：文中從未提到{names}。",
        "zh-Hans": "这些报道没有回答这个问题：文中从未提到{names}。",
    },
    "kind_not_in_corpus": {
        "en": "The articles do not answer this: the passages that come nearest hold no such {kind}.",
        "zh-Hant": "這些報導沒有回答這個問題：最接近的段落裡沒有所問的{kind}。",
        "zh-Hans": "这些报道没有回答这个问题：最接近的段落里没有所问的{kind}。",
    },
    "outside_filters": {
        "en": "No article within the chosen filters answers this. Widen the dates, outlet or language and ask again.",
        "zh-Hant": "在所選的篩選條件內，沒有報導回答這個問題。請放寬日期、媒體或語言後再試。",
        "zh-Hans": "在所选的筛选条件内，没有报道回答这个问题。请放宽日期、媒体或语言后再试。",
    },
}
KINDS: Mapping[str, Mapping[Script, str]] = {
    "number": {"en": "number", "zh-Hant": "數字", "zh-Hans": "数字"},
    "date": {"en": "date", "zh-Hant": "日期", "zh-Hans": "日期"},
    "person": {"en": "person", "zh-Hant": "人物", "zh-Hans": "人物"},
    "place": {"en": "place", "zh-Hant": "地點", "zh-Hans": "地点"},
}
NEAR: Mapping[Script, str] = {
    "en": "Not an answer, but near:",
    "zh-Hant": "並非答案，但內容相近：",
    "zh-Hans": "并非答案，但内容相近：",
}
SURENESS: Mapping[str, Mapping[Script, str]] = {
    "high": {"en": "Confidence: high", "zh-Hant": "把握：高", "zh-Hans": "把握：高"},
    "fair": {"en": "Confidence: fair", "zh-Hant": "把握：中等", "zh-Hans": "把握：中等"},
    "low": {"en": "Confidence: low", "zh-Hant": "把握：低", "zh-Hans": "把握：低"},
}
CAPTION: Mapping[Script, str] = {"en": "photo caption", "zh-Hant": "圖說", "zh-Hans": "图片说明"}
UNDATED: Mapping[Script, str] = {"en": "undated", "zh-Hant": "日期不詳", "zh-Hans": "日期不详"}
WAYS: Mapping[str, Mapping[Script, str]] = {
    "word": {"en": "same word", "zh-Hant": "同一詞", "zh-Hans": "同一词"},
    "script": {"en": "other script", "zh-Hant": "繁簡對應", "zh-Hans": "繁简对应"},
    "name": {"en": "name variant", "zh-Hant": "譯名對應", "zh-Hans": "译名对应"},
    "sound": {"en": "sounds alike", "zh-Hant": "譯音相近", "zh-Hans": "译音相近"},
    "dictionary": {"en": "dictionary", "zh-Hant": "詞典對譯", "zh-Hans": "词典对译"},
    "number": {"en": "same value", "zh-Hant": "數值相同", "zh-Hans": "数值相同"},
}
COPIES: Mapping[Script, str] = {
    "en": "The same report also in: {outlets}",
    "zh-Hant": "同一篇報導亦見於：{outlets}",
    "zh-Hans": "同一篇报道亦见于：{outlets}",
}
FIGURES: Mapping[Script, str] = {
    "en": "The figures side by side:",
    "zh-Hant": "各項數字並列：",
    "zh-Hans": "各项数字并列：",
}
_NEAR_SHOWN = 3
_NEAR_CHARACTERS = 120


def refusal(answer: Answer) -> str:
    """Return, in the asker's language and script, why there is no answer."""
    joint = ", " if answer.language == "en" else "、"
    kind = KINDS.get(answer.missing_kind, KINDS["number"])[answer.language]
    words = REFUSALS[answer.reason or "not_in_corpus"][answer.language]
    return words.format(names=joint.join(answer.missing), kind=kind)


def sureness(answer: Answer) -> str:
    """Return in words how sure an answer is."""
    level = "high" if answer.confidence >= 0.8 else "fair" if answer.confidence >= 0.6 else "low"
    return SURENESS[level][answer.language]


def source(citation: Citation, language: Script) -> str:
    """Return title, outlet and date of a citation in one line."""
    article = citation.article
    parts = [article.title, article.outlet, article.published or UNDATED[language]]
    if citation.kind is Kind.CAPTION:
        parts.append(CAPTION[language])
    return " · ".join(part for part in parts if part)


def copies(own: str, outlets: Iterable[str], language: Script) -> str:
    """Return in words which outlets beside its `own` carry a report, all being one source; nothing where none does."""
    others = [outlet for outlet in dict.fromkeys(outlets) if outlet != own]
    joint = ", " if language == "en" else "、"
    return COPIES[language].format(outlets=joint.join(others)) if others else ""


def one_line(text: str) -> str:
    """Return `text` with its line ends as single spaces, for showing in a list."""
    return " ".join(text.split())


def as_text(answer: Answer, *, why: bool = False) -> str:
    """Return an answer as plain text: statements with their sources, or the refusal with what is near."""
    return "\n".join(_answer_lines(answer, why) if answer.found else _refusal_lines(answer)) + "\n"


def _answer_lines(answer: Answer, why: bool) -> Iterator[str]:
    yield f"{LEAD[answer.language]}  ({sureness(answer)})"
    for statement in dict.fromkeys(citation.statement for citation in answer.citations):
        yield ""
        for citation in answer.citations:
            if citation.statement == statement:
                yield f"[{citation.number}] {one_line(citation.quote)}"
                yield f"    — {source(citation, answer.language)}"
                yield from _copy_lines(citation, answer.language)
                yield from _why_lines(citation, answer.language) if why else ()
    yield from _figure_lines(answer)


def _figure_lines(answer: Answer) -> Iterator[str]:
    """Yield the different figures of an answer, each with where it stands and of when."""
    found = figures(as_dict(answer))
    if found:
        yield ""
        yield FIGURES[answer.language]
    for figure in found:
        marks = " ".join(
            f"[{one['number']}] {one['published'] or UNDATED[answer.language]}" for one in figure.citations
        )
        yield f"  {' / '.join(figure.written)}  {marks}"


def _copy_lines(citation: Citation, language: Script) -> Iterator[str]:
    outlets = (copy.article.outlet or copy.article.title for copy in citation.copies)
    told = copies(citation.article.outlet, outlets, language)
    if told:
        yield f"      {one_line(told)}"


def _why_lines(citation: Citation, language: Script) -> Iterator[str]:
    told = citation.why
    yield f"    sentence {told.sentence:+.2f}  passage {told.passage:+.2f}  lexical {told.lexical:+.2f}"
    for match in told.matches:
        yield f"    {match.term} = {match.found} ({WAYS[match.way][language]})"


def _refusal_lines(answer: Answer) -> Iterator[str]:
    yield refusal(answer)
    if answer.consulted:
        yield ""
        yield NEAR[answer.language]
    for passage in answer.consulted[:_NEAR_SHOWN]:
        text = one_line(passage.span.of(passage.article.text))
        cut = text[:_NEAR_CHARACTERS] + ("…" if len(text) > _NEAR_CHARACTERS else "")
        yield f"  · {cut}"
        yield f"    — {passage.article.title}"


def as_dict(answer: Answer) -> dict[str, Any]:
    """Return an answer in the form of the contract, ready for JSON."""
    return {
        "question": answer.question,
        "language": answer.language,
        "found": answer.found,
        "confidence": answer.confidence,
        "reason": answer.reason,
        "missing": list(answer.missing),
        "missing_kind": answer.missing_kind,
        "reading": answer.reading,
        "citations": [_citation_dict(citation) for citation in answer.citations],
        "passages": [
            {
                "article": passage.article.name,
                "start": passage.span.start,
                "end": passage.span.end,
                "text": passage.span.of(passage.article.text),
                "score": round(passage.score, 4),
            }
            for passage in answer.consulted
        ],
        "index": {"generation": answer.generation, "model": answer.model},
    }


def _citation_dict(citation: Citation) -> dict[str, Any]:
    article, told = citation.article, citation.why
    return {
        "number": citation.number,
        "statement": citation.statement,
        "article": article.name,
        "title": article.title,
        "outlet": article.outlet,
        "published": article.published,
        "language": article.language,
        "start": citation.span.start,
        "end": citation.span.end,
        "quote": citation.quote,
        "context": citation.context.of(article.text),
        "kind": citation.kind.value,
        "score": round(citation.score, 4),
        "copies": [
            {
                "article": copy.article.name,
                "title": copy.article.title,
                "outlet": copy.article.outlet,
                "published": copy.article.published,
                "start": copy.span.start,
                "end": copy.span.end,
            }
            for copy in citation.copies
        ],
        "why": {
            "sentence": round(told.sentence, 4),
            "passage": round(told.passage, 4),
            "lexical": round(told.lexical, 4),
            "matches": [asdict(match) for match in told.matches],
        },
    }


def article_dict(article: Article) -> dict[str, Any]:
    """Return a stored article in the form of the contract, ready for JSON."""
    told = asdict(article)
    return {"article": told.pop("name"), **told}
