"""What recommend does about events: note of what they tell, and, when the group commits, look at it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from bowerbird.base.ids import Id
from bowerbird.contracts.events import Event
from bowerbird.contracts.insight import View
from bowerbird.services.recommend.kit import Kit
from bowerbird.services.recommend.store import Offset, Sight
from bowerbird.services.recommend.update import forget_person, update_board, update_pins

Handler = Callable[[Event[Any]], Awaitable[None]]


@dataclass(slots=True)
class _Noted:
    """Where to look: pins; boards, and whether all that is on them was taken out before; people who are gone."""

    pins: set[Id] = field(default_factory=set[Id])
    boards: dict[Id, bool] = field(default_factory=dict[Id, bool])
    people: set[Id] = field(default_factory=set[Id])

    def note_board(self, board: Id, *, restored: bool) -> None:
        """Note a board."""
        self.boards[board] = restored or self.boards.get(board, False)

    def note(self, more: "_Noted") -> None:
        """Note all that another has noted."""
        self.pins |= more.pins
        self.people |= more.people
        for board, restored in more.boards.items():
            self.note_board(board, restored=restored)


class Consumer:
    """The group "recommend". What was noted and not written is lost with the process, and told again by the log."""

    def __init__(self, kit: Kit) -> None:
        self._kit = kit
        self._noted = _Noted()

    def handlers(self) -> dict[str, Handler]:
        """Return the handlers by event type."""
        return {
            **dict.fromkeys(_PIN_EVENTS, self.on_pin),
            **dict.fromkeys(_BOARD_EVENTS, self.on_board),
            "user_deleted": self.on_user_deleted,
        }

    async def on_pin(self, event: Event[Any]) -> None:
        """Note a pin: it, or what was seen in its picture, has changed."""
        self._noted.pins.add(event.envelope.entity)

    async def on_board(self, event: Event[Any]) -> None:
        """Note a board."""
        self._noted.note_board(event.envelope.entity, restored=event.envelope.type == "board_restored")

    async def on_user_deleted(self, event: Event[Any]) -> None:
        """Note somebody who is gone; the body may be unreadable by now."""
        self._noted.people.add(event.envelope.entity)

    async def checkpoint(self, offsets: list[Offset]) -> None:
        """Write what was noted, and up to where the log is in it. Unavailable."""
        await self._kit.store.note(offsets, changed=await self._flush())

    async def applied(self) -> list[Offset]:
        """Return up to where the log is in what was written."""
        return await self._kit.store.applied()

    async def _flush(self) -> bool:
        """Look at all that was noted, and write it; return whether there was anything."""
        taken, self._noted = self._noted, _Noted()
        try:
            for board in sorted(taken.boards):
                await update_board(self._kit, board, restored=taken.boards[board])
            await update_pins(self._kit, sorted(taken.pins))
            for person in sorted(taken.people):
                await forget_person(self._kit, person)
        except BaseException:
            self._noted.note(taken)
            raise
        return taken != _Noted()


class Sights:
    """The group "sights", of the topic of views: what people were shown, so that it sinks."""

    def __init__(self, kit: Kit) -> None:
        self._kit = kit
        self._seen: list[View] = []

    def handlers(self) -> dict[str, Handler]:
        """Return the handlers by event type."""
        return {"pin_seen": self.on_pin_seen}

    async def on_pin_seen(self, event: Event[View]) -> None:
        """Note that somebody was shown a pin."""
        self._seen.append(event.body)

    async def checkpoint(self, _offsets: list[Offset]) -> None:
        """Count what was noted, by the things that the pins hold; the same of the same time counts once."""
        seen, self._seen = self._seen, []
        try:
            await self._count(seen)
        except BaseException:
            self._seen = seen + self._seen
            raise

    async def _count(self, seen: list[View]) -> None:
        pins = list(dict.fromkeys(pin for view in seen for pin in view.things))
        things = {save.pin: save.thing for save in await self._kit.store.saves(pins) if save is not None}
        sights = [Sight(view.viewer, things[pin], view.at) for view in seen for pin in view.things if pin in things]
        await self._kit.store.saw(sorted(sights, key=lambda sight: sight.at))


_PIN_EVENTS = (
    "pin_saved",
    "pin_changed",
    "pin_published",
    "pin_deleted",
    "pin_restored",
    "pin_purged",
    "pin_labelled",
)
_BOARD_EVENTS = ("board_changed", "board_deleted", "board_restored", "board_purged")
