"""Whether a browser is on https, and that it stays there: Strict-Transport-Security (RFC 6797)."""

from collections.abc import Mapping
from functools import partial
from typing import Final

from bowerbird.edge.http.asgi import App, Header, Message, Receive, Scope, Send
from bowerbird.edge.http.settings import HttpSettings

STRICT: Final[Header] = (b"strict-transport-security", b"max-age=31536000; includeSubDomains")
"""For a year a browser comes by https alone, to this host and to those below it."""


def is_secure(headers: Mapping[bytes, bytes], settings: HttpSettings) -> bool:
    """Say whether the browser is on https: by the settings, or by the word of our own proxies."""
    if _is_always(settings):
        return True
    outermost = headers.get(b"x-forwarded-proto", b"").partition(b",")[0]
    return settings.proxies > 0 and outermost.strip().lower() == b"https"


def _is_always(settings: HttpSettings) -> bool:
    return settings.tls or settings.origin.startswith("https:")


class Strict:
    """An application whose answers over https keep browsers there; over http nothing is added to them."""

    def __init__(self, app: App, settings: HttpSettings) -> None:
        self._app = app
        self._settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        secure = is_secure(dict(scope["headers"]), self._settings)
        await self._app(scope, receive, partial(_strictly, send) if secure else send)


async def _strictly(send: Send, message: Message) -> None:
    if message["type"] == "http.response.start":
        others = [header for header in message["headers"] if header[0] != STRICT[0]]
        message = {**message, "headers": [*others, STRICT]}
    await send(message)


def strict(app: App, settings: HttpSettings) -> App:
    """Return the application as it is where nobody ever comes by https, and one that keeps browsers there elsewhere."""
    return Strict(app, settings) if _is_always(settings) or settings.proxies else app
