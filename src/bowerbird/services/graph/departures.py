"""Removing the ties of deleted people, a bounded piece a call.

What was under way when an account was deleted may still come: so there is a last look when it must be over.
"""

from functools import partial

from bowerbird.base.ids import Id
from bowerbird.contracts.caller import system
from bowerbird.contracts.graph import Follow
from bowerbird.services.graph.block import forget_block
from bowerbird.services.graph.kit import Kit, settle
from bowerbird.services.graph.store import Departure

_PEOPLE_MAX = 10
_PIECE = 100
"""How many rows one call removes for one person."""
_STEPS_AT_ONCE = 50
"""So many steps are taken as soon as the deletion is heard of; the sweep takes the others."""
_LAST_LOOK_US = 5 * 60 * 1_000_000
"""Longer than any request takes, and than any process remembers the person's key."""


async def depart(kit: Kit, person: Id) -> None:
    """Note that somebody is gone, and begin at once to remove their ties."""
    gone = await kit.store.departure(person)
    for _ in range(_STEPS_AT_ONCE):
        if not await _step(kit, gone):
            return


async def sweep_departures(kit: Kit) -> int:
    """Take a step for some of those who are gone; return how many rows were dealt with, 0 when nobody is left."""
    return sum([max(1, await _step(kit, gone)) for gone in await kit.store.departed(_PEOPLE_MAX)])


async def _step(kit: Kit, gone: Departure) -> int:
    """Remove some of a person's ties; return how many, 0 when none is left for now."""
    removed = await _forget_followers(kit, gone.person) or await _forget_own(kit, gone.person)
    if removed:
        return removed
    await kit.store.clear(gone.person)
    now_us = kit.world.now_us()
    if not gone.last:
        await kit.store.put_off_departure(gone.person, now_us + _LAST_LOOK_US)
    elif gone.at <= now_us:
        await kit.store.end_departure(gone.person)
    return 0


async def _forget_followers(kit: Kit, person: Id) -> int:
    marks = await kit.store.followers(person, None, _PIECE)
    for mark in marks:
        follower = Id(mark.person)
        await forget_follow(kit, follower, person)
        gone = Follow(follower=follower, followee=person, active=0, version=mark.version + 1, created_at=mark.at)
        await kit.store.put_follower(gone)
    return len(marks)


async def _forget_own(kit: Kit, person: Id) -> int:
    follows, blocks = await kit.store.rows_of(person, _PIECE)
    for follow in follows:
        await forget_follow(kit, person, follow.followee)
    for block in blocks:
        await forget_block(kit, person, block.other)
    return len(follows) + len(blocks)


async def forget_follow(kit: Kit, follower: Id, followee: Id) -> None:
    """Remove a follow row one of whose people is gone."""
    await settle(partial(_forget_follow, kit, follower, followee))


async def _forget_follow(kit: Kit, follower: Id, followee: Id) -> None:
    row = await kit.store.follow(follower, followee)
    if row is not None:
        await kit.store.forget_follow(system(), row)
