"""What runs beside a process's work ends with it, and a loop that fails ends the process in order."""

import asyncio

import pytest

from bowerbird.app.process import beside


class Loops:
    """Loops that note how they end."""

    def __init__(self) -> None:
        self.ended: list[str] = []

    async def endless(self) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            self.ended.append("endless")

    async def failing(self) -> None:
        self.ended.append("failing")
        raise LookupError("a defect")


async def test_loops_end_behind_the_block() -> None:
    loops, stop = Loops(), asyncio.Event()
    async with beside(stop, [loops.endless(), loops.endless()]):
        await asyncio.sleep(0)
        assert loops.ended == []
    assert loops.ended == ["endless", "endless"]
    assert not stop.is_set()


async def test_a_loop_that_fails_tells_the_process_to_stop_which_then_ends_with_1() -> None:
    """In order: what the block does until it has stopped is done, and the other loops go on meanwhile."""
    loops, stop = Loops(), asyncio.Event()

    async def work() -> None:
        async with beside(stop, [loops.endless(), loops.failing()]):
            await asyncio.wait_for(stop.wait(), 30)
            loops.ended.append("work")

    with pytest.raises(SystemExit) as ended:
        await work()
    assert ended.value.code == 1
    assert loops.ended == ["failing", "work", "endless"]


async def test_what_the_block_raises_is_not_hidden() -> None:
    loops, stop = Loops(), asyncio.Event()

    async def work() -> None:
        async with beside(stop, [loops.endless(), loops.failing()]):
            await stop.wait()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await work()
    assert loops.ended == ["failing", "endless"]
