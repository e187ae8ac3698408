"""Ideas: pins that somebody may like, for them, for a board of theirs, and beside a pin, and why.

What is proposed comes from walks and vectors; what stands on the page was read after the request began.
"""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import TypeAlias

from bowerbird.contracts.caller import Caller
from bowerbird.contracts.insight import ViewKind
from bowerbird.contracts.paging import Page
from bowerbird.contracts.recommend import Because, Ideas
from bowerbird.edge.api import discovered, hydrate, present, reasons, views
from bowerbird.edge.api.inputs import IdeasQuery
from bowerbird.edge.api.kit import Kit
from bowerbird.edge.api.refill import filled
from bowerbird.edge.api.wide import Pictured, wide
from bowerbird.edge.http.route import AnyRoute, Reply, Request, Route

Propose: TypeAlias = Callable[[bytes | None, int], Awaitable[Ideas]]
"""Asked for so many ideas behind a mark."""


class Candidate(Pictured, frozen=True, gc=False):
    """A pin that the caller may see, and why it was proposed."""

    because: Because


async def get_ideas(kit: Kit, request: Request[None, IdeasQuery]) -> Reply[discovered.IdeaList]:
    """Show what the caller may like."""
    return await _answer(kit, request, partial(kit.recommend.ideas, request.caller), "ideas_served")


async def get_board_ideas(kit: Kit, request: Request[None, IdeasQuery]) -> Reply[discovered.IdeaList]:
    """Show what may fit on a board."""
    board = hydrate.thing_at(request.places["board"])
    return await _answer(kit, request, partial(kit.recommend.for_board, request.caller, board), "ideas_served")


async def get_related(kit: Kit, request: Request[None, IdeasQuery]) -> Reply[discovered.IdeaList]:
    """Show what is like a pin, and what people save beside it."""
    caller = request.caller
    pin = await hydrate.visible_pin(kit, caller, hydrate.thing_at(request.places["pin"]))
    propose = partial(kit.recommend.related, caller, pin.pin.id)
    return await _answer(kit, request, propose, "related_served", await hydrate.pictured(kit, caller, [pin]))


async def _answer(
    kit: Kit,
    request: Request[None, IdeasQuery],
    propose: Propose,
    kind: ViewKind,
    above: Sequence[Pictured] = (),
) -> Reply[discovered.IdeaList]:
    """Answer with a page; `above`: what the reader has before their eyes already."""
    caller, limit = request.caller, request.query.limit

    async def further(mark: bytes | None, kept: list[Candidate]) -> Page[Candidate]:
        ideas = await propose(mark, limit - len(kept))
        return Page(wide(await _candidates(kit, caller, ideas), [*above, *kept]), ideas.next)

    page = await filled(await further(hydrate.mark_of(kit, request), []), further, limit)
    await views.note_served(kit, caller, kind, tuple(one.shown.pin.id for one in page.items))
    items = await _present(kit, caller, page.items)
    return Reply(discovered.IdeaList(items, hydrate.cursor_to(kit, request, page.next)))


async def _candidates(kit: Kit, caller: Caller, ideas: Ideas) -> list[Candidate]:
    """Return those of the ideas that the caller may see now, each pin once, in order."""
    whys = {idea.pin: idea.because for idea in reversed(ideas.items)}
    shown, _ = await hydrate.visible_pins(kit, caller, [idea.pin for idea in ideas.items])
    return [
        Candidate(one.shown, one.phash, whys[one.shown.pin.id])
        for one in await hydrate.pictured(kit, caller, [one for one in shown if one.pin.published_at is not None])
    ]


async def _present(kit: Kit, caller: Caller, kept: Sequence[Candidate]) -> list[discovered.Idea]:
    known = await reasons.named(kit, caller, [one.because for one in kept])
    people = await hydrate.people(kit, caller, [one.shown.pin.saved_by for one in kept])
    return [
        discovered.Idea(
            present.pin_among(kit, one.shown, people, caller.person),
            reasons.because(kit, caller, one.because, known),
        )
        for one in kept
    ]


ROUTES: tuple[AnyRoute[Kit], ...] = (
    Route(
        method="GET",
        path="/v1/ideas",
        handler=get_ideas,
        summary="Pins that you may like, and why",
        tag="ideas",
        query=IdeasQuery,
        returns=discovered.IdeaList,
        slow=True,
        budget="read",
    ),
    Route(
        method="GET",
        path="/v1/boards/{board}/ideas",
        handler=get_board_ideas,
        summary="Pins that may fit on a board",
        tag="ideas",
        query=IdeasQuery,
        returns=discovered.IdeaList,
        slow=True,
        budget="read",
    ),
    Route(
        method="GET",
        path="/v1/pins/{pin}/related",
        handler=get_related,
        summary="Pins like a pin, and those that people save beside it",
        tag="ideas",
        query=IdeasQuery,
        returns=discovered.IdeaList,
        access="public",
        slow=True,
        budget="read",
    ),
)
