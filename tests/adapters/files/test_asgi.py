"""The endpoint as an ASGI application, told things that a good server does not tell."""

from collections.abc import AsyncIterator, Iterator, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from bowerbird.adapters.files.blobs import FileBlobs
from bowerbird.adapters.files.endpoint import BlobEndpoint
from bowerbird.adapters.files.signing import Signer
from tests.support.blobs_subject import NEW_KEY
from tests.support.set_clock import SetClock

KEY = "uploads/0123"
Message = MutableMapping[str, Any]
Headers = list[tuple[bytes, bytes]]


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(2) as pool:
        yield pool


@pytest.fixture
async def blobs(tmp_path: Path, threads: ThreadPoolExecutor) -> AsyncIterator[FileBlobs]:
    clock = SetClock()
    yield FileBlobs.open(tmp_path, Signer("/blobs", [NEW_KEY], clock), clock, threads)
    assert list((tmp_path / "tmp").iterdir()) == []


async def ask(blobs: FileBlobs, method: str, url: str, headers: Headers, told: list[Message]) -> list[Message]:
    """Return what the endpoint sends; what it is told must come to an end with it."""
    sent: list[Message] = []

    async def receive() -> Message:
        return told.pop(0)

    async def send(message: Message) -> None:
        sent.append(message)

    parts = urlsplit(url)
    scope: Message = {
        "type": "http",
        "method": method,
        "path": parts.path,
        "query_string": parts.query.encode(),
        "headers": headers,
        "extensions": {"http.response.pathsend": {}},
    }
    await BlobEndpoint(blobs)(scope, receive, send)
    assert [message["type"] for message in sent].count("http.response.start") == 1
    assert not sent[-1].get("more_body", False)
    return sent


def body(*parts: bytes) -> list[Message]:
    last = len(parts) - 1
    return [{"type": "http.request", "body": part, "more_body": n < last} for n, part in enumerate(parts)]


def upload(length: int) -> Headers:
    return [(b"content-type", b"image/jpeg"), (b"content-length", str(length).encode())]


@pytest.mark.parametrize(
    ("told", "status"),
    [
        (body(b"fives"), 201),
        (body(b"fi", b"", b"ves", b""), 201),
        (body(b"five"), 400),
        (body(b"", b"fiv", b"e"), 400),
        (body(b"sixsix"), 400),
        (body(b"fives", b"!"), 400),
        (body(b"x" * 400_000, b"y" * 400_000), 400),
        ([*body(b"fiv", b"")[:1], {"type": "http.disconnect"}], 400),
        ([{"type": "http.disconnect"}], 400),
        ([{"type": "http.request", "more_body": True}, {"type": "http.request", "body": b"fives"}], 201),
    ],
)
async def test_the_body_decides_whatever_the_headers_say(blobs: FileBlobs, told: list[Message], status: int) -> None:
    target = await blobs.sign_put(KEY, 5, "image/jpeg", 60)
    trailing: list[Message] = [{"type": "http.disconnect"}]
    sent = await ask(blobs, "PUT", target.url, upload(5), [*told, *trailing])
    assert sent[0]["status"] == status
    assert (await blobs.stat(KEY) is not None) == (status == 201)


async def test_nothing_is_awaited_of_who_has_sent_all(blobs: FileBlobs) -> None:
    target = await blobs.sign_put(KEY, 5, "image/jpeg", 60)
    sent = await ask(blobs, "PUT", target.url, upload(5), body(b"fi", b"ve"))
    assert sent[0]["status"] == 400


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        (upload(4), 400),
        (upload(6), 413),
        ([(b"content-type", b"image/jpeg"), (b"content-length", b"5" * 100)], 413),
        ([(b"content-type", b"image/jpeg"), (b"content-length", b"+5")], 400),
        ([(b"content-type", b"image/jpeg"), (b"content-length", b"")], 400),
        ([(b"content-type", b"image/jpeg; charset=x"), (b"content-length", b"5")], 415),
        ([(b"content-length", b"5")], 415),
    ],
)
async def test_wrong_headers_are_answered_before_the_body_comes(
    blobs: FileBlobs, headers: Headers, status: int
) -> None:
    target = await blobs.sign_put(KEY, 5, "image/jpeg", 60)
    sent = await ask(blobs, "PUT", target.url, headers, [*body(b"fives"), {"type": "http.disconnect"}])
    assert sent[0]["status"] == status
    assert sent[1]["more_body"]
    assert await blobs.stat(KEY) is None


async def test_what_passes_after_a_refusal_is_bounded(blobs: FileBlobs) -> None:
    told: list[Message] = [{"type": "http.request", "body": bytes(1 << 20), "more_body": True} for _ in range(100)]
    sent = await ask(blobs, "PUT", f"/blobs/{KEY}", upload(100 << 20), told)
    assert sent[0]["status"] == 403
    assert 60 < len(told) < 100


async def test_a_head_has_no_body_and_a_get_sends_the_file(blobs: FileBlobs) -> None:
    await blobs.put(KEY, b"fives", "image/jpeg")
    url = await blobs.sign_get(KEY, 60)
    assert [message["type"] for message in await ask(blobs, "GET", url, [], [])] == [
        "http.response.start",
        "http.response.pathsend",
    ]
    assert (await ask(blobs, "HEAD", url, [], []))[1:] == [{"type": "http.response.body", "body": b""}]
    some = await ask(blobs, "GET", url, [(b"range", b"bytes=1-2")], [])
    assert some[1:] == [{"type": "http.response.body", "body": b"iv", "more_body": False}]
