"""Shares: who else may see or edit a board."""

from bowerbird.base import times
from bowerbird.base.ids import Id
from bowerbird.contracts.boards import Share
from bowerbird.contracts.identity import User
from bowerbird.contracts.problems import NotFound
from bowerbird.edge.api import hydrate, present, resources
from bowerbird.edge.api.inputs import NewShare
from bowerbird.edge.api.kit import Kit
from bowerbird.edge.http.route import AnyRoute, Reply, Request, Route


async def list_shares(kit: Kit, request: Request[None, None]) -> Reply[resources.Shares]:
    """Show with whom a board is shared."""
    shares = await kit.boards.shares(request.caller, hydrate.thing_at(request.places["board"]))
    people = await hydrate.people(kit, request.caller, [share.person for share in shares])
    return Reply(resources.Shares(rules(kit, shares, people), None))


def rules(kit: Kit, shares: list[Share], people: dict[Id, User]) -> list[resources.Share]:
    """Keep shares with people who are there and not blocked, and present them."""
    return [present_share(kit, share, people[share.person]) for share in shares if share.person in people]


def present_share(kit: Kit, share: Share, user: User) -> resources.Share:
    """Present a share."""
    role = "editor" if share.role == "editor" else "viewer"
    return resources.Share(person=present.person(kit, user), role=role, created_at=times.to_text(share.created_at))


async def share_board(kit: Kit, request: Request[NewShare, None]) -> Reply[resources.Share]:
    """Give somebody a role on a board."""
    caller, board = request.caller, hydrate.thing_at(request.places["board"])
    person = await hydrate.person_at(kit, caller, request.places["user"])
    share = await kit.boards.share(caller, board, person, request.body.role)
    found = await kit.identity.people(caller, [person])
    if found[0] is None:
        raise NotFound("there is no such person")
    return Reply(present_share(kit, share, found[0]))


async def unshare_board(kit: Kit, request: Request[None, None]) -> Reply[None]:
    """Take somebody's role away, or leave."""
    caller, board = request.caller, hydrate.thing_at(request.places["board"])
    await kit.boards.unshare(caller, board, await hydrate.person_at(kit, caller, request.places["user"]))
    return Reply()


ROUTES: tuple[AnyRoute[Kit], ...] = (
    Route(
        method="GET",
        path="/v1/boards/{board}/shares",
        handler=list_shares,
        summary="With whom a board is shared",
        tag="shares",
        returns=resources.Shares,
        budget="read",
    ),
    Route(
        method="PUT",
        path="/v1/boards/{board}/shares/{user}",
        handler=share_board,
        summary="Share a board with somebody, as viewer or editor",
        tag="shares",
        body=NewShare,
        returns=resources.Share,
        access="write",
        budget="write",
    ),
    Route(
        method="DELETE",
        path="/v1/boards/{board}/shares/{user}",
        handler=unshare_board,
        summary="Take somebody's role away, or leave a board (`me`)",
        tag="shares",
        status=204,
        access="write",
        budget="write",
    ),
)
