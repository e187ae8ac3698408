"""What the graph does when something happened: keeps the maps, the other side of blocks, and departures."""

from collections.abc import Awaitable, Callable
from typing import Any

from bowerbird.base.world import World
from bowerbird.contracts.caller import system
from bowerbird.contracts.events import Event
from bowerbird.contracts.graph import Block, Follow
from bowerbird.contracts.identity import Identity, User
from bowerbird.services.graph.block import mirror
from bowerbird.services.graph.departures import depart, forget_follow, sweep_departures
from bowerbird.services.graph.kit import Kit
from bowerbird.services.graph.settings import GraphSettings
from bowerbird.services.graph.store import Store


class Consumer:
    """Handlers that may run twice and in any order: rows and maps keep the highest version."""

    def __init__(self, store: Store, identity: Identity, world: World, settings: GraphSettings) -> None:
        self._kit = Kit(store, identity, world, settings)

    def handlers(self) -> dict[str, Callable[[Event[Any]], Awaitable[None]]]:
        """Return the handler of each type of event."""
        return {
            "person_followed": self.on_person_followed,
            "person_unfollowed": self.on_person_unfollowed,
            "block_changed": self.on_block_changed,
            "user_deleted": self.on_user_deleted,
        }

    def sweeps(self) -> dict[str, Callable[[], Awaitable[int]]]:
        """Return the sweeps by name."""
        return {"departures": self.sweep_departures}

    async def on_person_followed(self, event: Event[Follow]) -> None:
        """Bring a follow into the maps."""
        await self._project(event)

    async def on_person_unfollowed(self, event: Event[Follow]) -> None:
        """Take a follow out of the maps."""
        await self._project(event)

    async def _project(self, event: Event[Follow]) -> None:
        """Bring the row's state into the maps, or remove the row when either person is gone by now."""
        follow = event.body
        users = await self._kit.identity.people(system(event.envelope.trace), [follow.follower, follow.followee])
        if None in users:
            await forget_follow(self._kit, follow.follower, follow.followee)
        else:
            await self._kit.store.put_follower(follow)

    async def on_block_changed(self, event: Event[Block]) -> None:
        """Write the other side, which a crash may have left out."""
        await mirror(self._kit, event.envelope.trace, event.body)

    async def on_user_deleted(self, event: Event[User | None]) -> None:
        """Begin to remove somebody's ties; the body may be unreadable by now, the envelope is enough."""
        await depart(self._kit, event.envelope.entity)

    async def sweep_departures(self) -> int:
        """Remove a bounded piece of what departed people left."""
        return await sweep_departures(self._kit)
