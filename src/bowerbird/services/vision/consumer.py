"""What vision does about events and with time: see what is new, have it found where it belongs, see again."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from bowerbird.contracts.boards import pages_of_board
from bowerbird.contracts.caller import Caller, system
from bowerbird.contracts.events import Event
from bowerbird.services.vision.follow import follow
from bowerbird.services.vision.kit import Kit
from bowerbird.services.vision.refill import refill

Handler = Callable[[Event[Any]], Awaitable[None]]

_PIN_EVENTS = ("pin_published", "pin_changed", "pin_deleted", "pin_restored")
_BOARD_EVENTS = ("board_changed", "board_deleted", "board_restored")


class Consumer:
    """An event says where to look: handlers read the present truth, and may run twice and in any order."""

    def __init__(self, kit: Kit) -> None:
        self._kit = kit

    def handlers(self) -> dict[str, Handler]:
        """Return the handlers by event type."""
        return {
            **dict.fromkeys(_PIN_EVENTS, self.on_pin),
            **dict.fromkeys(_BOARD_EVENTS, self.on_board),
            "pin_purged": self.on_pin_purged,
        }

    def sweeps(self) -> dict[str, Callable[[], Awaitable[int]]]:
        """Return the sweeps by name."""
        return {"refill": partial(refill, self._kit)}

    async def on_pin(self, event: Event[Any]) -> None:
        """See a pin's picture, and have it found where the pin is now."""
        await follow(self._kit, _house(event), [event.envelope.entity])

    async def on_pin_purged(self, event: Event[Any]) -> None:
        """Forget all that was seen in a pin."""
        await self._kit.store.remove([event.envelope.entity])
        await self._kit.store.forget([event.envelope.entity])

    async def on_board(self, event: Event[Any]) -> None:
        """Have all pins of a board found as it is now."""
        async for page in pages_of_board(self._kit.boards, _house(event), event.envelope.entity):
            await follow(self._kit, _house(event), [pin.id for pin in page.items])


def _house(event: Event[Any]) -> Caller:
    return system(event.envelope.trace)
