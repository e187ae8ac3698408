"""The caller context, the first argument of every contract method: who asks, with what rights, on which trace."""

from typing import Final

from msgspec import Struct

from bowerbird.base.ids import Id
from bowerbird.contracts.problems import Forbidden, Unauthenticated

READ: Final = 1
WRITE: Final = 2
ADMIN: Final = 4
"""Scopes are bits: a session has those of its person, an access token what it was given of them."""


class Once(Struct, frozen=True, array_like=True):
    """An Idempotency-Key: digests (32 bytes each) of the key bound to its caller and route, and of the request."""

    key: bytes
    request: bytes


class Caller(Struct, frozen=True, array_like=True):
    """Who asks. `person` None is nobody in particular; `system` is the house itself, which may see everything.

    `trace` follows the work through relay and consumers; `deadline_us` is microseconds since 1970, 0 for none.
    """

    person: Id | None = None
    scopes: int = 0
    session: Id | None = None
    system: bool = False
    trace: str = ""
    deadline_us: int = 0
    once: Once | None = None

    def reader(self) -> Id | None:
        """Return who reads, None for nobody; a token without the read scope is refused."""
        if self.person is not None and not self.scopes & READ:
            msg = "this access token has no read scope"
            raise Forbidden(msg)
        return self.person

    def writer(self) -> Id:
        """Return who writes; nobody and a token without the write scope are refused."""
        if self.person is None:
            msg = "sign in to do this"
            raise Unauthenticated(msg)
        if not self.scopes & WRITE:
            msg = "this access token has no write scope"
            raise Forbidden(msg)
        return self.person

    def signed_in(self) -> Id:
        """Return the reader, who must be somebody."""
        person = self.reader()
        if person is None:
            msg = "sign in to see this"
            raise Unauthenticated(msg)
        return person


NOBODY: Final = Caller()
"""A visitor without a session."""


def system(trace: str = "") -> Caller:
    """Return the caller that consumers and sweeps act as."""
    return Caller(scopes=READ | WRITE | ADMIN, system=True, trace=trace)
