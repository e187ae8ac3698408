"""Removing sessions and access tokens that have expired."""

from contextlib import suppress
from typing import Final

from bowerbird.contracts.caller import system
from bowerbird.services.identity.store import Raced, Store

_SWEPT_MAX: Final = 100


async def sweep_sessions(store: Store) -> int:
    """Close sessions whose time is over; return how many."""
    rows = await store.overdue_sessions(_SWEPT_MAX)
    for row in rows:
        with suppress(Raced):
            await store.expire_session(system(), row)
    return len(rows)


async def sweep_tokens(store: Store) -> int:
    """End access tokens whose time is over; return how many."""
    rows = await store.overdue_tokens(_SWEPT_MAX)
    for row in rows:
        with suppress(Raced):
            await store.expire_token(system(), row)
    return len(rows)
