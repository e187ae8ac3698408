"""Leases: one owner of a name at a time, until it lets go or its time is over."""

from typing import Protocol

from msgspec import Struct


class Lease(Struct, frozen=True, array_like=True):
    """A name held: `fence` grows with every new owner, so that a late writer can be refused."""

    name: str
    holder: str
    fence: int
    expires_at: int


class Leases(Protocol):
    """Times are microseconds since 1970 by the engine's clock."""

    async def acquire(self, name: str, holder: str, ttl_ms: int) -> Lease | None:
        """Take the name, or renew it if this holder has it; None while another has."""
        ...

    async def release(self, lease: Lease) -> None:
        """Let go; nothing happens when another has it by now."""
        ...
