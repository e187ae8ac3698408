"""HTTP with nothing added: what was sent is what is written here, what came back is what the server said."""

import json
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPResponse
from typing import Any


class Got:
    """What came back: `status`, `headers` in lower case, and the body."""

    def __init__(self, answer: HTTPResponse) -> None:
        self.status = answer.status
        self.pairs = [(name.lower(), value) for name, value in answer.getheaders()]
        self.headers = dict(self.pairs)
        self.body = answer.read()

    @property
    def text(self) -> str:
        return self.body.decode("latin-1")

    def json(self) -> Any:  # noqa: ANN401 - JSON is anything
        """Return the decoded body."""
        return json.loads(self.body)


def fetch(base_url: str, method: str, path: str, headers: Mapping[str, str], body: object = None) -> Got:
    """Ask for something, with JSON where a body is given, on a connection of its own."""
    connection = HTTPConnection(base_url.removeprefix("http://"), timeout=30)
    try:
        sent = {} if body is None else {"content-type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        connection.request(method, path, data, {**headers, **sent})
        return Got(connection.getresponse())
    finally:
        connection.close()
