"""The web app: one page, what it calls, and the server that carries both."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

from qa import Progress, QAError
from qa.generations import current
from qa.holdings import Editor
from qa.options import BUNDLED
from qa.web.api import endpoints, in_json
from qa.web.batches import Batches
from qa.web.desk import Desk, Ended
from qa.web.draw import shell
from qa.web.examples import EXAMPLES
from qa.web.gate import Gate
from qa.web.limits import QUESTIONS, questions
from qa.web.log import begin, without_words
from qa.web.look import Look
from qa.web.service import functions
from qa.web.tabs import batch_functions, corpus_functions
from qa.web.words import say, table

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")  # Gradio reads it when imported

_HERE = Path(__file__).parent
_ICON = (  # a page with a marked line
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Crect width='16' height='16'"
    " rx='3' fill='%231d4f80'/%3E%3Cpath d='M4 5h8M4 11h5' stroke='white' stroke-width='1.500'/%3E"
    "%3Cpath d='M4 8h8' stroke='%23f6d35b' stroke-width='2'/%3E%3C/svg%3E"
)
_SCRIPTS = ("core.js", "chat.js", "reading.js", "history.js", "tabs.js", "start.js")
_VIEWS = ("ask", "batch", "corpus")


def page(desk: Desk, editor: Editor, notes: Path) -> Any:
    """Return the Gradio app over a desk: one component that draws everything, and the API."""
    import gradio as gr

    calls = [*functions(desk, notes), *batch_functions(Batches(desk.opened)), *corpus_functions(desk, editor)]
    with gr.Blocks(title=say("product", "en"), analytics_enabled=False, fill_width=True) as blocks:
        gr.HTML(
            shell(Look(), EXAMPLES, _VIEWS),
            js_on_load="\n".join((_HERE / name).read_text(encoding="utf-8") for name in _SCRIPTS),
            server_functions=calls,
            apply_default_css=False,
            elem_id="qa",
            words=table(),
        )
        for endpoint in endpoints(desk):
            gr.api(endpoint, api_name=endpoint.__name__, queue=False)
    return blocks


def _head() -> str:
    """Return what goes into the page's head; Gradio's own `css` would rewrite the selectors."""
    style = (_HERE / "style.css").read_text(encoding="utf-8")
    return f'<meta name="referrer" content="no-referrer"><link rel="icon" href="{_ICON}"><style>{style}</style>'


def _theme() -> Any:
    import gradio as gr

    plain = ("system-ui", "sans-serif")
    return gr.themes.Base(font=plain, font_mono=("ui-monospace", "monospace"))


def launch(
    desk: Desk,
    *,
    host: str,
    port: int | None,
    editor: Editor | None = None,
    notes: Path | None = None,
    login: str = "",
) -> Any:
    """Start serving and return the Gradio app; feedback is noted beside the index unless told otherwise.

    `login` is `name:password`, asked of every visitor and program.

    Raises:
        QAError: the address cannot be listened on.
    """
    from starlette.middleware import Middleware

    blocks = page(desk, editor or Editor(desk.corpus), notes or desk.index.resolve().parent / "feedback.jsonl")
    without_words()
    try:
        with redirect_stdout(StringIO()):  # what Gradio prints about itself
            blocks.launch(
                server_name=host,
                server_port=port,
                prevent_thread_lock=True,
                quiet=True,
                show_error=True,  # a program that calls wrongly is told how
                ssr_mode=False,
                footer_links=[],
                mcp_server=True,
                max_file_size="1mb",  # the page sends its files another way; Gradio's own upload is not used
                app_kwargs={"middleware": [Middleware(Gate, login=login)]},
                theme=_theme(),
                head=_head(),
            )
    except OSError as error:
        raise QAError(f"cannot listen on {host}:{port} ({error}); choose another with --port") from error
    tools = blocks.mcp_server_obj
    tools.postprocess_output_data = in_json(tools.postprocess_output_data)
    return blocks


def serve(
    index: Path,
    *,
    corpus: Path,
    host: str,
    port: int,
    model: str = BUNDLED,
    editable: bool = False,
    password: str = "",
    login: str = "",
    rate: int = QUESTIONS,
    log_questions: bool = False,
    started: Callable[[str], None] = lambda address: None,
    tell: Progress | None = None,
    then: Ended | None = None,
) -> None:
    """Answer questions in the browser until stopped.

    The page is there first (`started` is given its address); the index is brought up to date behind it.
    `rate` is how many questions a minute are answered from one address, 0 for any number.

    Raises:
        QAError: there is neither a corpus nor an index, the login is none, or the address cannot be listened on.
    """
    if not corpus.is_dir():
        current(index)
    if login and not all(login.partition(":")):
        raise QAError("--login is a name and a password with a colon between them, as ann:secret")
    begin(questions=log_questions)
    desk = Desk(index, corpus, model, limit=questions(rate))
    editor = Editor(corpus, editable, password)
    blocks = launch(desk, host=host, port=port, editor=editor, login=login)
    started(str(blocks.local_url))
    desk.prepare(tell, then)
    blocks.block_thread()
