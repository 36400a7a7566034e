"""One citation as a line to paste: plain text, Markdown, HTML. Always the stored text, never a conversion."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from qa.render import one_line
from qa.web.scripts import tag

_SIGNS = re.compile(r"([\\`*_\[\]<>#|])")
_PAIRS = {"en": ("“", "”"), "zh-Hant": ("「", "」"), "zh-Hans": ("“", "”")}


def in_markdown(text: str) -> str:
    r"""Return `text` so that Markdown shows exactly it.

    >>> in_markdown("*60* <b>")
    '\\*60\\* \\<b\\>'
    """
    return _SIGNS.sub(r"\\\1", text)


def _source(one: Mapping[str, Any]) -> str:
    return ", ".join(part for part in (one["outlet"], one["published"]) if part)


def as_text(one: Mapping[str, Any]) -> str:
    """Return quote, title, outlet and date in one line."""
    opening, closing = _PAIRS.get(one["language"], _PAIRS["en"])
    about = ", ".join(part for part in (one["title"], _source(one)) if part)
    return f"{opening}{one_line(one['quote'])}{closing} — {about}"


def as_markdown(one: Mapping[str, Any]) -> str:
    """Return a block quote with its source below."""
    about = ", ".join(part for part in (f"*{in_markdown(one['title'])}*", in_markdown(_source(one))) if part)
    return f"> {in_markdown(one_line(one['quote']))}\n>\n> — {about}"


def as_html(one: Mapping[str, Any]) -> str:
    """Return a `blockquote` with its source, the language marked."""
    made = Markup('<blockquote lang="{}"><p>{}</p><footer>— <cite>{}</cite>{}</footer></blockquote>').format(
        tag(one["language"], one["region"]),
        one_line(one["quote"]),
        one["title"],
        f", {_source(one)}" if _source(one) else "",
    )
    return str(made)  # as text to paste: a template that holds it must escape it
