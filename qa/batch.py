"""A file of questions in, a file of answers out: rows in order, whole, and the same bytes for the same input."""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from qa.answered import QUESTION_COLUMN, QUESTION_NAMES, Answered
from qa.assistant import Assistant
from qa.cells import is_blank
from qa.dates import iso_date
from qa.disk import alone, whole
from qa.errors import FileError, QAError, QuestionError
from qa.journal import Journal, journal_path
from qa.language import script_of
from qa.options import AskOptions
from qa.render import as_dict
from qa.tables import STDIN, Line, find_column, name_key, read_rows

_TOGETHER = 64  # questions encoded at once
_SHOWN = 200  # characters of a faulty cell that a message repeats
OUT_FORMS = (".jsonl", ".csv", ".tsv", ".xlsx", ".md", ".html", ".txt")
FILTER_NAMES: Mapping[str, tuple[str, ...]] = {
    "since": (
        "since",
        "since date",
        "date from",
        "from date",
        "start date",
        "起始日期",
        "開始日期",
        "开始日期",
        "起日",
        "起",
        "自",
        "自從",
        "自从",
    ),
    "until": (
        "until",
        "until date",
        "date to",
        "to date",
        "end date",
        "結束日期",
        "结束日期",
        "截止日期",
        "截止",
        "迄日",
        "迄",
        "至",
    ),
    "outlet": (
        "outlet",
        "media outlet",
        "media",
        "媒體",
        "媒体",
        "媒體名稱",
        "媒体名称",
        "新聞媒體",
        "新闻媒体",
        "報社",
        "报社",
    ),
    "language": ("language", "語言", "语言", "語文", "语文", "語種", "语种"),
}
_LANGUAGES = {
    **dict.fromkeys(("en", "english", "英文", "英語", "英语"), "en"),
    **dict.fromkeys(("zh", "chinese", "中文", "漢語", "汉语", "華文", "华文", "華語", "华语", "國語"), "zh"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One asked row: the question, everything that stood beside it, its filters, and what is wrong with it."""

    question: str
    given: Mapping[str, Any]
    filters: Mapping[str, str] = field(default_factory=dict)
    problem: str = ""
    column: str = "question"


# --- questions in ---------------------------------------------------------------------------------


def read_questions(path: Path, *, column: str | None = None, form: str | None = None) -> list[Row]:
    """Read a file of questions; `-` is stdin, one question a line unless `form` names another suffix.

    The column of questions is `column`, or the first with a usual name in either language. Columns named since,
    until, outlet or language (or in Chinese) filter their row. An answers file is read as what was asked.

    Raises:
        FileError: it cannot be read, is of no known form, is empty, or has no column of questions.
    """
    rows = read_rows(path, (column,) if column else QUESTION_NAMES, form=form)
    filters = {name: find_column(rows.columns, names) for name, names in FILTER_NAMES.items()}
    used = {name: found for name, found in filters.items() if found and found != rows.column}
    return [_row(line, rows.column, used) for line in rows.lines]


def _row(line: Line, column: str, filters: Mapping[str, str]) -> Row:
    given = line.values
    if "citations" in given and isinstance(given.get("input"), dict):  # an answer: ask again what was asked
        return _row(Line(given["input"]), *_columns_of(given["input"]))
    asked = given.get(column)
    question = "" if is_blank(asked) else str(asked).strip()
    problem = line.problem
    if not problem and (isinstance(asked, (dict, list)) or (asked is None and column not in given)):
        problem = f"no question under {column!r}; write it there as text"
    told = {name: _tidy(name, given.get(found)) for name, found in filters.items() if not is_blank(given.get(found))}
    return Row(question, given, told, problem, column)


def _columns_of(given: Mapping[str, Any]) -> tuple[str, dict[str, str]]:
    found = {name: find_column(given, names) for name, names in FILTER_NAMES.items()}
    return find_column(given, QUESTION_NAMES) or "", {name: column for name, column in found.items() if column}


def _tidy(name: str, value: object) -> str:
    """Return a filter's cell as the options want it; what cannot be understood stays, to be named in the row."""
    text = str(value).strip()
    if name in ("since", "until"):
        try:
            return iso_date(text)
        except ValueError:
            return text[:_SHOWN]
    return _LANGUAGES.get(name_key(text), text[:_SHOWN]) if name == "language" else text


def told_columns(rows: Sequence[Row]) -> str:
    """Return in one line which column was asked and which filters were understood."""
    filters = dict.fromkeys(name for row in rows for name in row.filters)
    asked = f"{len(rows)} rows, questions in column {rows[0].column!r}"
    return asked + (f", filters: {', '.join(filters)}" if filters else "")


# --- answers out ----------------------------------------------------------------------------------


def check_out(out: Path, questions: Path | None = None) -> None:
    """Check that answers can be written to `out`, before anything is asked.

    Raises:
        FileError: its suffix is not known, its folder is missing, or it is the file of questions.
    """
    if out.suffix.lower() not in OUT_FORMS:
        raise FileError(f"{out}: answers are written to {', '.join(OUT_FORMS)} files; choose one of these suffixes")
    if out.is_dir():
        raise FileError(f"{out}: this is a folder; name a file in it")
    if not out.parent.is_dir():
        raise FileError(f"{out}: there is no folder {out.parent}; make it first")
    if questions and questions != STDIN and out.resolve() == questions.resolve():
        raise FileError(f"{out}: would overwrite the questions; choose another name with --out")


def run(
    assistant: Assistant,
    rows: Sequence[Row],
    out: Path,
    options: AskOptions,
    progress: Callable[[int], None],
    *,
    resume: bool = False,
    resumed: Callable[[int], None] | None = None,
) -> int:
    """Answer every row into `out`, in the form of its suffix; return how many were answered.

    Rows are kept beside it as they come (see `journal`); `out` appears when all are there. `progress` is told of
    each new row, `resumed` once how many a stopped run had done already.

    Raises:
        FileError: `out` cannot be written, another run is writing it, or what is kept is of other questions.
    """
    check_out(out)
    head = head_of(assistant, rows, options)
    with alone(out):
        with Journal.open(out, head, [row.question for row in rows], resume=resume) as journal:
            if resumed and journal.done:
                resumed(journal.done)
            _answer_into(journal, _records(assistant, rows, options, journal.done), out, progress)
            with whole(out) as draft:
                _finish(draft, out.suffix.lower(), journal, assistant, rows)
        journal_path(out).unlink(missing_ok=True)
    return journal.found


def _answer_into(
    journal: Journal, records: Iterator[dict[str, Any]], out: Path, progress: Callable[[int], None]
) -> None:
    try:
        for record in records:
            journal.add(record)
            progress(1)
        journal.sync()
    except OSError as error:
        kept = f"{journal.done} rows are kept in {journal.path}; make room, then go on with --resume"
        raise FileError(f"{out}: cannot be written ({error.strerror}); {kept}") from error


def head_of(assistant: Assistant, rows: Sequence[Row], options: AskOptions) -> dict[str, Any]:
    """Return what is answered with what, and on which day.

    A stopped run goes on only where all but the day is the same, and keeps the day that it was begun on.
    """
    digest = sha256()
    for row in rows:
        told = [row.question, row.given, row.filters, row.problem, row.column]
        digest.update(json.dumps(told, ensure_ascii=False, sort_keys=True).encode() + b"\n")
    return {
        "questions": digest.hexdigest(),
        "generation": assistant.index.generation,
        "model": assistant.encoder.fingerprint,
        "options": asdict(options),
        "date": today(),
    }


def today() -> str:
    """Return the day on this machine's calendar, or the UTC day of SOURCE_DATE_EPOCH (reproducible-builds.org).

    Raises:
        QAError: SOURCE_DATE_EPOCH is set, and no number of seconds.
    """
    pinned = os.environ.get("SOURCE_DATE_EPOCH")
    if pinned is None:
        return date.today().isoformat()
    try:
        return datetime.fromtimestamp(int(pinned), UTC).date().isoformat()
    except (ValueError, OverflowError, OSError) as error:
        raise QAError(f"SOURCE_DATE_EPOCH is {pinned[:40]!r}; set it to seconds since 1970, or unset it") from error


Key = tuple[str, AskOptions]


def _records(assistant: Assistant, rows: Sequence[Row], options: AskOptions, done: int) -> Iterator[dict[str, Any]]:
    """Yield the records of the rows after the first `done`; each different question is answered once.

    Questions are encoded in the same company whether or not the run was stopped in between, so that no
    vector can differ by a rounding.
    """
    keys = [_key(row, options) for row in rows]
    distinct = list(dict.fromkeys(key for key in keys if not isinstance(key, str)))
    place = {key: number for number, key in enumerate(distinct)}
    left = Counter(key for key in keys[done:] if not isinstance(key, str))
    known: dict[Key, dict[str, Any]] = {}
    for row, key in zip(rows[done:], keys[done:], strict=True):
        if isinstance(key, str):
            yield _faulty(assistant, row, key)
            continue
        if key not in known:
            start = place[key] // _TOGETHER * _TOGETHER
            known |= {each: told for each, told in _asked(assistant, distinct[start : start + _TOGETHER]) if left[each]}
        record = known[key]
        left[key] -= 1
        if not left[key]:
            del known[key]
        yield record | {"input": row.given} if "error" not in record else _faulty(assistant, row, record["error"])


def _key(row: Row, options: AskOptions) -> Key | str:
    """Return what decides a row's answer, or why it cannot be asked."""
    if row.problem:
        return row.problem
    if not row.filters:
        return row.question, options
    try:
        return row.question, replace(options, filters=replace(options.filters, **dict(row.filters)))  # type: ignore[arg-type]  # checked there
    except QuestionError as error:
        return re.sub(r"--(?=since|until)", "", str(error))


def _asked(assistant: Assistant, keys: Sequence[Key]) -> Iterator[tuple[Key, dict[str, Any]]]:
    """Yield the record of each question, asked together with those of the same options."""
    together: dict[AskOptions, list[str]] = {}
    for question, options in keys:
        together.setdefault(options, []).append(question)
    for options, questions in together.items():
        for question, record in zip(questions, _answers(assistant, questions, options), strict=True):
            yield (question, options), record


def _answers(assistant: Assistant, questions: Sequence[str], options: AskOptions) -> list[dict[str, Any]]:
    try:
        answers = assistant.ask_all(questions, options)
    except QuestionError as error:
        if len(questions) == 1:
            return [{"error": str(error)}]
        return [record for question in questions for record in _answers(assistant, [question], options)]
    return [as_dict(answer) | {"question": asked} for asked, answer in zip(questions, answers, strict=True)]


def _faulty(assistant: Assistant, row: Row, problem: str) -> dict[str, Any]:
    """Return the record of a row that cannot be asked, in the form of the contract."""
    blank = as_dict(assistant.ask("")) | {"question": row.question, "language": script_of(row.question)}
    return blank | {"reason": "error", "error": problem, "input": row.given}


def _finish(draft: Path, suffix: str, journal: Journal, assistant: Assistant, rows: Sequence[Row]) -> None:
    """Write the answers in their final form; raises OSError."""
    if suffix == ".jsonl":
        with draft.open("wb") as out:
            out.writelines(journal.lines())
        return
    from qa import reports, spreadsheets

    answers = [Answered.of(json.loads(line)) for line in journal.lines()]
    told = facts(assistant, answers, journal.head, rows)
    tables: dict[str, Callable[..., None]] = {
        ".csv": spreadsheets.write_csv,
        ".tsv": spreadsheets.write_tsv,
        ".xlsx": spreadsheets.write_workbook,
    }
    pages: dict[str, Callable[..., None]] = {
        ".md": reports.write_markdown,
        ".html": reports.write_html,
        ".txt": reports.write_text,
    }
    if suffix in tables:
        tables[suffix](draft, answers, told)
    else:
        pages[suffix](draft, answers, told, {each.name: each.url for each in assistant.index.articles})


def facts(
    assistant: Assistant, answers: Sequence[Answered], head: Mapping[str, Any], rows: Sequence[Row]
) -> dict[str, object]:
    """Return what a reader of the answers should know of the run, in order."""
    articles = assistant.index.articles
    days = sorted(article.published for article in articles if article.published)
    languages = Counter(article.language for article in articles)
    asked = [each for each in answers if not each.blank]
    reasons = Counter(each.reason for each in asked if not each.found)
    options = head["options"]
    filters = {f"only {name}": value for name, value in options["filters"].items() if value}
    return {
        "date": head["date"],
        "index generation": head["generation"],
        "model": str(assistant.index.manifest["model"]["spec"]),
        "model fingerprint": head["model"],
        "articles": len(articles),
        "articles by language": ", ".join(f"{name} {languages[name]}" for name in sorted(languages)),
        "articles published": f"{days[0]} – {days[-1]}" if days else "–",
        "passages consulted a question": options["top"],
        **filters,
        QUESTION_COLUMN: rows[0].column if rows else "question",
        "rows": len(answers),
        "blank rows": len(answers) - len(asked),
        "different questions": len({each.question for each in asked if each.question}),
        "answered": sum(each.found for each in asked),
        **{f"not answered: {name}": reasons[name] for name in sorted(reasons)},
        "digest of the questions": head["questions"],
    }
