"""Block somebody and lift it again: the blocker's row first, then the other side's."""

from contextlib import suppress
from functools import partial

from bowerbird.base.ids import Id
from bowerbird.contracts.caller import Caller, system
from bowerbird.contracts.graph import Block
from bowerbird.contracts.problems import Invalid, NotFound
from bowerbird.services.graph import model
from bowerbird.services.graph.kit import Kit, settle


async def block(kit: Kit, caller: Caller, other: Id) -> None:
    """As the contract's `block`. Whom one is blocked by can be blocked too: it holds when they lift theirs."""
    person = caller.writer()
    if person == other:
        raise Invalid("nobody can block themselves", field="user")
    [user] = await kit.identity.people(system(caller.trace), [other])
    if user is None:
        raise NotFound("there is no such person", field="user")
    await mirror(kit, caller.trace, await settle(partial(_block, kit, caller, person, other)))


async def _block(kit: Kit, caller: Caller, person: Id, other: Id) -> Block:
    old = await kit.store.block(person, other)
    if old is not None and old.made:
        return old
    follow = await kit.store.follow(person, other)
    new = model.blocked(old, person, other, kit.world.now_us())
    await kit.store.write_block(caller, old, new, follow)
    return new


async def unblock(kit: Kit, caller: Caller, other: Id) -> None:
    """As the contract's `unblock`."""
    truth = await settle(partial(_unblock, kit, caller, caller.writer(), other))
    if truth is not None:
        await mirror(kit, caller.trace, truth)


async def _unblock(kit: Kit, caller: Caller, person: Id, other: Id) -> Block | None:
    old = await kit.store.block(person, other)
    if old is None or not old.version:
        return None  # never blocked: a row that only tells of the other's block is as much work as none
    if not old.made:
        return old
    new = model.unblocked(old)
    await kit.store.write_block(caller, old, new, None)
    return new


async def mirror(kit: Kit, trace: str, truth: Block) -> None:
    """Bring the other side's row to where the blocker's is; older versions change nothing.

    The house does it, not the blocker, whom the events of the other side must not name. Should either have been deleted
    meanwhile, what was written after their ties were removed is removed here.
    """
    with suppress(NotFound):
        await settle(partial(_mirror, kit, system(trace), truth))
    if None in await kit.identity.people(system(trace), [truth.person, truth.other]):
        await forget_block(kit, truth.person, truth.other)


async def _mirror(kit: Kit, caller: Caller, truth: Block) -> None:
    side = await kit.store.block(truth.other, truth.person)
    if side is not None and side.received_version >= truth.version:
        return
    follow = await kit.store.follow(truth.other, truth.person) if truth.made else None
    await kit.store.write_received(caller, side, truth, follow)


async def forget_block(kit: Kit, one: Id, other: Id) -> None:
    """Remove both sides of a block one of whose people is gone."""
    await settle(partial(_forget_side, kit, other, one))
    await settle(partial(_forget_side, kit, one, other))


async def _forget_side(kit: Kit, person: Id, other: Id) -> None:
    row = await kit.store.block(person, other)
    if row is not None:
        await kit.store.forget_block(system(), row)
