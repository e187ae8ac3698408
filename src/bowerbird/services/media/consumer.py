"""What media does about events and with time: which pictures are shown, and deleting those that nobody shows."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from bowerbird.base.world import World
from bowerbird.contracts.boards import Pin
from bowerbird.contracts.events import Event
from bowerbird.contracts.identity import User
from bowerbird.services.media.erase_person import erase_person, sweep_departures
from bowerbird.services.media.kit import Kit
from bowerbird.services.media.settings import MediaSettings
from bowerbird.services.media.store import Store
from bowerbird.services.media.sweep import StraySweep, sweep_unused
from bowerbird.services.media.upload import sweep_uploads


class Consumer:
    """Handlers may run twice and in any order; sweeps do a bounded piece a call.

    `heard`: up to when (microseconds) these handlers have heard everything.
    """

    def __init__(
        self, store: Store, heard: Callable[[], Awaitable[int]], world: World, settings: MediaSettings
    ) -> None:
        self._store = store
        self._heard = heard
        self._kit = Kit(store, world, settings)
        self._strays = StraySweep(self._kit)

    def handlers(self) -> dict[str, Callable[[Event[Any]], Awaitable[None]]]:
        """Return the handlers by event type."""
        return {
            "pin_saved": self.on_pin,
            "pin_changed": self.on_pin,
            "pin_published": self.on_pin,
            "pin_purged": self.on_pin_purged,
            "user_changed": self.on_user,
            "user_deleted": self.on_user_deleted,
        }

    def sweeps(self) -> dict[str, Callable[[], Awaitable[int]]]:
        """Return the sweeps by name."""
        return {
            "uploads": partial(sweep_uploads, self._kit),
            "unused": partial(sweep_unused, self._kit, self._heard),
            "strays": self._strays.step,
            "departures": partial(sweep_departures, self._kit),
        }

    async def on_pin(self, event: Event[Pin]) -> None:
        """Note the picture that a pin shows; one that moved to another shard shows none here."""
        pin = event.body
        await self._store.use(pin.id, None if pin.moved_to is not None else pin.media, pin.version)

    async def on_pin_purged(self, event: Event[Pin]) -> None:
        """Note that a pin shows nothing any more, whatever is heard of its last version yet."""
        await self._store.use(event.body.id, None, event.body.version + 1)

    async def on_user(self, event: Event[User]) -> None:
        """Note a person's profile picture."""
        await self._store.use(event.body.id, event.body.picture, event.body.version)

    async def on_user_deleted(self, event: Event[User | None]) -> None:
        """Delete all of a person's uploads and pictures."""
        await erase_person(self._kit, event.envelope.entity)
