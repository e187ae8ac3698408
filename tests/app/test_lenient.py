"""What the edge does without safety and insight: people go on reading, and nobody gains by what is missing."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from typing_extensions import override

from bowerbird.app.lenient import OPEN, SENDINGS_MAX, OpenSafety, UnawaitedInsight, lenient
from bowerbird.base.ids import Id
from bowerbird.contracts.caller import NOBODY, Caller
from bowerbird.contracts.feed import Feed
from bowerbird.contracts.insight import VIEWS_MAX, Insight, View
from bowerbird.contracts.problems import Invalid, Unavailable
from bowerbird.contracts.safety import Allowance, Budget, Safety

VIEW = View(kind="pin_seen", viewer=Id(bytes(16)), things=(), at=0)


class Away(Safety):
    """Answers nothing, at once or never."""

    def __init__(self, *, hangs: bool) -> None:
        self._hangs = hangs

    @override
    async def spend(self, caller: Caller, budget: Budget, by: bytes) -> Allowance:
        if self._hangs:
            await asyncio.Event().wait()
        raise Unavailable("away", retry_after_s=1)


class Spent(Safety):
    """Allows nothing more."""

    @override
    async def spend(self, caller: Caller, budget: Budget, by: bytes) -> Allowance:
        return Allowance(allowed=False, limit=1, remaining=0, reset_s=9)


@pytest.mark.parametrize("hangs", [False, True])
async def test_without_safety_reading_and_writing_go_on_uncounted(hangs: bool) -> None:
    safety = lenient(Safety, Away(hangs=hangs))
    for budget in sorted(OPEN):
        assert await safety.spend(NOBODY, budget, b"") == Allowance(allowed=True, limit=0, remaining=0, reset_s=0)


@pytest.mark.parametrize("budget", ["upload", "sign_in", "sign_in_address", "register", "save"])
async def test_without_safety_nobody_guesses_passwords(budget: Budget) -> None:
    with pytest.raises(Unavailable):
        await OpenSafety(Away(hangs=False)).spend(NOBODY, budget, b"")


async def test_what_safety_says_holds() -> None:
    assert not (await OpenSafety(Spent()).spend(NOBODY, "read", b"")).allowed


class Slow(Insight):
    """Takes its time, and then fails."""

    def __init__(self) -> None:
        self.told = 0
        self.go_on = asyncio.Event()

    @override
    async def seen(self, caller: Caller, views: Sequence[View]) -> None:
        self.told += len(views)
        await self.go_on.wait()
        raise Unavailable("away", retry_after_s=1)


async def test_views_are_not_waited_for_and_those_on_their_way_are_bounded() -> None:
    far = Slow()
    insight = UnawaitedInsight(far)
    for _ in range(SENDINGS_MAX + 5):
        await insight.seen(NOBODY, [VIEW])
    await asyncio.sleep(0)
    assert far.told == SENDINGS_MAX
    far.go_on.set()
    await insight.flush()
    await insight.seen(NOBODY, [VIEW])
    await insight.flush()
    assert far.told == SENDINGS_MAX + 1
    with pytest.raises(Invalid):
        await insight.seen(NOBODY, [VIEW] * (VIEWS_MAX + 1))


def test_every_other_service_is_asked_as_it_is() -> None:
    other: Any = object()
    assert lenient(Feed, other) is other
