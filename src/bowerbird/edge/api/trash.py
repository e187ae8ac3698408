"""The trash: what was deleted and can still be restored."""

from bowerbird.base import ids, times
from bowerbird.contracts.boards import Board, Pin, Trashed
from bowerbird.contracts.caller import Caller
from bowerbird.contracts.paging import Page
from bowerbird.edge.api import hydrate, present, resources
from bowerbird.edge.api.inputs import PageQuery
from bowerbird.edge.api.kit import Kit
from bowerbird.edge.http.route import AnyRoute, Reply, Request, Route


async def list_trash(kit: Kit, request: Request[None, PageQuery]) -> Reply[resources.TrashList]:
    """Show what the caller can restore."""
    caller = request.caller
    page = await skeleton(kit, caller, hydrate.mark_of(kit, request), request.query.limit)
    return Reply(resources.TrashList(present_trash(page), hydrate.cursor_to(kit, request, page.next)))


async def skeleton(kit: Kit, caller: Caller, mark: bytes | None, limit: int) -> Page[Trashed]:
    """Return which things come next, pins with their boards; they are the caller's own, so no rules are left."""
    return await kit.boards.trash(caller, mark, limit)


def present_trash(page: Page[Trashed]) -> list[resources.Trashed]:
    """Present what is in the trash."""
    return [_trashed(one.pin, one.board, one.purge_at) for one in page.items if one.board]


def _trashed(pin: Pin | None, board: Board, purge_at: int) -> resources.Trashed:
    thing = pin or board
    return resources.Trashed(
        kind="pin" if pin else "board",
        id=ids.to_text(thing.id),
        title=pin.title if pin else board.name,
        url=(pin.url or None) if pin else None,
        color=pin.color if pin else "",
        thumbhash=pin.thumbhash if pin else "",
        board=present.board_ref(board),
        deleted_at=times.to_text(thing.deleted_at or thing.updated_at),
        purge_at=times.to_text(purge_at),
    )


ROUTES: tuple[AnyRoute[Kit], ...] = (
    Route(
        method="GET",
        path="/v1/me/trash",
        handler=list_trash,
        summary="What you can restore",
        tag="me",
        query=PageQuery,
        returns=resources.TrashList,
        budget="read",
    ),
)
