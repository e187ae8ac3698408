"""Who is let in: what the router asks of whoever knows tokens and counts calls."""

from typing import Protocol

from bowerbird.base.ids import Id
from bowerbird.contracts.caller import Caller


class Proof(Protocol):
    """What a token proves; `renewed` is the token to show from now on, "" when the old one is still good."""

    @property
    def person(self) -> Id: ...
    @property
    def session(self) -> Id | None: ...
    @property
    def scopes(self) -> int: ...
    @property
    def renewed(self) -> str: ...


class Allowance(Protocol):
    """Whether a call may be made, the limit (0: none), what is left, and in how many seconds it is full again."""

    @property
    def allowed(self) -> bool: ...
    @property
    def limit(self) -> int: ...
    @property
    def remaining(self) -> int: ...
    @property
    def reset_s(self) -> int: ...


class Gate(Protocol):
    """What app's services answer."""

    async def authenticate(self, token: str) -> Proof:
        """Return what the token proves. Unauthenticated."""
        ...

    async def spend(self, caller: Caller, budget: str, address: str) -> Allowance:
        """Count one more call of a kind for the caller, or for the address where the caller is nobody."""
        ...
