"""People: registering, profiles, and what somebody keeps."""

from bowerbird.contracts.boards import Shown
from bowerbird.contracts.caller import Caller
from bowerbird.contracts.feed import Candidate, Stretch
from bowerbird.contracts.identity import Device, Registration, User
from bowerbird.edge.api import hydrate, present, resources
from bowerbird.edge.api.inputs import NewUser, PageQuery
from bowerbird.edge.api.kit import Kit
from bowerbird.edge.api.me import signed_in
from bowerbird.edge.http.route import AnyRoute, Reply, Request, Route

_REFILLS_MAX = 3


async def register(kit: Kit, request: Request[NewUser, None]) -> Reply[resources.SignedIn]:
    """Make a person and sign them in."""
    body = request.body
    new = Registration(handle=body.handle, name=body.name, email=body.email, password=body.password)
    signed = await kit.identity.register(request.caller, new, Device(request.client, request.address))
    return await signed_in(kit, request.caller, signed)


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
    """Show what somebody saved, as far as the caller may see it."""
    caller, limit, mark = request.caller, request.query.limit, hydrate.mark_of(kit, request)
    author, _ = await hydrate.visible_person(kit, caller, request.places["user"])
    kept: list[Shown] = []
    for _ in range(1 + _REFILLS_MAX):
        stretch = await skeleton(kit, caller, author, mark, limit - len(kept))
        kept += rules(author, await hydrate_pins(kit, caller, stretch.candidates))
        mark = stretch.next
        if mark is None or len(kept) >= limit:
            break
    return present_page(kit, caller, kept, author, hydrate.cursor_to(kit, request, mark))


async def skeleton(kit: Kit, caller: Caller, author: User, mark: bytes | None, limit: int) -> Stretch:
    """Return which of the author's pins come next."""
    return await kit.feed.posts(caller, author.id, mark, limit)


async def hydrate_pins(kit: Kit, caller: Caller, candidates: list[Candidate]) -> list[Shown | None]:
    """Return the pins, as far as the caller may see them now."""
    return await kit.boards.pins(caller, [candidate.pin for candidate in candidates]) if candidates else []


def rules(author: User, pins: list[Shown | None]) -> list[Shown]:
    """Keep what is there, published, and the author's own doing."""
    return [one for one in pins if one and one.pin.published_at is not None and one.pin.saved_by == author.id]


def present_page(
    kit: Kit, caller: Caller, kept: list[Shown], author: User, cursor: str | None
) -> Reply[resources.PinList]:
    """Encode the page."""
    return present.listing(present.pins(kit, kept, {author.id: author}, caller.person), cursor)


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
