"""Idempotency keys: a row in the write's own unit that says which request was answered with which thing.

A store adds `claim(...)` to its unit. When the unit meets a Conflict in this table, `answered` tells what the first
request made, so that the service returns that thing again. Secrets are never replayed: only ids are kept.
"""

from typing import Final

from msgspec import Struct

from bowerbird.base.ids import Id, from_digest
from bowerbird.ports.records import Records
from bowerbird.ports.tables import Index, Insert, Table

KEPT_S: Final = 24 * 3600
"""A key is remembered this long; the sweep removes it afterwards."""


class Answered(Struct, frozen=True):
    """A request that was carried out: the digest of its body, and the id of what it made (its own id for nothing)."""

    id: Id
    request: bytes
    result: Id
    created_at: int


ANSWERED: Final = Table("answered", Answered, key=("id",), indexes={"age": Index(("created_at",), sweep=True)})


def claim(kind: int, shard: int, key: bytes, request: bytes, result: Id, now_us: int) -> Insert:
    """Return the operation that a repeated request conflicts with; `key` is the digest of the idempotency key."""
    return ANSWERED.insert(
        Answered(id=from_digest(kind, key, shard), request=request, result=result, created_at=now_us)
    )


async def answered(records: Records, kind: int, shard: int, key: bytes) -> Answered | None:
    """Return what the key was answered with, if it was."""
    return (await records.get(ANSWERED, [(from_digest(kind, key, shard),)]))[0]


async def forget(records: Records, now_us: int, limit: int = 100) -> int:
    """Remove keys that were kept long enough; return how many."""
    old = await records.sweep(ANSWERED, "age", now_us - KEPT_S * 1_000_000, limit)
    for row in old:
        await records.commit([ANSWERED.delete((row.id,))])
    return len(old)
