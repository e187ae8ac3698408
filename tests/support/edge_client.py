"""Calls an ASGI application in the process, as a server would, with any bytes whatever."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from bowerbird.edge.http.asgi import App, Header, Message


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: list[Header]
    body: bytes

    def header(self, name: str) -> str | None:
        """Return a header's value; several of one name are joined with a comma."""
        values = [value.decode() for key, value in self.headers if key == name.encode()]
        return ", ".join(values) if values else None

    def json(self) -> Any:  # noqa: ANN401 - JSON is anything
        """Return the decoded body."""
        return json.loads(self.body)

    def problem(self) -> tuple[int, str, str]:
        """Return the status, the code and the field of a problem, after checking that it is one in form."""
        assert self.header("content-type") == "application/problem+json"
        told = self.json()
        assert told["status"] == self.status
        assert told["title"]
        assert told["detail"]
        assert told["request_id"] == self.header("x-request-id")
        return self.status, told["type"].removeprefix("/problems/"), told.get("field", "")


async def call(
    app: App,
    method: str,
    path: str,
    *,
    headers: Iterable[tuple[bytes, bytes]] = (),
    body: bytes | list[bytes] = b"",
    query: bytes = b"",
    token: str = "",
    raw_path: bytes = b"",
) -> Answer:
    """Send one request, its body in the pieces given, and return the answer."""
    pieces = body if isinstance(body, list) else [body]
    sent: list[Message] = []
    scope: dict[str, Any] = {
        "type": "http",
        "method": method,
        "path": path,
        "raw_path": raw_path or quote(path, errors="replace").encode(),
        "query_string": query,
        "headers": [*headers, *([(b"authorization", b"Bearer " + token.encode())] if token else [])],
        "client": ("192.0.2.7", 4711),
        "scheme": "http",
    }

    async def receive() -> Message:
        piece = pieces.pop(0) if pieces else b""
        return {"type": "http.request", "body": piece, "more_body": bool(pieces)}

    async def send(message: Message) -> None:
        sent.append(message)

    await app(scope, receive, send)
    body_sent = b"".join(message.get("body", b"") for message in sent[1:])
    return Answer(sent[0]["status"], list(sent[0]["headers"]), body_sent)


async def call_json(app: App, method: str, path: str, value: object, *, token: str = "") -> Answer:
    """Send a value as JSON."""
    headers = [(b"content-type", b"application/json")]
    return await call(app, method, path, headers=headers, body=json.dumps(value).encode(), token=token)
