"""Bringing a pin into the timelines where it belongs, and out of those where it stood."""

from collections.abc import Collection
from dataclasses import dataclass, replace

from bowerbird.base.ids import Id
from bowerbird.contracts.boards import Pin
from bowerbird.contracts.caller import Caller
from bowerbird.contracts.feed import Candidate
from bowerbird.services.feed.bursts import left, put
from bowerbird.services.feed.fill_home import take_from_followers
from bowerbird.services.feed.kit import Kit, settle
from bowerbird.services.feed.model import Spot
from bowerbird.services.feed.readers import follows_of, members
from bowerbird.services.feed.spots import spots
from bowerbird.services.feed.store import BOARD, HOME, POSTS


@dataclass(frozen=True, slots=True)
class _Traces:
    """Where a pin may stand and not belong: on boards, and, if `open`, in the feeds of its author's followers."""

    pin: Id
    boards: frozenset[Id]
    author: Id | None
    open: bool

    def elsewhere(self, spot: Spot | None) -> frozenset[Id]:
        """Return the boards of these to which it does not belong."""
        return self.boards if spot is None else self.boards - {spot.entry.board}


async def place_pin(kit: Kit, caller: Caller, told: Pin, *, was_open: bool) -> None:
    """Put a pin where it belongs now. `was_open`: its author's followers may have it and should not any more."""
    boards = {told.board, told.last_board or told.board}
    traces = _Traces(told.id, frozenset(boards), told.saved_by, was_open)

    async def attempt() -> bool:
        nonlocal traces
        [spot] = await spots(kit, caller, [told.id])
        if spot is not None:
            await put(kit, caller, spot, stood=bool(traces.elsewhere(spot)))
        # First the bursts: who still found it in one may show it until they look again.
        await _leave(kit, caller, told, traces, spot)
        if await _clear(kit, caller, traces, spot) and spot is not None:
            await put(kit, caller, spot)
        if await spots(kit, caller, [told.id]) == [spot]:
            return True
        if spot is not None:
            traces = replace(traces, boards=traces.boards | {spot.entry.board}, open=traces.open or spot.open)
        return False

    await settle(attempt)


async def _leave(kit: Kit, caller: Caller, told: Pin, traces: _Traces, spot: Spot | None) -> None:
    """Take a pin out of the bursts to which it does not belong."""
    if traces.author is not None:
        for board in traces.elsewhere(spot):
            # One that went to another shard is not published here any more: as if it had been the oldest.
            await left(kit, caller, Candidate(told.published_at or 0, told.id, board, traces.author))


async def _clear(kit: Kit, caller: Caller, traces: _Traces, spot: Spot | None) -> bool:
    """Take a pin out of everything where it stood and does not belong; return whether feeds were among it."""
    await kit.store.forget(BOARD, list(traces.elsewhere(spot)), [traces.pin])
    if traces.author is not None and not (spot and spot.open):
        await kit.store.forget(POSTS, [traces.author], [traces.pin])
    unshared = traces.elsewhere(spot) if spot and spot.live else traces.boards
    unfollowed = traces.author if traces.open and not (spot and spot.open) else None
    if not kit.pushes or not (unshared or unfollowed):
        return False
    stay = set(await members(kit.boards, caller, spot.entry.board)) if spot and spot.live else set[Id]()
    for board in unshared:
        gone = [member for member in await members(kit.boards, caller, board) if member not in stay]
        await kit.store.forget(HOME, await _not_following(kit, gone, spot), [traces.pin])
    if unfollowed is not None:
        await take_from_followers(kit, caller, unfollowed, [traces.pin], stay)
    return True


async def _not_following(kit: Kit, people: Collection[Id], spot: Spot | None) -> list[Id]:
    """Return those who have a pin in their feeds for no other reason than a board that it left."""
    if spot is None or not spot.open:
        return list(people)
    return [person for person in people if not await follows_of(kit.graph, person, [spot.entry.author])]
