"""Among what somebody finds pictures: what is public, and the boards that not everybody may see."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from bowerbird.contracts.boards import Access, Board
from bowerbird.contracts.caller import Caller
from bowerbird.contracts.paging import LIMIT_MAX, Page, pages
from bowerbird.services.vision.kit import Kit
from bowerbird.services.vision.model import Scope
from bowerbird.services.vision.store import BOARDS_MAX

_PAGES_MAX: Final = BOARDS_MAX // LIMIT_MAX

Listed = Callable[[bytes | None], Awaitable[Page[Access]]]


async def everything(kit: Kit, caller: Caller) -> Scope:
    """Return all that the caller may see: what is public, their private boards, and those shared with them."""
    boards = await _boards(kit, caller)
    return Scope(public=True, boards=tuple(board.id for board in boards if board.visibility != "public")[:BOARDS_MAX])


async def own(kit: Kit, caller: Caller) -> Scope:
    """Return the boards that the caller may save to or has saved to: their own, then those shared with them."""
    boards = await _boards(kit, caller)
    return Scope(public=False, boards=tuple(board.id for board in boards)[:BOARDS_MAX])


async def _boards(kit: Kit, caller: Caller) -> list[Board]:
    person = caller.reader()
    if person is None:
        return []

    async def theirs(mark: bytes | None) -> Page[Access]:
        return await kit.boards.of_person(caller, person, mark, LIMIT_MAX)

    async def shared(mark: bytes | None) -> Page[Access]:
        return await kit.boards.shared_with_me(caller, mark, LIMIT_MAX)

    found = await asyncio.gather(_all(theirs), _all(shared))
    return [access.board for boards in found for access in boards if not access.board.trashed]


async def _all(listed: Listed) -> list[Access]:
    """Return the newest of a list."""
    return [access async for page in pages(listed, pages_max=_PAGES_MAX) for access in page.items]
