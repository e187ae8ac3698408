"""The breaker: when it opens, what it refuses, how it closes; and what of a call counts for it."""

import asyncio

import pytest

from bowerbird.rpc import breaking
from bowerbird.rpc.breaker import IN_A_ROW, OF_MANY, PAUSE_FIRST_S, PAUSE_MAX_S, WINDOW_S, Breaker
from bowerbird.rpc.breaking import LOOKS_MAX, SLOW_MS, Breaking
from bowerbird.rpc.errors import (
    BreakerOpen,
    DeadlinePassed,
    Misfit,
    Overloaded,
    RemoteFailure,
    ReplyLost,
    RpcError,
    Stopping,
    Unreachable,
)
from bowerbird.rpc.limits import Stats
from bowerbird.rpc.peer import PLAIN, Nature
from tests.support.rpc_stand_in import ANSWER, Clock, StandIn
from tests.support.waiting import until

SLOW = Nature(slow=True)


def opened() -> Breaker:
    breaker = Breaker()
    for _ in range(IN_A_ROW):
        assert breaker.ask(0.0) == "through"
        breaker.failed("through", 0.0)
    assert breaker.is_open
    return breaker


def test_failures_in_a_row_open_it_at_whatever_distance() -> None:
    breaker = Breaker()
    for number in range(IN_A_ROW):
        assert not breaker.is_open
        breaker.failed("through", number * 100.0)
    assert breaker.is_open


def test_one_that_goes_well_breaks_the_row() -> None:
    breaker = Breaker()
    for number in range(20):
        now_s = number * 2 * WINDOW_S
        for _ in range(IN_A_ROW - 1):
            breaker.failed("through", now_s)
        breaker.went_well("through", now_s)
    assert not breaker.is_open


def test_half_of_many_open_it_and_less_do_not() -> None:
    breaker = Breaker()
    for _ in range(OF_MANY * 10):
        breaker.went_well("through", 0.0)
        breaker.went_well("through", 0.0)
        breaker.failed("through", 0.0)
    assert not breaker.is_open
    breaker = Breaker()
    for _ in range(OF_MANY // 2):
        breaker.went_well("through", 0.0)
        breaker.failed("through", 0.0)
    assert breaker.is_open


@pytest.mark.parametrize("per_s", [10, 100, 1000])
def test_it_opens_within_a_second_of_failing_however_well_it_went_before(per_s: int) -> None:
    breaker, now_s = Breaker(), 0.0
    while now_s < 60:
        breaker.went_well("through", now_s)
        now_s += 1 / per_s
    while not breaker.is_open:
        breaker.failed("through", now_s)
        now_s += 1 / per_s
    assert now_s - 60 <= 1.0


def test_half_of_the_answers_failing_opens_it_within_a_second() -> None:
    breaker, now_s = Breaker(), 0.0
    while now_s < 60:
        breaker.went_well("through", now_s)
        now_s += 0.01
    while not breaker.is_open:
        breaker.failed("through", now_s)
        breaker.failed("through", now_s)
        breaker.went_well("through", now_s)
        now_s += 0.01
    assert now_s - 60 <= 1.1


def test_open_it_refuses_until_the_pause_is_over_and_then_lets_one_through() -> None:
    breaker = opened()
    assert breaker.ask(PAUSE_FIRST_S - 0.01) == "refused"
    assert breaker.ask(PAUSE_FIRST_S) == "probe"
    assert breaker.ask(PAUSE_FIRST_S) == breaker.ask(100.0) == "refused"
    breaker.went_well("probe", 100.0)
    assert not breaker.is_open
    assert breaker.ask(100.0) == "through"


def test_a_probe_that_fails_makes_the_pause_longer_up_to_a_bound() -> None:
    breaker, now_s = opened(), 0.0
    for pause_s in (PAUSE_FIRST_S, PAUSE_FIRST_S * 2, PAUSE_MAX_S, PAUSE_MAX_S):
        assert breaker.ask(now_s + pause_s - 0.01) == "refused"
        now_s += pause_s
        assert breaker.ask(now_s) == "probe"
        breaker.failed("probe", now_s)
    assert breaker.openings == 1


def test_closed_again_it_begins_anew() -> None:
    breaker = opened()
    assert breaker.ask(10.0) == "probe"
    breaker.failed("probe", 10.0)
    assert breaker.ask(20.0) == "probe"
    breaker.went_well("probe", 20.0)
    for _ in range(IN_A_ROW):
        assert not breaker.is_open
        breaker.failed("through", 20.0)
    assert breaker.ask(20.0 + PAUSE_FIRST_S) == "probe"


def test_what_began_before_changes_nothing_any_more() -> None:
    breaker = opened()
    breaker.went_well("through", 0.1)
    assert breaker.is_open
    assert breaker.ask(PAUSE_FIRST_S) == "probe"
    breaker.went_well("through", PAUSE_FIRST_S)
    breaker.failed("through", PAUSE_FIRST_S)
    assert breaker.is_open
    breaker.went_well("probe", PAUSE_FIRST_S)
    assert not breaker.is_open


def test_a_probe_that_was_given_up_makes_way_for_another() -> None:
    breaker = opened()
    assert breaker.ask(1.0) == "probe"
    breaker.given_up("probe")
    assert breaker.ask(1.0) == "probe"


class Broken:
    """A breaking peer before a stand-in."""

    def __init__(self, *errors: Exception) -> None:
        self.clock = Clock()
        self.peer = StandIn(self.clock, *errors)
        self.stats = Stats()
        self.breaking = Breaking(self.peer, self.stats)

    async def call(self, nature: Nature = PLAIN, timeout_ms: int = 10_000) -> object:
        try:
            return await self.breaking.call("m", (), timeout_ms, nature)
        except RpcError as error:
            return type(error)

    async def is_open(self) -> bool:
        before = self.stats.refusals
        return await self.call() is BreakerOpen and self.stats.refusals == before + 1


@pytest.mark.parametrize("error", [Unreachable("x"), ReplyLost("x"), DeadlinePassed("x")])
async def test_failures_count(error: RpcError) -> None:
    broken = Broken(*[error] * IN_A_ROW)
    for _ in range(IN_A_ROW):
        assert await broken.call() is type(error)
    assert await broken.is_open()
    assert broken.stats.openings == 1
    assert len(broken.peer.calls) == IN_A_ROW
    assert broken.breaking.rests
    broken.clock.now_s += PAUSE_FIRST_S
    assert not broken.breaking.rests
    assert await broken.call() is ANSWER
    assert not await broken.is_open()


@pytest.mark.parametrize("error", [Stopping("x"), Overloaded("x"), Misfit("x"), RemoteFailure("x")])
async def test_other_outcomes_do_not(error: RpcError) -> None:
    broken = Broken(*[error] * 100)
    for _ in range(100):
        assert await broken.call() is type(error)
    assert not await broken.is_open()


async def test_an_error_that_was_answered_is_a_sign_of_life() -> None:
    broken = Broken(*[*[ReplyLost("x")] * (IN_A_ROW - 1), Misfit("x")] * 2)
    for _ in range(2 * IN_A_ROW):
        await broken.call()
        broken.clock.now_s += WINDOW_S
    assert not await broken.is_open()


async def test_a_deadline_that_was_short_from_the_beginning_says_nothing() -> None:
    broken = Broken(*[DeadlinePassed("x")] * 100)
    for _ in range(100):
        assert await broken.call(timeout_ms=SLOW_MS - 1) is DeadlinePassed
    assert not await broken.is_open()


async def test_answers_that_do_not_come_open_it_while_they_are_waited_for() -> None:
    broken = Broken()
    waiting = await hang(broken, [PLAIN] * IN_A_ROW)
    look(broken, LOOKS_MAX - 1)
    assert not broken.stats.openings
    look(broken, 1)
    assert await broken.is_open()
    broken.peer.gate.set()
    await asyncio.gather(*waiting)
    assert await broken.is_open()


async def test_a_standstill_of_this_side_is_one_look() -> None:
    broken = Broken()
    waiting = await hang(broken, [PLAIN] * IN_A_ROW)
    broken.clock.now_s += 3600
    look(broken, 1)
    broken.peer.gate.set()
    assert await asyncio.gather(*waiting) == [ANSWER] * IN_A_ROW
    assert not broken.stats.openings


async def test_what_is_slow_by_nature_is_not_judged_by_its_time() -> None:
    broken = Broken()
    waiting = await hang(broken, [SLOW] * IN_A_ROW)
    look(broken, 100 * LOOKS_MAX)
    assert not broken.breaking.rests
    broken.peer.gate.set()
    await asyncio.gather(*waiting)


async def test_it_looks_again_and_again_while_somebody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(breaking, "LOOK_MS", 0.1)
    broken = Broken()
    waiting = await hang(broken, [PLAIN] * IN_A_ROW)
    await until(lambda: broken.stats.openings > 0)
    broken.peer.gate.set()
    await asyncio.gather(*waiting)


def look(broken: Broken, times: int) -> None:
    """Let it look, without the time between."""
    for _ in range(times):
        broken.breaking._look()  # pyright: ignore[reportPrivateUsage] - its timer's part


async def test_a_probe_that_is_cancelled_makes_way() -> None:
    broken = Broken(*[ReplyLost("x")] * IN_A_ROW)
    for _ in range(IN_A_ROW):
        await broken.call()
    broken.clock.now_s += PAUSE_FIRST_S
    (probe,) = await hang(broken, [PLAIN])
    assert await broken.is_open()
    probe.cancel()
    await asyncio.wait([probe])
    broken.peer.gate.set()
    assert await broken.call() is ANSWER


@pytest.mark.parametrize("error", [Stopping("x"), Overloaded("x"), DeadlinePassed("x")])
async def test_a_probe_of_which_nothing_is_learned_makes_way(error: RpcError) -> None:
    broken = Broken(*[ReplyLost("x")] * IN_A_ROW, error)
    for _ in range(IN_A_ROW):
        await broken.call()
    broken.clock.now_s += PAUSE_FIRST_S
    assert await broken.call(timeout_ms=SLOW_MS - 1) is type(error)
    assert await broken.call() is ANSWER


async def hang(broken: Broken, natures: list[Nature]) -> list[asyncio.Task[object]]:
    """Begin calls that are answered when the gate opens."""
    broken.peer.gate.clear()
    tasks = [asyncio.create_task(broken.call(nature)) for nature in natures]
    await asyncio.sleep(0)
    return tasks
