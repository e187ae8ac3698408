"""Sharing a board with somebody, taking that back, and leaving.

The share row on the board's shard is the truth and the only thing that authorises. The invitation on the person's
shard follows it before the answer; the consumer makes it what the share is, should only the share have been written.
"""

from collections.abc import Awaitable, Callable
from contextlib import suppress

from msgspec.structs import replace

from bowerbird.base.ids import Id
from bowerbird.contracts.boards import Share
from bowerbird.contracts.caller import Caller, system
from bowerbird.contracts.problems import Forbidden, Invalid, Unavailable
from bowerbird.services.boards import model
from bowerbird.services.boards.kit import Kit
from bowerbird.services.boards.outcomes import Changed, settled
from bowerbird.services.boards.sight import blocked_with, look, visible

Condition = Callable[[Share], Awaitable[bool]]
"""What is asked of a share as it was read; it is written only if it is still that one."""


async def share_board(kit: Kit, caller: Caller, board: Id, person: Id, role: str) -> Share:
    """Return the share, made or changed. Those who share at the same instant may pass the bound by their number."""
    owner = caller.writer()
    model.one_of(role, "role", model.ROLES)
    model.must_own(await visible(kit, caller, board))
    if person == owner:
        raise Invalid("a board is its owner's already", field="user")
    await _must_be_reachable(kit, caller, person)

    async def attempt() -> Share:
        model.must_own(await visible(kit, caller, board))
        old = await kit.store.share(board, person)
        if old is not None and old.role == role:
            return old
        if old is None or not old.role:
            await _must_have_room(kit, board)
        new = _given(board, person, owner, role, old, kit.world.now_us())
        await kit.store.set_share(caller, old, new)
        return new

    share = await settled(attempt)
    await _invite(kit, share)
    return share


async def unshare_board(kit: Kit, caller: Caller, board: Id, person: Id) -> None:
    """Take a role away, or leave; without a role to take nothing happens."""
    actor = caller.writer()
    held = await kit.store.share(board, person)
    access = (await look(kit, caller, (board,))).boards.get(board)
    if actor != person and (access is None or access.rights != "owner"):
        raise model.no_board() if access is None else Forbidden("only the owner of a board may do this")
    if held is None:
        raise model.no_board() if access is None else model.no_person()
    await withdraw(kit, caller, board, person)


async def shares_of(kit: Kit, caller: Caller, board: Id) -> list[Share]:
    """Return a board's shares, latest first, without those of people whom a block hides from the caller."""
    caller.reader()
    access = await visible(kit, caller, board)
    if access.rights == "public":
        raise Forbidden("only the owner and the members of a board may know with whom it is shared")
    found = [share for role in model.ROLES for share in await kit.store.members(board, role, model.SHARES_MAX)]
    blocked = await blocked_with(kit, caller, [share.person for share in found])
    found.sort(key=lambda share: (share.created_at, share.person), reverse=True)
    return [share for share in found if share.person not in blocked][: model.SHARES_MAX]


def _given(board: Id, person: Id, owner: Id, role: str, old: Share | None, now_us: int) -> Share:
    """Return the next version of a share; whoever had no role is a member from now on."""
    if old is None:
        return Share(board, person, owner, role, 1, now_us)
    since = old.created_at if old.role else now_us
    return replace(old, role=role, version=old.version + 1, created_at=since)


async def always(_share: Share) -> bool:
    """Return True."""
    return True


async def withdraw(kit: Kit, caller: Caller, board: Id, person: Id, when: Condition = always) -> None:
    """End a share, if there is one that meets the condition, and its invitation."""

    async def attempt() -> Share | None:
        old = await kit.store.share(board, person)
        if old is None or not old.role or not await when(old):
            return old
        new = replace(old, role="", version=old.version + 1)
        await kit.store.set_share(caller, old, new)
        return new

    share = await settled(attempt)
    if share is not None:
        await _invite(kit, share)


async def _invite(kit: Kit, share: Share) -> None:
    """Bring a share to its person; should that shard be away, or others write there, the consumer comes again."""
    with suppress(Unavailable, Changed):
        await kit.store.project(share)


async def forget_share(kit: Kit, board: Id, person: Id) -> None:
    """End the share of somebody who is gone, and leave no row from which the consumer could bring it back."""
    await withdraw(kit, system(), board, person)
    await kit.store.purge_share(board, person)
    await kit.store.forget_invitation(person, board)


async def project_share(kit: Kit, board: Id, person: Id) -> None:
    """Make the invitation what the share is now; a board that is purged has none."""

    async def attempt() -> None:
        share = await kit.store.share(board, person)
        if share is None:
            await kit.store.forget_invitation(person, board)
        else:
            await kit.store.project(share)

    await settled(attempt)


async def _must_be_reachable(kit: Kit, caller: Caller, person: Id) -> None:
    known = (await kit.identity.people(caller, [person]))[0]
    blocked = await blocked_with(kit, caller, [person])
    if known is None or blocked:
        raise model.no_person()


async def _must_have_room(kit: Kit, board: Id) -> None:
    members = [share for role in model.ROLES for share in await kit.store.members(board, role, model.SHARES_MAX)]
    if len(members) >= model.SHARES_MAX:
        raise Invalid(f"a board is shared with at most {model.SHARES_MAX} people", field="user")
