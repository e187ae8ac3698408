"""The trash: a person's deleted boards, and the deleted pins of those boards that still are."""

from collections.abc import Mapping, Sequence

from bowerbird.base.ids import Id
from bowerbird.contracts.boards import Board, Pin, Trashed
from bowerbird.contracts.caller import Caller
from bowerbird.contracts.paging import Page
from bowerbird.services.boards import model
from bowerbird.services.boards.kit import Kit


async def list_trash(kit: Kit, caller: Caller, after: bytes | None, limit: int) -> Page[Trashed]:
    """Return what the caller can restore, latest deleted first; a page may be short."""
    person = caller.signed_in()
    place, most = model.read_mark(after), model.page_limit(limit)
    rows: list[Board | Pin] = [
        *await kit.store.trashed_boards(person, place, most + 1),
        *await kit.store.trashed_pins(person, place, most + 1),
    ]
    earliest = kit.world.now_us() - kit.kept_us
    kept = [(row.deleted_at, row) for row in rows if row.deleted_at is not None and row.deleted_at > earliest]
    kept.sort(key=lambda item: (item[0], item[1].id), reverse=True)
    page = kept[:most]
    boards = await _boards_of(kit, [row for _at, row in page if isinstance(row, Pin)])
    last_at, last = page[-1] if len(kept) > most else (0, None)
    found = [_trashed(row, boards, at + kit.kept_us) for at, row in page]
    return Page(
        [trashed for trashed in found if trashed is not None],
        None if last is None else model.mark(last_at, last.id),
    )


async def _boards_of(kit: Kit, pins: Sequence[Pin]) -> dict[Id, Board]:
    """Return those boards of pins that still are, by id."""
    rows = await kit.store.boards(list({pin.board for pin in pins}))
    return {row.id: row for row in rows if row is not None and not row.trashed}


def _trashed(row: Board | Pin, boards: Mapping[Id, Board], purge_at: int) -> Trashed | None:
    if isinstance(row, Board):
        return Trashed(row, None, purge_at)
    board = boards.get(row.board)
    return None if board is None else Trashed(board, row, purge_at)
