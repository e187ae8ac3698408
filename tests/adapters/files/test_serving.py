"""Serving blobs: whole, in part, or "you have it already", by the server or piece by piece, and always safely."""

from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bowerbird.adapters.files.answers import Unsatisfiable, names_version, range_of
from bowerbird.adapters.files.blobs import FileBlobs
from bowerbird.adapters.files.serving import serve_blob
from bowerbird.adapters.files.signing import Signer
from tests.support.asgi_server import Receive, Scope, Send, answering, client
from tests.support.blobs_subject import NEW_KEY
from tests.support.set_clock import SetClock

DATA = bytes(range(256)) * 10_000
KEY = "pictures/a/236"


@dataclass(frozen=True)
class Origin:
    """An application that serves any blob by its path; without `sends_files` it has to send pieces."""

    blobs: FileBlobs
    http: httpx.AsyncClient


@pytest.fixture(params=[True, False], ids=["sends files", "sends pieces"])
async def origin(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Origin]:
    clock = SetClock()
    with ThreadPoolExecutor(2) as threads:
        blobs = FileBlobs.open(tmp_path, Signer("/blobs", [NEW_KEY], clock), clock, threads)

        async def app(scope: Scope, _receive: Receive, send: Send) -> None:
            assert "http.response.pathsend" in scope["extensions"]
            if not request.param:
                scope["extensions"] = {}
            if not await serve_blob(blobs, scope, send, scope["path"][1:], [(b"cache-control", b"max-age=60")]):
                await send({"type": "http.response.start", "status": 404, "headers": []})
                await send({"type": "http.response.body", "body": b""})

        await blobs.put(KEY, DATA, "image/webp")
        async with (
            answering(lambda _: app) as base_url,
            client(base_url) as http,
        ):
            yield Origin(blobs, http)


async def test_the_whole(origin: Origin) -> None:
    answer = await origin.http.get(f"/{KEY}")
    assert (answer.status_code, answer.content) == (200, DATA)
    head = await origin.http.head(f"/{KEY}")
    assert (head.status_code, head.content) == (200, b"")
    for headers in (answer.headers, head.headers):
        assert headers["content-type"] == "image/webp"
        assert headers["content-length"] == str(len(DATA))
        assert headers["accept-ranges"] == "bytes"
        assert headers["cache-control"] == "max-age=60"
        assert headers["content-disposition"] == "inline"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["content-security-policy"] == "default-src 'none'; sandbox"
        assert headers["etag"] == answer.headers["etag"]


async def test_nothing(origin: Origin) -> None:
    assert (await origin.http.get("/pictures/a/474")).status_code == 404
    await origin.blobs.put("empty", b"", "text/plain")
    answer = await origin.http.get("/empty")
    assert (answer.status_code, answer.content, answer.headers["content-length"]) == (200, b"", "0")


@pytest.mark.parametrize(
    ("wanted", "start", "stop"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=10-19", 10, 20),
        ("bytes=1000-", 1000, len(DATA)),
        ("bytes=-5", len(DATA) - 5, len(DATA)),
        (f"bytes=-{len(DATA) * 2}", 0, len(DATA)),
        (f"bytes=5-{len(DATA) * 2}", 5, len(DATA)),
        ("bytes=0-", 0, len(DATA)),
    ],
)
async def test_a_part(origin: Origin, wanted: str, start: int, stop: int) -> None:
    answer = await origin.http.get(f"/{KEY}", headers={"Range": wanted})
    assert answer.status_code == 206
    assert answer.content == DATA[start:stop]
    assert answer.headers["content-range"] == f"bytes {start}-{stop - 1}/{len(DATA)}"
    assert answer.headers["content-length"] == str(stop - start)


@pytest.mark.parametrize("wanted", ["bytes=5-2", "bytes=0-1,5-6", "bytes=-", "bytes=a-b", "lines=0-1", "bytes 0-1", ""])
async def test_a_range_that_does_not_count(origin: Origin, wanted: str) -> None:
    answer = await origin.http.get(f"/{KEY}", headers={"Range": wanted})
    assert (answer.status_code, answer.content) == (200, DATA)


@pytest.mark.parametrize("wanted", [f"bytes={len(DATA)}-", f"bytes={len(DATA)}-{len(DATA) + 5}", "bytes=-0"])
async def test_a_range_behind_the_end(origin: Origin, wanted: str) -> None:
    answer = await origin.http.get(f"/{KEY}", headers={"Range": wanted})
    assert (answer.status_code, answer.content) == (416, b"")
    assert answer.headers["content-range"] == f"bytes */{len(DATA)}"


async def test_you_have_it_already(origin: Origin) -> None:
    etag = (await origin.http.get(f"/{KEY}")).headers["etag"]
    for known in (etag, f'"other", {etag}', f"W/{etag}", "*"):
        answer = await origin.http.get(f"/{KEY}", headers={"If-None-Match": known, "Range": "bytes=0-1"})
        assert (answer.status_code, answer.content) == (304, b"")
        assert (answer.headers["etag"], answer.headers["cache-control"]) == (etag, "max-age=60")
        assert (await origin.http.head(f"/{KEY}", headers={"If-None-Match": known})).status_code == 304
    for other in ('"other"', etag[:-2] + '"', etag.strip('"')):
        assert (await origin.http.get(f"/{KEY}", headers={"If-None-Match": other})).status_code == 200
    await origin.blobs.put(KEY, DATA[::-1], "image/webp")
    changed = await origin.http.get(f"/{KEY}", headers={"If-None-Match": etag})
    assert (changed.status_code, changed.content) == (200, DATA[::-1])


async def test_a_part_of_another_version_is_the_whole(origin: Origin) -> None:
    etag = (await origin.http.get(f"/{KEY}")).headers["etag"]
    for condition, status in ((etag, 206), ('"other"', 200), ("Sun, 22 Nov 2026 01:21:52 GMT", 200)):
        answer = await origin.http.get(f"/{KEY}", headers={"Range": "bytes=0-1", "If-Range": condition})
        assert answer.status_code == status


@pytest.mark.parametrize("mime", ["text/html", "image/svg+xml", "application/pdf", "text/javascript"])
async def test_what_could_run_is_for_saving(origin: Origin, mime: str) -> None:
    await origin.blobs.put("page", b"<script>alert(1)</script>", mime)
    headers = (await origin.http.get("/page")).headers
    assert (headers["content-type"], headers["content-disposition"]) == (mime, "attachment")
    assert headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in headers["content-security-policy"]


numbers = st.one_of(st.just(""), st.integers(0, 30).map(str))


@given(numbers, numbers, st.integers(0, 20))
def test_ranges_mean_what_they_say(first: str, last: str, length: int) -> None:
    places = list(range(length))
    if first:
        expected = [n for n in places if n >= int(first) and (not last or n <= int(last))]
    else:
        expected = places[max(0, length - int(last)) :] if last and int(last) else []
    try:
        found = range_of(f"bytes={first}-{last}".encode(), length)
    except Unsatisfiable:
        assert expected == []
    else:
        ignored = first == last == "" or bool(first and last and int(last) < int(first))
        assert (found is None) == ignored
        assert found is None or places[found[0] : found[1]] == expected != []


@given(st.binary(max_size=60))
def test_any_header_is_read_without_harm(header: bytes) -> None:
    try:
        found = range_of(header, 1000)
    except Unsatisfiable:
        found = None
    assert found is None or 0 <= found[0] < found[1] <= 1000
    assert not names_version(header, b'"5-16b3c2"') or header.strip() == b"*"
