"""While a pin moves to another shard anything else happens, before each of the calls: nothing acknowledged is lost."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from bowerbird.contracts.events import CHANGES
from bowerbird.contracts.problems import Unavailable
from tests.support.house import open_house
from tests.support.interrupting import Interruption, interrupted
from tests.support.moving import ACTS, Travellers, Trip

CALLS_MAX = 100
TURNS = 25
"""So long another process keeps the mover waiting: enough for others to hear of the move."""
Play = Callable[[Travellers, Interruption], Awaitable[None]]


class Stopped(Exception):  # noqa: N818 - what the test does
    """The process ends here."""


async def _stop() -> None:
    raise Stopped


def _play(play: Play) -> None:
    async def run(folder: Path) -> None:
        interruption = Interruption()
        async with open_house(folder, wrap=partial(interrupted, interruption=interruption)) as house:
            travellers = Travellers(house)
            await travellers.settle_in()
            await play(travellers, interruption)

    with TemporaryDirectory() as folder:
        asyncio.run(run(Path(folder)))


@pytest.mark.parametrize("act", ACTS)
def test_what_is_acknowledged_meanwhile_holds(act: str) -> None:
    async def play(travellers: Travellers, interruption: Interruption) -> None:
        for at in range(CALLS_MAX):
            trip = await travellers.trip()
            interruption.arm(at, partial(ACTS[act], trip))
            assert await trip.move() in {"", "not-found", "exists"}
            happened = interruption.disarm()
            await trip.check()
            await travellers.office.settle()
            await trip.check()
            await trip.check_nothing_waits()
            if not happened:
                return
        raise AssertionError("there are more calls than that")

    _play(play)


@pytest.mark.parametrize("act", ["", *ACTS])
def test_a_move_that_stops_anywhere_comes_out_right(act: str) -> None:
    async def play(travellers: Travellers, interruption: Interruption) -> None:
        for at in range(CALLS_MAX):
            trip = await travellers.trip()
            if not await _stopped(trip, interruption, at):
                return
            if act:
                await ACTS[act](trip)
            await travellers.office.settle()
            await trip.check()
            await trip.check_nothing_waits()
            assert await trip.move() == ("not-found" if trip.deleted else "exists" if trip.saved else "")
            await trip.check()
            await travellers.office.settle()
            await trip.check()
        raise AssertionError("there are more calls than that")

    _play(play)


@pytest.mark.parametrize("act", [act for act in ACTS if act != "hear"])
def test_what_is_acknowledged_while_a_stopped_move_is_mended_holds(act: str) -> None:
    async def play(travellers: Travellers, interruption: Interruption) -> None:
        for stop_at in range(CALLS_MAX):
            for at in range(CALLS_MAX):
                trip = await travellers.trip()
                if not await _stopped(trip, interruption, stop_at):
                    return
                interruption.arm(at, partial(ACTS[act], trip))
                await trip.hear()
                happened = interruption.disarm()
                await travellers.office.settle()
                await trip.check()
                await trip.check_nothing_waits()
                if not happened:
                    break

    _play(play)


def test_a_move_that_goes_on_is_not_called_off() -> None:
    async def play(travellers: Travellers, interruption: Interruption) -> None:
        for at in range(CALLS_MAX):
            trip = await travellers.trip()
            hearing: list[asyncio.Task[None]] = []

            async def hear_apart(trip: Trip = trip, hearing: list[asyncio.Task[None]] = hearing) -> None:
                hearing.append(asyncio.create_task(trip.hear()))
                for _ in range(TURNS):
                    await asyncio.sleep(0)

            begin = await travellers.house.engines.log.end(CHANGES)
            interruption.arm(at, hear_apart)
            assert await trip.move() == ""
            happened = interruption.disarm()
            await asyncio.gather(*hearing)
            await travellers.office.settle()
            await trip.check()
            assert "pin_purged" not in await travellers.events_since(begin)
            if not happened:
                return
        raise AssertionError("there are more calls than that")

    _play(play)


async def _stopped(trip: Trip, interruption: Interruption, at: int) -> bool:
    """Move a pin, and stop before call number `at`; return whether there are so many."""
    interruption.arm(at, _stop)
    try:
        await trip.move()
    except (Stopped, Unavailable):
        return True
    finally:
        interruption.disarm()
    return False
