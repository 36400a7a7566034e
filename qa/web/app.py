"""The web chat."""

from __future__ import annotations

from html import escape
from pathlib import Path

from qa import Assistant
from qa.render import as_text


def serve(index: Path, *, host: str, port: int) -> None:
    """Answer questions in the browser until stopped."""
    import gradio as gr

    assistant = Assistant.open(index)

    def reply(question: str, history: list[object]) -> str:
        return f"<pre>{escape(as_text(assistant.ask(question)))}</pre>"

    gr.ChatInterface(reply).launch(server_name=host, server_port=port)
