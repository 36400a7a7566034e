"""The `qa` command: arguments in, words out. Data goes to stdout, talk and progress to stderr."""

from __future__ import annotations

import gc
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from qa import AskOptions, Assistant, Filters, QAError, Report, build, status
from qa.options import BUNDLED, THRESHOLD
from qa.stages import Stages
from qa.web.limits import QUESTIONS

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Ask a folder of English and Chinese news articles; get the quotes that answer.",
)

CorpusOption = Annotated[Path, typer.Option("--corpus", help="Folder of articles.")]
IndexOption = Annotated[Path, typer.Option("--index", help="Folder of the index.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
TopOption = Annotated[int, typer.Option("--top", help="Passages to consult.")]
SinceOption = Annotated[str | None, typer.Option("--since", help="Only articles of this day or later (YYYY-MM-DD).")]
UntilOption = Annotated[str | None, typer.Option("--until", help="Only articles of this day or earlier.")]
OutletOption = Annotated[str | None, typer.Option("--outlet", help="Only articles of this outlet.")]
LanguageOption = Annotated[str | None, typer.Option("--language", help="Only articles in en or zh.")]

CORPUS, INDEX = Path("corpus"), Path("index")
_NEW_OBJECTS = 100_000  # after which Python looks for cycles: an index has many objects and all of them stay


def _say(words: str) -> None:
    typer.echo(words, err=True)


def _print(value: object) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))


@contextmanager
def _bar(unit: str, total: int | None = None) -> Iterator[Any]:
    from tqdm import tqdm

    with tqdm(total=total, unit=f" {unit}", file=sys.stderr, leave=False, disable=None) as bar:
        yield bar


def _build(corpus: Path, index: Path, model: str) -> Report:
    with _bar("texts") as bar:

        def progress(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        return build(corpus, index, model=model, progress=progress)


def _told(report: Report) -> Iterator[str]:
    """Yield what a build did, in lines."""
    counts = (len(report.added), len(report.changed), len(report.removed), report.unchanged)
    yield "articles: {} added, {} changed, {} removed, {} unchanged, {} skipped".format(*counts, len(report.skipped))
    yield from (f"  moved {old} to {new}" for old, new in report.moved)
    yield from (f"  skipped {skipped.name}: {skipped.reason}" for skipped in report.skipped)
    yield f"vectors: {report.embedded} embedded, {report.reused} reused; {report.seconds:.1f} s"


@app.command("build")
def build_command(
    corpus: CorpusOption = CORPUS,
    index: IndexOption = INDEX,
    model: Annotated[str, typer.Option(help="bundled, a folder, or a sentence-transformers name.")] = BUNDLED,
    watch: Annotated[bool, typer.Option("--watch", help="Stay, and build again whenever sources change.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Bring the index up to date with the corpus; embed only what is new. Exit 1 when a file was skipped."""
    if watch:
        _watch(corpus, index, model, as_json)
        return
    report = _build(corpus, index, model)
    _show_report(report, as_json)
    if report.skipped:
        raise typer.Exit(1)


def _show_report(report: Report, as_json: bool) -> None:
    if as_json:
        _print(asdict(report))
    else:
        typer.echo("\n".join(_told(report)))


def _watch(corpus: Path, index: Path, model: str, as_json: bool) -> None:
    from qa.watch import watch

    def tell(ended: Report | QAError) -> None:
        if isinstance(ended, QAError):
            _say(f"qa: {ended}")
        else:
            _show_report(ended, as_json)

    _say(f"watching {corpus}; Ctrl-C stops")
    try:
        watch(corpus, index, lambda: _build(corpus, index, model), tell)
    except KeyboardInterrupt:
        _say("stopped")


@app.command("status")
def status_command(corpus: CorpusOption = CORPUS, index: IndexOption = INDEX, as_json: JsonOption = False) -> None:
    """Tell what the index holds, and whether the corpus has moved on since."""
    manifest, change = status(corpus, index)
    told = {
        "generation": manifest["generation"],
        "model": manifest["model"],
        "articles": len(manifest["articles"]),
        "passages": manifest["passages"],
        "sentences": manifest["sentences"],
        "change": asdict(change) if change else None,
    }
    if as_json:
        _print(told)
        return
    typer.echo(f"generation {told['generation']}, model {told['model']['spec']}")
    typer.echo(f"{told['articles']} articles; passages {told['passages']}, sentences {told['sentences']}")
    if change is None:
        typer.echo(f"the corpus folder {corpus} cannot be read now")
    elif change:
        counts = f"{len(change.added)} added, {len(change.changed)} changed, {len(change.removed)} removed"
        counts += f", {len(change.moved)} moved" if change.moved else ""
        typer.echo(f"the corpus has moved on: {counts}; run `qa build`")
    else:
        typer.echo("the corpus is as it was indexed")


@app.command("doctor")
def doctor_command(corpus: CorpusOption = CORPUS, index: IndexOption = INDEX, as_json: JsonOption = False) -> None:
    """Check every file of the index, and whether it still fits its model and corpus; exit 1 when something is wrong."""
    from qa.doctor import examine

    findings = examine(corpus, index)
    if as_json:
        _print({"well": not findings, "findings": [asdict(finding) for finding in findings]})
    else:
        for finding in findings:
            typer.echo(f"{finding.kind}: {finding.name} {finding.words}\n  to mend it: {finding.command}")
        if not findings:
            typer.echo("the index is whole, and fits its model and its corpus")
    if findings:
        raise typer.Exit(1)


@app.command("show")
def show_command(article: str, index: IndexOption = INDEX, as_json: JsonOption = False) -> None:
    """Show one stored article."""
    from qa.render import article_dict
    from qa.store import find_article

    found = find_article(index, article)
    if as_json:
        _print(article_dict(found))
    else:
        head = " · ".join(part for part in (found.title, found.outlet, found.published or "") if part)
        typer.echo(f"{head}\n\n{found.text}")


def _filters(since: str | None, until: str | None, outlet: str | None, language: str | None) -> Filters:
    return Filters(since=since, until=until, outlet=outlet, language=language)  # type: ignore[arg-type]  # checked there


@app.command("ask")
def ask_command(
    question: Annotated[str, typer.Argument(help="The question; - reads it from stdin.")],
    top: TopOption = 8,
    since: SinceOption = None,
    until: UntilOption = None,
    outlet: OutletOption = None,
    language: LanguageOption = None,
    threshold: Annotated[float, typer.Option(help="Least confidence of an answer, 0 to 1.")] = THRESHOLD,
    why: Annotated[bool, typer.Option("--why", help="Tell why each quote was chosen.")] = False,
    index: IndexOption = INDEX,
    as_json: JsonOption = False,
) -> None:
    """Answer one question with quotes; exit 1 when the articles do not answer it."""
    from qa.render import as_dict, as_text

    options = AskOptions(top=top, filters=_filters(since, until, outlet, language), threshold=threshold)
    asked = sys.stdin.read() if question == "-" else question
    stages = Stages()
    with stages("open"):
        assistant = Assistant.open(index)
    answer = assistant.ask(asked, options, stages=stages)
    if as_json:
        _print(as_dict(answer))
    else:
        typer.echo(as_text(answer, why=why), nl=False)
    if why:
        _say("time: " + ", ".join(f"{name} {seconds * 1000:.0f} ms" for name, seconds in stages.seconds.items()))
    if not answer.found:
        raise typer.Exit(1)


@app.command("batch")
def batch_command(
    questions: Annotated[Path, typer.Argument(help="File of questions (.txt .csv .tsv .jsonl .xlsx); - is stdin.")],
    out: Annotated[Path, typer.Option("--out", help="Answers: .jsonl .csv .tsv .xlsx .md .html or .txt.")],
    top: TopOption = 8,
    resume: Annotated[bool, typer.Option("--resume", help="Go on where a stopped run ended.")] = False,
    column: Annotated[str | None, typer.Option("--column", help="The column with the questions.")] = None,
    form: Annotated[str | None, typer.Option("--form", help="Read as txt, csv, tsv, jsonl or xlsx.")] = None,
    since: SinceOption = None,
    until: UntilOption = None,
    outlet: OutletOption = None,
    language: LanguageOption = None,
    index: IndexOption = INDEX,
) -> None:
    """Answer a file of questions, one row each; columns since, until, outlet, language filter their row."""
    from qa.batch import check_out, read_questions, run, told_columns
    from qa.journal import journal_path

    check_out(out, questions)
    options = AskOptions(top=top, filters=_filters(since, until, outlet, language))
    rows = read_questions(questions, column=column, form=form)
    assistant = Assistant.open(index)
    _say(told_columns(rows))
    with _bar("questions", len(rows)) as bar:

        def resumed(done: int) -> None:
            bar.reset(total=len(rows))
            bar.initial = bar.n = done
            bar.refresh()

        try:
            found = run(assistant, rows, out, options, bar.update, resume=resume, resumed=resumed)
        except KeyboardInterrupt:
            bar.close()
            kept = journal_path(out)
            _say(
                f"qa: stopped; the rows so far are kept in {kept}, go on with --resume"
                if kept.exists()
                else "qa: stopped"
            )
            raise typer.Exit(130) from None
    _say(f"{len(rows)} rows, {found} answered; written to {out}")


@app.command("diff")
def diff_command(
    old: Annotated[Path, typer.Argument(help="Answers of the earlier run, .jsonl or .xlsx.")],
    new: Annotated[Path, typer.Argument(help="Answers of the later run, .jsonl or .xlsx.")],
    out: Annotated[Path | None, typer.Option("--out", help="Write a report too, .md or .html.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Tell what changed between two runs over the same questions."""
    from qa.answered import read_answers
    from qa.compare import as_dict, as_text, compare, write_report

    comparison = compare(read_answers(old), read_answers(new))
    if out:
        write_report(comparison, out)
    if as_json:
        _print(as_dict(comparison))
    else:
        typer.echo(as_text(comparison), nl=False)


@app.command("verify")
def verify_command(
    answers: Annotated[Path, typer.Argument(help="Answers of an earlier run, .jsonl or .xlsx.")],
    index: IndexOption = INDEX,
    as_json: JsonOption = False,
) -> None:
    """Tell which quotes of an older answers file still hold; exit 1 when one has moved, changed or gone."""
    from qa.generations import current
    from qa.verify import as_dict, as_text, verify

    found = verify(answers, index)
    if as_json:
        _print(as_dict(found, current(index)))
    else:
        typer.echo(as_text(found), nl=False)
    if any(each.state != "ok" for each in found):
        raise typer.Exit(1)


@app.command("eval")
def eval_command(gold: Path, index: IndexOption = INDEX, as_json: JsonOption = False) -> None:
    """Measure answers and refusals on a gold file."""
    from qa.evaluate import read_gold, report, run

    told = report(run(Assistant.open(index), read_gold(gold)))
    if as_json:
        _print(told)
        return
    for script, measures in told.items():
        typer.echo(f"{script}: {measures.pop('questions')} questions, {measures.pop('answerable')} answerable")
        for name, measure in measures.items():
            if measure["value"] is None:  # type: ignore[index]  # see report; nothing in the gold tells it
                continue
            typer.echo(f"  {name:18}{measure['value']}  {measure['interval']}")  # type: ignore[index]  # see report


@app.command("names")
def names_command(index: IndexOption = INDEX, as_json: JsonOption = False) -> None:
    """List the spelling groups in force and where each came from."""
    from qa.store import open_index

    groups = open_index(index).names.groups
    if as_json:
        _print([asdict(group) for group in groups])
        return
    for group in groups:
        typer.echo(f"{group.origin}\t{group.kind}\t{' | '.join(group.spellings)}")


@app.command("serve")
def serve_command(
    corpus: CorpusOption = CORPUS,
    index: IndexOption = INDEX,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 7860,
    editable: Annotated[bool, typer.Option("--editable", help="Let visitors add, remove and rebuild.")] = False,
    password: Annotated[str, typer.Option(envvar="QA_PASSWORD", help="Asked of whoever changes articles.")] = "",
    login: Annotated[str, typer.Option(envvar="QA_LOGIN", help="NAME:PASSWORD, asked of every visitor.")] = "",
    rate: Annotated[
        int, typer.Option(min=0, help="Questions a minute from one address; 0 for any number.")
    ] = QUESTIONS,
    log_questions: Annotated[bool, typer.Option("--log-questions", help="Write questions to stderr.")] = False,
) -> None:
    """Start the web app; the index is brought up to date meanwhile."""
    from qa.web.app import serve

    with _bar("texts") as bar:

        def tell(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        def then(ended: Report | QAError) -> None:
            bar.close()
            for line in [f"qa: {ended}"] if isinstance(ended, QAError) else _told(ended):
                _say(line)

        serve(
            index,
            corpus=corpus,
            host=host,
            port=port,
            editable=editable,
            password=password,
            login=login,
            rate=rate,
            log_questions=log_questions,
            started=_say,
            tell=tell,
            then=then,
        )


def _guarded(run: Callable[[], None]) -> int:
    """Run a command; turn what a user can mend into one line."""
    try:
        run()
    except QAError as error:
        _say(f"qa: {error}")
        return 2
    except KeyboardInterrupt:
        _say("qa: stopped")
        return 130
    return 0


def main(arguments: list[str] | None = None) -> None:
    """Run the command line, by default with what the process was given."""
    gc.set_threshold(_NEW_OBJECTS)
    sys.exit(_guarded(lambda: app(arguments)))
