"""Copies: pins that somebody has already of a photograph that they saved, sent, or are about to save."""

from bowerbird.base.ids import Id
from bowerbird.contracts.caller import Caller
from bowerbird.edge.api import discovered, hydrate, present
from bowerbird.edge.api.kit import Kit
from bowerbird.edge.http.route import AnyRoute, Reply, Request, Route


async def copies_of_pin(kit: Kit, request: Request[None, None]) -> Reply[discovered.Copies]:
    """Show the caller's other pins of the photograph that a pin shows."""
    caller = request.caller
    pin = (await hydrate.visible_pin(kit, caller, hydrate.thing_at(request.places["pin"]))).pin
    return Reply(await _copies(kit, caller, pin.media, besides=pin.id))


async def copies_of_upload(kit: Kit, request: Request[None, None]) -> Reply[discovered.Copies]:
    """Show the caller's pins of the photograph that was uploaded."""
    caller = request.caller
    picture = await kit.media.uploaded(caller, hydrate.thing_at(request.places["upload"]))
    return Reply(await _copies(kit, caller, picture.id))


async def _copies(kit: Kit, caller: Caller, media: Id | None, besides: Id | None = None) -> discovered.Copies:
    found = await kit.vision.copies(caller, media) if media is not None else []
    shown, people = await hydrate.visible_pins(kit, caller, found)
    own = [one for one in shown if one.pin.saved_by == caller.person and one.pin.id != besides]
    return discovered.Copies([present.pin_among(kit, one, people, caller.person) for one in own])


ROUTES: tuple[AnyRoute[Kit], ...] = (
    Route(
        method="GET",
        path="/v1/pins/{pin}/copies",
        handler=copies_of_pin,
        summary="Your other pins of the same photograph as a pin",
        tag="lens",
        returns=discovered.Copies,
        slow=True,
        budget="look",
    ),
    Route(
        method="GET",
        path="/v1/uploads/{upload}/copies",
        handler=copies_of_upload,
        summary="Your pins of the same photograph as an upload that is completed",
        tag="lens",
        returns=discovered.Copies,
        slow=True,
        budget="look",
        problems=("refused",),
    ),
)
