"""Safety: how often anybody may do anything, counted over all workers."""

from typing import Literal, Protocol

from msgspec import Struct

from bowerbird.contracts.caller import Caller

Budget = Literal["read", "write", "upload", "sign_in", "register", "save"]
"""What is counted apart; each has a limit and a window among the settings."""


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
