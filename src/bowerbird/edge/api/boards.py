"""Boards: what people keep, named and described, public or private."""

from msgspec import UNSET

from bowerbird.base.ids import Id, to_text
from bowerbird.contracts.boards import Access, BoardChange
from bowerbird.contracts.boards import Board as Known
from bowerbird.contracts.caller import Caller
from bowerbird.contracts.paging import Page
from bowerbird.contracts.problems import NotFound
from bowerbird.edge.api import hydrate, resources
from bowerbird.edge.api.inputs import BoardEdit, BoardsQuery, NewBoard
from bowerbird.edge.api.kit import Kit
from bowerbird.edge.http.route import AnyRoute, Reply, Request, Route


async def list_boards(kit: Kit, request: Request[None, BoardsQuery]) -> Reply[resources.BoardList]:
    """Show the caller's own boards, or those shared with the caller."""
    shared = request.query.shared is not UNSET
    which = "?shared" if shared else ""
    mark = hydrate.mark_of(kit, request, which)
    page = await skeleton(kit, request.caller, mark, request.query.limit, shared=shared)
    items = await hydrate.board_list(kit, request.caller, page.items)
    return Reply(resources.BoardList(items, hydrate.cursor_to(kit, request, page.next, which)))


async def skeleton(kit: Kit, caller: Caller, mark: bytes | None, limit: int, *, shared: bool) -> Page[Access]:
    """Return which boards come next; the service has applied the rules, since it alone knows the shares."""
    if shared:
        return await kit.boards.shared_with_me(caller, mark, limit)
    return await kit.boards.of_person(caller, caller.signed_in(), mark, limit)


async def make_board(kit: Kit, request: Request[NewBoard, None]) -> Reply[resources.Board]:
    """Make a board."""
    body = request.body
    made = await kit.boards.create(request.caller, body.name, body.description, body.visibility)
    return await _answer(kit, request.caller, made, ((b"location", b"/v1/boards/" + to_text(made.id).encode()),))


async def get_board(kit: Kit, request: Request[None, None]) -> Reply[resources.Board]:
    """Show a board."""
    access = await _seen(kit, request.caller, hydrate.thing_at(request.places["board"]))
    return await _present(kit, request.caller, access)


async def edit_board(kit: Kit, request: Request[BoardEdit, None]) -> Reply[resources.Board]:
    """Rename, describe, publish or privatise a board."""
    body = request.body
    change = BoardChange(
        name=body.name, description=body.description, visibility=body.visibility, version=request.version
    )
    board = await kit.boards.change(request.caller, hydrate.thing_at(request.places["board"]), change)
    return await _answer(kit, request.caller, board)


async def delete_board(kit: Kit, request: Request[None, None]) -> Reply[None]:
    """Put a board into the trash."""
    await kit.boards.delete(request.caller, hydrate.thing_at(request.places["board"]), request.version)
    return Reply()


async def restore_board(kit: Kit, request: Request[None, None]) -> Reply[resources.Board]:
    """Take a board out of the trash."""
    board = await kit.boards.restore(request.caller, hydrate.thing_at(request.places["board"]))
    return await _answer(kit, request.caller, board)


async def _seen(kit: Kit, caller: Caller, board: Id) -> Access:
    """Return a board that the caller may see; NotFound alike for one that is not and one that is not shown."""
    access = (await kit.boards.access(caller, [board]))[0]
    if access is None:
        raise NotFound("there is no such board")
    return access


async def _answer(
    kit: Kit, caller: Caller, board: Known, headers: tuple[tuple[bytes, bytes], ...] = ()
) -> Reply[resources.Board]:
    return await _present(kit, caller, Access(board, "owner"), headers)


async def _present(
    kit: Kit, caller: Caller, access: Access, headers: tuple[tuple[bytes, bytes], ...] = ()
) -> Reply[resources.Board]:
    found = await hydrate.board_list(kit, caller, [access])
    if not found:
        raise NotFound("there is no such board")
    return Reply(found[0], version=access.board.version, headers=headers)


ROUTES: tuple[AnyRoute[Kit], ...] = (
    Route(
        method="GET",
        path="/v1/boards",
        handler=list_boards,
        summary="Your boards, or those shared with you",
        tag="boards",
        query=BoardsQuery,
        returns=resources.BoardList,
        budget="read",
    ),
    Route(
        method="POST",
        path="/v1/boards",
        handler=make_board,
        summary="Make a board",
        tag="boards",
        body=NewBoard,
        returns=resources.Board,
        status=201,
        access="write",
        budget="write",
        once=True,
    ),
    Route(
        method="GET",
        path="/v1/boards/{board}",
        handler=get_board,
        summary="A board",
        tag="boards",
        returns=resources.Board,
        access="public",
        budget="read",
    ),
    Route(
        method="PATCH",
        path="/v1/boards/{board}",
        handler=edit_board,
        summary="Rename, describe, publish or privatise a board",
        tag="boards",
        body=BoardEdit,
        returns=resources.Board,
        access="write",
        budget="write",
        matches=True,
    ),
    Route(
        method="DELETE",
        path="/v1/boards/{board}",
        handler=delete_board,
        summary="Put a board into the trash, for 30 days",
        tag="boards",
        status=204,
        access="write",
        budget="write",
        matches=True,
    ),
    Route(
        method="POST",
        path="/v1/boards/{board}/restore",
        handler=restore_board,
        summary="Take a board out of the trash",
        tag="boards",
        returns=resources.Board,
        access="write",
        budget="write",
    ),
)
