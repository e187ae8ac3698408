"""Leases: one owner of a name at a time, until it lets go or its time is over."""

from typing import Protocol

from msgspec import Struct

from bowerbird.base.calls import idempotent

NAME_CHARACTERS_MAX = 200
TTL_MS_MAX = 3_600_000


class Lease(Struct, frozen=True, array_like=True):
    """A name held: `fence` grows with every new owner, so that a late writer can be refused."""

    name: str
    holder: str
    fence: int
    expires_at: int


class Leases(Protocol):
    """Times are microseconds since 1970 by the engine's clock.

    Names and holders are 1 to NAME_CHARACTERS_MAX characters, a time to live is 1 to TTL_MS_MAX; anything else is a
    ValueError. An engine that is away, or holds as many names as it can, is EngineUnavailable.
    """

    @idempotent
    async def acquire(self, name: str, holder: str, ttl_ms: int) -> Lease | None:
        """Take the name, or renew it (same fence) if this holder has it; None while another has.

        A fence is greater than all that any name had before, restarts of the engine included.
        """
        ...

    @idempotent
    async def release(self, lease: Lease) -> None:
        """Let go; nothing happens when the name is not held under this lease's fence any more."""
        ...
