"""Why somebody is shown something: what led there is named as far as they may see it now."""

from collections.abc import Sequence

from msgspec import Struct

from bowerbird.base import ids
from bowerbird.base.ids import Id
from bowerbird.contracts.boards import Board, Shown
from bowerbird.contracts.caller import Caller
from bowerbird.contracts.recommend import Because, Tuning
from bowerbird.edge.api import discovered, hydrate, present, resources
from bowerbird.edge.api.kit import Kit


class Named(Struct, frozen=True, gc=False):
    """What may be named to whom it was read for."""

    pins: dict[Id, Shown]
    boards: dict[Id, Board]
    topics: dict[int, str]


async def named(kit: Kit, caller: Caller, told: Sequence[Because | Tuning]) -> Named:
    """Read what reasons or wishes name, a kind at a time."""
    pins, _ = await hydrate.visible_pins(kit, caller, [one.pin for one in told if one.pin is not None])
    boards, _ = await hydrate.visible_boards(kit, caller, [one.board for one in told if one.board is not None])
    topics = await kit.recommend.topics(caller) if any(one.topic for one in told) else []
    return Named(
        {one.pin.id: one for one in pins},
        {access.board.id: access.board for access in boards},
        {topic.id: topic.name for topic in topics},
    )


def because(kit: Kit, caller: Caller, reason: Because, known: Named) -> discovered.Because:
    """Present a reason."""
    return discovered.Because(
        reason.why,
        pin_ref(kit, caller, known.pins.get(reason.pin) if reason.pin else None),
        board_ref(known.boards.get(reason.board) if reason.board else None),
        topic(reason.topic, known),
    )


def pin_ref(kit: Kit, caller: Caller, shown: Shown | None) -> discovered.PinRef | None:
    """Present a pin in brief."""
    if shown is None:
        return None
    pin, board = shown.pin, shown.access.board
    picture = present.picture(kit, pin, board, caller.person) if pin.picture_name else None
    return discovered.PinRef(ids.to_text(pin.id), pin.title, picture)


def board_ref(board: Board | None) -> resources.BoardRef | None:
    """Present a board in brief."""
    return None if board is None else present.board_ref(board)


def topic(number: int, known: Named) -> discovered.Topic | None:
    """Present a topic."""
    name = known.topics.get(number)
    return None if name is None else discovered.Topic(number, name)
