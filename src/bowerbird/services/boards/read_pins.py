"""Reading pins: by their ids, one by its address, a board's page by page, and one by its picture's address."""

from collections.abc import Sequence

from bowerbird.base.ids import Id
from bowerbird.contracts.boards import BoardPins, Pin, Shown
from bowerbird.contracts.caller import READ, Caller
from bowerbird.services.boards import model
from bowerbird.services.boards.kit import Kit
from bowerbird.services.boards.sight import at_most, blocked_with, look_at_pins, reach, visible


async def pins(kit: Kit, caller: Caller, ids: Sequence[Id]) -> list[Shown | None]:
    """Return the pins that the caller may see, None for all others; a read of each table, however many pins."""
    caller.reader()
    at_most(ids)
    rows = await kit.store.pins(ids)
    sight = await look_at_pins(kit, caller, ids, rows)
    return [None if row is None or row.trashed else sight.shown(row) for row in rows]


async def pin(kit: Kit, caller: Caller, id_: Id) -> Shown:
    """Return one pin, where it is now. NotFound."""
    caller.reader()
    found = await reach(kit, caller, id_)
    if found.pin.trashed:
        raise model.no_pin()
    return found


async def board_pins(kit: Kit, caller: Caller, board: Id, after: bytes | None, limit: int) -> BoardPins:
    """Return a board's pins, newest first, without those of savers whom a block hides. NotFound."""
    caller.reader()
    place, most = model.read_mark(after), model.page_limit(limit)
    access = await visible(kit, caller, board)
    rows = await kit.store.pins_of(board, place, most + 1)
    page = rows[:most]
    blocked = await blocked_with(kit, caller, [row.saved_by for row in page if row.saved_by is not None])
    last = page[-1] if len(rows) > most else None
    return BoardPins(
        access,
        [row for row in page if not model.hides_saver(access, row.saved_by, blocked)],
        None if last is None else model.mark(last.position, last.id),
    )


async def of_address(kit: Kit, id_: Id, generation: int, name: str, viewer: Id | None) -> Pin:
    """Return the pin whose picture address this is: a public one by two rows, a signed one as its viewer sees it."""
    if viewer is not None:
        shown = (await pins(kit, Caller(person=viewer, scopes=READ), [id_]))[0]
        found = None if shown is None else shown.pin
    else:
        found = await _public(kit, id_, generation)
    if found is None or not name or found.picture_name != name:
        raise model.no_pin()
    return found


async def _public(kit: Kit, id_: Id, generation: int) -> Pin | None:
    row = (await kit.store.pins([id_]))[0]
    board = (await kit.store.boards([id_ if row is None else row.board]))[0]
    if row is None or row.trashed or board is None or board.trashed or board.visibility != "public":
        return None
    return row if board.generation == generation else None
