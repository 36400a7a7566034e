"""One turn of a conversation as a record: what the browser keeps, what is exported, what is drawn from.

A record is the answer in the form of the contract, with what the page needs beside it. It comes back from the
browser, so whoever reads it must take it as text from outside.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from qa import Answer, Article, Citation, Filters
from qa.render import LEAD, NEAR, as_dict, refusal, sureness

Record = dict[str, Any]
EXTRA = ("words", "sure", "reading", "filters")  # what a record has more than the contract's answer
_PASSAGES = 3  # near passages shown and kept


def record(answer: Answer, filters: Filters) -> Record:
    """Return the record of a turn."""
    told = as_dict(answer)
    citations = [_cited(one, citation) for one, citation in zip(told["citations"], answer.citations, strict=True)]
    near = zip(told["passages"], answer.consulted, strict=True)
    return told | {
        "citations": citations,
        "passages": [one | _about(passage.article) for one, passage in near][:_PASSAGES],
        "reading": answer.reading,
        "filters": filled(filters),
        "sure": level(answer.confidence),
        "words": {
            "lead": LEAD[answer.language],
            "near": NEAR[answer.language],
            "refusal": "" if answer.found else refusal(answer),
            "sureness": sureness(answer),
        },
    }


def level(confidence: float) -> str:
    """Return the step that `qa.render.sureness` puts into words, as a name for its colour."""
    return "high" if confidence >= 0.8 else "fair" if confidence >= 0.6 else "low"


def filled(filters: Filters) -> dict[str, str]:
    """Return the filters that are set."""
    named = {name: getattr(filters, name) for name in ("since", "until", "outlet", "language")}
    return {name: value for name, value in named.items() if value}


def _about(article: Article) -> dict[str, str | None]:
    return {
        "title": article.title,
        "outlet": article.outlet,
        "published": article.published,
        "language": article.language,
        "region": article.region,
        "url": article.url,
    }


def _cited(told: Record, citation: Citation) -> Record:
    about = _about(citation.article)
    return told | about | {"context_start": citation.context.start}


def plain(told: Mapping[str, Any]) -> Record:
    """Return a record as the contract's answer alone, for export."""
    return {key: value for key, value in told.items() if key not in EXTRA}
