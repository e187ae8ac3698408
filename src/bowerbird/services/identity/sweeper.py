"""What identity tidies up by itself: abandoned claims, cut-off deletions, and what has expired."""

from collections.abc import Awaitable, Callable

from bowerbird.base.world import World
from bowerbird.services.identity.account import sweep_erasures
from bowerbird.services.identity.claims import sweep_claims
from bowerbird.services.identity.expiry import sweep_sessions, sweep_tokens
from bowerbird.services.identity.settings import IdentitySettings
from bowerbird.services.identity.store import Store


class Sweeper:
    """Sweeps that do a bounded piece a call and return how much that was; it consumes no events."""

    def __init__(self, store: Store, world: World, settings: IdentitySettings) -> None:
        self._store = store
        self._world = world
        self._settings = settings

    def sweeps(self) -> dict[str, Callable[[], Awaitable[int]]]:
        """Return the sweeps by name."""
        return {
            "claims": self.sweep_claims,
            "erasures": self.sweep_erasures,
            "sessions": self.sweep_sessions,
            "access_tokens": self.sweep_access_tokens,
        }

    async def sweep_claims(self) -> int:
        """Confirm or let go of names whose lease is over."""
        return await sweep_claims(self._store, self._world)

    async def sweep_erasures(self) -> int:
        """Finish deletions that were cut off."""
        return await sweep_erasures(self._store, self._settings)

    async def sweep_sessions(self) -> int:
        """Close expired sessions."""
        return await sweep_sessions(self._store)

    async def sweep_access_tokens(self) -> int:
        """End expired access tokens."""
        return await sweep_tokens(self._store)
