"""What changed between two runs over the same questions: `qa diff OLD NEW`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from html import escape
from pathlib import Path
from typing import Any, Literal

from qa.answered import Answered, Quoted
from qa.disk import whole
from qa.errors import FileError
from qa.reports import html_page, markdown_escaped, one_line

Change = Literal["newly_found", "lost", "other_quote", "other_source", "moved", "other_reason", "unchanged"]
WORDS: dict[str, str] = {
    "newly_found": "newly found",
    "lost": "lost",
    "other_quote": "other quote",
    "other_source": "same quote, other source",
    "moved": "same quote, moved",
    "other_reason": "other reason for no answer",
    "unchanged": "unchanged",
}
REPORTS = (".md", ".html")


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
    """Two runs side by side; rows are of the run that they are in."""

    compared: tuple[Compared, ...]
    removed: tuple[tuple[int, str], ...]
    added: tuple[tuple[int, str], ...]
    generations: tuple[str, str]

    @property
    def counts(self) -> dict[str, int]:
        """How many questions changed in which way."""
        found = Counter(each.change for each in self.compared)
        return {name: found[name] for name in WORDS}  # type: ignore[index]  # the names are those of Change


def _place(quoted: Quoted) -> tuple[str, int, str]:
    return quoted.article, quoted.start, quoted.quote


def _without(some: Sequence[Quoted], others: Sequence[Quoted]) -> tuple[Quoted, ...]:
    known = {_place(each) for each in others}
    return tuple(each for each in some if _place(each) not in known)


def _publications(quotes: Iterable[Quoted]) -> set[tuple[str, str, str, str]]:
    return {(each.quote, each.title or each.article, each.outlet, each.published) for each in quotes}


def change_of(old: Answered, new: Answered) -> Change:
    """Tell how an answer changed. The same text elsewhere in its article, or in a renamed one, has moved."""
    if old.found != new.found:
        return "newly_found" if new.found else "lost"
    if not new.found:
        return "unchanged" if old.reason == new.reason else "other_reason"
    if old.quotes[0].quote != new.quotes[0].quote or {q.quote for q in old.quotes} != {q.quote for q in new.quotes}:
        return "other_quote"
    if _publications(old.quotes) != _publications(new.quotes):
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
    told = [f"{number} {WORDS[name]}" for name, number in comparison.counts.items() if number]
    told += [f"{len(comparison.added)} only in the new run"] if comparison.added else []
    told += [f"{len(comparison.removed)} only in the old run"] if comparison.removed else []
    return ", ".join(told) or "no questions"


def as_text(comparison: Comparison) -> str:
    """Return what changed as plain text, the summary first."""
    return "\n".join((summary(comparison), *_text_lines(comparison))) + "\n"


def _text_lines(comparison: Comparison) -> Iterator[str]:
    for change, found in _by_change(comparison):
        yield f"\n{WORDS[change]}:"
        for each in found:
            yield f"  {each.row}. {one_line(each.new.question)}"
            yield from (f"     {sign} {words}" for sign, words in _difference(each))
    for title, rows in (("only in the new run", comparison.added), ("only in the old run", comparison.removed)):
        if rows:
            yield f"\n{title}:"
            yield from (f"  {row}. {one_line(question)}" for row, question in rows)


def _by_change(comparison: Comparison) -> Iterator[tuple[str, list[Compared]]]:
    for change in WORDS:
        found = [each for each in comparison.compared if each.change == change]
        if found and change != "unchanged":
            yield change, found


def _difference(each: Compared) -> Iterator[tuple[str, str]]:
    """Yield what went (-) and what came (+); an order that alone changed shows as the two best quotes."""
    gone, come = each.gone, each.come
    if each.change == "other_quote" and not (gone or come):
        gone, come = each.old.quotes[:1], each.new.quotes[:1]
    if each.change == "other_reason":
        yield "-", each.old.error or each.old.reason
        yield "+", each.new.error or each.new.reason
    yield from (("-", _told(quoted)) for quoted in gone)
    yield from (("+", _told(quoted)) for quoted in come)


def _told(quoted: Quoted) -> str:
    return f"{one_line(quoted.quote)} — {one_line(quoted.source())} ({quoted.article}, {quoted.start}-{quoted.end})"


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


def _markdown(comparison: Comparison) -> str:
    lines = ["# What changed between two runs", "", markdown_escaped(summary(comparison)), ""]
    for change, found in _by_change(comparison):
        lines += [f"## {WORDS[change].capitalize()} ({len(found)})", ""]
        for each in found:
            lines += [f"### {each.row}. {markdown_escaped(each.new.question)}", ""]
            lines += [f"- {_NAMED[sign]}: {markdown_escaped(words)}" for sign, words in _difference(each)] + [""]
    for title, rows in (("Only in the new run", comparison.added), ("Only in the old run", comparison.removed)):
        lines += [f"## {title} ({len(rows)})", ""] if rows else []
        lines += [f"- {row}: {markdown_escaped(question)}" for row, question in rows] + ([""] if rows else [])
    old, new = comparison.generations
    return "\n".join((*lines, f"Old index: {old or 'not told'}. New index: {new or 'not told'}.")) + "\n"


_NAMED = {"-": "before", "+": "now"}


def _html(comparison: Comparison) -> str:
    return html_page("What changed between two runs", "en", _html_parts(comparison))


def _html_parts(comparison: Comparison) -> Iterator[str]:
    yield f'<p class="sum">{escape(summary(comparison))}</p>'
    for change, found in _by_change(comparison):
        yield f"<h2>{escape(WORDS[change].capitalize())} ({len(found)})</h2>"
        for each in found:
            told = "".join(
                f'<blockquote class="{_NAMED[sign]}"><cite>{_NAMED[sign]}</cite><p>{escape(words)}</p></blockquote>'
                for sign, words in _difference(each)
            )
            head = f'<h3><span class="no">{each.row}</span>{escape(one_line(each.new.question))}</h3>'
            yield f'<article lang="{escape(each.new.language)}">{head}{told}</article>'
    for title, rows in (("Only in the new run", comparison.added), ("Only in the old run", comparison.removed)):
        if rows:
            items = "".join(f"<li>{escape(one_line(question))} ({row})</li>" for row, question in rows)
            yield f"<h2>{title} ({len(rows)})</h2><ul>{items}</ul>"
