"""Records as HTML, through the templates beside this file; they escape everything that is not marked as safe."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache, partial
from itertools import groupby
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from qa import Article
from qa.errors import QuestionError, SourceError
from qa.figures import figures
from qa.holdings import Editor, Holdings
from qa.records import Script
from qa.render import CAPTION, COPIES, UNDATED, WAYS
from qa.web.citing import as_html, as_markdown, as_text
from qa.web.faults import in_words
from qa.web.gloss import explainer
from qa.web.look import Look
from qa.web.passages import Manner, Stretch, paragraphs
from qa.web.scripts import CHOICES, tag
from qa.web.turns import Record
from qa.web.words import LANGUAGES, NAMES, WORDS, say


@cache
def _templates() -> Environment:
    loader = FileSystemLoader(Path(__file__).parent, encoding="utf-8")
    made = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    made.globals.update(
        languages=LANGUAGES, names=NAMES, choices=CHOICES, tag=tag, skipped=SourceError, faulty=QuestionError
    )
    return made


def draw(template: str, look: Look, **values: object) -> str:
    """Return a template filled in, its words in the reader's language."""
    words, fault = partial(say, language=look.language), partial(in_words, language=look.language)
    return _templates().get_template(template).render(say=words, fault=fault, known=WORDS, look=look, **values)


def shell(look: Look, examples: Mapping[Script, Sequence[str]], views: Sequence[str]) -> str:
    """Return the page without any content: it can be painted before anything is loaded."""
    return draw("shell.html", look, examples=examples, views=views)


def turn(told: Record, number: int, look: Look) -> str:
    """Return a question and its answer, marks leading to the sources of `sources`."""
    return draw("turn.html", look, turn=told, number=number, statements=list(statements(told)), figures=figures(told))


def statements(told: Record) -> Iterator[dict[str, Any]]:
    """Yield each statement: its citations, the first one's quote, and how many outlets and articles say it."""
    ordered = sorted(told["citations"], key=lambda one: (one["statement"], one["number"]))
    for _, group in groupby(ordered, key=lambda one: one["statement"]):
        cited = list(group)
        yield {
            "first": cited[0],
            "citations": cited,
            "outlets": len({one["outlet"] for one in cited if one["outlet"]}),
            "articles": len({one["article"] for one in cited}),
        }


def sources(told: Record, number: int, look: Look) -> str:
    """Return the cards of a turn's citations, or of the passages that came near."""
    cited = [_card(one, number, look) for one in told["citations"]]
    near = [] if cited else [_near(one, look) for one in told["passages"]]
    way = {name: words[look.language] for name, words in WAYS.items()}
    lead = COPIES[look.language].format(outlets="").strip()
    return draw("sources.html", look, turn=told, number=number, cited=cited, near=near, way=way, lead=lead)


def _manner(one: Mapping[str, Any], look: Look) -> Manner:
    return Manner(one["language"], one["region"], look.script, explainer() if look.gloss else None)


def _card(one: Record, number: int, look: Look) -> dict[str, Any]:
    manner, place = _manner(one, look), one["start"] - one["context_start"]
    stretch = Stretch(place, place + len(one["quote"]), one["number"], f"quote-{number}-{one['number']}")
    return _described(one, manner, paragraphs(one["context"], [stretch], manner), look) | {
        "also": list(_also(one, look)),
        "pasted": {"text": as_text(one), "markdown": as_markdown(one), "html": as_html(one)},
        "caption": CAPTION[look.language] if one["kind"] == "caption" else "",
    }


def _also(one: Record, look: Look) -> Iterator[dict[str, Any]]:
    """Yield each copy of a cited report, with what its button says; a record of an earlier version has none."""
    for copy in one.get("copies", ()):
        outlet, published = copy["outlet"] or copy["title"], copy["published"] or UNDATED[look.language]
        yield copy | {"told": f"{outlet}, {published}"}


def _near(one: Record, look: Look) -> dict[str, Any]:
    manner = _manner(one, look)
    return _described(one, manner, paragraphs(one["text"], [], manner), look)


def _described(one: Record, manner: Manner, body: Markup, look: Look) -> dict[str, Any]:
    return {
        "one": one,
        "manner": manner,
        "title": manner.show(one["title"]),
        "body": body,
        "about": list(about(one, look)),
    }


def about(one: Mapping[str, Any], look: Look) -> Iterator[str]:
    """Yield what is known of an article beside its title: outlet, date, language, region."""
    if one["outlet"]:
        yield one["outlet"]
    yield one["published"] or UNDATED[look.language]
    yield say(f"language_{one['language']}", look.language)
    if one["region"]:
        key = f"region_{one['region'].upper()}"
        yield say(key, look.language) if key in WORDS else one["region"]


def article(found: Article, quotes: Sequence[Stretch], look: Look) -> str:
    """Return a whole article with its quotes marked; a quote that no longer stands there is left out."""
    one = {
        "title": found.title,
        "outlet": found.outlet,
        "published": found.published,
        "language": found.language,
        "region": found.region,
        "url": found.url if found.url.startswith(("https://", "http://")) else "",
    }
    manner = _manner(one, look)
    told = _described(one, manner, paragraphs(found.text, quotes, manner), look)
    return draw("article.html", look, card=told, quotes=sum(each.kind == "quote" for each in quotes))


def shelf(articles: Sequence[Article], look: Look) -> str:
    """Return the list of articles that stands beside an empty conversation."""
    newest = sorted(articles, key=lambda each: (each.published or "", each.name), reverse=True)
    told = [(each, [each.outlet, each.published or UNDATED[look.language]]) for each in newest]
    return draw("shelf.html", look, articles=told)


def batch_rows(records: Sequence[Record], start: int, look: Look) -> str:
    """Return the rows of a batch from the one numbered `start`."""
    return draw("batch_rows.html", look, records=records, start=start)


def corpus(found: Holdings, plot: Mapping[str, Any], editor: Editor, look: Look) -> str:
    """Return the Corpus tab: the plot, the articles with their states, the files that were skipped."""
    return draw("corpus.html", look, found=found, plot=plot, editor=editor)
