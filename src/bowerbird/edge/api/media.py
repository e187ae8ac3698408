"""Pictures: the origin of their addresses, which asks each time whether they may still be served."""

from functools import partial
from typing import Final

from bowerbird.base.ids import Id, to_text
from bowerbird.contracts.caller import Caller, system
from bowerbird.contracts.media import Served
from bowerbird.contracts.problems import NotFound
from bowerbird.edge.api import hydrate
from bowerbird.edge.api.addresses import WIDTHS
from bowerbird.edge.api.inputs import MediaQuery
from bowerbird.edge.api.kit import Kit
from bowerbird.edge.http.asgi import Header, Receive, Scope, Send
from bowerbird.edge.http.route import AnyRoute, Reply, Request, Route

_FOR_EVER: Final = b"public, max-age=31536000, immutable"
_GENERATION_DIGITS: Final = 9


async def get_pin_picture(kit: Kit, request: Request[None, MediaQuery]) -> Reply[None]:
    """Serve a pin's picture while its board shows it: to all, or to whom the address was signed for."""
    places, query = request.places, request.query
    pin_id, generation = _just_so(places["pin"]), _generation(places["generation"])
    stem = f"/media/{to_text(pin_id)}/{generation}/{places['name']}"
    viewer = kit.addresses.viewer(stem, query.v, query.e, query.s)
    pin = await kit.boards.of_address(pin_id, generation, places["name"], viewer)
    [owner] = await kit.identity.people(_asker(request.caller), [pin.owner])
    if pin.media is None or owner is None or (viewer is None and (query.v or query.s)):
        raise _missing()
    if viewer is None:
        return await _picture(kit, request, pin.media, _FOR_EVER)
    seconds = max(0, query.e - kit.world.now_us() // 1_000_000)
    return await _picture(kit, request, pin.media, b"private, max-age=%d" % seconds)


async def get_profile_picture(kit: Kit, request: Request[None, None]) -> Reply[None]:
    """Serve somebody's present profile picture."""
    wanted = _just_so(request.places["user"])
    user = (await kit.identity.people(_asker(request.caller), [wanted]))[0]
    if user is None or user.picture is None or user.picture_name != request.places["name"]:
        raise _missing()
    return await _picture(kit, request, user.picture, _FOR_EVER)


async def _picture(
    kit: Kit, request: Request[None, MediaQuery] | Request[None, None], media: Id, caching: bytes
) -> Reply[None]:
    rendition = request.places["rendition"]
    if rendition not in WIDTHS:
        raise _missing()
    served = await kit.media.served(_asker(request.caller), media, rendition)
    return Reply(headers=((b"cache-control", caching),), stream=partial(_send, kit, served))


async def _send(kit: Kit, served: Served, scope: Scope, receive: Receive, send: Send, headers: list[Header]) -> None:
    await kit.send_blob(scope, receive, send, served, headers)


def _just_so(text: str) -> Id:
    """Return an id from the one way in which the API writes it: a picture has one address, and caches keep it once."""
    id_ = hydrate.thing_at(text)
    if to_text(id_) != text:
        raise _missing()
    return id_


def _generation(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= _GENERATION_DIGITS and str(int(text)) == text):
        raise _missing()
    return int(text)


def _asker(caller: Caller) -> Caller:
    return system(caller.trace)


def _missing() -> NotFound:
    return NotFound("there is no such picture")


ROUTES: tuple[AnyRoute[Kit], ...] = (
    Route(
        method="GET",
        path="/media/people/{user}/{name}/{rendition}",
        handler=get_profile_picture,
        summary="A profile picture",
        tag="media",
        returns="image/*",
        also=(206,),
        access="open",
        urgency="later",
    ),
    Route(
        method="GET",
        path="/media/{pin}/{generation}/{name}/{rendition}",
        handler=get_pin_picture,
        summary="A pin's picture, at an address that the API gave",
        tag="media",
        query=MediaQuery,
        returns="image/*",
        also=(206,),
        access="open",
        urgency="later",
    ),
)
