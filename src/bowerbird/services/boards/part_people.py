"""What becomes of shares when two people part: by a block, or since one is gone, neither keeps a role on boards."""

from typing import Final

from bowerbird.base.ids import Id
from bowerbird.contracts.boards import Share
from bowerbird.contracts.caller import Caller
from bowerbird.services.boards.kit import Kit
from bowerbird.services.boards.leave_house import forget_savers
from bowerbird.services.boards.share_board import forget_share, withdraw

_AT_ONCE: Final = 100


async def part_people(kit: Kit, caller: Caller, one: Id, other: Id, at_us: int) -> None:
    """End the shares between two people, both ways: all while a block stands, else those made up to a time.

    What was shared later, after the block was lifted, stays, whenever the block is heard of. The time alone does not
    tell: it was taken before the block was written, and a share may have come between the two.
    """

    async def parted(share: Share) -> bool:
        return share.created_at <= at_us or await _stand_apart(kit, share)

    for guest, host in ((one, other), (other, one)):
        after: Id | None = None
        while invitations := await kit.store.invitations_from(guest, host, after, _AT_ONCE):
            for invitation in invitations:
                if invitation.role:
                    await withdraw(kit, caller, invitation.board, guest, parted)
            after = invitations[-1].board


async def part_if_apart(kit: Kit, caller: Caller, board: Id, person: Id) -> None:
    """End a share that was made while a block between the two came about, or while the guest's account was deleted."""
    share = await kit.store.share(board, person)
    if share is None:
        return
    if (await kit.identity.people(caller, [person]))[0] is None:
        # The invitation, by which whoever clears away after them finds their pins, goes with the share.
        while await forget_savers(kit, person, board):
            pass
        await forget_share(kit, board, person)
        return
    await withdraw(kit, caller, board, person, lambda share: _stand_apart(kit, share))


async def _stand_apart(kit: Kit, share: Share) -> bool:
    """Return whether a block stands between owner and guest, if only on its maker's side as yet."""
    sides = ((share.owner, share.person), (share.person, share.owner))
    return any([(await kit.graph.blocked(viewer, [other]))[0] for viewer, other in sides])
