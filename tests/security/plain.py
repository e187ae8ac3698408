"""HTTP with nothing added: what was sent is what is written here, what came back is what the server said."""

import json
import socket
from collections.abc import Mapping
from http.client import BadStatusLine, HTTPConnection, HTTPResponse
from typing import Any

ANSWER_S = 10


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


class Wire:
    """A connection on which any bytes can be sent; it is opened anew when the server hangs up."""

    def __init__(self, base_url: str) -> None:
        host, _, port = base_url.removeprefix("http://").partition(":")
        self._address = (host, int(port))
        self._socket: socket.socket | None = None

    def send(self, method: bytes, target: bytes, headers: Mapping[bytes, bytes], body: bytes = b"") -> int:
        """Send a request as it stands, and return the status; 0 when the server hung up without a word."""
        lines = {b"host": b"localhost", b"content-length": b"%d" % len(body), **headers}
        head = b"".join(b"%s: %s\r\n" % line for line in lines.items())
        try:
            return self._exchange(method, b"%s %s HTTP/1.1\r\n%s\r\n" % (method, target, head) + body)
        except (ConnectionError, BadStatusLine):
            self.close()
            return 0

    def _exchange(self, method: bytes, request: bytes) -> int:
        if self._socket is None:
            self._socket = socket.create_connection(self._address, timeout=ANSWER_S)
        self._socket.sendall(request)
        answer = HTTPResponse(self._socket, method=method.decode())
        answer.begin()
        answer.read()
        if answer.will_close:
            self.close()
        return answer.status

    def close(self) -> None:
        """Hang up."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None
