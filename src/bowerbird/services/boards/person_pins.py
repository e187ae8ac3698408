"""A person's pins: what they saved, on their own boards and on others', as far as the caller may see it now.

Boards come first, and of these only such as the caller may see are read: nothing of the others shows, neither in how
long a page is nor in how long it takes. The order is that of ids, newest first: a pin keeps its place for good.
"""

import asyncio
import heapq
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from bowerbird.base.ids import Id, pack
from bowerbird.contracts.boards import Access, Pin, Shown
from bowerbird.contracts.caller import Caller
from bowerbird.contracts.kinds import BOARD
from bowerbird.contracts.paging import LIMIT_MAX, Page, pages
from bowerbird.contracts.problems import Invalid
from bowerbird.services.boards import model
from bowerbird.services.boards.kit import Kit
from bowerbird.services.boards.list_boards import of_person
from bowerbird.services.boards.sight import look

OWN_PAGES_MAX: Final = 10
"""Of a person's own boards the newest 1,000 are read; of others' boards where they are or were a member:"""
GUEST_MAX: Final = 480

_GUEST_STEP: Final = 32
"""Others are asked after in such numbers, so that nobody learns by the time it takes on how many one is a guest."""
_FIRST: Final = 4
_MORE: Final = 100
"""How many pins of a board are read at first, and when it turns out that more are wanted."""
_READS_MAX: Final = 50
"""Behind so many reads of one board that find deleted pins alone, a page ends short."""

_ID_BYTES: Final = 16


async def pins_of_person(kit: Kit, caller: Caller, person: Id, after: bytes | None, limit: int) -> Page[Shown]:
    """Return what a person saved and the caller may see, newest first."""
    before, most = _read_mark(after), model.page_limit(limit)
    boards = await _boards(kit, caller, person)
    pins, mark = await _newest([_OnBoard(kit, board, person, before) for board in boards], most)
    return Page([Shown(pin, boards[pin.board]) for pin in pins], mark)


def _read_mark(after: bytes | None) -> Id | None:
    if after is None:
        return None
    if len(after) != _ID_BYTES:
        raise Invalid("this cursor is not one of this list", field="cursor")
    return Id(after)


async def _boards(kit: Kit, caller: Caller, person: Id) -> dict[Id, Access]:
    """Return the boards on which the person may have saved and that the caller may see."""
    listed = pages(lambda mark: of_person(kit, caller, person, mark, LIMIT_MAX), pages_max=OWN_PAGES_MAX)
    found = {access.board.id: access async for page in listed for access in page.items if access.board.pins}
    sight = await look(kit, caller, await _guested(kit, person), (person,))
    if person in sight.blocked:
        return {}
    return {**found, **{id_: access for id_, access in sight.boards.items() if access.board.pins}}


async def _guested(kit: Kit, person: Id) -> list[Id]:
    """Return the boards of others where the person is or was a member, filled up with such as are not there."""
    invitations = await kit.store.all_invitations_of(person, GUEST_MAX)
    boards = [invitation.board for invitation in invitations]
    missing = -len(boards) % _GUEST_STEP if boards else _GUEST_STEP
    return boards + [pack(0, number, BOARD, number) for number in range(missing)]


@dataclass(slots=True)
class _OnBoard:
    """A person's pins on one board, those before a place, newest first, read as they are asked for."""

    kit: Kit
    board: Id
    person: Id
    before: Id | None
    waiting: deque[Pin] = field(default_factory=deque[Pin])
    more: bool = True
    reads: int = 0

    async def next(self) -> tuple[Id, Pin | None] | None:
        """Return the next pin with its id; no pin: one has to stop at that id for now; None: there are no more."""
        while not self.waiting and self.more:
            if self.reads == _READS_MAX and self.before is not None:
                return self.before, None
            await self._read()
        if not self.waiting:
            return None
        pin = self.waiting.popleft()
        return pin.id, pin

    async def _read(self) -> None:
        limit = _MORE if self.reads else _FIRST
        rows = await self.kit.store.pins_saved_by(self.board, self.person, limit, self.before)
        self.reads += 1
        self.more = len(rows) == limit
        self.before = rows[-1].id if rows else self.before
        self.waiting.extend(row for row in rows if not row.trashed)


async def _newest(boards: Sequence[_OnBoard], most: int) -> tuple[list[Pin], Id | None]:
    """Return the newest pins of boards together, and behind which one the next page begins; None: there is none."""
    heads = await asyncio.gather(*(board.next() for board in boards))
    heap = [(_later_first(head[0]), place, head) for place, head in enumerate(heads) if head is not None]
    heapq.heapify(heap)
    found: list[Pin] = []
    while heap:
        _, place, (id_, pin) = heap[0]
        if pin is None:
            return found, id_
        if len(found) == most:
            return found, found[-1].id
        found.append(pin)
        head = await boards[place].next()
        if head is None:
            heapq.heappop(heap)
        else:
            heapq.heapreplace(heap, (_later_first(head[0]), place, head))
    return found, None


def _later_first(id_: Id) -> int:
    return -int.from_bytes(id_, "big")
