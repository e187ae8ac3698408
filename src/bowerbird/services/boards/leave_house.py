"""What becomes of somebody's boards and traces when the account is deleted, in bounded steps.

Own boards go into the trash at once, as if they had been there for its whole time, so that nobody sees them any more
and the next sweep purges them. On others' boards the person's shares end, and their pins stay, saved by nobody.

What was under way when the account was deleted may still come: so there is a last look when it must be over.
"""

from typing import Final

from msgspec.structs import replace

from bowerbird.base.ids import Id
from bowerbird.contracts.boards import Board, Invitation
from bowerbird.contracts.caller import system
from bowerbird.services.boards.kit import Kit
from bowerbird.services.boards.outcomes import settled
from bowerbird.services.boards.purge import PINS_AT_ONCE
from bowerbird.services.boards.share_board import forget_share
from bowerbird.services.boards.store import Departure

_BOARDS_AT_ONCE: Final = 100
_INVITATIONS_AT_ONCE: Final = 20
_DEPARTURES_AT_ONCE: Final = 5
_LAST_LOOK_US: Final = 5 * 60 * 1_000_000
"""Longer than any request takes, and than any process remembers the person's key."""
_STEPS_AT_ONCE: Final = 50
"""So many steps are taken as soon as the deletion is heard of; the sweep takes the others."""


async def leave_house(kit: Kit, person: Id) -> None:
    """Note that somebody is gone, and begin at once to remove what was theirs."""
    gone = await kit.store.departure(person)
    for _ in range(_STEPS_AT_ONCE):
        if not await _step(kit, gone):
            return


async def sweep_departures(kit: Kit) -> int:
    """Take a step for some of those who are gone; return how many rows were dealt with, 0 when nobody is left."""
    gone = await kit.store.departures(_DEPARTURES_AT_ONCE)
    return sum([max(1, await _step(kit, one)) for one in gone])


async def _step(kit: Kit, gone: Departure) -> int:
    """Take the next step for a person; 0 when none is left for now."""
    count = await settled(lambda: _hide_boards(kit, gone.person)) or await _forget_traces(kit, gone.person)
    now_us = kit.world.now_us()
    if not count and not gone.last:
        await kit.store.put_off_departure(gone.person, now_us + _LAST_LOOK_US)
    elif not count and gone.at <= now_us:
        await kit.store.end_departure(gone.person)
    return count


async def _hide_boards(kit: Kit, person: Id) -> int:
    expired_us = kit.world.now_us() - kit.kept_us
    boards = await kit.store.boards_of(person, None, _BOARDS_AT_ONCE)
    if not boards:
        trashed = await kit.store.trashed_boards(person, None, _BOARDS_AT_ONCE)
        boards = [board for board in trashed if (board.deleted_at or 0) > expired_us]
    if boards:
        changes = [(board, _expired(board, expired_us)) for board in boards]
        await kit.store.set_boards(system(), "board_deleted", changes)
    return len(boards)


def _expired(board: Board, at_us: int) -> Board:
    return replace(board, trashed=1, deleted_at=at_us, version=board.version + 1)


async def _forget_traces(kit: Kit, person: Id) -> int:
    count = 0
    for invitation in await kit.store.all_invitations_of(person, _INVITATIONS_AT_ONCE):
        forgotten = await forget_savers(kit, person, invitation.board)
        count += forgotten or await _forget_invitation(kit, invitation)
    return count


async def forget_savers(kit: Kit, person: Id, board: Id) -> int:
    """Take the name of somebody who is gone off some of the pins that they saved to another's board."""
    return await settled(lambda: _forget_savers(kit, person, board))


async def _forget_savers(kit: Kit, person: Id, board: Id) -> int:
    pins = await kit.store.pins_saved_by(board, person, PINS_AT_ONCE)
    if pins:
        now_us = kit.world.now_us()
        nobody = [replace(pin, saved_by=None, version=pin.version + 1, updated_at=now_us) for pin in pins]
        await kit.store.set_savers(system(), list(zip(pins, nobody, strict=True)))
    return len(pins)


async def _forget_invitation(kit: Kit, invitation: Invitation) -> int:
    await forget_share(kit, invitation.board, invitation.person)
    return 1
