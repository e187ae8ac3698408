"""Blocks: whom one does not want to see, nor be seen by."""

from bowerbird.base import times
from bowerbird.edge.api import present, resources
from bowerbird.edge.api.hydrate import cursor_to, mark_of, person_at
from bowerbird.edge.api.inputs import PageQuery
from bowerbird.edge.api.kit import Kit
from bowerbird.edge.http.route import AnyRoute, Reply, Request, Route


async def list_blocks(kit: Kit, request: Request[None, PageQuery]) -> Reply[resources.BlockedList]:
    """Show whom the caller has blocked."""
    page = await kit.graph.blocks(request.caller, mark_of(kit, request), request.query.limit)
    people = await kit.identity.people(request.caller, [tie.person for tie in page.items]) if page.items else []
    items = [
        resources.Blocked(person=present.person(kit, user), since=times.to_text(tie.at))
        for tie, user in zip(page.items, people, strict=True)
        if user is not None
    ]
    return Reply(resources.BlockedList(items, cursor_to(kit, request, page.next)))


async def block(kit: Kit, request: Request[None, None]) -> Reply[None]:
    """Make the caller and somebody invisible to each other."""
    await kit.graph.block(request.caller, await person_at(kit, request.caller, request.places["user"]))
    return Reply()


async def unblock(kit: Kit, request: Request[None, None]) -> Reply[None]:
    """Lift the caller's block."""
    await kit.graph.unblock(request.caller, await person_at(kit, request.caller, request.places["user"]))
    return Reply()


ROUTES: tuple[AnyRoute[Kit], ...] = (
    Route(
        method="GET",
        path="/v1/me/blocks",
        handler=list_blocks,
        summary="Whom you have blocked",
        tag="blocks",
        query=PageQuery,
        returns=resources.BlockedList,
        budget="read",
    ),
    Route(
        method="PUT",
        path="/v1/me/blocks/{user}",
        handler=block,
        summary="Block somebody: you no longer see each other",
        tag="blocks",
        status=204,
        access="write",
        budget="write",
    ),
    Route(
        method="DELETE",
        path="/v1/me/blocks/{user}",
        handler=unblock,
        summary="Lift a block of yours",
        tag="blocks",
        status=204,
        access="write",
        budget="write",
    ),
)
