"""The trash: a person's deleted boards, and the deleted pins of those boards that still are."""

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
    standing = await _standing(kit, [row for _at, row in page if isinstance(row, Pin)])
    last_at, last = page[-1] if len(kept) > most else (0, None)
    return Page(
        [_trashed(row, at + kit.kept_us) for at, row in page if isinstance(row, Board) or row.board in standing],
        None if last is None else model.mark(last_at, last.id),
    )


async def _standing(kit: Kit, pins: list[Pin]) -> set[bytes]:
    boards = await kit.store.boards(list({pin.board for pin in pins}))
    return {board.id for board in boards if board is not None and not board.trashed}


def _trashed(row: Board | Pin, purge_at: int) -> Trashed:
    return Trashed(row, None, purge_at) if isinstance(row, Board) else Trashed(None, row, purge_at)
