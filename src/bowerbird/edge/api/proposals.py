"""Proposals: people to follow, and boards to look at, with the caller's own pins that led there."""

from collections.abc import Iterable

from bowerbird.base.ids import Id
from bowerbird.contracts.boards import Shown
from bowerbird.contracts.caller import Caller
from bowerbird.contracts.recommend import Proposed
from bowerbird.edge.api import discovered, hydrate, present, reasons
from bowerbird.edge.api.inputs import ProposalsQuery
from bowerbird.edge.api.kit import Kit
from bowerbird.edge.http.route import AnyRoute, Reply, Request, Route


async def propose_people(kit: Kit, request: Request[None, ProposalsQuery]) -> Reply[discovered.ProposedPeople]:
    """Show whom the caller may want to follow."""
    caller = request.caller
    you = caller.signed_in()
    proposed = await kit.recommend.people(caller, request.query.limit)
    people, ties = await hydrate.people_and_ties(kit, caller, [one.id for one in proposed])
    kept = [
        one
        for one in proposed
        if one.id in people and one.id != you and not ties[one.id].blocked and not ties[one.id].follows
    ]
    led = await _led(kit, caller, kept)
    items = [
        discovered.ProposedPerson(present.person(kit, people[one.id]), _because(kit, caller, one, led)) for one in kept
    ]
    return Reply(discovered.ProposedPeople(items))


async def propose_boards(kit: Kit, request: Request[None, ProposalsQuery]) -> Reply[discovered.ProposedBoards]:
    """Show boards that the caller may want to look at."""
    caller = request.caller
    you = caller.signed_in()
    proposed = {one.id: one for one in await kit.recommend.boards(caller, request.query.limit)}
    found, _ = await hydrate.visible_boards(kit, caller, proposed)
    shown = await hydrate.board_list(kit, caller, [access for access in found if access.board.owner != you])
    led = await _led(kit, caller, proposed.values())
    items = [
        discovered.ProposedBoard(board, _because(kit, caller, proposed[hydrate.thing_at(board.id)], led))
        for board in shown
    ]
    return Reply(discovered.ProposedBoards(items))


async def _led(kit: Kit, caller: Caller, proposed: Iterable[Proposed]) -> dict[Id, Shown]:
    """Return the pins that led to what is proposed, as far as the caller may see them."""
    pins, _ = await hydrate.visible_pins(kit, caller, [pin for one in proposed for pin in one.pins])
    return {one.pin.id: one for one in pins}


def _because(kit: Kit, caller: Caller, one: Proposed, led: dict[Id, Shown]) -> list[discovered.PinRef]:
    return [ref for pin in one.pins if (ref := reasons.pin_ref(kit, caller, led.get(pin))) is not None]


ROUTES: tuple[AnyRoute[Kit], ...] = (
    Route(
        method="GET",
        path="/v1/ideas/people",
        handler=propose_people,
        summary="People whom you may want to follow",
        tag="ideas",
        query=ProposalsQuery,
        returns=discovered.ProposedPeople,
        slow=True,
        budget="read",
    ),
    Route(
        method="GET",
        path="/v1/ideas/boards",
        handler=propose_boards,
        summary="Boards that you may want to look at",
        tag="ideas",
        query=ProposalsQuery,
        returns=discovered.ProposedBoards,
        slow=True,
        budget="read",
    ),
)
