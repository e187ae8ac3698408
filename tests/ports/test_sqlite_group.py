"""Group commit: bounded, fair, each answer to its own caller, and nothing lost at closing time."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from threading import Event, get_ident

import apsw
import pytest

from bowerbird.adapters.sqlite.connection import open_writer
from bowerbird.adapters.sqlite.group import GroupCommit, Limits
from bowerbird.ports.records import EngineUnavailable
from tests.support.records_sql import rows
from tests.support.records_subject import Inline

MIGRATIONS = ["CREATE TABLE t (n INTEGER NOT NULL UNIQUE) STRICT"]


@asynccontextmanager
async def opened(folder: Path, limits: Limits | None = None) -> AsyncGenerator[tuple[GroupCommit, Event]]:
    """Open a group whose thread stands still until the event is set."""
    gate, executor = Event(), ThreadPoolExecutor(max_workers=1)
    group = GroupCommit(open_writer(folder / "a.db", MIGRATIONS), executor, limits)
    executor.submit(gate.wait)
    try:
        yield group, gate
    finally:
        gate.set()
        await group.close()


def put(number: int) -> Callable[[apsw.Connection], int]:
    """Return work that puts a number and returns it."""

    def work(connection: apsw.Connection) -> int:
        rows(connection, "INSERT INTO t VALUES (?)", (number,))
        return number

    return work


def numbers(connection: apsw.Connection) -> list[int]:
    return [row[0] for row in rows(connection, "SELECT n FROM t ORDER BY n")]


async def ticks(count: int = 5) -> None:
    """Let tasks that were started get as far as they can."""
    for _ in range(count):
        await asyncio.sleep(0)


async def test_too_many_waiting_are_refused_at_once(tmp_path: Path) -> None:
    async with opened(tmp_path, Limits(waiting_max=3)) as (group, gate):
        first = asyncio.ensure_future(group.submit(put(0), 1))
        await ticks()
        waiting = [asyncio.ensure_future(group.submit(put(number), 1)) for number in (1, 2, 3)]
        await ticks()
        assert group.waiting == 3
        with pytest.raises(EngineUnavailable):
            await group.submit(put(4), 1)
        gate.set()
        assert await asyncio.gather(first, *waiting) == [0, 1, 2, 3]
        assert await group.submit(put(5), 1) == 5
        assert await group.alone(numbers) == [0, 1, 2, 3, 5]


async def test_too_many_bytes_waiting_are_refused_at_once(tmp_path: Path) -> None:
    async with opened(tmp_path, Limits(waiting_bytes_max=10)) as (group, gate):
        with pytest.raises(EngineUnavailable):
            await group.submit(put(0), 11)
        waiting = [asyncio.ensure_future(group.submit(put(number), 5)) for number in (1, 2)]
        await asyncio.sleep(0)
        with pytest.raises(EngineUnavailable):
            await group.submit(put(3), 1)
        gate.set()
        assert await asyncio.gather(*waiting) == [1, 2]
        assert await group.submit(put(4), 10) == 4


async def test_a_transaction_holds_no_more_than_its_bound(tmp_path: Path) -> None:
    batches: list[Sequence[object]] = []
    connection = open_writer(tmp_path / "a.db", MIGRATIONS)
    group = GroupCommit(connection, None, Limits(batch_max=4), batches.append)
    await asyncio.gather(*(group.submit(put(number), 1) for number in range(10)))
    assert batches == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]
    await group.close()


async def test_a_transaction_holds_small_pieces_together_and_a_large_one_alone(tmp_path: Path) -> None:
    batches: list[Sequence[object]] = []
    connection = open_writer(tmp_path / "a.db", MIGRATIONS)
    group = GroupCommit(connection, None, Limits(batch_bytes_max=100), batches.append)
    sizes = (40, 40, 30, 500, 60, 40, 1)
    await asyncio.gather(*(group.submit(put(number), size) for number, size in enumerate(sizes)))
    assert batches == [[0, 1], [2], [3], [4, 5], [6]]
    await group.close()


async def test_closing_finishes_what_waits_and_refuses_what_comes(tmp_path: Path) -> None:
    async with opened(tmp_path, Limits(batch_max=2)) as (group, gate):
        waiting = [asyncio.ensure_future(group.submit(put(number), 1)) for number in range(7)]
        await ticks()
        closing = asyncio.ensure_future(group.close())
        await ticks()
        with pytest.raises(EngineUnavailable):
            await group.submit(put(9), 1)
        with pytest.raises(EngineUnavailable):
            await group.alone(numbers)
        gate.set()
        assert await asyncio.gather(*waiting) == list(range(7))
        await closing
    connection = open_writer(tmp_path / "a.db", MIGRATIONS)
    assert numbers(connection) == list(range(7))
    connection.close()


async def test_what_nobody_waits_for_any_more_is_left_out(tmp_path: Path) -> None:
    async with opened(tmp_path) as (group, gate):
        first = asyncio.ensure_future(group.submit(put(0), 1))
        await ticks()
        waiting = [asyncio.ensure_future(group.submit(put(number), 1)) for number in (1, 2, 3)]
        await ticks()
        waiting[1].cancel()
        gate.set()
        answers = await asyncio.gather(first, *waiting, return_exceptions=True)
        assert [answers[0], answers[1], answers[3]] == [0, 1, 3]
        assert await group.alone(numbers) == [0, 1, 3]


async def test_every_caller_gets_its_own_answer(tmp_path: Path) -> None:
    def fail(error: Exception, connection: apsw.Connection) -> None:
        rows(connection, "INSERT INTO t VALUES (?)", (100,))
        raise error

    async with opened(tmp_path) as (group, gate):
        gate.set()
        answers = await asyncio.gather(
            group.submit(put(1), 1),
            group.submit(partial(fail, KeyError("mine")), 1),
            group.submit(put(1), 1),
            group.submit(lambda connection: rows(connection, "SELECT nothing"), 1),
            group.submit(put(2), 1),
            return_exceptions=True,
        )
        assert answers[0] == 1
        assert isinstance(answers[1], KeyError)
        assert isinstance(answers[2], apsw.ConstraintError)
        assert isinstance(answers[3], apsw.SQLError)
        assert answers[4] == 2
        assert await group.alone(numbers) == [1, 2]


async def test_one_thread_alone_touches_the_file(tmp_path: Path) -> None:
    async with opened(tmp_path) as (group, gate):
        gate.set()
        threads = {await group.submit(lambda _: get_ident(), 1), await group.alone(lambda _: get_ident())}
        assert len(threads) == 1
        assert threads != {get_ident()}


async def test_an_inline_executor_does_everything_in_the_loop(tmp_path: Path) -> None:
    group = GroupCommit(open_writer(tmp_path / "a.db", MIGRATIONS), Inline())
    assert await group.submit(lambda _: get_ident(), 1) == get_ident()
    assert await asyncio.gather(*(group.submit(put(number), 1) for number in range(20))) == list(range(20))
    await group.close()


async def test_without_a_thread_the_file_is_unavailable(tmp_path: Path) -> None:
    connection, executor = open_writer(tmp_path / "a.db", MIGRATIONS), ThreadPoolExecutor()
    executor.shutdown()
    group = GroupCommit(connection, executor)
    answers = await asyncio.gather(*(group.submit(put(number), 1) for number in range(3)), return_exceptions=True)
    assert [type(answer) for answer in answers] == [EngineUnavailable] * 3
    assert numbers(connection) == []
    connection.close()


async def test_closing_twice_and_giving_up_on_closing_lose_nothing(tmp_path: Path) -> None:
    async with opened(tmp_path) as (group, gate):
        waiting = [asyncio.ensure_future(group.submit(put(number), 1)) for number in range(3)]
        await ticks()
        closings = [asyncio.ensure_future(group.close()) for _ in range(2)]
        await ticks()
        closings[1].cancel()
        await ticks()
        gate.set()
        assert await asyncio.gather(*waiting) == [0, 1, 2]
        await closings[0]
