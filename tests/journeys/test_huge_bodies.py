"""Bodies longer than the server takes are refused with an answer that whoever still sends gets to see."""

import http.client
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest

from tests.support.server import Server
from tests.support.visitor import Visitor

Someone = Callable[[str], Visitor]
PIECE = b" " * 65_536
PIECES = 160


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
    assert refusal(server, "POST", f"/v1/{path}", headers, chunked=chunked) == status


@pytest.mark.parametrize("tampered", [True, False])
def test_a_huge_picture_for_another_target_is_answered(server: Server, someone: Someone, tampered: bool) -> None:
    target = someone("ada").begin_upload(5)
    parts = urlsplit(str(target["url"]))
    address = f"{parts.path}?{parts.query}" + ("0" if tampered else "")
    headers = {**target["headers"], "content-length": str(PIECES * len(PIECE))}
    assert refusal(server, "PUT", address, headers, chunked=False) == (403 if tampered else 413)


def refusal(server: Server, method: str, path: str, headers: dict[str, str], *, chunked: bool) -> int:
    """Send a huge body as a client that reads nothing before all is sent; return the status of the problem."""
    connection = http.client.HTTPConnection(str(urlsplit(server.base_url).netloc), timeout=30)
    try:
        connection.request(method, path, body=pieces(), headers=headers, encode_chunked=chunked)
        answer = connection.getresponse()
        assert answer.getheader("content-type") == "application/problem+json"
        assert answer.read().endswith(b"}")
        return answer.status
    finally:
        connection.close()
