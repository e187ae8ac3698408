"""Follows: whose pins one wants to see."""

from bowerbird.base import times
from bowerbird.base.ids import Id
from bowerbird.contracts.caller import Caller
from bowerbird.contracts.graph import Relation, Tie
from bowerbird.contracts.identity import User
from bowerbird.contracts.paging import Page
from bowerbird.edge.api import hydrate, present, resources
from bowerbird.edge.api.inputs import PageQuery
from bowerbird.edge.api.kit import Kit
from bowerbird.edge.http.route import AnyRoute, Reply, Request, Route


async def follow(kit: Kit, request: Request[None, None]) -> Reply[None]:
    """Follow somebody."""
    await kit.graph.follow(request.caller, await hydrate.person_at(kit, request.caller, request.places["user"]))
    return Reply()


async def unfollow(kit: Kit, request: Request[None, None]) -> Reply[None]:
    """No longer follow somebody."""
    await kit.graph.unfollow(request.caller, await hydrate.person_at(kit, request.caller, request.places["user"]))
    return Reply()


async def list_followers(kit: Kit, request: Request[None, PageQuery]) -> Reply[resources.TieList]:
    """Show who follows somebody."""
    user, _ = await hydrate.visible_person(kit, request.caller, request.places["user"])
    mark = hydrate.mark_of(kit, request)
    page = await kit.graph.followers(request.caller, user.id, mark, request.query.limit)
    return await _answer(kit, request, page)


async def list_following(kit: Kit, request: Request[None, PageQuery]) -> Reply[resources.TieList]:
    """Show whom somebody follows."""
    user, _ = await hydrate.visible_person(kit, request.caller, request.places["user"])
    mark = hydrate.mark_of(kit, request)
    page = await kit.graph.following(request.caller, user.id, mark, request.query.limit)
    return await _answer(kit, request, page)


async def _answer(kit: Kit, request: Request[None, PageQuery], page: Page[Tie]) -> Reply[resources.TieList]:
    people, ties = await hydrate_ties(kit, request.caller, page)
    items = present_ties(kit, rules(page, people, ties), people, ties)
    return Reply(resources.TieList(items, hydrate.cursor_to(kit, request, page.next)))


async def hydrate_ties(kit: Kit, caller: Caller, page: Page[Tie]) -> tuple[dict[Id, User], dict[Id, Relation]]:
    """Return who the people in the list are, and what stands between them and the caller."""
    return await hydrate.people_and_ties(kit, caller, [tie.person for tie in page.items])


def rules(page: Page[Tie], people: dict[Id, User], ties: dict[Id, Relation]) -> list[Tie]:
    """Keep those who are there and not blocked."""
    return [tie for tie in page.items if tie.person in people and not ties[tie.person].blocked]


def present_ties(kit: Kit, kept: list[Tie], people: dict[Id, User], ties: dict[Id, Relation]) -> list[resources.Tie]:
    """Present the people of the list."""
    return [
        resources.Tie(
            person=present.person(kit, people[tie.person]),
            followed=ties[tie.person].follows,
            since=times.to_text(tie.at),
        )
        for tie in kept
    ]


ROUTES: tuple[AnyRoute[Kit], ...] = (
    Route(
        method="GET",
        path="/v1/users/{user}/followers",
        handler=list_followers,
        summary="Who follows somebody",
        tag="follows",
        query=PageQuery,
        returns=resources.TieList,
        access="public",
        budget="read",
    ),
    Route(
        method="GET",
        path="/v1/users/{user}/following",
        handler=list_following,
        summary="Whom somebody follows",
        tag="follows",
        query=PageQuery,
        returns=resources.TieList,
        access="public",
        budget="read",
    ),
    Route(
        method="PUT",
        path="/v1/me/following/{user}",
        handler=follow,
        summary="Follow somebody",
        tag="follows",
        status=204,
        access="write",
        budget="write",
    ),
    Route(
        method="DELETE",
        path="/v1/me/following/{user}",
        handler=unfollow,
        summary="No longer follow somebody",
        tag="follows",
        status=204,
        access="write",
        budget="write",
    ),
)
