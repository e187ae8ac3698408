"""Retries: of what, how often, in what time, and never more of them than the budget has."""

import pytest

from bowerbird.rpc.errors import (
    BreakerOpen,
    DeadlinePassed,
    Misfit,
    Overloaded,
    ReplyLost,
    RpcError,
    Stopping,
    Unreachable,
)
from bowerbird.rpc.limits import Stats
from bowerbird.rpc.peer import Nature
from bowerbird.rpc.retry import ATTEMPTS_MAX, SAVED_MAX, Budget, Retry
from tests.support.rpc_stand_in import ANSWER, Clock, StandIn

REPEATABLE = Nature(repeatable=True)


class Caller:
    """A retry policy before a stand-in."""

    def __init__(self, *errors: Exception, takes_s: float = 0.0) -> None:
        self.clock = Clock()
        self.peer = StandIn(self.clock, *errors, takes_s=takes_s)
        self.stats = Stats()
        self.retry = Retry(self.clock, self.stats)

    async def call(self, timeout_ms: int = 10_000, *, repeatable: bool = True) -> object:
        return await self.retry.call(lambda left: self.peer.call("m", (), left), timeout_ms, repeatable=repeatable)


@pytest.mark.parametrize("error", [Unreachable("x"), Stopping("x"), BreakerOpen("x"), ReplyLost("x")])
async def test_what_may_be_repeated_is_tried_again(error: RpcError) -> None:
    caller = Caller(error, error)
    assert await caller.call() is ANSWER
    assert (len(caller.peer.calls), caller.stats.retries) == (3, 2)


@pytest.mark.parametrize("error", [Unreachable("x"), Stopping("x"), BreakerOpen("x")])
async def test_what_was_not_begun_is_tried_again_in_any_case(error: RpcError) -> None:
    caller = Caller(error)
    assert await caller.call(repeatable=False) is ANSWER


async def test_a_lost_reply_to_what_must_not_be_repeated_is_told() -> None:
    caller = Caller(ReplyLost("x"))
    with pytest.raises(ReplyLost):
        await caller.call(repeatable=False)
    assert (len(caller.peer.calls), caller.stats.retries) == (1, 0)


@pytest.mark.parametrize("error", [DeadlinePassed("x"), Overloaded("x"), Misfit("x"), ValueError("x")])
async def test_answers_are_not_tried_again(error: Exception) -> None:
    caller = Caller(error)
    with pytest.raises(type(error)):
        await caller.call()
    assert len(caller.peer.calls) == 1


async def test_it_is_given_up_in_the_end() -> None:
    caller = Caller(*[ReplyLost(str(n)) for n in range(9)])
    with pytest.raises(ReplyLost, match="2"):
        await caller.call()
    assert len(caller.peer.calls) == ATTEMPTS_MAX


async def test_pauses_grow_and_a_breaker_is_not_waited_for() -> None:
    caller = Caller(ReplyLost("x"), ReplyLost("x"))
    await caller.call()
    first, second = caller.clock.slept_s
    assert 0.010 <= first <= 0.020
    assert 0.040 <= second <= 0.080
    caller = Caller(BreakerOpen("x"), BreakerOpen("x"))
    await caller.call()
    assert caller.clock.slept_s == [0, 0]


async def test_all_attempts_together_have_the_time_of_one() -> None:
    caller = Caller(ReplyLost("x"), takes_s=0.3)
    await caller.call(1000)
    (_, _, first_ms), (_, _, second_ms) = caller.peer.calls
    assert first_ms == 1000
    assert 675 <= second_ms <= 695
    late = Caller(ReplyLost("x"), takes_s=1.0)
    with pytest.raises(ReplyLost):
        await late.call(1000)
    assert len(late.peer.calls) == 1


@pytest.mark.parametrize(("per_s", "most"), [(1000, 1.2), (100, 1.2), (50, 1.2), (5, 3.0)])
def test_the_load_on_who_fails_is_bounded(per_s: int, most: float) -> None:
    """All calls fail for a minute, and every one of them would be tried twice more."""
    budget, now_s, retries = Budget(0.0), 0.0, 0
    for _ in range(60 * per_s):
        now_s += 1 / per_s
        budget.earn(now_s)
        retries += budget.spend(now_s) and (1 + budget.spend(now_s))
    assert retries <= (most - 1) * 60 * per_s + 2 * SAVED_MAX
    assert retries >= 0.9 * min(2 * per_s * 60, max(0.2 * per_s, 10) * 60)


def test_what_is_saved_up_is_bounded() -> None:
    budget = Budget(0.0)
    for _ in range(100_000):
        budget.earn(0.0)
    assert sum(budget.spend(3600.0) for _ in range(100)) <= 2 * SAVED_MAX


def test_what_the_floor_gives_is_for_who_calls_little() -> None:
    budget, now_s = Budget(0.0), 0.0
    for _ in range(10_000):
        now_s += 0.001
        budget.earn(now_s)
    assert SAVED_MAX - 1 <= sum(budget.spend(now_s) for _ in range(100)) <= SAVED_MAX + 1


async def test_a_policy_keeps_within_its_budget() -> None:
    caller = Caller(*[ReplyLost("x")] * 10_000)
    for _ in range(2000):
        with pytest.raises(ReplyLost):
            await caller.call()
        caller.clock.now_s += 0.001
    assert len(caller.peer.calls) <= 2000 * 1.2 + 2 * SAVED_MAX + 10 * (2 + sum(caller.clock.slept_s))
    assert len(caller.peer.calls) == 2000 + caller.stats.retries


async def test_who_is_stopping_was_not_asked() -> None:
    """Processes are replaced one after another, and a call may come to each of them just then."""
    caller = Caller(*[Stopping("x")] * 20, ReplyLost("x"), Stopping("x"), ReplyLost("x"))
    assert await caller.call() is ANSWER
    assert len(caller.peer.calls) == 24
    caller = Caller(*[Stopping("x")] * 1000)
    with pytest.raises(Stopping):
        await caller.call(1000)
    assert sum(caller.clock.slept_s) < 1.01


async def test_who_is_stopping_costs_no_budget() -> None:
    caller = Caller()
    for _ in range(1000):
        caller.peer.errors += [Stopping("x"), Stopping("x")]
        assert await caller.call(repeatable=False) is ANSWER
    assert caller.stats.retries == 2000
