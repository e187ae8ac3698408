"""Views: what somebody was given, and what of it they looked at, as the page itself tells."""

from bowerbird.base.ids import Id
from bowerbird.contracts.caller import Caller
from bowerbird.contracts.insight import View, ViewKind
from bowerbird.edge.api import hydrate
from bowerbird.edge.api.inputs import NewViews
from bowerbird.edge.api.kit import Kit
from bowerbird.edge.http.route import AnyRoute, Reply, Request, Route


async def note_served(kit: Kit, caller: Caller, kind: ViewKind, pins: tuple[Id, ...], query: str = "") -> None:
    """Note a page that the caller was given; nothing is known of what visitors see."""
    if caller.person is not None and pins:
        view = View(kind=kind, viewer=caller.person, things=pins, at=kit.world.now_us(), query=query)
        await kit.insight.seen(caller, [view])


async def note_views(kit: Kit, request: Request[NewViews, None]) -> Reply[None]:
    """Note pins seen and links clicked; those that the caller cannot see are passed over in silence."""
    caller, told = request.caller, request.body.views
    pins = [hydrate.thing_in(view.pin, f"views[{place}].pin") for place, view in enumerate(told)]
    shown = await kit.boards.pins(caller, pins)
    viewer, now = caller.writer(), kit.world.now_us()
    views = [
        View(kind=view.kind, viewer=viewer, things=(pin,), at=now)
        for view, pin, one in zip(told, pins, shown, strict=True)
        if one is not None
    ]
    if views:
        await kit.insight.seen(caller, views)
    return Reply()


ROUTES: tuple[AnyRoute[Kit], ...] = (
    Route(
        method="POST",
        path="/v1/views",
        handler=note_views,
        summary="Tell which pins you saw, and whose links you followed",
        tag="feed",
        body=NewViews,
        status=204,
        access="write",
        urgency="later",
        budget="write",
    ),
)
