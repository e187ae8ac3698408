"""The feed: what those whom one follows saved, and what is on boards shared with one, newest first."""

from functools import partial

from msgspec import Struct

from bowerbird.base.ids import Id
from bowerbird.contracts import paging
from bowerbird.contracts.boards import Shown
from bowerbird.contracts.caller import Caller
from bowerbird.contracts.feed import Candidate, Stretch
from bowerbird.contracts.graph import Relation
from bowerbird.contracts.identity import User
from bowerbird.edge.api import hydrate, present, resources, views
from bowerbird.edge.api.fragments import Fragment
from bowerbird.edge.api.inputs import PageQuery
from bowerbird.edge.api.kit import Kit
from bowerbird.edge.api.pages import Page, key_of
from bowerbird.edge.api.refill import filled
from bowerbird.edge.http.route import AnyRoute, Reply, Request, Route


class Facts(Struct, frozen=True, gc=False):
    """What the rules decide by: all of it, but what was proposed, read after the request began."""

    proposed: list[Candidate]
    pins: list[Shown | None]
    people: dict[Id, User]
    ties: dict[Id, Relation]


class Kept(Struct, frozen=True, gc=False):
    """A pin that stands on the page, and who saved it; `follows`: it is there because the viewer follows them.

    `more`: how many others of theirs on the same board it stands for.
    """

    shown: Shown
    author: User
    follows: bool
    more: int


async def get_feed(kit: Kit, request: Request[None, PageQuery]) -> Reply[resources.FeedPage]:
    """Show a page of the caller's feed."""
    viewer = request.caller.signed_in()
    page = await kit.pages.of(key_of(request, kit.addresses.expiry_s()), partial(make_page, kit, request, viewer))
    await views.note_served(kit, request.caller, "feed_served", page.pins)
    return page.reply


async def make_page(kit: Kit, request: Request[None, PageQuery], viewer: Id) -> Page:
    """Make the page of what is true now."""
    caller, limit = request.caller, request.query.limit

    async def further(mark: bytes | None, kept: list[Kept]) -> paging.Page[Kept]:
        stretch = await skeleton(kit, caller, mark, limit - len(kept))
        return paging.Page(rules(viewer, await hydrate_pins(kit, caller, stretch)), stretch.next)

    page = await filled(await further(hydrate.mark_of(kit, request), []), further, limit)
    reply = present_page(kit, viewer, page.items, hydrate.cursor_to(kit, request, page.next))
    return Page(reply, tuple(one.shown.pin.id for one in page.items))


async def skeleton(kit: Kit, caller: Caller, mark: bytes | None, limit: int) -> Stretch:
    """Return which pins may come next, in order."""
    return await kit.feed.home(caller, mark, limit)


async def hydrate_pins(kit: Kit, caller: Caller, stretch: Stretch) -> Facts:
    """Return the pins as far as the caller may see them now, who saved them, and what stands between."""
    if not stretch.candidates:
        return Facts([], [], {}, {})
    pins = await kit.boards.pins(caller, [candidate.pin for candidate in stretch.candidates])
    savers = [one.pin.saved_by for one in pins if one]
    owners = [one.access.board.owner for one in pins if one]
    people, ties = await hydrate.people_and_ties(kit, caller, savers + owners)
    return Facts(stretch.candidates, pins, people, ties)


def rules(viewer: Id, facts: Facts) -> list[Kept]:
    """Keep what belongs into the viewer's feed as things are now, in order."""
    both = zip(facts.proposed, facts.pins, strict=True)
    return [kept for one, shown in both if shown and (kept := _kept(viewer, one, shown, facts))]


def _kept(viewer: Id, one: Candidate, shown: Shown, facts: Facts) -> Kept | None:
    pin, access = shown.pin, shown.access
    if one.more and (pin.board, pin.saved_by) != (one.board, one.author):
        return None  # it went elsewhere, and no longer speaks for the others
    if pin.saved_by is None or pin.saved_by == viewer or pin.published_at is None or pin.trashed:
        return None
    author, tie = facts.people.get(pin.saved_by), facts.ties[pin.saved_by]
    if author is None or access.board.owner not in facts.people:
        return None
    if tie.blocked or facts.ties[access.board.owner].blocked:
        return None
    if access.rights not in {"editor", "viewer"} and not (tie.follows and access.board.visibility == "public"):
        return None
    return Kept(shown, author, tie.follows, one.more)


def present_page(kit: Kit, viewer: Id, kept: list[Kept], cursor: str | None) -> Reply[resources.FeedPage]:
    """Encode the page, each entry as `resources.Entry`, or take it from the fragments."""
    expiry_s = kit.addresses.expiry_s()
    return present.listing([_fragment(kit, viewer, one, expiry_s) for one in kept], cursor)


def _fragment(kit: Kit, viewer: Id, one: Kept, expiry_s: int) -> Fragment:
    key = ("follows" if one.follows else "shared", one.more, *present.pin_key(one.shown, one.author, viewer, expiry_s))
    kept = kit.fragments.get(key)
    if kept is not None:
        return kept
    pin = present.pin(kit, one.shown, one.author, viewer)
    return kit.fragments.put(key, present.encode(resources.Entry(pin, _why(kit, one), one.more)))


def _why(kit: Kit, one: Kept) -> resources.Follows | resources.SharedBoard:
    if one.follows:
        return resources.Follows(present.person(kit, one.author))
    return resources.SharedBoard(present.board_ref(one.shown.access.board))


ROUTES: tuple[AnyRoute[Kit], ...] = (
    Route(
        method="GET",
        path="/v1/feed",
        handler=get_feed,
        summary="What those you follow saved, and what is on boards shared with you",
        tag="feed",
        query=PageQuery,
        returns=resources.FeedPage,
        budget="read",
    ),
)
