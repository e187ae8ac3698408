"""Telling a problem to whoever asked for no page, and whom the shell would not help."""

import msgspec

from bowerbird.contracts.problems import Problem
from bowerbird.edge.http.asgi import Header, Scope, Send
from bowerbird.edge.http.problem import KNOWN, headers_of

ALWAYS: tuple[Header, ...] = (
    (b"x-content-type-options", b"nosniff"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
"""What every answer of the page's own carries."""


async def refuse(scope: Scope, send: Send, told: Problem) -> None:
    """Answer with the problem, as the API would."""
    known = KNOWN[told.code]
    details = {"type": f"/problems/{told.code}", "title": known.title, "status": known.status, "detail": told.detail}
    body = msgspec.json.encode(details)
    headers = [*ALWAYS, *headers_of(told), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": known.status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body, "more_body": False})
