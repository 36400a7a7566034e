"""What changed between two runs over the same questions: `qa diff OLD NEW`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from html import escape
from pathlib import Path
from typing import Any, Literal, get_args

from qa.answered import Answered, Quoted, spoken
from qa.disk import whole
from qa.errors import FileError
from qa.faults import tell
from qa.labels import label
from qa.records import Script
from qa.render import UNDATED
from qa.reports import html_page, markdown_escaped, one_line

Change = Literal["newly_found", "lost", "other_quote", "other_source", "moved", "other_reason", "unchanged"]
CHANGES: tuple[Change, ...] = get_args(Change)
WORDS: Mapping[str, Mapping[Script, str]] = {
    "newly_found": {"en": "newly found", "zh-Hant": "新有回答", "zh-Hans": "新有回答"},
    "lost": {"en": "lost", "zh-Hant": "不再有回答", "zh-Hans": "不再有回答"},
    "other_quote": {"en": "other quote", "zh-Hant": "引文不同", "zh-Hans": "引文不同"},
    "other_source": {
        "en": "same quote, other source",
        "zh-Hant": "引文相同，來源不同",
        "zh-Hans": "引文相同，来源不同",
    },
    "moved": {"en": "same quote, moved", "zh-Hant": "引文相同，位置不同", "zh-Hans": "引文相同，位置不同"},
    "other_reason": {
        "en": "other reason for no answer",
        "zh-Hant": "未回答的原因不同",
        "zh-Hans": "未回答的原因不同",
    },
    "unchanged": {"en": "unchanged", "zh-Hant": "未變", "zh-Hans": "未变"},
    "added": {"en": "only in the new run", "zh-Hant": "只在新的一次", "zh-Hans": "只在新的一次"},
    "removed": {"en": "only in the old run", "zh-Hant": "只在舊的一次", "zh-Hans": "只在旧的一次"},
    "none": {"en": "no questions", "zh-Hant": "沒有問題", "zh-Hans": "没有问题"},
    "title": {
        "en": "What changed between two runs",
        "zh-Hant": "兩次執行的差異",
        "zh-Hans": "两次运行的差异",
    },
    "before": {"en": "before", "zh-Hant": "先前", "zh-Hans": "先前"},
    "now": {"en": "now", "zh-Hant": "現在", "zh-Hans": "现在"},
    "old": {"en": "Old index", "zh-Hant": "舊索引", "zh-Hans": "旧索引"},
    "new": {"en": "New index", "zh-Hant": "新索引", "zh-Hans": "新索引"},
    "colon": {"en": ": ", "zh-Hant": "：", "zh-Hans": "："},
    "untold": {"en": "not told", "zh-Hant": "未註明", "zh-Hans": "未注明"},
}


@dataclass(frozen=True, slots=True)
class Compared:
    """One question of both runs; `row` is its row in the new one."""

    row: int
    change: Change
    old: Answered
    new: Answered

    @property
    def gone(self) -> tuple[Quoted, ...]:
        """The citations that only the old run has."""
        return _without(self.old.quotes, self.new.quotes)

    @property
    def come(self) -> tuple[Quoted, ...]:
        """The citations that only the new run has."""
        return _without(self.new.quotes, self.old.quotes)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two runs side by side; rows are of the run that they are in, `language` is that of most questions."""

    compared: tuple[Compared, ...]
    removed: tuple[tuple[int, str], ...]
    added: tuple[tuple[int, str], ...]
    generations: tuple[str, str]
    language: Script = "en"

    @property
    def counts(self) -> dict[str, int]:
        """How many questions changed in which way."""
        found = Counter(each.change for each in self.compared)
        return {name: found[name] for name in CHANGES}

    def say(self, name: str) -> str:
        """Return one of `WORDS` in the language of the questions."""
        return WORDS[name][self.language]


def _place(quoted: Quoted) -> tuple[str, int, str]:
    return quoted.article, quoted.start, quoted.quote


def _without(some: Sequence[Quoted], others: Sequence[Quoted]) -> tuple[Quoted, ...]:
    known = {_place(each) for each in others}
    return tuple(each for each in some if _place(each) not in known)


def _publication(quoted: Quoted) -> tuple[str, str, str, str]:
    return quoted.quote, quoted.title or quoted.article, quoted.outlet, quoted.published


def _not_among(some: Sequence[Quoted], others: Sequence[Quoted]) -> tuple[Quoted, ...]:
    """Return what `others` do not quote from the same report, wherever its file or its place in it."""
    known = set(map(_publication, others))
    return tuple(each for each in some if _publication(each) not in known)


def change_of(old: Answered, new: Answered) -> Change:
    """Tell how an answer changed. The same text elsewhere in its article, or in a renamed one, has moved."""
    if old.found != new.found:
        return "newly_found" if new.found else "lost"
    if not new.found:
        return "unchanged" if old.reason == new.reason else "other_reason"
    if old.quotes[0].quote != new.quotes[0].quote or {q.quote for q in old.quotes} != {q.quote for q in new.quotes}:
        return "other_quote"
    if set(map(_publication, old.quotes)) != set(map(_publication, new.quotes)):
        return "other_source"
    return "unchanged" if {_place(q) for q in old.quotes} == {_place(q) for q in new.quotes} else "moved"


def compare(old: Sequence[Answered], new: Sequence[Answered]) -> Comparison:
    """Compare two runs; a question that was asked several times is met in order, rows may have moved."""
    before = {key: (row, each) for row, key, each in _keyed(old)}
    after = {key: (row, each) for row, key, each in _keyed(new)}
    compared = (
        Compared(row, change_of(before[key][1], each), before[key][1], each)
        for key, (row, each) in after.items()
        if key in before
    )
    return Comparison(
        compared=tuple(compared),
        removed=tuple((row, each.question) for key, (row, each) in before.items() if key not in after),
        added=tuple((row, each.question) for key, (row, each) in after.items() if key not in before),
        generations=(_generation(old), _generation(new)),
        language=spoken(new),
    )


def _keyed(answers: Sequence[Answered]) -> Iterator[tuple[int, tuple[str, int], Answered]]:
    times: Counter[str] = Counter()
    for row, each in enumerate(answers, 1):
        if not each.blank:
            times[each.question] += 1
            yield row, (each.question, times[each.question]), each


def _generation(answers: Sequence[Answered]) -> str:
    return next((each.generation for each in answers if each.generation), "")


# --- told -----------------------------------------------------------------------------------------


def as_dict(comparison: Comparison) -> dict[str, Any]:
    """Return a comparison ready for JSON; unchanged questions are counted, not listed."""
    return {
        "old": comparison.generations[0],
        "new": comparison.generations[1],
        "counts": comparison.counts,
        "changes": [_change_dict(each) for each in comparison.compared if each.change != "unchanged"],
        "added": [{"row": row, "question": question} for row, question in comparison.added],
        "removed": [{"row": row, "question": question} for row, question in comparison.removed],
    }


def _change_dict(each: Compared) -> dict[str, Any]:
    return {
        "row": each.row,
        "question": each.new.question,
        "change": each.change,
        "confidence": [each.old.confidence, each.new.confidence],
        "reason": [each.old.reason or None, each.new.reason or None],
        "gone": [_quote_dict(quoted) for quoted in each.gone],
        "come": [_quote_dict(quoted) for quoted in each.come],
    }


def _quote_dict(quoted: Quoted) -> dict[str, Any]:
    told = asdict(quoted)
    return {name: told[name] for name in ("article", "title", "outlet", "published", "start", "end", "quote")}


def summary(comparison: Comparison) -> str:
    """Return the counts in one line."""
    counts = comparison.counts | {"added": len(comparison.added), "removed": len(comparison.removed)}
    told = [f"{number} {comparison.say(name)}" for name, number in counts.items() if number]
    return (", " if comparison.language == "en" else "；").join(told) or comparison.say("none")


def as_text(comparison: Comparison) -> str:
    """Return what changed as plain text, the summary first."""
    return "\n".join((summary(comparison), *_text_lines(comparison))) + "\n"


def _text_lines(comparison: Comparison) -> Iterator[str]:
    for change, found in _by_change(comparison):
        yield f"\n{comparison.say(change)}{comparison.say('colon').rstrip()}"
        for each in found:
            yield f"  {each.row}. {one_line(each.new.question)}"
            yield from (f"     {sign} {words}" for sign, words in _difference(each, comparison.language))
    for name, rows in _alone(comparison):
        yield f"\n{comparison.say(name)}{comparison.say('colon').rstrip()}"
        yield from (f"  {row}. {one_line(question)}" for row, question in rows)


def _by_change(comparison: Comparison) -> Iterator[tuple[Change, list[Compared]]]:
    for change in CHANGES:
        found = [each for each in comparison.compared if each.change == change]
        if found and change != "unchanged":
            yield change, found


def _alone(comparison: Comparison) -> Iterator[tuple[str, Sequence[tuple[int, str]]]]:
    """Yield the rows that only one of the runs has."""
    for name, rows in (("added", comparison.added), ("removed", comparison.removed)):
        if rows:
            yield name, rows


def _difference(each: Compared, language: Script) -> Iterator[tuple[str, str]]:
    """Yield what went (-) and what came (+).

    Beside other quotes, those that have only moved are not told; an order that alone changed shows as the two best.
    """
    gone, come = each.gone, each.come
    if each.change == "other_quote":
        gone, come = _not_among(gone, each.new.quotes), _not_among(come, each.old.quotes)
        if not (gone or come):
            gone, come = each.old.quotes[:1], each.new.quotes[:1]
    if each.change == "other_reason":
        yield "-", tell(each.old.error, language) or label(each.old.reason, language)
        yield "+", tell(each.new.error, language) or label(each.new.reason, language)
    yield from (("-", _told(quoted, language)) for quoted in gone)
    yield from (("+", _told(quoted, language)) for quoted in come)


def _told(quoted: Quoted, language: Script) -> str:
    source = one_line(quoted.source(UNDATED[language]))
    return f"{one_line(quoted.quote)} — {source} ({quoted.article}, {quoted.start}-{quoted.end})"


def write_report(comparison: Comparison, out: Path) -> None:
    """Write what changed as a report, `.md` or `.html`.

    Raises:
        FileError: it is of another form, or cannot be written.
    """
    writers = {".md": _markdown, ".html": _html}
    if out.suffix.lower() not in writers:
        raise FileError(f"{out}: a report is written to {' or '.join(writers)} files; choose one of these suffixes")
    text = writers[out.suffix.lower()](comparison)
    with whole(out) as draft:
        draft.write_text(text, encoding="utf-8", newline="\n")


_NAMED = {"-": "before", "+": "now"}


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _indexes(comparison: Comparison) -> str:
    told = zip(("old", "new"), comparison.generations, strict=True)
    return " · ".join(
        f"{comparison.say(name)}{comparison.say('colon')}{found or comparison.say('untold')}" for name, found in told
    )


def _markdown(comparison: Comparison) -> str:
    return "\n".join(_markdown_lines(comparison)) + "\n"


def _markdown_lines(comparison: Comparison) -> Iterator[str]:
    yield f"# {comparison.say('title')}\n\n{markdown_escaped(summary(comparison))}\n"
    for change, found in _by_change(comparison):
        yield f"## {_capital(comparison.say(change))} ({len(found)})\n"
        for each in found:
            yield f"### {each.row}. {markdown_escaped(each.new.question)}\n"
            for sign, words in _difference(each, comparison.language):
                yield f"- {comparison.say(_NAMED[sign])}{comparison.say('colon')}{markdown_escaped(words)}"
            yield ""
    for name, rows in _alone(comparison):
        yield f"## {_capital(comparison.say(name))} ({len(rows)})\n"
        yield from (f"- {row}: {markdown_escaped(question)}" for row, question in rows)
        yield ""
    yield _indexes(comparison)


def _html(comparison: Comparison) -> str:
    return html_page(comparison.say("title"), comparison.language, _html_parts(comparison))


def _html_parts(comparison: Comparison) -> Iterator[str]:
    yield f'<p class="sum">{escape(summary(comparison))}</p>'
    for change, found in _by_change(comparison):
        yield f"<h2>{escape(_capital(comparison.say(change)))} ({len(found)})</h2>"
        yield from (_html_change(each, comparison) for each in found)
    for name, rows in _alone(comparison):
        items = "".join(f"<li>{escape(one_line(question))} ({row})</li>" for row, question in rows)
        yield f"<h2>{escape(_capital(comparison.say(name)))} ({len(rows)})</h2><ul>{items}</ul>"
    yield f'<p class="sum">{escape(_indexes(comparison))}</p>'


def _html_change(each: Compared, comparison: Comparison) -> str:
    told = "".join(
        f'<blockquote class="{name}"><cite>{comparison.say(name)}</cite><p>{escape(words)}</p></blockquote>'
        for name, words in ((_NAMED[sign], words) for sign, words in _difference(each, comparison.language))
    )
    head = f'<h3><span class="no">{each.row}</span>{escape(one_line(each.new.question))}</h3>'
    return f'<article lang="{escape(each.new.language)}">{head}{told}</article>'
