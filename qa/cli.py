"""The `qa` command: arguments in, words out. Data goes to stdout, talk and progress to stderr."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from qa import AskOptions, Assistant, Filters, QAError, Report, build, status
from qa.models import BUNDLED

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
    yield from (f"  skipped {skipped.name}: {skipped.reason}" for skipped in report.skipped)
    yield f"vectors: {report.embedded} embedded, {report.reused} reused; {report.seconds:.1f} s"


@app.command("build")
def build_command(
    corpus: CorpusOption = CORPUS,
    index: IndexOption = INDEX,
    model: Annotated[str, typer.Option(help="bundled, a folder, or a sentence-transformers name.")] = BUNDLED,
    as_json: JsonOption = False,
) -> None:
    """Bring the index up to date with the corpus; embed only what is new."""
    report = _build(corpus, index, model)
    if as_json:
        _print(asdict(report))
    else:
        typer.echo("\n".join(_told(report)))


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
        typer.echo(f"the corpus has moved on: {counts}; run `qa build`")
    else:
        typer.echo("the corpus is as it was indexed")


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
    why: Annotated[bool, typer.Option("--why", help="Tell why each quote was chosen.")] = False,
    index: IndexOption = INDEX,
    as_json: JsonOption = False,
) -> None:
    """Answer one question with quotes; exit 1 when the articles do not answer it."""
    from qa.render import as_dict, as_text

    options = AskOptions(top=top, filters=_filters(since, until, outlet, language))
    asked = sys.stdin.read() if question == "-" else question
    answer = Assistant.open(index).ask(asked, options)
    if as_json:
        _print(as_dict(answer))
    else:
        typer.echo(as_text(answer, why=why), nl=False)
    if not answer.found:
        raise typer.Exit(1)


@app.command("batch")
def batch_command(
    questions: Path,
    out: Annotated[Path, typer.Option("--out", help="File to write the answers to.")],
    top: TopOption = 8,
    index: IndexOption = INDEX,
) -> None:
    """Answer a file of questions."""
    from qa.batch import read_questions, run

    rows = read_questions(questions)
    options = AskOptions(top=top)
    assistant = Assistant.open(index)
    with _bar("questions", len(rows)) as bar:
        found = run(assistant, rows, out, options, bar.update)
    _say(f"{len(rows)} questions, {found} answered; written to {out}")


@app.command("serve")
def serve_command(
    corpus: CorpusOption = CORPUS,
    index: IndexOption = INDEX,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 7860,
) -> None:
    """Start the web app; the index is brought up to date first."""
    from qa.web.app import serve

    for line in _told(_build(corpus, index, BUNDLED)):
        _say(line)
    _say(f"http://{host}:{port}")
    serve(index, host=host, port=port)


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


def main() -> None:
    """Run the command line."""
    sys.exit(_guarded(app))
