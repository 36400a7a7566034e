"""A conversation as a file: JSON in the form of the contract, or Markdown to read and paste."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from qa.render import copies
from qa.web.citing import as_markdown, in_markdown
from qa.web.turns import Record, plain


def exported(turns: Sequence[Record], form: str) -> dict[str, str]:
    """Return name, type and text of the file; what is no known form is Markdown."""
    if form == "json":
        text = json.dumps([plain(turn) for turn in turns], ensure_ascii=False, indent=2)
        return {"name": "conversation.json", "type": "application/json", "text": text + "\n"}
    text = "\n".join(line for turn in turns for line in _lines(turn))
    return {"name": "conversation.md", "type": "text/markdown", "text": text + "\n"}


def _lines(turn: Record) -> Iterator[str]:
    yield f"## {in_markdown(' '.join(turn['question'].split()))}"
    yield ""
    words = turn["words"]
    yield in_markdown(f"{words['lead']} {words['sureness']}" if turn["found"] else words["refusal"])
    yield ""
    for one in turn["citations"]:
        yield f"{one['number']}\\."
        yield as_markdown(one)
        outlets = (copy["outlet"] or copy["title"] for copy in one.get("copies", ()))
        if also := copies(one["outlet"], outlets, turn["language"]):
            yield f"> ({in_markdown(also)})"
        yield ""
