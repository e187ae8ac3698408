"""Removing the ties of deleted people, a bounded piece a call."""

from functools import partial

from bowerbird.base.ids import Id
from bowerbird.contracts.caller import system
from bowerbird.contracts.graph import Follow
from bowerbird.services.graph.kit import Kit, settle

_PEOPLE_MAX = 10
_PIECE = 100
"""How many rows one call removes for one person."""


async def sweep_departures(kit: Kit) -> int:
    """Remove some of the ties of people who left; return how many rows and people were dealt with."""
    return sum([await _depart(kit, person) for person in await kit.store.departed(_PEOPLE_MAX)])


async def _depart(kit: Kit, person: Id) -> int:
    removed = await _forget_followers(kit, person) or await _forget_own(kit, person)
    if not removed:
        await kit.store.close_departure(person)
        return 1
    return removed


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
        await settle(partial(_forget_block, kit, block.other, person))
        await settle(partial(_forget_block, kit, person, block.other))
    return len(follows) + len(blocks)


async def forget_follow(kit: Kit, follower: Id, followee: Id) -> None:
    """Remove a follow row one of whose people is gone."""
    await settle(partial(_forget_follow, kit, follower, followee))


async def _forget_follow(kit: Kit, follower: Id, followee: Id) -> None:
    row = await kit.store.follow(follower, followee)
    if row is not None:
        await kit.store.forget_follow(system(), row)


async def _forget_block(kit: Kit, person: Id, other: Id) -> None:
    row = await kit.store.block(person, other)
    if row is not None:
        await kit.store.forget_block(system(), row)
