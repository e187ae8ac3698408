"""What holds for every answer of the server, whoever asks for what, and for requests that are made to be misread."""

import json
import re
import socket
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import Final

import pytest

from tests.security.plain import fetch
from tests.security.table import ROWS
from tests.support.server import Server

OPENAPI: Final = json.loads((Path(__file__).parents[2] / "docs/reference/openapi.json").read_text())
ELSEWHERE: Final = {"origin": "https://evil.test", "x-forwarded-for": "198.51.100.7"}
PLACES: Final = re.compile(r"\{\w+\}")
ASIDE: Final = (
    "/",
    "/nothing",
    "/sign-in",
    "/assets/",
    "/assets/none.js",
    "/blobs/x",
    "/.git/config",
    "/..%2f..%2fetc/passwd",
)
ADDRESSES: Final = sorted({PLACES.sub("x", row.path) for row in ROWS} | set(ASIDE))


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_every_answer_has_its_guards(server: Server, method: str) -> None:
    wrong: list[str] = []
    for address in ADDRESSES:
        got = fetch(server.base_url, method, address, ELSEWHERE)
        policy = got.headers.get("content-security-policy", "")
        told = {
            "no nosniff": got.headers.get("x-content-type-options") != "nosniff",
            "another site may read it": any(name.startswith("access-control-") for name in got.headers),
            "no type": bool(got.body) and "content-type" not in got.headers,
            "text of no encoding": got.headers.get("content-type", "").startswith("text/")
            and "charset=utf-8" not in got.headers["content-type"],
            "a page that may be framed": "text/html" in got.headers.get("content-type", "")
            and "frame-ancestors 'none'" not in policy,
            "a page with a referrer": "text/html" in got.headers.get("content-type", "")
            and "referrer-policy" not in got.headers,
            "a page that may load plugins": "text/html" in got.headers.get("content-type", "")
            and ("default-src 'none'" not in policy or "base-uri 'none'" not in policy),
        }
        wrong += [f"{method} {address}: {what}" for what, is_so in told.items() if is_so]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("method", ["TRACE", "TRACK", "CONNECT", "PROPFIND", "DEBUG", "get"])
def test_other_methods_do_nothing(server: Server, method: str) -> None:
    for address in ("/v1/me", "/", "/docs"):
        got = fetch(server.base_url, method, address, {"x-secret": "echoed"})
        assert got.status in {400, 404, 405, 501}
        assert "echoed" not in f"{got.pairs} {got.text}"


@pytest.mark.parametrize(
    "address",
    [
        *("/.git/config", "/.git/HEAD", "/.env", "/pyproject.toml", "/data/core.db", "/keys.db", "/assets/../site.py"),
        *("/assets/%2e%2e/site.py", "/assets/", "/assets", "/src/", "/media/", "/blobs/", "/assets/..%5csite.py"),
        *("//etc/passwd", "/./././etc/passwd", "/assets/%00.js", "/docs/../../keys.db", "/assets/index.html~"),
    ],
)
def test_no_file_but_the_page_s_is_served(server: Server, address: str) -> None:
    got = fetch(server.base_url, "GET", address, {})
    assert got.status in {400, 401, 403, 404, 405, 410}
    assert not re.search(r"\[core\]|root:|SQLite format|import |Index of|<li><a", got.text)


SMUGGLED: Final = b"GET /v1/me HTTP/1.1\r\nHost: x\r\nX-Smuggled: yes\r\n\r\n"
AMBIGUOUS: Final = {
    "a length and chunks": (b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", b"0\r\n\r\n" + SMUGGLED),
    "chunks and a length": (b"Transfer-Encoding: chunked\r\nContent-Length: %d\r\n", b"0\r\n\r\n" + SMUGGLED),
    "two lengths": (b"Content-Length: 0\r\nContent-Length: %d\r\n", SMUGGLED),
    "a list of lengths": (b"Content-Length: 0, %d\r\n", SMUGGLED),
    "a length with a sign": (b"Content-Length: +0\r\n", SMUGGLED),
    "a length in hex": (b"Content-Length: 0x0\r\n", SMUGGLED),
    "an unknown coding": (b"Transfer-Encoding: xchunked\r\n", b"0\r\n\r\n" + SMUGGLED),
    "chunked, and another coding": (b"Transfer-Encoding: chunked, identity\r\n", b"0\r\n\r\n" + SMUGGLED),
    "a space before the colon": (b"Transfer-Encoding : chunked\r\n", b"0\r\n\r\n" + SMUGGLED),
    "a header that is folded": (b"X: y\r\n Transfer-Encoding: chunked\r\n", b"0\r\n\r\n" + SMUGGLED),
    "a bare line feed": (b"X: y\nTransfer-Encoding: chunked\r\n", b"0\r\n\r\n" + SMUGGLED),
    "a chunk of a wrong length": (b"Transfer-Encoding: chunked\r\n", b"-1\r\n\r\n" + SMUGGLED),
}


@pytest.mark.parametrize("name", AMBIGUOUS)
def test_a_request_of_two_lengths_is_one_request_or_none(server: Server, name: str) -> None:
    """Either it is refused and the line is closed, or chunks count, as RFC 9112 has it, and the rest is a request."""
    headers, body = AMBIGUOUS[name]
    headers = headers % len(body) if b"%d" in headers else headers
    host, _, port = server.base_url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=10) as line:
        line.sendall(b"POST /v1/views HTTP/1.1\r\nHost: localhost\r\n" + headers + b"\r\n" + body)
        line.shutdown(socket.SHUT_WR)
        answers = statuses(line)
    assert answers == [] or answers[0] in {400, 401, 403, 411, 413, 415, 501}
    chunked = name in {"a length and chunks", "chunks and a length"}
    refused = answers == [] or answers[0] in {400, 411, 413, 415, 501}
    assert len(answers) <= 1 or (chunked and not refused), answers


def statuses(line: socket.socket) -> list[int]:
    """Return the status of every answer that comes before the line is closed."""
    found: list[int] = []
    while True:
        answer = HTTPResponse(line)
        try:
            answer.begin()
            answer.read()
        except (OSError, HTTPException):
            return found
        found.append(answer.status)
        if answer.will_close:
            return found


def test_nobody_can_say_from_where_they_come(server: Server) -> None:
    """One proxy is trusted: what a client wrote before it does not count, and other headers never do."""
    told = {"x-forwarded-for": "203.0.113.1, 198.51.100.7"}
    for name in ("x-real-ip", "forwarded", "x-client-ip", "true-client-ip", "x-forwarded-host", "x-original-url"):
        told[name] = "203.0.113.1"
    new = {"handle": "from_afar", "name": "N", "email": "from_afar@example.org", "password": "a long enough one"}
    made = fetch(server.base_url, "POST", "/v1/users", told, new).json()
    assert made["session"]["address"] == "198.51.100.7"


@pytest.mark.parametrize("query", ["limit=1&limit=2", "cursor=&cursor=x", "limit=1;limit=2", "limit[]=1", "Limit=1"])
def test_a_parameter_counts_once_and_by_its_own_name(server: Server, query: str) -> None:
    got = fetch(server.base_url, "GET", f"/v1/users/the_admin/boards?{query}", {})
    assert got.status == 400
