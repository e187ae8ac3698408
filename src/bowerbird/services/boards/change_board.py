"""Changing a board: its name, its description, and whether everybody may see it."""

from msgspec import UNSET
from msgspec.structs import replace

from bowerbird.base.ids import Id
from bowerbird.contracts.boards import Board, BoardChange
from bowerbird.contracts.caller import Caller
from bowerbird.services.boards import model
from bowerbird.services.boards.kit import Kit
from bowerbird.services.boards.outcomes import settled
from bowerbird.services.boards.sight import visible


async def change_board(kit: Kit, caller: Caller, board: Id, change: BoardChange) -> Board:
    """Return the board after the change; without a difference nothing happens."""
    caller.writer()
    wanted = _cleaned(change)

    async def attempt() -> Board:
        old = model.must_own(await visible(kit, caller, board)).board
        model.same_version(change.version, old.version)
        new = _changed(old, wanted)
        if new == old:
            return old
        new = replace(new, version=old.version + 1, updated_at=kit.world.now_us())
        await kit.store.set_board(caller, "board_changed", old, new)
        return new

    return await settled(attempt)


def _cleaned(change: BoardChange) -> BoardChange:
    name, description, visibility = change.name, change.description, change.visibility
    return BoardChange(
        name=UNSET if name is UNSET else model.board_name(name),
        description=UNSET if description is UNSET else model.board_description(description),
        visibility=UNSET if visibility is UNSET else model.one_of(visibility, "visibility", model.VISIBILITIES),
    )


def _changed(old: Board, change: BoardChange) -> Board:
    """Return the board with the change; turning private makes every public picture address one of the past."""
    visibility = old.visibility if change.visibility is UNSET else change.visibility
    turns_private = visibility == "private" and old.visibility == "public"
    return replace(
        old,
        name=old.name if change.name is UNSET else change.name,
        description=old.description if change.description is UNSET else change.description,
        visibility=visibility,
        generation=old.generation + turns_private,
    )
