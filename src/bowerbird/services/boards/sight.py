"""Who may see what, now: decided by boards, their owners, the caller's shares and blocks, read after the call began.

The reads are the same whatever they find: a board that is not there is asked after like one that is, its own id
standing for the owner's. No read hangs on another's outcome but by the ids it found.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from bowerbird.base.ids import Id
from bowerbird.contracts.boards import Access, Board, Pin, Shown
from bowerbird.contracts.caller import Caller, system
from bowerbird.contracts.problems import Invalid
from bowerbird.services.boards import model
from bowerbird.services.boards.arrive import arrive
from bowerbird.services.boards.kit import Kit

_FORWARDS_MAX: Final = 32
"""How often a pin may have moved between shards until its oldest addresses forward no more."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What a caller may see: boards by id, and the people with whom there is a block."""

    boards: Mapping[Id, Access]
    blocked: Collection[Id]

    def shown(self, pin: Pin | None) -> Shown | None:
        """Return a pin if the caller may see it, whether or not it is in the trash."""
        access = None if pin is None else self.boards.get(pin.board)
        if pin is None or access is None or model.hides_saver(access, pin.saved_by, self.blocked):
            return None
        return Shown(pin, access)


async def look(kit: Kit, caller: Caller, boards: Iterable[Id], people: Iterable[Id] = ()) -> Sight:
    """Return what the caller may see of boards, and which of their owners and of `people` a block hides."""
    wanted = list(dict.fromkeys(boards))
    rows = await kit.store.boards(wanted)
    if caller.system:
        return Sight({row.id: Access(row, "owner") for row in rows if row is not None}, ())
    viewer = caller.person
    shares = [None] * len(wanted) if viewer is None else await kit.store.shares(wanted, viewer)
    owners = [id_ if row is None else row.owner for id_, row in zip(wanted, rows, strict=True)]
    blocked = await blocked_with(kit, caller, [*owners, *people])
    there = await _still_there(kit, caller, owners)
    found: dict[Id, Access] = {}
    for row, share in zip(rows, shares, strict=True):
        if row is None or row.owner in blocked or row.owner not in there:
            continue
        rights = model.rights(row, viewer, share)
        if rights is not None:
            found[row.id] = Access(row, rights)
    return Sight(found, blocked)


async def look_at_pins(kit: Kit, caller: Caller, ids: Sequence[Id], rows: Sequence[Pin | None]) -> Sight:
    """Return what the caller may see of pins' boards and savers; an absent pin's id stands for both."""
    pairs = list(zip(ids, rows, strict=True))
    boards = [id_ if row is None else row.board for id_, row in pairs]
    return await look(kit, caller, boards, [id_ if row is None else row.saved_by or row.owner for id_, row in pairs])


async def access(kit: Kit, caller: Caller, boards: Sequence[Id]) -> list[Access | None]:
    """Return for each board what the caller may see of it."""
    caller.reader()
    at_most(boards)
    sight = await look(kit, caller, boards)
    return [sight.boards.get(board) for board in boards]


async def visible(kit: Kit, caller: Caller, board: Id) -> Access:
    """Return a board that the caller may see. NotFound."""
    found = (await look(kit, caller, (board,))).boards.get(board)
    if found is None:
        raise model.no_board()
    return found


async def own_row(kit: Kit, caller: Caller, board: Id) -> Board:
    """Return a board of the caller's own, in the trash or not. NotFound, Forbidden."""
    found = (await look(kit, caller, (board,))).boards.get(board)
    if found is not None:
        return model.must_own(found).board
    row = (await kit.store.boards([board]))[0]
    if row is None or row.owner != caller.person:
        raise model.no_board()
    return row


async def find(kit: Kit, caller: Caller, pin: Id) -> Shown | None:
    """Return a pin on a board that the caller may see, in the trash or not, wherever it has moved."""
    row = first = (await kit.store.pins([pin]))[0]
    for _ in range(_FORWARDS_MAX):
        if row is None or row.moved_to is None:
            break
        row = (await kit.store.pins([row.moved_to]))[0]
        if row is not None and model.waits(row):
            row = await arrive(kit, system(caller.trace), row.id)
    sight = await look_at_pins(kit, caller, [pin], [row])
    shown = None if row is None or row.moved_to is not None or model.waits(row) else sight.shown(row)
    if shown is None and row is first:
        # A pin that moved away, to where it is not seen, takes a second read: so does every other that is not shown.
        await kit.store.pins([pin])
    return shown


async def reach(kit: Kit, caller: Caller, pin: Id) -> Shown:
    """As `find`. NotFound."""
    found = await find(kit, caller, pin)
    if found is None:
        raise model.no_pin()
    return found


def at_most(ids: Sequence[Id], most: int = model.IDS_MAX) -> None:
    """Refuse to be asked for more than is promised; Invalid."""
    if len(ids) > most:
        raise Invalid(f"at most {most} at once")


async def _still_there(kit: Kit, caller: Caller, owners: Iterable[Id]) -> set[Id]:
    """Return those owners who have an account: with it its boards are gone at once, their rows when the sweep comes."""
    wanted = list(dict.fromkeys(owners))
    users = await kit.identity.people(system(caller.trace), wanted) if wanted else []
    return {user.id for user in users if user is not None}


async def blocked_with(kit: Kit, caller: Caller, people: Iterable[Id]) -> set[Id]:
    """Return those people with whom the caller has a block, either way; nobody for the house itself."""
    if caller.system:
        return set()
    wanted = list(dict.fromkeys(people))
    blocked: set[Id] = set()
    for start in range(0, len(wanted), model.IDS_MAX):
        some = wanted[start : start + model.IDS_MAX]
        hidden = await kit.graph.blocked(caller.person, some)
        blocked.update(person for person, hides in zip(some, hidden, strict=True) if hides)
    return blocked
