"""Lists of boards: a person's, those shared with the caller, and the pictures that stand for them."""

import asyncio
import heapq
from collections.abc import Sequence
from typing import Final

from bowerbird.base.ids import Id
from bowerbird.contracts.boards import Access, Board, Invitation, Pin
from bowerbird.contracts.caller import Caller
from bowerbird.contracts.paging import Page
from bowerbird.services.boards import model
from bowerbird.services.boards.kit import Kit
from bowerbird.services.boards.sight import at_most, look

COVER_PINS: Final = 4
COVERS_MAX: Final = 100

_COVER_READ: Final = 2 * COVER_PINS
"""A few more than are shown, since blocks may hide some."""

_INVITED_MAX: Final = 500
"""So many of one owner's boards that are shared with one person stand among the others on that owner's page."""


async def of_person(kit: Kit, caller: Caller, person: Id, after: bytes | None, limit: int) -> Page[Access]:
    """Return a person's boards that the caller may see, newest first."""
    caller.reader()
    place, most = model.read_mark(after), model.page_limit(limit)
    if caller.system or caller.person == person:
        rows = await kit.store.boards_of(person, place, most + 1)
    else:
        rows = await _open_to(kit, caller.person, person, place, most + 1)
    page = rows[:most]
    sight = await look(kit, caller, [row.id for row in page], (person,))
    if person in sight.blocked:
        return Page([])
    last = page[-1] if len(rows) > most else None
    return Page(
        [sight.boards[row.id] for row in page if row.id in sight.boards],
        None if last is None else model.mark(last.created_at, last.id),
    )


async def _open_to(kit: Kit, viewer: Id | None, person: Id, place: model.Mark | None, most: int) -> list[Board]:
    """Return a person's public boards and those shared with the viewer, merged: no page tells of any others."""
    public = await kit.store.public_boards_of(person, place, most)
    if viewer is None:
        return public
    invitations = await kit.store.invitations_from(viewer, person, None, _INVITED_MAX)
    rows = await kit.store.boards([invitation.board for invitation in invitations if invitation.role])
    shared = [row for row in rows if row is not None and row.visibility != "public" and _behind(row, place)]
    return heapq.nlargest(most, [*public, *shared], key=_age)


def _age(board: Board) -> tuple[int, Id]:
    return board.created_at, board.id


def _behind(board: Board, place: model.Mark | None) -> bool:
    return not board.trashed and (place is None or _age(board) < (place.at, place.id))


async def shared_with_me(kit: Kit, caller: Caller, after: bytes | None, limit: int) -> Page[Access]:
    """Return others' boards that were shared with the caller, latest shared first."""
    person = caller.signed_in()
    place, most = model.read_mark(after), model.page_limit(limit)
    found: list[Invitation] = []
    for role in model.ROLES:
        found += await kit.store.invitations(person, role, place, most + 1)
    found.sort(key=lambda invitation: (invitation.created_at, invitation.board), reverse=True)
    page = found[:most]
    sight = await look(kit, caller, [invitation.board for invitation in page])
    seen = [sight.boards.get(invitation.board) for invitation in page]
    last = page[-1] if len(found) > most else None
    return Page(
        [access for access in seen if access is not None and access.rights in model.ROLES],
        None if last is None else model.mark(last.created_at, last.board),
    )


async def covers(kit: Kit, caller: Caller, boards: Sequence[Id]) -> list[list[Pin]]:
    """Return the newest pins with pictures of boards that the caller was found to see, without those a block hides."""
    caller.reader()
    at_most(boards, COVERS_MAX)
    found = await asyncio.gather(*(kit.store.published_pins_of(board, _COVER_READ) for board in boards))
    savers = [row.saved_by for rows in found for row in rows if row.saved_by is not None]
    sight = await look(kit, caller, boards, savers)
    return [[row for row in rows if sight.shown(row) is not None][:COVER_PINS] for rows in found]
