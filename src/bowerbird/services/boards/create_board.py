"""Making a board."""

from bowerbird.base.ids import Id, shard_of
from bowerbird.contracts.boards import Board
from bowerbird.contracts.caller import Caller
from bowerbird.contracts.kinds import BOARD
from bowerbird.services.boards import model
from bowerbird.services.boards.kit import Kit
from bowerbird.services.boards.outcomes import Repeated, settled


async def create_board(kit: Kit, caller: Caller, name: str, description: str, visibility: str) -> Board:
    """Return a new board of the caller's, or the one that this very request made before."""
    owner = caller.writer()
    kept_name, kept_description = model.board_name(name), model.board_description(description)
    model.one_of(visibility, "visibility", model.VISIBILITIES)

    async def attempt() -> Board:
        now_us = kit.world.now_us()
        board = Board(
            id=kit.world.new_id(BOARD, shard_of(owner)),
            owner=owner,
            name=kept_name,
            description=kept_description,
            visibility=visibility,
            created_at=now_us,
            updated_at=now_us,
        )
        await kit.store.add_board(caller, board)
        return board

    try:
        return await settled(attempt)
    except Repeated as repeated:
        return await _made_before(kit, repeated.result)


async def _made_before(kit: Kit, board: Id) -> Board:
    row = (await kit.store.boards([board]))[0]
    if row is None:
        raise model.no_board()
    return row
