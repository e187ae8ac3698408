"""The blobs port's promises, kept by every adapter behind it, and by none that is broken on purpose."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx
import pytest
from httpx import codes

from bowerbird.ports.blobs import LIST_MAX, BlobMissing, Stat, Target
from tests.ports.suite import Check, Opener, Suite, run
from tests.support.blobs_broken import DEFECTS
from tests.support.blobs_subject import FILES, Subject
from tests.support.defects import Defect

SUITE = Suite[Subject]()
JPEG = "image/jpeg"
DATA = bytes(range(256)) * 5
PIECE_BYTES_MAX = 1 << 20
TOO_LARGE = codes.REQUEST_ENTITY_TOO_LARGE
Use = Callable[[str], Awaitable[object]]


async def read(subject: Subject, key: str, start: int = 0, stop: int | None = None) -> bytes:
    return b"".join([piece async for piece in subject.blobs.read(key, start, stop)])


async def read_or_none(subject: Subject, key: str) -> bytes | None:
    try:
        return await read(subject, key)
    except BlobMissing:
        return None


async def send(subject: Subject, target: Target, data: bytes, **headers: str) -> httpx.Response:
    return await subject.http.request(target.method, target.url, content=data, headers={**target.headers, **headers})


@SUITE.check
async def what_was_put_is_there(subject: Subject) -> None:
    await subject.blobs.put("pictures/a/236", DATA, JPEG)
    assert await read(subject, "pictures/a/236") == DATA
    stat = await subject.blobs.stat("pictures/a/236")
    assert stat is not None
    assert (stat.key, stat.length, stat.mime) == ("pictures/a/236", len(DATA), JPEG)
    assert await subject.again().stat("pictures/a/236") == stat


@SUITE.check
async def the_time_is_that_of_putting(subject: Subject) -> None:
    await subject.blobs.put("a", b"1", JPEG)
    subject.pass_s(3600)
    await subject.blobs.put("b", b"2", JPEG)
    first, second = await subject.blobs.stat("a"), await subject.blobs.stat("b")
    assert first is not None
    assert second is not None
    assert 3590 <= (second.at - first.at) / 1_000_000 <= 3610


@SUITE.check
async def nothing_is_where_nothing_was_put(subject: Subject) -> None:
    await subject.blobs.put("a/b/c", DATA, JPEG)
    for key in ("a", "a/b", "a/b/c/d", "a/b/cc", "x"):
        assert await subject.blobs.stat(key) is None
        with pytest.raises(BlobMissing):
            await read(subject, key)


@SUITE.check
async def an_empty_blob_is_a_blob(subject: Subject) -> None:
    await subject.blobs.put("empty", b"", "text/plain")
    stat = await subject.blobs.stat("empty")
    assert stat is not None
    assert (stat.length, stat.mime) == (0, "text/plain")
    assert await read(subject, "empty") == b""


@SUITE.check
async def putting_again_replaces_bytes_and_type(subject: Subject) -> None:
    await subject.blobs.put("a", b"old, and longer", JPEG)
    await subject.blobs.put("a", b"new", "image/png")
    stat = await subject.blobs.stat("a")
    assert stat is not None
    assert (stat.length, stat.mime) == (3, "image/png")
    assert await read(subject, "a") == b"new"
    assert [one.key for one in await subject.blobs.list("", "", 10)] == ["a"]
    await subject.blobs.delete(["a"])
    assert await subject.blobs.stat("a") is None


@SUITE.check
async def a_reader_sees_one_state(subject: Subject) -> None:
    old, new = b"o" * (3 << 20), b"n" * (3 << 20)
    await subject.blobs.put("a", old, JPEG)
    pieces = subject.blobs.read("a")
    seen = await anext(pieces)
    await subject.blobs.put("a", new, JPEG)
    seen += b"".join([piece async for piece in pieces])
    assert seen in {old, new}
    assert await read(subject, "a") == new


@SUITE.check
async def while_it_is_replaced_a_key_is_never_bare(subject: Subject) -> None:
    await subject.blobs.put("a", b"0" * 1000, JPEG)

    async def replace() -> None:
        for number in range(60):
            await subject.blobs.put("a", str(number % 10).encode() * 1000, (JPEG, "image/png")[number % 2])

    async with asyncio.TaskGroup() as group:
        replacing = group.create_task(replace())
        while not replacing.done():
            data = await read(subject, "a")
            assert data == data[:1] * 1000
            assert await subject.blobs.stat("a") is not None


@SUITE.check
async def a_part_is_read(subject: Subject) -> None:
    await subject.blobs.put("a", DATA, JPEG)
    assert await read(subject, "a", 10) == DATA[10:]
    assert await read(subject, "a", 10, 20) == DATA[10:20]
    assert await read(subject, "a", 0, 0) == b""
    assert await read(subject, "a", 1270, 9999) == DATA[1270:]
    assert await read(subject, "a", 5000) == b""


@SUITE.check
async def pieces_are_bounded(subject: Subject) -> None:
    data = bytes(range(250)) * 10_007
    await subject.blobs.put("a", data, JPEG)
    pieces = [piece async for piece in subject.blobs.read("a", 3)]
    assert max(map(len, pieces)) <= PIECE_BYTES_MAX
    assert b"".join(pieces) == data[3:]


@SUITE.check
async def a_copy_is_of_its_own(subject: Subject) -> None:
    await subject.blobs.put("a/1", DATA, JPEG)
    await subject.blobs.put("b/2", b"was here", "image/png")
    await subject.blobs.copy("a/1", "b/2")
    await subject.blobs.copy("a/1", "c/new")
    await subject.blobs.copy("a/1", "a/1")
    await subject.blobs.put("a/1", b"changed", JPEG)
    for key in ("b/2", "c/new"):
        stat = await subject.blobs.stat(key)
        assert stat is not None
        assert (stat.key, stat.length, stat.mime) == (key, len(DATA), JPEG)
        assert await read(subject, key) == DATA
    await subject.blobs.delete(["b/2"])
    assert await read(subject, "c/new") == DATA
    with pytest.raises(BlobMissing):
        await subject.blobs.copy("missing", "d")
    assert await subject.blobs.stat("d") is None


@SUITE.check
async def deleting_ignores_what_is_absent(subject: Subject) -> None:
    for key in ("a", "a/b", "a/c"):
        await subject.blobs.put(key, DATA, JPEG)
    await subject.blobs.delete(["a/b", "missing", "a/b", "a/b/c"])
    assert [one.key for one in await subject.blobs.list("", "", 10)] == ["a", "a/c"]
    await subject.blobs.delete([])
    await subject.blobs.put("a/b", b"again", JPEG)
    assert await read(subject, "a/b") == b"again"


@SUITE.check
async def lists_are_in_order_of_keys_and_in_pages(subject: Subject) -> None:
    keys = sorted(["a", "a-b", "a.b", "a/b", "a/b/c", "a/b.c", "a0", "ab/c", "b", "b/a", "b/b", "ba", "uploads/1"])
    for number, key in enumerate(reversed(keys)):
        await subject.blobs.put(key, b"x" * number, (JPEG, "image/png")[number % 2])
    found = await subject.blobs.list("", "", 100)
    assert [one.key for one in found] == keys
    assert [one.length for one in found] == list(range(len(keys)))[::-1]
    for prefix in ("a", "a/", "a/b", "b", "b/", "x", "a-", "uploads/", "a/b/c", "a/b/c/d"):
        assert [one.key for one in await subject.blobs.list(prefix, "", 100)] == [
            key for key in keys if key.startswith(prefix)
        ]
    for limit in (1, 2, 5):
        paged: list[Stat] = []
        while page := await subject.blobs.list("", paged[-1].key if paged else "", limit):
            assert len(page) <= limit
            paged += page
        assert paged == found
    for after in (*keys, "a/", "a/b/", "aa", "z"):
        assert [one.key for one in await subject.blobs.list("a", after, 100)] == [
            key for key in keys if key.startswith("a") and key > after
        ]


@SUITE.check
async def a_page_has_a_bound(subject: Subject) -> None:
    await asyncio.gather(*[subject.blobs.put(f"n/{number:04}", b"", JPEG) for number in range(LIST_MAX + 1)])
    assert len(await subject.blobs.list("n/", "", 10 * LIST_MAX)) == LIST_MAX


@SUITE.check
async def keys_that_are_none_are_refused(subject: Subject) -> None:
    await subject.blobs.put("a", DATA, JPEG)
    bad = ["", "/", "/a", "a/", "a//b", ".", "..", "../a", "a/../a", "a/./a", "A", "a b", "a\n", "a\x00", "ä", "a~"]
    for key in [*bad, "-a", "_a", "a\\b", "a%2fb", "x" * 201, "a/" * 100 + "a"]:
        uses: list[Use] = [
            subject.blobs.stat,
            lambda key: subject.blobs.put(key, b"", JPEG),
            lambda key: subject.blobs.copy("a", key),
            lambda key: subject.blobs.copy(key, "a"),
            lambda key: subject.blobs.delete([key]),
            lambda key: subject.blobs.sign_put(key, 1, JPEG, 60),
            lambda key: subject.blobs.sign_get(key, 60),
            lambda key: read(subject, key),
        ]
        for use in uses:
            with pytest.raises(ValueError, match="key"):
                await use(key)
    assert [one.key for one in await subject.blobs.list("", "", 10)] == ["a"]
    for mime in ("", "jpeg", "image/", "/jpeg", "image/jpeg; charset=x", "image/jpeg\n", "Image/JPEG", "../../x"):
        with pytest.raises(ValueError, match="type"):
            await subject.blobs.put("b", b"", mime)
    longest = "k" * 100 + "/" + "k" * 99
    await subject.blobs.put(longest, DATA, JPEG)
    assert await read(subject, longest) == DATA


@SUITE.check
async def a_cancelled_put_is_whole_or_absent(subject: Subject) -> None:
    data = b"d" * (2 << 20)
    for looks_max in (*range(20), 1_000_000):
        putting = asyncio.create_task(subject.blobs.put(f"c/{looks_max}", data, JPEG))
        try:
            looks = 0
            while looks < looks_max and not putting.done():
                assert await read_or_none(subject, f"c/{looks_max}") in {None, data}
                looks += 1
        finally:
            putting.cancel()
            await asyncio.wait([putting])
        assert await read_or_none(subject, f"c/{looks_max}") in {None, data}


@SUITE.check
async def a_target_takes_what_was_announced(subject: Subject) -> None:
    target = await subject.blobs.sign_put("uploads/1", len(DATA), JPEG, 60)
    answer = await send(subject, target, DATA)
    assert answer.is_success
    stat = await subject.blobs.stat("uploads/1")
    assert stat is not None
    assert (stat.length, stat.mime) == (len(DATA), JPEG)
    assert await read(subject, "uploads/1") == DATA


@SUITE.check
async def a_target_takes_one_blob(subject: Subject) -> None:
    target = await subject.blobs.sign_put("uploads/1", 3, JPEG, 60)
    assert (await send(subject, target, b"one")).is_success
    assert (await send(subject, target, b"two")).status_code in {codes.CONFLICT, codes.PRECONDITION_FAILED}
    assert await read(subject, "uploads/1") == b"one"
    target = await subject.blobs.sign_put("uploads/2", 6, JPEG, 60)
    answers = await asyncio.gather(*[send(subject, target, b"from %d" % number) for number in range(8)])
    assert [answer.is_success for answer in answers].count(True) == 1
    winner = next(number for number, answer in enumerate(answers) if answer.is_success)
    assert await read(subject, "uploads/2") == b"from %d" % winner


@SUITE.check
async def a_target_takes_nothing_else(subject: Subject) -> None:
    target = await subject.blobs.sign_put("uploads/1", 5, JPEG, 60)
    for data in (b"", b"four", b"sixsix", b"x" * 100_000):
        assert (await send(subject, target, data)).status_code in {codes.BAD_REQUEST, codes.FORBIDDEN, TOO_LARGE}
    assert (await send(subject, target, b"fives", **{"Content-Type": "image/png"})).is_client_error
    assert (await subject.http.put(target.url, content=b"fives")).is_client_error
    assert (await subject.http.post(target.url, content=b"fives", headers=target.headers)).is_client_error
    assert (await subject.http.get(target.url)).is_client_error
    assert (await subject.http.delete(target.url)).is_client_error
    assert await subject.blobs.stat("uploads/1") is None
    assert (await send(subject, target, b"fives")).is_success


@SUITE.check
async def a_target_expires(subject: Subject) -> None:
    target = await subject.blobs.sign_put("uploads/1", 5, JPEG, 60)
    subject.pass_s(61)
    assert (await send(subject, target, b"fives")).status_code == codes.FORBIDDEN
    assert await subject.blobs.stat("uploads/1") is None


@SUITE.check
async def an_address_serves_until_it_expires(subject: Subject) -> None:
    await subject.blobs.put("pictures/a", DATA, JPEG)
    url = await subject.blobs.sign_get("pictures/a", 60)
    answer = await subject.http.get(url)
    assert (answer.status_code, answer.content, answer.headers["content-type"]) == (codes.OK, DATA, JPEG)
    part = await subject.http.get(url, headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.content) == (codes.PARTIAL_CONTENT, DATA[10:20])
    assert (await subject.http.get(await subject.blobs.sign_get("pictures/b", 60))).status_code == codes.NOT_FOUND
    subject.pass_s(61)
    assert (await subject.http.get(url)).status_code == codes.FORBIDDEN


@SUITE.on(FILES)
async def test_blobs(opener: Opener[Subject], check: Check[Subject], tmp_path: Path) -> None:
    await run(opener, check, tmp_path)


@pytest.mark.parametrize("defect", DEFECTS.values(), ids=DEFECTS)
async def test_a_broken_adapter_is_caught(defect: Defect[Subject], tmp_path: Path) -> None:
    assert await SUITE.catches(defect.caught_by, defect.opener, tmp_path)
