"""Putting a board into the trash, and taking it out again."""

from msgspec.structs import replace

from bowerbird.base.ids import Id
from bowerbird.contracts.boards import Board
from bowerbird.contracts.caller import Caller
from bowerbird.services.boards import model
from bowerbird.services.boards.kit import Kit
from bowerbird.services.boards.outcomes import settled
from bowerbird.services.boards.sight import own_row


async def delete_board(kit: Kit, caller: Caller, board: Id, version: int | None) -> None:
    """Hide a board from everybody at once; one that is in the trash already stays as it is."""
    caller.writer()

    async def attempt() -> None:
        old = await own_row(kit, caller, board)
        if old.trashed:
            return
        model.same_version(version, old.version)
        now_us = kit.world.now_us()
        new = replace(old, trashed=1, deleted_at=now_us, updated_at=now_us, version=old.version + 1)
        await kit.store.set_board(caller, "board_deleted", old, new)

    await settled(attempt)


async def restore_board(kit: Kit, caller: Caller, board: Id) -> Board:
    """Return the board as it was; NotFound when the trash has kept it long enough."""
    caller.writer()

    async def attempt() -> Board:
        old = await own_row(kit, caller, board)
        if old.deleted_at is None:
            return old
        now_us = kit.world.now_us()
        if old.deleted_at + kit.kept_us <= now_us:
            raise model.no_board()
        new = replace(old, trashed=0, deleted_at=None, updated_at=now_us, version=old.version + 1)
        await kit.store.set_board(caller, "board_restored", old, new)
        return new

    return await settled(attempt)
