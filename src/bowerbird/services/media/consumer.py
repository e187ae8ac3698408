"""What media does about events and with time: which pictures are shown, and deleting those that nobody shows."""

from collections.abc import Awaitable, Callable
from typing import Any

from bowerbird.base.world import World
from bowerbird.contracts.boards import Pin
from bowerbird.contracts.caller import system
from bowerbird.contracts.events import Event
from bowerbird.contracts.identity import User
from bowerbird.services.media import upload as uploads
from bowerbird.services.media.settings import MediaSettings
from bowerbird.services.media.store import Store

_US = 1_000_000
_STEP = 100


class Consumer:
    """Handlers may run twice and in any order; sweeps do a bounded piece a call."""

    def __init__(self, store: Store, world: World, settings: MediaSettings) -> None:
        self._store = store
        self._world = world
        self._settings = settings

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
        return {"abandoned_uploads": self.sweep_abandoned, "unused_pictures": self.sweep_unused}

    async def on_pin(self, event: Event[Pin]) -> None:
        """Note the picture that a pin shows; one that moved to another shard shows none here."""
        pin = event.body
        await self._store.use(pin.id, None if pin.moved_to is not None else pin.media, pin.version)

    async def on_pin_purged(self, event: Event[Pin]) -> None:
        """Note that a pin shows nothing any more."""
        await self._store.use(event.body.id, None, event.body.version)

    async def on_user(self, event: Event[User]) -> None:
        """Note a person's profile picture."""
        await self._store.use(event.body.id, event.body.picture, event.body.version)

    async def on_user_deleted(self, event: Event[User | None]) -> None:
        """Delete all of a person's pictures."""
        caller = system(event.envelope.trace)
        while pictures := await self._store.of_owner(event.envelope.entity, _STEP):
            for picture in pictures:
                await self._store.delete(caller, picture)

    async def sweep_abandoned(self) -> int:
        """End uploads that were not completed in time."""
        return await uploads.sweep_abandoned(self._store, self._world, system())

    async def sweep_unused(self) -> int:
        """Delete pictures that nothing has shown for the time that settings give."""
        before_us = self._world.now_us() - self._settings.unused_kept_s * _US
        pictures = await self._store.unused(before_us, _STEP)
        for picture in pictures:
            await self._store.delete(system(), picture)
        return len(pictures)
