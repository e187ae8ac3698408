"""What stands between people, and how many follow whom."""

from collections.abc import Sequence

from bowerbird.base.ids import Id
from bowerbird.contracts.caller import Caller
from bowerbird.contracts.graph import Counts, Relation
from bowerbird.services.graph import model
from bowerbird.services.graph.kit import Kit

_NONE = Relation(follows=False, blocked=False)


async def relations(kit: Kit, viewer: Id | None, people: Sequence[Id]) -> list[Relation]:
    """As the contract's `relations`."""
    model.check_people(len(people))
    if viewer is None or not people:
        return [_NONE for _ in people]
    follows = await kit.store.follows(viewer, people)
    blocks = await kit.store.blocks(viewer, people)
    return [
        Relation(follows=follow is not None and bool(follow.active), blocked=model.hides(block))
        if follow or block
        else _NONE
        for follow, block in zip(follows, blocks, strict=True)
    ]


async def blocked(kit: Kit, viewer: Id | None, people: Sequence[Id]) -> list[bool]:
    """As the contract's `blocked`."""
    model.check_people(len(people))
    if viewer is None or not people:
        return [False for _ in people]
    return [model.hides(block) for block in await kit.store.blocks(viewer, people)]


async def counts(kit: Kit, caller: Caller, people: Sequence[Id]) -> list[Counts]:
    """As the contract's `counts`."""
    caller.reader()
    model.check_people(len(people))
    if not people:
        return []
    followers = await kit.store.follower_counts(people)
    following = await kit.store.totals(people)
    return [Counts(*both) for both in zip(followers, following, strict=True)]
