"""Bodies longer than the server takes are refused with an answer that whoever still sends gets to see."""

import http.client
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest

from tests.support.server import Server
from tests.support.visitor import Visitor

Someone = Callable[[str], Visitor]
PIECE = b" " * 65_536
PIECES = 320


def pieces() -> Iterator[bytes]:
    yield from [PIECE] * PIECES


@pytest.mark.parametrize("chunked", [True, False])
@pytest.mark.parametrize(
    ("path", "signed_in", "status"), [("boards", True, 413), ("boards", False, 401), ("x", True, 404)]
)
def test_a_huge_body_is_answered(
    server: Server, someone: Someone, path: str, signed_in: bool, status: int, chunked: bool
) -> None:
    headers = {"content-type": "application/json"}
    if signed_in:
        headers["authorization"] = someone("ada").http.headers["authorization"]
    if not chunked:
        headers["content-length"] = str(PIECES * len(PIECE))
    connection = http.client.HTTPConnection(str(urlsplit(server.base_url).netloc), timeout=30)
    try:
        # This client reads nothing before all is sent.
        connection.request("POST", f"/v1/{path}", body=pieces(), headers=headers, encode_chunked=chunked)
        answer = connection.getresponse()
        assert (answer.status, answer.getheader("content-type")) == (status, "application/problem+json")
        assert answer.read().endswith(b"}")
    finally:
        connection.close()
