"""People: registering, profiles, and what somebody keeps."""

from bowerbird.base.ids import Id, to_text
from bowerbird.contracts.boards import Shown
from bowerbird.contracts.caller import Caller
from bowerbird.contracts.identity import Device, Registration, User
from bowerbird.contracts.paging import Page
from bowerbird.edge.api import hydrate, present, resources
from bowerbird.edge.api.inputs import NewUser, PageQuery
from bowerbird.edge.api.kit import Kit
from bowerbird.edge.api.me import signed_in
from bowerbird.edge.http.route import AnyRoute, Reply, Request, Route


async def register(kit: Kit, request: Request[NewUser, None]) -> Reply[resources.SignedIn]:
    """Make a person and sign them in."""
    body = request.body
    new = Registration(handle=body.handle, name=body.name, email=body.email, password=body.password)
    signed = await kit.identity.register(request.caller, new, Device(request.client, request.address))
    place = b"/v1/users/" + to_text(signed.user.id).encode()
    return await signed_in(kit, request.caller, signed, ((b"location", place),))


async def get_user(kit: Kit, request: Request[None, None]) -> Reply[resources.User]:
    """Show a profile."""
    caller = request.caller
    user, tie = await hydrate.visible_person(kit, caller, request.places["user"])
    counts = (await kit.graph.counts(caller, [user.id]))[0]
    return Reply(present.user(kit, user, counts, followed=tie.follows, you=user.id == caller.person))


async def list_user_boards(kit: Kit, request: Request[None, PageQuery]) -> Reply[resources.BoardList]:
    """Show the boards of somebody that the caller may see."""
    caller = request.caller
    user, _ = await hydrate.visible_person(kit, caller, request.places["user"])
    page = await kit.boards.of_person(caller, user.id, hydrate.mark_of(kit, request), request.query.limit)
    items = await hydrate.board_list(kit, caller, page.items)
    return Reply(resources.BoardList(items, hydrate.cursor_to(kit, request, page.next)))


async def list_user_pins(kit: Kit, request: Request[None, PageQuery]) -> Reply[resources.PinList]:
    """Show what somebody saved, on whichever board, as far as the caller may see it."""
    caller = request.caller
    saver, _ = await hydrate.visible_person(kit, caller, request.places["user"])
    page = await skeleton(kit, caller, saver, hydrate.mark_of(kit, request), request.query.limit)
    shown = rules(saver, page, await hydrate_page(kit, caller, saver, page))
    return present_page(kit, caller, shown, saver, hydrate.cursor_to(kit, request, page.next))


async def skeleton(kit: Kit, caller: Caller, saver: User, mark: bytes | None, limit: int) -> Page[Shown]:
    """Return which pins come next, whole, since the service has to find them on their boards."""
    return await kit.boards.pins_of_person(caller, saver.id, mark, limit)


async def hydrate_page(kit: Kit, caller: Caller, saver: User, page: Page[Shown]) -> dict[Id, User]:
    """Return whose boards the pins are on."""
    others = [one.access.board.owner for one in page.items if one.access.board.owner != saver.id]
    return {saver.id: saver, **(await hydrate.people(kit, caller, others) if others else {})}


def rules(saver: User, page: Page[Shown], owners: dict[Id, User]) -> list[Shown]:
    """Keep the pins that are the saver's own doing, not in the trash, and on boards of people who are there."""
    return [
        one
        for one in page.items
        if one.pin.saved_by == saver.id and not one.pin.trashed and one.access.board.owner in owners
    ]


def present_page(
    kit: Kit, caller: Caller, shown: list[Shown], saver: User, cursor: str | None
) -> Reply[resources.PinList]:
    """Encode the page."""
    return present.listing(present.pins(kit, shown, {saver.id: saver}, caller.person), cursor)


ROUTES: tuple[AnyRoute[Kit], ...] = (
    Route(
        method="POST",
        path="/v1/users",
        handler=register,
        summary="Register; you are signed in at once",
        tag="people",
        body=NewUser,
        returns=resources.SignedIn,
        status=201,
        access="public",
        slow=True,
        budget="write",
        problems=("exists", "forbidden"),
    ),
    Route(
        method="GET",
        path="/v1/users/{user}",
        handler=get_user,
        summary="Somebody's profile",
        tag="people",
        returns=resources.User,
        access="public",
        budget="read",
    ),
    Route(
        method="GET",
        path="/v1/users/{user}/boards",
        handler=list_user_boards,
        summary="Somebody's boards that you may see",
        tag="people",
        query=PageQuery,
        returns=resources.BoardList,
        access="public",
        budget="read",
    ),
    Route(
        method="GET",
        path="/v1/users/{user}/pins",
        handler=list_user_pins,
        summary="What somebody saved, as far as you may see it",
        tag="people",
        query=PageQuery,
        returns=resources.PinList,
        access="public",
        budget="read",
    ),
)
