"""Pins: saving links and pictures to boards, and what becomes of them."""

from functools import partial

from msgspec import UNSET

from bowerbird.base.ids import Id, to_text
from bowerbird.contracts import boards
from bowerbird.contracts.boards import PinChange, Shown
from bowerbird.contracts.caller import Caller
from bowerbird.contracts.identity import User
from bowerbird.contracts.problems import Invalid, NotFound, Problem
from bowerbird.edge.api import hydrate, present, resources, views
from bowerbird.edge.api.inputs import NewPin, PageQuery, PinEdit, PinsMove
from bowerbird.edge.api.kit import Kit
from bowerbird.edge.api.pages import Page, key_of
from bowerbird.edge.http.route import AnyRoute, Reply, Request, Route

_OK = 200
_CREATED = 201
_OUTSIDE_NAMES = {"upload": "upload_id", "pin": "pin_id"}


async def list_board_pins(kit: Kit, request: Request[None, PageQuery]) -> Reply[resources.PinList]:
    """Show what is on a board."""
    page = await kit.pages.of(key_of(request, kit.addresses.expiry_s()), partial(make_page, kit, request))
    await views.note_served(kit, request.caller, "board_served", page.pins)
    return page.reply


async def make_page(kit: Kit, request: Request[None, PageQuery]) -> Page:
    """Make the page of what is true now."""
    caller, board = request.caller, hydrate.thing_at(request.places["board"])
    page = await skeleton(kit, caller, board, hydrate.mark_of(kit, request), request.query.limit)
    people = await hydrate_page(kit, caller, page)
    shown = rules(page, people)
    reply = present_page(kit, caller, shown, people, hydrate.cursor_to(kit, request, page.next))
    return Page(reply, tuple(one.pin.id for one in shown))


async def skeleton(kit: Kit, caller: Caller, board: Id, mark: bytes | None, limit: int) -> boards.BoardPins:
    """Return which pins come next; they live on the board's shard, so rights, ids and pins come from one place."""
    return await kit.boards.board_pins(caller, board, mark, limit)


async def hydrate_page(kit: Kit, caller: Caller, page: boards.BoardPins) -> dict[Id, User]:
    """Return whose board it is, and who saved the pins."""
    return await hydrate.people(kit, caller, [page.access.board.owner, *(pin.saved_by for pin in page.items)])


def rules(page: boards.BoardPins, people: dict[Id, User]) -> list[Shown]:
    """Keep the pins of this very board that are not in the trash; NotFound when its owner is no more."""
    if page.access.board.owner not in people:
        raise NotFound("there is no such board, or you may not see it")
    return [Shown(pin, page.access) for pin in page.items if pin.board == page.access.board.id and not pin.trashed]


def present_page(
    kit: Kit, caller: Caller, shown: list[Shown], people: dict[Id, User], cursor: str | None
) -> Reply[resources.PinList]:
    """Encode the page."""
    return present.listing(present.pins(kit, shown, people, caller.person), cursor)


async def save_pin(kit: Kit, request: Request[NewPin, None]) -> Reply[resources.Pin]:
    """Save a link, an uploaded picture or a pin that the caller sees to a board."""
    caller, board = request.caller, hydrate.thing_at(request.places["board"])
    new = _new_pin(request.body)
    try:
        saved = await kit.boards.save_pin(caller, board, new)
    except Problem as problem:
        problem.field = _OUTSIDE_NAMES.get(problem.field, problem.field)
        raise
    shown = Shown(saved.pin, saved.access)
    return await _present(kit, caller, shown, status=_CREATED if saved.created else _OK)


def _new_pin(body: NewPin) -> boards.NewPin:
    if sum(given is not UNSET for given in (body.url, body.upload_id, body.pin_id)) != 1:
        raise Invalid("give exactly one of url, upload_id and pin_id", field="url")
    return boards.NewPin(
        url=None if body.url is UNSET else body.url,
        upload=None if body.upload_id is UNSET else hydrate.thing_in(body.upload_id, "upload_id"),
        pin=None if body.pin_id is UNSET else hydrate.thing_in(body.pin_id, "pin_id"),
        title=body.title,
        note=body.note,
        alt=body.alt,
    )


async def get_pin(kit: Kit, request: Request[None, None]) -> Reply[resources.Pin]:
    """Show a pin; one that moved is shown where it is now, under its present id."""
    shown = await kit.boards.pin(request.caller, hydrate.thing_at(request.places["pin"]))
    return await _present(kit, request.caller, shown)


async def edit_pin(kit: Kit, request: Request[PinEdit, None]) -> Reply[resources.Pin]:
    """Edit a pin's texts."""
    body = request.body
    change = PinChange(title=body.title, note=body.note, alt=body.alt, version=request.version)
    shown = await kit.boards.change_pin(request.caller, hydrate.thing_at(request.places["pin"]), change)
    return await _present(kit, request.caller, shown)


async def delete_pin(kit: Kit, request: Request[None, None]) -> Reply[None]:
    """Put a pin into the trash of its board's owner."""
    await kit.boards.delete_pin(request.caller, hydrate.thing_at(request.places["pin"]), request.version)
    return Reply()


async def restore_pin(kit: Kit, request: Request[None, None]) -> Reply[resources.Pin]:
    """Take a pin out of the trash."""
    shown = await kit.boards.restore_pin(request.caller, hydrate.thing_at(request.places["pin"]))
    return await _present(kit, request.caller, shown)


async def move_pins(kit: Kit, request: Request[PinsMove, None]) -> Reply[resources.MovedList]:
    """Move, or copy, pins to a board; each succeeds or fails alone."""
    body = request.body
    pins = [hydrate.thing_in(text, f"pins[{place}]") for place, text in enumerate(body.pins)]
    board = hydrate.thing_in(body.board, "board")
    moved = await kit.boards.move_pins(request.caller, pins, board, copy=body.copy)
    return Reply(resources.MovedList([present.moved(one) for one in moved], None))


async def _present(kit: Kit, caller: Caller, shown: Shown, status: int = 0) -> Reply[resources.Pin]:
    people = await hydrate.people_of(kit, caller, shown)
    pin = present.pins(kit, [shown], people, caller.person)[0]
    place = b"/v1/pins/" + to_text(shown.pin.id).encode()
    headers = ((b"content-location", place), *(((b"location", place),) if status == _CREATED else ()))
    return Reply(pin.data, status, version=shown.pin.version, headers=headers)


ROUTES: tuple[AnyRoute[Kit], ...] = (
    Route(
        method="GET",
        path="/v1/boards/{board}/pins",
        handler=list_board_pins,
        summary="What is on a board",
        tag="pins",
        query=PageQuery,
        returns=resources.PinList,
        access="public",
        budget="read",
    ),
    Route(
        method="POST",
        path="/v1/boards/{board}/pins",
        handler=save_pin,
        summary="Save a link, an uploaded picture or another pin to a board; 200: the board had the link already",
        tag="pins",
        body=NewPin,
        returns=resources.Pin,
        status=201,
        also=(200,),
        access="write",
        budget="save",
        once=True,
        problems=("exists", "refused"),
    ),
    Route(
        method="POST",
        path="/v1/pins/move",
        handler=move_pins,
        summary="Move, or copy, up to 100 pins to a board that you may edit",
        tag="pins",
        body=PinsMove,
        returns=resources.MovedList,
        access="write",
        budget="save",
        once=True,
        problems=("not-found",),
    ),
    Route(
        method="GET",
        path="/v1/pins/{pin}",
        handler=get_pin,
        summary="A pin; `id` is its present one when it has moved",
        tag="pins",
        returns=resources.Pin,
        access="public",
        budget="read",
    ),
    Route(
        method="PATCH",
        path="/v1/pins/{pin}",
        handler=edit_pin,
        summary="Edit a pin's title, note and alt text",
        tag="pins",
        body=PinEdit,
        returns=resources.Pin,
        access="write",
        budget="write",
        matches=True,
    ),
    Route(
        method="DELETE",
        path="/v1/pins/{pin}",
        handler=delete_pin,
        summary="Put a pin into the trash, for 30 days",
        tag="pins",
        status=204,
        access="write",
        budget="write",
        matches=True,
    ),
    Route(
        method="POST",
        path="/v1/pins/{pin}/restore",
        handler=restore_pin,
        summary="Take a pin out of the trash",
        tag="pins",
        returns=resources.Pin,
        access="write",
        budget="write",
        problems=("exists",),
    ),
)
