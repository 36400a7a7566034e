"""What every request passes before Gradio sees it: who asks, how much is sent, and the login where one is set.

It covers all that is served, the HTTP API and MCP among it; Gradio's own login would leave MCP open.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Mapping
from typing import TYPE_CHECKING

from qa.errors import LimitError
from qa.web.faults import in_words
from qa.web.limits import CLIENT, Window, mistakes
from qa.web.log import UNFORESEEN, note_fault
from qa.web.words import LANGUAGES, say

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_MEGABYTES = 20  # of a file that is sent
_MAX_BODY = MAX_MEGABYTES * 2**20 * 4 // 3 + 2**20  # a file travels in base64, with a few words around it
_CLOSED = ("/gradio_api/upload", "/gradio_api/upload_progress")  # Gradio's way to send files, which nothing here uses
_OPEN = "/gradio_api/startup-events"  # by this Gradio finds out whether it is up; it tells nothing

Refusal = tuple[int, list[str], Mapping[str, str]]  # status, the words in three languages, headers


class Gate:
    """An ASGI middleware; `login` is `name:password`, or nothing where everybody may come in."""

    def __init__(self, app: ASGIApp, login: str = "", wrong: Window | None = None) -> None:
        self.app = app
        self._login = login
        self._wrong = wrong or mistakes()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it in words."""
        if scope["type"] == "http":
            CLIENT.set((scope.get("client") or ("",))[0])
            headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
            refusal = self._refusal(scope["path"], headers)
            if refusal:
                await _refuse(send, *refusal)
                return
        begun = False

        async def noted(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self.app(scope, receive, noted)
        except Exception as error:
            note_fault("a request", error)  # uvicorn would print its words, which may repeat what was asked
            if scope["type"] == "http" and not begun:
                told = [say("failed", language, error=in_words(UNFORESEEN, language)) for language in LANGUAGES]
                await _refuse(send, 500, told, {})

    def _refusal(self, path: str, headers: Mapping[str, str]) -> Refusal | None:
        if path.rstrip("/") in _CLOSED:
            return 404, _words("not_understood"), {}
        if "transfer-encoding" in headers:  # its length would be known too late
            return 411, _words("not_understood"), {}
        if int(headers.get("content-length") or 0) > _MAX_BODY:
            return 413, _words("too_large", limit=MAX_MEGABYTES), {}
        return self._stranger(headers) if self._login and path != _OPEN else None

    def _stranger(self, headers: Mapping[str, str]) -> Refusal | None:
        """Refuse whoever does not bring the login; too many wrong ones in a minute are not even compared."""
        brought = _brought(headers.get("authorization", ""))
        try:
            self._wrong.check()
            if brought is not None and hmac.compare_digest(brought, self._login.encode()):
                return None
            if brought is not None:
                self._wrong.take()
        except LimitError as error:
            return 429, [in_words(error, language) for language in LANGUAGES], {"retry-after": "60"}
        return 401, _words("login"), {"www-authenticate": 'Basic realm="News QA", charset="UTF-8"'}


def _brought(authorization: str) -> bytes | None:
    """Return `name:password` as the browser sends it, None where it sends none."""
    kind, _, sent = authorization.partition(" ")
    if kind.lower() != "basic":
        return None
    try:
        return base64.b64decode(sent, validate=True)
    except binascii.Error:
        return b""


def _words(key: str, **values: object) -> list[str]:
    return [say(key, language, **values) for language in LANGUAGES]


async def _refuse(send: Send, status: int, words: list[str], headers: Mapping[str, str]) -> None:
    body = "\n".join(words).encode()
    told = {"content-type": "text/plain; charset=utf-8", "content-length": str(len(body)), "connection": "close"}
    pairs = [(name.encode(), value.encode()) for name, value in {**told, **headers}.items()]
    await send({"type": "http.response.start", "status": status, "headers": pairs})
    await send({"type": "http.response.body", "body": body})
