"""Follow somebody, and no longer."""

from functools import partial

from bowerbird.base.ids import Id
from bowerbird.contracts.caller import Caller, system
from bowerbird.contracts.problems import Invalid, NotFound
from bowerbird.services.graph import model
from bowerbird.services.graph.kit import Kit, settle


async def follow(kit: Kit, caller: Caller, person: Id) -> None:
    """As the contract's `follow`."""
    follower = caller.writer()
    if follower == person:
        raise Invalid("nobody can follow themselves", field="user")
    await settle(partial(_follow, kit, caller, follower, person))


async def _follow(kit: Kit, caller: Caller, follower: Id, person: Id) -> None:
    block = await kit.store.block(follower, person)
    [user] = await kit.identity.people(system(caller.trace), [person])
    old = await kit.store.follow(follower, person)
    if user is None or model.hides(block):
        raise NotFound("there is no such person", field="user")
    if old is not None and old.active:
        return
    [following] = await kit.store.totals([follower])
    if following >= kit.settings.followees_max:
        raise Invalid(f"one person can follow {kit.settings.followees_max} people", field="user")
    new = model.followed(old, follower, person, kit.world.now_us())
    await kit.store.write_follow(caller, old, new, block)


async def unfollow(kit: Kit, caller: Caller, person: Id) -> None:
    """As the contract's `unfollow`."""
    await settle(partial(_unfollow, kit, caller, caller.writer(), person))


async def _unfollow(kit: Kit, caller: Caller, follower: Id, person: Id) -> None:
    old = await kit.store.follow(follower, person)
    if old is not None and old.active:
        await kit.store.end_follow(caller, old)
