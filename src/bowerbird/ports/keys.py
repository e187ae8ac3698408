"""Keys: one 32-byte key a person (and a link), under which bodies are sealed; destroying it erases what it sealed."""

from collections.abc import Sequence
from typing import Protocol

from bowerbird.base.calls import idempotent
from bowerbird.base.ids import Id

CACHE_TTL_S_MAX = 60
"""A destroyed key is forgotten by every process within this time; `destroy` forgets it at once where it runs."""


class KeyWrites(Protocol):
    """The writing half: what crosses the socket to the one writer. After EngineUnavailable, trying again is safe."""

    @idempotent
    async def create(self, owner: Id) -> bytes:
        """Return the owner's key, made if there was none; ValueError if it was destroyed."""
        ...

    @idempotent
    async def destroy(self, owner: Id) -> None:
        """Make the owner's key unrecoverable, for ever; the owner stays on the list of erasures."""
        ...


class Keys(KeyWrites, Protocol):
    """Durable, wrapped by the installation's master key where they rest."""

    @idempotent
    async def get(self, owners: Sequence[Id]) -> list[bytes | None]:
        """Return the keys in order; None for an owner that has none or whose key was destroyed."""
        ...

    @idempotent
    async def erasures(self, after: Id | None, limit: int) -> list[Id]:
        """Return owners whose keys were destroyed, in order of id."""
        ...
