"""The boards service: meets `contracts.boards.Boards`."""

from collections.abc import Sequence

from typing_extensions import override

from bowerbird.base.ids import Id
from bowerbird.contracts.boards import (
    Access,
    Board,
    BoardChange,
    BoardPins,
    Boards,
    Moved,
    NewPin,
    Pin,
    PinChange,
    Saved,
    Share,
    Shown,
    Trashed,
)
from bowerbird.contracts.caller import Caller
from bowerbird.contracts.paging import Page
from bowerbird.services.boards import list_boards, read_pins, share_board, sight
from bowerbird.services.boards.change_board import change_board
from bowerbird.services.boards.change_pin import change_pin
from bowerbird.services.boards.create_board import create_board
from bowerbird.services.boards.delete_board import delete_board, restore_board
from bowerbird.services.boards.delete_pin import delete_pin, restore_pin
from bowerbird.services.boards.kit import Kit
from bowerbird.services.boards.list_trash import list_trash
from bowerbird.services.boards.move_pins import move_pins
from bowerbird.services.boards.person_pins import pins_of_person
from bowerbird.services.boards.save_pin import save_pin


class BoardsService(Boards):
    """Each method is told by the contract and done by its verb."""

    def __init__(self, kit: Kit) -> None:
        self._kit = kit

    @override
    async def create(self, caller: Caller, name: str, description: str, visibility: str) -> Board:
        return await create_board(self._kit, caller, name, description, visibility)

    @override
    async def change(self, caller: Caller, board: Id, change: BoardChange) -> Board:
        return await change_board(self._kit, caller, board, change)

    @override
    async def delete(self, caller: Caller, board: Id, version: int | None = None) -> None:
        await delete_board(self._kit, caller, board, version)

    @override
    async def restore(self, caller: Caller, board: Id) -> Board:
        return await restore_board(self._kit, caller, board)

    @override
    async def access(self, caller: Caller, boards: Sequence[Id]) -> list[Access | None]:
        return await sight.access(self._kit, caller, boards)

    @override
    async def of_person(self, caller: Caller, person: Id, after: bytes | None, limit: int) -> Page[Access]:
        return await list_boards.of_person(self._kit, caller, person, after, limit)

    @override
    async def shared_with_me(self, caller: Caller, after: bytes | None, limit: int) -> Page[Access]:
        return await list_boards.shared_with_me(self._kit, caller, after, limit)

    @override
    async def covers(self, caller: Caller, boards: Sequence[Id]) -> list[list[Pin]]:
        return await list_boards.covers(self._kit, caller, boards)

    @override
    async def trash(self, caller: Caller, after: bytes | None, limit: int) -> Page[Trashed]:
        return await list_trash(self._kit, caller, after, limit)

    @override
    async def shares(self, caller: Caller, board: Id) -> list[Share]:
        return await share_board.shares_of(self._kit, caller, board)

    @override
    async def share(self, caller: Caller, board: Id, person: Id, role: str) -> Share:
        return await share_board.share_board(self._kit, caller, board, person, role)

    @override
    async def unshare(self, caller: Caller, board: Id, person: Id) -> None:
        await share_board.unshare_board(self._kit, caller, board, person)

    @override
    async def save_pin(self, caller: Caller, board: Id, new: NewPin) -> Saved:
        return await save_pin(self._kit, caller, board, new)

    @override
    async def pins(self, caller: Caller, pins: Sequence[Id]) -> list[Shown | None]:
        return await read_pins.pins(self._kit, caller, pins)

    @override
    async def pin(self, caller: Caller, pin: Id) -> Shown:
        return await read_pins.pin(self._kit, caller, pin)

    @override
    async def board_pins(self, caller: Caller, board: Id, after: bytes | None, limit: int) -> BoardPins:
        return await read_pins.board_pins(self._kit, caller, board, after, limit)

    @override
    async def pins_of_person(self, caller: Caller, person: Id, after: bytes | None, limit: int) -> Page[Shown]:
        return await pins_of_person(self._kit, caller, person, after, limit)

    @override
    async def change_pin(self, caller: Caller, pin: Id, change: PinChange) -> Shown:
        return await change_pin(self._kit, caller, pin, change)

    @override
    async def delete_pin(self, caller: Caller, pin: Id, version: int | None = None) -> None:
        await delete_pin(self._kit, caller, pin, version)

    @override
    async def restore_pin(self, caller: Caller, pin: Id) -> Shown:
        return await restore_pin(self._kit, caller, pin)

    @override
    async def move_pins(self, caller: Caller, pins: Sequence[Id], board: Id, *, copy: bool) -> list[Moved]:
        return await move_pins(self._kit, caller, pins, board, copy=copy)

    @override
    async def of_address(self, pin: Id, generation: int, name: str, viewer: Id | None) -> Pin:
        return await read_pins.of_address(self._kit, pin, generation, name, viewer)
