"""What the log says of boards' rows: boards, pins, shares, and invitations, which follow from the shares."""

from collections.abc import Iterator
from typing import Any, Final

from msgspec.structs import replace

from bowerbird.base.ids import kind_of
from bowerbird.contracts import kinds
from bowerbird.contracts.boards import Board, Invitation, Pin, Share
from bowerbird.contracts.events import Event
from bowerbird.ports.rebuild import Count, Fresh, Refers, Told
from bowerbird.services.boards.store import BOARD, INVITATION, PIN, SHARE

_ENDS: Final = frozenset({"board_purged", "pin_purged"})

COUNTS: Final = (Count(BOARD, "pins", PIN, "board", {"trashed": 0}),)
REFERS: Final = (
    Refers(PIN, "board", BOARD),
    Refers(SHARE, "board", BOARD),
    Refers(INVITATION, "board", BOARD, loose=True),
)


def told(event: Event[Any], fresh: Fresh) -> Iterator[Told]:
    """Yield what an event says of rows. What an erased person owns is gone, whatever it was before it was theirs."""
    envelope, version = event.envelope, event.envelope.version
    match event.body:
        case Board() as board if envelope.type in _ENDS or board.owner in fresh.gone:
            yield version, BOARD.delete((board.id,))
        case Board() as board:
            yield version, BOARD.insert(replace(board, pins=0))
        case Pin() as pin if envelope.type in _ENDS or pin.owner in fresh.gone:
            yield version, PIN.delete((pin.id,))
        case Pin() as pin:
            yield version, PIN.insert(pin)
            if pin.saved_by is not None and pin.saved_by != pin.owner:
                yield 0, INVITATION.insert(Invitation(pin.saved_by, pin.board, pin.owner, "", 0, pin.created_at))
        case Share() as share if share.person not in fresh.gone:
            yield version, SHARE.insert(share)
            guest = Invitation(share.person, share.board, share.owner, share.role, version, share.created_at)
            yield version, INVITATION.insert(guest)
        case None if kind_of(envelope.entity) == kinds.PIN:
            yield version, PIN.delete((envelope.entity,))
        case _:
            pass
