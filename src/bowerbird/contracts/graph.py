"""Graph: who follows whom, and who has blocked whom."""

from collections.abc import Sequence
from typing import Protocol

from msgspec import Struct

from bowerbird.base.calls import always, idempotent, leased, outlasts_leases
from bowerbird.base.ids import Id
from bowerbird.contracts.caller import Caller
from bowerbird.contracts.paging import Page


class Follow(Struct, frozen=True):
    """One person follows another, or did (`active` 0). On the follower's shard; the body of the follow events."""

    follower: Id
    followee: Id
    active: int
    version: int
    created_at: int


class Block(Struct, frozen=True):
    """One person's side of a block, on that person's shard; the other side has its own row. Body of `block_changed`.

    `made`: 1 while `person` blocks `other`; `received`: 1 while `other` blocks `person`. Either hides both. `version`
    and `created_at` are of `made`; `received` is a projection of the other side's row of version `received_version`.
    """

    person: Id
    other: Id
    made: int
    received: int
    version: int
    created_at: int
    received_version: int = 0


class Relation(Struct, frozen=True, array_like=True):
    """What stands between the caller and somebody, as the records say it now."""

    follows: bool
    blocked: bool


class Tie(Struct, frozen=True, array_like=True):
    """Somebody in a list of followers or of followed, since when (microseconds)."""

    person: Id
    at: int


class Counts(Struct, frozen=True, array_like=True):
    """How many follow a person (a projection: seconds old at most), and how many that person follows (now)."""

    followers: int
    following: int


def _shows(relation: Relation) -> bool:
    return relation.follows and not relation.blocked


class Graph(Protocol):
    """Owns follow and block rows; keeps both maps as projections of the former."""

    @idempotent
    async def follow(self, caller: Caller, person: Id) -> None:
        """Follow somebody. NotFound (also when blocked), Invalid (oneself, or more than the settings allow)."""
        ...

    @outlasts_leases(always)
    @idempotent
    async def unfollow(self, caller: Caller, person: Id) -> None:
        """No longer follow somebody; holds for every read that begins after this returns."""
        ...

    @outlasts_leases(always)
    @idempotent
    async def block(self, caller: Caller, person: Id) -> None:
        """Make caller and person invisible to each other; neither follows the other any more. NotFound, Invalid."""
        ...

    @idempotent
    async def unblock(self, caller: Caller, person: Id) -> None:
        """Lift the caller's block."""
        ...

    @idempotent
    async def blocks(self, caller: Caller, after: bytes | None, limit: int) -> Page[Tie]:
        """Return whom the caller has blocked, newest first."""
        ...

    @leased(_shows, each="people")
    @idempotent
    async def relations(self, viewer: Id | None, people: Sequence[Id]) -> list[Relation]:
        """Return what stands between the viewer and each person, from the records, now; up to 500. For services."""
        ...

    @leased(lambda hides: not hides, each="people")
    @idempotent
    async def blocked(self, viewer: Id | None, people: Sequence[Id]) -> list[bool]:
        """Return whether a block, either way, hides viewer and person from each other; as `relations`, at less cost."""
        ...

    @idempotent
    async def counts(self, caller: Caller, people: Sequence[Id]) -> list[Counts]:
        """Return the counts of each person; up to 500."""
        ...

    @idempotent
    async def followers(self, caller: Caller, person: Id, after: bytes | None, limit: int) -> Page[Tie]:
        """Return who follows the person, newest first, without those gone or blocked from the caller. NotFound."""
        ...

    @idempotent
    async def following(self, caller: Caller, person: Id, after: bytes | None, limit: int) -> Page[Tie]:
        """Return whom the person follows, newest first, without those gone or blocked from the caller. NotFound."""
        ...
