"""Safety: how often anybody may do anything, counted over all workers."""

from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Literal, Protocol

from msgspec import Struct

from bowerbird.contracts.caller import Caller

Budget = Literal["read", "write", "upload", "sign_in", "sign_in_address", "register", "save", "look"]
"""What is counted apart; each has a limit and a window among the settings.

Attempts to sign in are counted for the account that they name and, apart, for the address that they come from.
"""

_NETWORK_BYTES = 8
"""Of an IPv6 address: whoever has one has its whole /64."""


class Allowance(Struct, frozen=True, array_like=True):
    """Whether it may be done, and for the headers: the limit, what is left, and when it is full again (seconds)."""

    allowed: bool
    limit: int
    remaining: int
    reset_s: int


class Safety(Protocol):
    """Owns the counters."""

    async def spend(self, caller: Caller, budget: Budget, by: bytes) -> Allowance:
        """Count one more of a kind for whom `by` names (a person's id, an address, an account's digest)."""
        ...


def by_address(address: str) -> bytes:
    """Return for whom `spend` counts what comes from an address: IPv4 whole, IPv6 by its network, others as given."""
    try:
        parsed: IPv4Address | IPv6Address = ip_address(address)
    except ValueError:
        return address.encode(errors="replace")
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is not None:
        parsed = parsed.ipv4_mapped
    return parsed.packed[:_NETWORK_BYTES]
