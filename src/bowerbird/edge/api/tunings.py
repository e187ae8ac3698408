"""Tunings: a person's wishes about what they are shown, made, listed, and taken back."""

from typing import Final, cast

from msgspec import UNSET, UnsetType

from bowerbird.base import ids, times
from bowerbird.base.ids import Id
from bowerbird.contracts import recommend
from bowerbird.contracts.caller import Caller
from bowerbird.contracts.problems import Problem
from bowerbird.contracts.recommend import Tuning as Wished
from bowerbird.contracts.recommend import Wish
from bowerbird.edge.api import discovered, hydrate, reasons
from bowerbird.edge.api.inputs import NewTuning
from bowerbird.edge.api.kit import Kit
from bowerbird.edge.http.route import AnyRoute, Reply, Request, Route

_OUTSIDE_NAMES: Final = {"pin": "pin_id", "board": "board_id"}


async def list_tunings(kit: Kit, request: Request[None, None]) -> Reply[discovered.TuningList]:
    """Show all the caller's wishes."""
    caller = request.caller
    wishes = await kit.recommend.tunings(caller)
    return Reply(discovered.TuningList(await _present(kit, caller, wishes)))


async def make_tuning(kit: Kit, request: Request[NewTuning, None]) -> Reply[discovered.Tuning]:
    """Make a wish about what the caller is shown."""
    caller = request.caller
    new = _new_tuning(request.body)
    try:
        made = await kit.recommend.tune(caller, new)
    except Problem as problem:
        problem.field = _OUTSIDE_NAMES.get(problem.field, problem.field)
        raise
    return Reply((await _present(kit, caller, [made]))[0])


async def undo_tuning(kit: Kit, request: Request[None, None]) -> Reply[None]:
    """Take a wish back."""
    await kit.recommend.undo(request.caller, hydrate.thing_at(request.places["tuning"]))
    return Reply()


def _new_tuning(body: NewTuning) -> recommend.NewTuning:
    return recommend.NewTuning(
        wish=body.wish,
        topic=0 if body.topic is UNSET else body.topic,
        pin=_id_in(body.pin_id, "pin_id"),
        board=_id_in(body.board_id, "board_id"),
    )


def _id_in(text: str | UnsetType, field: str) -> Id | None:
    return None if text is UNSET else hydrate.thing_in(text, field)


async def _present(kit: Kit, caller: Caller, wishes: list[Wished]) -> list[discovered.Tuning]:
    known = await reasons.named(kit, caller, wishes)
    return [_tuning(kit, caller, one, known) for one in wishes]


def _tuning(kit: Kit, caller: Caller, one: Wished, known: reasons.Named) -> discovered.Tuning:
    return discovered.Tuning(
        id=ids.to_text(one.id),
        wish=cast("Wish", one.wish),
        topic=reasons.topic(one.topic, known),
        pin=reasons.pin_ref(kit, caller, known.pins.get(one.pin) if one.pin else None),
        board=reasons.board_ref(known.boards.get(one.board) if one.board else None),
        created_at=times.to_text(one.created_at),
    )


ROUTES: tuple[AnyRoute[Kit], ...] = (
    Route(
        method="GET",
        path="/v1/me/tunings",
        handler=list_tunings,
        summary="Your wishes about what you are shown",
        tag="ideas",
        returns=discovered.TuningList,
        budget="read",
    ),
    Route(
        method="POST",
        path="/v1/me/tunings",
        handler=make_tuning,
        summary="Ask for more or less of a topic, hide a pin, or have nothing shown because of a pin or a board",
        tag="ideas",
        body=NewTuning,
        returns=discovered.Tuning,
        access="write",
        budget="write",
        problems=("not-found",),
    ),
    Route(
        method="DELETE",
        path="/v1/me/tunings/{tuning}",
        handler=undo_tuning,
        summary="Take a wish back",
        tag="ideas",
        status=204,
        access="write",
        budget="write",
    ),
)
