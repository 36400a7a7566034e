"""Answers as reports for readers: Markdown, HTML and plain text, with every source at the end.

What comes from articles and questions is escaped: it can neither format nor run.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from pathlib import Path

from qa.answered import Answered, Quoted, script, spoken
from qa.cells import visible
from qa.faults import tell
from qa.labels import label
from qa.records import Script
from qa.render import KINDS, REFUSALS, UNDATED, copies

Facts = Mapping[str, object]

WORDS: Mapping[str, Mapping[Script, str]] = {
    "title": {"en": "Questions and answers", "zh-Hant": "問題與回答", "zh-Hans": "问题与回答"},
    "answered": {"en": "answered", "zh-Hant": "有回答", "zh-Hans": "有回答"},
    "unanswered": {"en": "not answered", "zh-Hant": "未回答", "zh-Hans": "未回答"},
    "faulty": {"en": "could not be asked", "zh-Hant": "無法提問", "zh-Hans": "无法提问"},
    "questions": {"en": "questions", "zh-Hant": "個問題", "zh-Hans": "个问题"},
    "confidence": {"en": "confidence", "zh-Hant": "把握", "zh-Hans": "把握"},
    "sources": {"en": "Sources", "zh-Hant": "資料來源", "zh-Hans": "资料来源"},
    "run": {"en": "About this run", "zh-Hant": "本次執行", "zh-Hans": "本次运行"},
}
_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>#|~&$!^=])")
_SCHEMES = ("http://", "https://")

_STYLE = """
:root{--ink:#1b2430;--soft:#5d6b7c;--line:#dde3ea;--card:#fff;--page:#f4f6f9;--mark:#fff0c2;--yes:#0b6b45;--no:#8a4b08}
@media(prefers-color-scheme:dark){:root{--ink:#e6eaf0;--soft:#9aa7b8;--line:#303a48;--card:#1a212b;--page:#11161d;
--mark:#5b4a12;--yes:#5fd3a2;--no:#f0b063}}
*{box-sizing:border-box}body{margin:0;background:var(--page);color:var(--ink);line-height:1.6;
font:16px/1.6 system-ui,-apple-system,"Segoe UI","PingFang TC","Microsoft JhengHei","Noto Sans CJK TC",sans-serif}
:lang(zh-Hans){font-family:system-ui,"PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif}
main{max-width:54rem;margin:0 auto;padding:2rem 1rem 4rem}h1{font-size:1.7rem;margin:0 0 .3rem}h2{font-size:1.25rem}
.sum{color:var(--soft);margin:0 0 1.6rem}article{background:var(--card);border:1px solid var(--line);
border-radius:10px;padding:1rem 1.2rem;margin:0 0 1rem;break-inside:avoid}
article h3{font-size:1.06rem;margin:0;overflow-wrap:anywhere}.no{color:var(--soft);font-weight:400;margin-right:.5em}
.state{font-size:.85rem;color:var(--yes);margin:.1rem 0 .6rem}.none .state{color:var(--no)}
blockquote{margin:.6rem 0;padding:.1rem 0 .1rem .9rem;border-left:3px solid var(--line);overflow-wrap:anywhere}
blockquote p{margin:0}cite{font-style:normal;font-size:.85rem;color:var(--soft)}mark{background:var(--mark);
color:inherit;border-radius:3px;padding:0 .1em}a{color:inherit}.also{font-size:.93rem}
ol,table{font-size:.92rem;overflow-wrap:anywhere}td{padding:.2rem 1rem .2rem 0;vertical-align:top}
td:first-child{color:var(--soft);white-space:nowrap}@media print{body{background:#fff}article{border-color:#ccc}}
"""


def tongue(answered: Answered, language: Script) -> Script:
    """Return in which language a row is told: its question's, or the report's, `language`, where it was none to ask."""
    return language if answered.error else script(answered.language)


def refusal(answered: Answered, language: Script) -> str:
    """Return why there is no answer."""
    if answered.error:
        return tell(answered.error, language)
    known = answered.missing_kind in KINDS or answered.reason != "kind_not_in_corpus"
    words = REFUSALS.get(answered.reason if known else "not_in_corpus", REFUSALS["not_in_corpus"])
    names = (", " if language == "en" else "、").join(answered.missing)
    return words[language].format(names=names, kind=KINDS.get(answered.missing_kind, KINDS["number"])[language])


def _state(answered: Answered, language: Script) -> str:
    key = "answered" if answered.found else "faulty" if answered.error else "unanswered"
    sure = f" · {WORDS['confidence'][language]} {answered.confidence:.2f}" if not answered.error else ""
    return WORDS[key][language] + sure


def _summary(answers: Sequence[Answered], language: Script) -> str:
    asked = [each for each in answers if not each.blank]
    found, faulty = sum(each.found for each in asked), sum(bool(each.error) for each in asked)
    parts = [(len(asked), "questions"), (found, "answered"), (len(asked) - found - faulty, "unanswered")]
    parts += [(faulty, "faulty")] if faulty else []
    return " · ".join(f"{number} {WORDS[name][language]}" for number, name in parts)


def _numbered(answers: Sequence[Answered]) -> dict[str, tuple[int, Quoted]]:
    """Return every cited article once, numbered by first appearance."""
    cited: dict[str, tuple[int, Quoted]] = {}
    for quoted in (quoted for each in answers for quoted in each.quotes):
        cited.setdefault(quoted.article, (len(cited) + 1, quoted))
    return cited


def _source(quoted: Quoted, language: Script) -> str:
    """Return in one line the source of a quote, and which other outlets carry the same report."""
    also = copies(quoted.outlet, quoted.copies, language)
    return one_line(quoted.source(UNDATED[language]) + (f" ({also})" if also else ""))


def _rows(answers: Sequence[Answered]) -> Iterator[tuple[int, Answered]]:
    return ((row, each) for row, each in enumerate(answers, 1) if not each.blank)


def one_line(text: str) -> str:
    """Return `text` in one line, control characters shown."""
    return visible(" ".join(text.split()))


# --- plain text -----------------------------------------------------------------------------------


def write_text(path: Path, answers: Sequence[Answered], facts: Facts, urls: Mapping[str, str]) -> None:
    """Write questions, quotes and sources as plain text; raises OSError."""
    path.write_text("\n".join(_text_lines(answers)) + "\n", encoding="utf-8", newline="\n")


def _text_lines(answers: Sequence[Answered]) -> Iterator[str]:
    language = spoken(answers)
    for row, each in _rows(answers):
        own = tongue(each, language)
        yield f"{row}. {one_line(each.question)}"
        if not each.found:
            yield f"   {one_line(refusal(each, own))}"
        for quoted in each.quotes:
            yield f"   [{quoted.number}] {one_line(quoted.quote)}"
            yield f"       — {_source(quoted, own)}"
        yield ""


# --- Markdown -------------------------------------------------------------------------------------


def markdown_escaped(text: str) -> str:
    r"""Return `text` so that Markdown shows it as it is, in one line.

    >>> markdown_escaped("1. *a* <b>")
    '1\\. \\*a\\* \\<b\\>'
    """
    return _block_safe(_MARKDOWN.sub(r"\\\1", one_line(text)))


def _block_safe(text: str) -> str:
    """Keep the start of a line from opening a list."""
    return re.sub(r"^(\s*)([-+])|^(\s*\d+)([.)])", r"\1\3\\\2\4", text)


def write_markdown(path: Path, answers: Sequence[Answered], facts: Facts, urls: Mapping[str, str]) -> None:
    """Write a report as Markdown; raises OSError."""
    path.write_text("\n".join(_markdown_lines(answers, facts, urls)) + "\n", encoding="utf-8", newline="\n")


def _markdown_lines(answers: Sequence[Answered], facts: Facts, urls: Mapping[str, str]) -> Iterator[str]:
    language, cited = spoken(answers), _numbered(answers)
    yield f"# {WORDS['title'][language]}\n\n{_summary(answers, language)}\n"
    for row, each in _rows(answers):
        yield f"## {row}. {markdown_escaped(each.question)}\n"
        own = tongue(each, language)
        yield f"*{_state(each, own)}*\n"
        if not each.found:
            yield f"{markdown_escaped(refusal(each, own))}\n"
        for said in each.statements():
            yield from (_markdown_quote(quoted, cited[quoted.article][0], each) for quoted in said)
    yield f"## {WORDS['sources'][language]}\n"
    for number, quoted in cited.values():
        link = _markdown_link(urls.get(quoted.article, ""))
        yield f"{number}. {markdown_escaped(quoted.source(UNDATED[language]))}{link}"
    yield f"\n## {WORDS['run'][language]}\n"
    yield from (
        f"- {markdown_escaped(label(name, language))}: {markdown_escaped(str(value))}" for name, value in facts.items()
    )


def _markdown_quote(quoted: Quoted, number: int, answered: Answered) -> str:
    text = _block_safe("".join(_markdown_piece(part, marked) for part, marked in quoted.pieces()).strip())
    source = markdown_escaped(_source(quoted, script(answered.language)))
    return f"> {text}\n>\n> — {source} \\[{number}\\]\n"


def _markdown_piece(part: str, marked: bool) -> str:
    shown = _MARKDOWN.sub(r"\\\1", visible(re.sub(r"\s+", " ", part)))
    bold = marked and shown[:1].isalnum() and shown[-1:].isalnum()  # beside punctuation the stars would show
    return f"**{shown}**" if bold else shown


def _markdown_link(url: str) -> str:
    safe = url.startswith(_SCHEMES) and not re.search(r"[\s<>]", url)
    return f" · <{url}>" if safe else ""


# --- HTML -----------------------------------------------------------------------------------------


def write_html(path: Path, answers: Sequence[Answered], facts: Facts, urls: Mapping[str, str]) -> None:
    """Write a report as one HTML file that needs nothing else; raises OSError."""
    language = spoken(answers)
    path.write_text(
        html_page(WORDS["title"][language], language, _html_parts(answers, facts, urls)), encoding="utf-8", newline="\n"
    )


def html_page(title: str, language: Script, parts: Iterator[str]) -> str:
    """Return a whole page around its parts, which are HTML already."""
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    head = (
        f'<!doctype html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<title>{escape(title)}</title>\n'
        f"<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{escape(title)}</h1>\n"
    )
    return head + "\n".join(parts) + "\n</main>\n</body>\n</html>\n"


def _html_parts(answers: Sequence[Answered], facts: Facts, urls: Mapping[str, str]) -> Iterator[str]:
    language, cited = spoken(answers), _numbered(answers)
    yield f'<p class="sum">{escape(_summary(answers, language))}</p>'
    for row, each in _rows(answers):
        yield _html_answer(row, each, cited, tongue(each, language))
    yield f"<h2>{WORDS['sources'][language]}</h2>\n<ol>"
    for number, quoted in cited.values():
        shown = escape(one_line(quoted.source(UNDATED[language])))
        link = _html_link(urls.get(quoted.article, ""))
        yield f'<li id="s{number}" lang="{escape(quoted.language)}">{shown}{link}</li>'
    yield f"</ol>\n<h2>{WORDS['run'][language]}</h2>\n<table>"
    for name, value in facts.items():
        yield f"<tr><td>{escape(label(name, language))}</td><td>{escape(visible(str(value)))}</td></tr>"
    yield "</table>"


def _html_answer(row: int, answered: Answered, cited: Mapping[str, tuple[int, Quoted]], language: Script) -> str:
    lines = [
        f'<article id="q{row}" lang="{language}"{"" if answered.found else " class=none"}>',
        f'<h3><span class="no">{row}</span>{escape(one_line(answered.question))}</h3>',
        f'<p class="state">{escape(_state(answered, language))}</p>',
    ]
    if not answered.found:
        lines.append(f"<p>{escape(one_line(refusal(answered, language)))}</p>")
    for said in answered.statements():
        for place, quoted in enumerate(said):
            lines.append(_html_quote(quoted, cited[quoted.article][0], language, also=place > 0))
    return "\n".join((*lines, "</article>"))


def _html_quote(quoted: Quoted, number: int, language: Script, *, also: bool) -> str:
    text = "".join(f"<mark>{_shown(part)}</mark>" if marked else _shown(part) for part, marked in quoted.pieces())
    source = f'<cite>— {escape(_source(quoted, language))} <a href="#s{number}">[{number}]</a></cite>'
    kind = ' class="also"' if also else ""
    return f'<blockquote{kind} lang="{escape(quoted.language)}"><p>{text}</p>{source}</blockquote>'


def _shown(part: str) -> str:
    return escape(visible(re.sub(r"\s+", " ", part)))


def _html_link(url: str) -> str:
    return f' · <a href="{escape(url)}" rel="noreferrer">{escape(url)}</a>' if url.startswith(_SCHEMES) else ""
