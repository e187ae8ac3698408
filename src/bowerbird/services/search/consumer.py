"""What search does about events: note of what they tell, and, when the group commits, look at it."""

from collections.abc import Awaitable, Callable
from typing import Any

from bowerbird.base.ids import Id
from bowerbird.contracts.events import Event
from bowerbird.services.search.gather import KINDS, LABELS, update
from bowerbird.services.search.kit import Kit

Handler = Callable[[Event[Any]], Awaitable[None]]


class Consumer:
    """Keeps the index. What was noted and not written is lost with the process, and told again by the log."""

    def __init__(self, kit: Kit) -> None:
        self._kit = kit
        self._noted = _nothing()

    def handlers(self) -> dict[str, Handler]:
        """Return the handlers by event type."""
        return {
            **dict.fromkeys(_PIN_EVENTS, self.on_pin),
            **dict.fromkeys(_BOARD_EVENTS, self.on_board),
            **dict.fromkeys(_PERSON_EVENTS, self.on_person),
        }

    async def on_pin(self, event: Event[Any]) -> None:
        """Note a pin: it, or what is seen in its picture, has changed."""
        self._noted["pin"][event.envelope.entity] = None

    async def on_board(self, event: Event[Any]) -> None:
        """Note a board: it, or who it is shared with, has changed."""
        self._noted["board"][event.envelope.entity] = None

    async def on_person(self, event: Event[Any]) -> None:
        """Note a person."""
        self._noted["person"][event.envelope.entity] = None

    async def flush(self) -> bool:
        """Look at all that was noted, and write it; return whether there was anything. Unavailable.

        While vision alone does not answer, everything is written but labels. That is Unavailable too: the group's
        offsets stay before what is to be written again.
        """
        taken, self._noted = self._noted, _nothing()
        try:
            for kind in KINDS:
                await update(self._kit, kind, taken[kind])
        except BaseException:
            for kind in KINDS:
                self._noted[kind] = taken[kind] | self._noted[kind]
            raise
        return await self._label() or any(taken.values())

    async def _label(self) -> bool:
        """Write again what was written without labels; return whether anything was. Unavailable."""
        waiting = list(self._kit.unlabelled)
        await update(self._kit, LABELS, waiting)
        for id_ in waiting:
            self._kit.unlabelled.pop(id_, None)
        return bool(waiting)


def _nothing() -> dict[str, dict[Id, None]]:
    return {kind: {} for kind in KINDS}


_PIN_EVENTS = (
    "pin_saved",
    "pin_changed",
    "pin_published",
    "pin_deleted",
    "pin_restored",
    "pin_purged",
    "pin_labelled",
)
_BOARD_EVENTS = ("board_created", "board_changed", "board_deleted", "board_restored", "board_purged", "share_changed")
_PERSON_EVENTS = ("user_registered", "user_changed", "user_deleted")
