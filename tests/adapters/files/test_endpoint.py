"""The endpoint that signed addresses lead to, over real HTTP: what it takes, what it refuses, what it leaves behind."""

import asyncio
import contextlib
import shutil
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from operator import methodcaller
from pathlib import Path
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

import httpx
import pytest
from httpx import codes

from bowerbird.adapters.files.blobs import FileBlobs
from bowerbird.adapters.files.endpoint import BlobEndpoint
from bowerbird.adapters.files.signing import Grant, SignatureRefused, Signer
from bowerbird.ports.blobs import Target
from tests.support.asgi_server import answering, client
from tests.support.blobs_subject import NEW_KEY, OLD_KEY, Files, open_files
from tests.support.set_clock import SetClock
from tests.support.waiting import until

JPEG = "image/jpeg"
KEY = "uploads/0123"


@pytest.fixture
async def files(tmp_path: Path) -> AsyncIterator[Files]:
    async with open_files(FileBlobs, tmp_path) as opened:
        yield opened


def kept(files: Files) -> list[Path]:
    """Return every file below the root, temporary ones too."""
    return kept_below(files.root)


def kept_below(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


async def put(files: Files, target: Target, data: bytes) -> httpx.Response:
    return await files.http.put(target.url, content=data, headers=target.headers)


def changed(url: str, **fields: str | None) -> str:
    """Return an address with fields of its query changed, or left out."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query)) | fields
    return urlunsplit(parts._replace(query=urlencode({name: text for name, text in query.items() if text is not None})))


async def raw(files: Files, *pieces: bytes) -> bytes:
    """Send bytes as they are and return what is answered until the server closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", urlsplit(files.base_url).port)
    with contextlib.suppress(OSError):
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
    answered = await reader.read()
    writer.close()
    return answered


def head(target: Target, *headers: bytes) -> bytes:
    """Return the head of an upload to a target, with further headers."""
    parts = urlsplit(target.url)
    first = f"PUT {parts.path}?{parts.query} HTTP/1.1".encode()
    lines = [first, b"host: x", b"connection: close", b"content-type: image/jpeg", *headers]
    return b"\r\n".join(lines) + b"\r\n\r\n"


def assert_problem(answer: httpx.Response, status: int, code: str) -> None:
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert answer.json().keys() == {"type", "title", "status", "detail"}
    assert (answer.json()["status"], answer.json()["type"]) == (status, f"/problems/{code}")
    assert answer.headers["x-content-type-options"] == "nosniff"


CHANGES: list[dict[str, str | None]] = [
    {"expires": "1800000061"},
    {"expires": "9999999999"},
    {"expires": "01800000060"},
    {"expires": "1800000060.0"},
    {"expires": "-1"},
    {"expires": ""},
    {"expires": None},
    {"length": "6"},
    {"length": "05"},
    {"length": "+5"},
    {"length": "\u0665"},
    {"length": None},
    {"mime": "image/png"},
    {"mime": "image/jpeg\n5"},
    {"mime": None},
    {"signature": ""},
    {"signature": None},
    {"signature": "A" * 43},
    {"signature": "\xff"},
    {"more": "1"},
]


@pytest.mark.parametrize("change", CHANGES, ids=str)
async def test_a_changed_address_is_refused(files: Files, change: dict[str, str | None]) -> None:
    target = await files.blobs.sign_put(KEY, 5, JPEG, 60)
    answer = await files.http.put(changed(target.url, **change), content=b"fives", headers=target.headers)
    assert_problem(answer, codes.FORBIDDEN, "forbidden")
    assert kept(files) == []
    assert (await put(files, target, b"fives")).status_code == codes.CREATED


async def test_each_bit_of_a_signature_counts(files: Files) -> None:
    target = await files.blobs.sign_put(KEY, 5, JPEG, 60)
    signature = dict(parse_qsl(urlsplit(target.url).query))["signature"]
    for place in range(len(signature)):
        other = "A" if signature[place] != "A" else "B"
        wrong = changed(target.url, signature=signature[:place] + other + signature[place + 1 :])
        assert (await files.http.put(wrong, content=b"fives", headers=target.headers)).status_code == codes.FORBIDDEN
    for wrong in (signature + "=", signature[:-1], signature + "A", signature.lower()):
        assert (await files.http.get(changed(target.url, signature=wrong))).status_code == codes.FORBIDDEN


async def test_an_address_is_for_one_key_and_one_method(files: Files) -> None:
    await files.blobs.put("other", b"private", JPEG)
    got, target = await files.blobs.sign_get(KEY, 60), await files.blobs.sign_put(KEY, 5, JPEG, 60)
    for url in (got, target.url):
        for other in ("other", "uploads/0124", "uploads", "uploads/0123/", ""):
            wrong = url.replace(KEY, other)
            assert (await files.http.get(wrong)).status_code == codes.FORBIDDEN
            assert (await files.http.put(wrong, content=b"fives", headers=target.headers)).is_client_error
    assert (await files.http.put(got, content=b"fives", headers=target.headers)).status_code == codes.FORBIDDEN
    assert (await files.http.get(target.url)).status_code == codes.FORBIDDEN
    assert await files.blobs.stat(KEY) is None
    await files.blobs.put(KEY, b"there", JPEG)
    assert (await files.http.get(got)).status_code == codes.OK
    assert (await files.http.get(f"{got}&{urlsplit(got).query}")).status_code == codes.FORBIDDEN


PATHS = [
    "..",
    "../../etc/passwd",
    "%2e%2e/%2e%2e/etc/passwd",
    "a/../../../x",
    "/etc/passwd",
    "a%00b",
    "%ff",
    "a\\..\\b",
]


@pytest.mark.parametrize("path", PATHS)
async def test_no_path_leads_out_even_if_it_were_signed(files: Files, path: str) -> None:
    (files.root.parent / "x").write_bytes(b"outside")
    for method, query in (("GET", "expires=1800000060"), ("PUT", "expires=1800000060&length=5&mime=image%2Fjpeg")):
        first = f"{method} /blobs/{path}?{query}&signature=AAAA HTTP/1.1"
        answered = await raw(files, f"{first}\r\nhost: x\r\nconnection: close\r\ncontent-length: 0\r\n\r\n".encode())
        assert b" 403 " in answered[:20] or b" 400 " in answered[:20]
    with pytest.raises(ValueError, match="key"):
        await files.blobs.sign_get(path, 60)
    assert (files.root.parent / "x").read_bytes() == b"outside"


async def test_keys_are_turned_by_signing_with_the_new_and_taking_both(files: Files) -> None:
    old = Signer(f"{files.base_url}/blobs", [OLD_KEY], files.clock)
    new = Signer(f"{files.base_url}/blobs", [NEW_KEY], files.clock)
    strange = Signer(f"{files.base_url}/blobs", [b"s" * 32], files.clock)
    await files.blobs.put(KEY, b"fives", JPEG)
    assert await files.blobs.sign_get(KEY, 60) == new.sign_get(KEY, 60) != old.sign_get(KEY, 60)
    statuses = [(await files.http.get(signer.sign_get(KEY, 60))).status_code for signer in (old, new, strange)]
    assert statuses == [codes.OK, codes.OK, codes.FORBIDDEN]


def test_a_signature_says_what_it_allows() -> None:
    clock = SetClock()
    signer = Signer("https://pins.example/blobs/", [NEW_KEY], clock)
    url, expires_at = signer.sign_put(KEY, 5, JPEG, 60)
    assert expires_at == clock.now_us() + 60_000_000
    assert url.startswith(f"https://pins.example/blobs/{KEY}?")
    query = urlsplit(url).query
    assert signer.check("PUT", KEY, query) == Grant("PUT", KEY, 5, JPEG, expires_at // 1_000_000)
    clock.pass_s(59.9)
    signer.check("PUT", KEY, query)
    clock.pass_s(0.1)
    with pytest.raises(SignatureRefused, match="expired"):
        signer.check("PUT", KEY, query)
    assert signer.check("HEAD", KEY, urlsplit(signer.sign_get(KEY, 1)).query).method == "GET"
    with pytest.raises(ValueError, match="32 bytes"):
        Signer("", [b"short"], clock)
    with pytest.raises(ValueError, match="one key"):
        Signer("", [], clock)


async def test_refusals_are_problems_that_say_why(files: Files) -> None:
    target = await files.blobs.sign_put(KEY, 5, JPEG, 60)
    png = {"Content-Type": "image/png"}
    assert_problem(await files.http.put(target.url, content=b"fives", headers=png), 415, "unsupported-type")
    assert_problem(await files.http.put(target.url, content=b"four", headers=target.headers), 400, "invalid")
    assert_problem(await files.http.put(target.url, content=b"sixsix", headers=target.headers), 413, "too-large")
    answer = await files.http.post(target.url, content=b"fives", headers=target.headers)
    assert_problem(answer, 405, "method-not-allowed")
    assert answer.headers["allow"] == "GET, HEAD, PUT"
    assert_problem(await files.http.options(target.url), 405, "method-not-allowed")
    assert_problem(await files.http.get(await files.blobs.sign_get(KEY, 60)), 404, "not-found")
    assert kept(files) == []
    assert (await put(files, target, b"fives")).status_code == codes.CREATED
    assert_problem(await put(files, target, b"fives"), 409, "exists")
    assert_problem(await put(files, await files.blobs.sign_put(KEY, 4, "image/png", 60), b"four"), 409, "exists")
    assert [path.read_bytes() for path in kept(files)] == [b"fives"]


async def test_a_body_without_a_length_is_refused(files: Files) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        yield b"five"
        yield b"s"

    target = await files.blobs.sign_put(KEY, 5, JPEG, 60)
    answer = await files.http.put(target.url, content=pieces(), headers=target.headers)
    assert_problem(answer, 400, "invalid")
    assert kept(files) == []


async def test_a_refused_upload_hears_why_although_it_is_large(files: Files) -> None:
    target = await files.blobs.sign_put(KEY, 5_000_000, JPEG, 60)
    files.pass_s(61)
    for _ in range(5):
        assert_problem(await put(files, target, bytes(5_000_000)), 403, "forbidden")


@pytest.mark.parametrize("sent", [0, 1000, 500_000, 999_999])
async def test_a_cut_off_upload_leaves_nothing(files: Files, sent: int) -> None:
    target = await files.blobs.sign_put(KEY, 1_000_000, JPEG, 60)
    for cut in (methodcaller("abort"), methodcaller("close")):
        _, writer = await asyncio.open_connection("127.0.0.1", urlsplit(target.url).port)
        writer.write(head(target, b"content-length: 1000000") + b"x" * sent)
        await writer.drain()
        await until(lambda: kept(files) != [])
        cut(writer.transport)
        await until(lambda: kept(files) == [])
        writer.close()
    assert await files.blobs.stat(KEY) is None
    assert (await put(files, target, b"y" * 1_000_000)).status_code == codes.CREATED


async def test_what_follows_the_announced_length_is_not_taken(files: Files) -> None:
    target = await files.blobs.sign_put(KEY, 5, JPEG, 60)
    answered = await raw(files, head(target, b"content-length: 5"), b"fives and more")
    assert answered.startswith(b"HTTP/1.1 201")
    assert [path.read_bytes() for path in kept(files)] == [b"fives"]
    target = await files.blobs.sign_put("other", 5, JPEG, 60)
    chunked = head(target, b"content-length: 5", b"transfer-encoding: chunked")
    answered = await raw(files, chunked, b"e\r\nfives and more\r\n0\r\n\r\n")
    assert not answered.startswith(b"HTTP/1.1 2")
    assert await files.blobs.stat("other") is None


async def test_an_upload_that_stands_still_is_given_up(tmp_path: Path) -> None:
    clock = SetClock()
    with ThreadPoolExecutor(2) as threads:
        blobs = FileBlobs.open(tmp_path, Signer("/blobs", [NEW_KEY], clock), clock, threads)
        async with answering(lambda _: BlobEndpoint(blobs, idle_timeout_ms=50)) as base_url:
            target = await blobs.sign_put(KEY, 1000, JPEG, 60)
            reader, writer = await asyncio.open_connection("127.0.0.1", urlsplit(base_url).port)
            writer.write(head(target, b"content-length: 1000") + b"x" * 500)
            assert (await reader.read(20)).startswith(b"HTTP/1.1 400")
            writer.close()
            assert kept_below(tmp_path) == []


def forget_high_water() -> None:
    Path("/proc/self/clear_refs").write_text("5")


def high_water_mb() -> float:
    return int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]) / 1024


async def test_a_large_upload_is_not_held_in_memory(files: Files) -> None:
    piece, count = bytes(64 << 10), 800
    target = await files.blobs.sign_put(KEY, len(piece) * count, JPEG, 600)

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(count):
            yield piece

    await files.blobs.put("warm", piece, JPEG)
    forget_high_water()
    before = high_water_mb()
    headers = {**target.headers, "Content-Length": str(len(piece) * count)}
    assert (await files.http.put(target.url, content=pieces(), headers=headers)).status_code == codes.CREATED
    assert high_water_mb() - before < 20
    stat = await files.blobs.stat(KEY)
    assert stat is not None
    assert stat.length == 50 << 20


async def test_a_disk_that_fails_is_said_and_heals(files: Files) -> None:
    target = await files.blobs.sign_put(KEY, 5, JPEG, 60)
    shutil.rmtree(files.root / "tmp")
    answer = await put(files, target, b"fives")
    assert_problem(answer, 503, "unavailable")
    assert answer.headers["retry-after"] == "5"
    (files.root / "tmp").mkdir()
    assert (await put(files, target, b"fives")).status_code == codes.CREATED


async def test_another_origin_may_use_it_where_it_is_named(tmp_path: Path) -> None:
    clock = SetClock()
    with ThreadPoolExecutor(2) as threads:
        blobs = FileBlobs.open(tmp_path, Signer("/blobs", [NEW_KEY], clock), clock, threads)
        endpoint = BlobEndpoint(blobs, allowed_origin="https://pins.example")
        async with (
            answering(lambda _: endpoint) as base_url,
            client(base_url) as http,
        ):
            target = await blobs.sign_put(KEY, 5, JPEG, 60)
            preflight = await http.options(target.url)
            assert preflight.status_code == codes.NO_CONTENT
            assert "PUT" in preflight.headers["access-control-allow-methods"]
            assert preflight.headers["access-control-allow-headers"] == "content-type"
            answers = [
                preflight,
                await http.put(target.url, content=b"fives", headers=target.headers),
                await http.put(target.url, content=b"fives", headers=target.headers),
                await http.get(await blobs.sign_get(KEY, 60)),
                await http.get(await blobs.sign_get("absent", 60)),
                await http.get(f"/blobs/{quote(KEY)}"),
                await http.delete(target.url),
            ]
            assert [answer.status_code for answer in answers] == [204, 201, 409, 200, 404, 403, 405]
            for answer in answers:
                assert answer.headers["access-control-allow-origin"] == "https://pins.example"
                assert answer.headers["vary"] == "origin"
