"""What search does about events: note of what they tell, and, when the group commits, look at it or count it."""

from collections.abc import Awaitable, Callable
from typing import Any

from bowerbird.base.ids import Id
from bowerbird.contracts.events import Event
from bowerbird.contracts.insight import View
from bowerbird.services.search.asked import alike
from bowerbird.services.search.gather import KINDS, LABELS, Gathering, update
from bowerbird.services.search.kit import Kit
from bowerbird.services.search.store import Asking, Offset

Handler = Callable[[Event[Any]], Awaitable[None]]


class Consumer:
    """Keeps the index. What was noted and not written is lost with the process, and told again by the log."""

    def __init__(self, kit: Kit) -> None:
        self._kit = kit
        self._gathering = Gathering(kit)
        self._noted = _nothing()

    def handlers(self) -> dict[str, Handler]:
        """Return the handlers by event type."""
        return {
            **dict.fromkeys(_PIN_EVENTS, self.on_pin),
            **dict.fromkeys(_BOARD_EVENTS, self.on_board),
            **dict.fromkeys(_PERSON_EVENTS, self.on_person),
            "user_deleted": self.on_user_deleted,
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

    async def on_user_deleted(self, event: Event[Any]) -> None:
        """Note somebody who is gone, and forget what they asked."""
        await self._kit.store.forget_asker(event.envelope.entity)
        await self.on_person(event)

    async def flush(self) -> bool:
        """Look at all that was noted, and write it; return whether there was anything. Unavailable.

        While vision alone does not answer, everything is written but labels. That is Unavailable too: the group's
        offsets stay before what is to be written again.
        """
        taken, self._noted = self._noted, _nothing()
        try:
            for kind in KINDS:
                await update(self._gathering, kind, taken[kind])
        except BaseException:
            for kind in KINDS:
                self._noted[kind] = taken[kind] | self._noted[kind]
            raise
        return await self._label() or any(taken.values())

    async def _label(self) -> bool:
        """Write again what was written without labels; return whether anything was. Unavailable."""
        waiting = list(self._gathering.unlabelled)
        await update(self._gathering, LABELS, waiting)
        for id_ in waiting:
            self._gathering.unlabelled.pop(id_, None)
        return bool(waiting)


class Queries:
    """The group "queries", of the topic of views: what people search for and find, counted by how many they are."""

    def __init__(self, kit: Kit) -> None:
        self._kit = kit
        self._noted: list[Asking] = []

    def handlers(self) -> dict[str, Handler]:
        """Return the handlers by event type."""
        return {"search_served": self.on_search_served}

    def sweeps(self) -> dict[str, Callable[[], Awaitable[int]]]:
        """Return what comes due with time."""
        return {"queries": self.sweep_queries}

    async def on_search_served(self, event: Event[View]) -> None:
        """Note what somebody asked, if it is words alone, and not too long ago to be kept."""
        view = event.body
        query = alike(view.query)
        if query and view.at >= self._kept_from():
            self._noted.append(Asking(view.viewer, query, view.at))

    async def checkpoint(self, offsets: list[Offset]) -> None:
        """Count what was noted. Unavailable."""
        taken, self._noted = self._noted, []
        try:
            await self._kit.store.note_askings(taken, offsets)
        except BaseException:
            self._noted = taken + self._noted
            raise

    async def applied(self) -> list[Offset]:
        """Return up to where the log is in what was counted."""
        return await self._kit.store.noted_askings()

    async def sweep_queries(self) -> int:
        """Forget some of what was asked too long ago; return how much."""
        return await self._kit.store.expire_askings(self._kept_from())

    def _kept_from(self) -> int:
        return self._kit.world.now_us() - self._kit.settings.queries_kept_days * _DAY_US


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
_PERSON_EVENTS = ("user_registered", "user_changed")
_DAY_US = 86_400_000_000
