"""What becomes of shares when two people part: by a block, or since one is gone, neither keeps a role on boards."""

from typing import Final

from bowerbird.base.ids import Id
from bowerbird.contracts.caller import Caller
from bowerbird.services.boards.kit import Kit
from bowerbird.services.boards.share_board import forget_share, withdraw

_AT_ONCE: Final = 100


async def part_people(kit: Kit, caller: Caller, one: Id, other: Id, at_us: int) -> None:
    """End the shares between two people that were made up to a time, both ways.

    What was shared later, after the block was lifted, stays, whenever the block is heard of.
    """
    for guest, host in ((one, other), (other, one)):
        after: Id | None = None
        while invitations := await kit.store.invitations_from(guest, host, after, _AT_ONCE):
            for invitation in invitations:
                if invitation.role and invitation.created_at <= at_us:
                    await withdraw(kit, caller, invitation.board, guest)
            after = invitations[-1].board


async def part_if_apart(kit: Kit, caller: Caller, board: Id, person: Id) -> None:
    """End a share that was made while a block between the two came about, or while the guest's account was deleted."""
    share = await kit.store.share(board, person)
    if share is None:
        return
    if (await kit.identity.people(caller, [person]))[0] is None:
        await forget_share(kit, board, person)
        return
    if not share.role:
        return
    relation = (await kit.graph.relations(share.owner, [person]))[0]
    if relation.blocked:
        await withdraw(kit, caller, board, person)
