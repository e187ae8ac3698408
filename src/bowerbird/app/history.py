"""The log read from its beginning: every event once more, with what of it can still be opened."""

from collections.abc import AsyncIterator, Sequence
from typing import Any, Final

import msgspec
from msgspec import Struct

from bowerbird.base.ids import Id
from bowerbird.base.seal import Unreadable
from bowerbird.contracts import events
from bowerbird.contracts.events import CHANGES, Envelope, Event
from bowerbird.ports.keys import Keys
from bowerbird.ports.log import POLL_MAX, Log, Offset, Stored

_ERASURES_AT_ONCE: Final = 1000
_DELETED: Final = b"user_deleted"


class Opened(Struct, frozen=True):
    """What a page of the log holds: events, without a body where the key is destroyed, and offsets of poison."""

    events: list[Event[Any]]
    poison: list[int]


async def pages(log: Log) -> AsyncIterator[list[Stored]]:
    """Yield every change from the first on, some at a time."""
    after: list[Offset] = []
    while page := await log.read(CHANGES, after, POLL_MAX):
        yield page
        after = [page[-1].offset]


async def count(log: Log) -> int:
    """Return how many changes the log holds."""
    return sum(offset.number + 1 for offset in await log.end(CHANGES))


async def erase(log: Log, keys: Keys) -> frozenset[Id]:
    """Destroy the keys of everybody who the log says is deleted, and return all whose keys are."""
    async for page in pages(log):
        for stored in page:
            if _DELETED in stored.record.data and (person := _deleted(stored)) is not None:
                [key] = await keys.get([person])
                if key is not None:
                    await keys.destroy(person)
    return await erased(keys)


async def erased(keys: Keys) -> frozenset[Id]:
    """Return everybody whose key is destroyed."""
    gone: list[Id] = []
    while some := await keys.erasures(gone[-1] if gone else None, _ERASURES_AT_ONCE):
        gone += some
    return frozenset(gone)


async def opened(page: Sequence[Stored], keys: Keys) -> Opened:
    """Return the events of a page. Types that nobody knows here are left out."""
    poison: list[int] = []
    sealed: list[tuple[int, Envelope]] = []
    for stored in page:
        read = envelope(stored)
        if read is None:
            poison.append(stored.offset.number)
        elif read.type in events.KINDS:
            sealed.append((stored.offset.number, read))
    found: list[Event[Any]] = []
    owners = await keys.get([read.owner for _, read in sealed])
    for (number, read), key in zip(sealed, owners, strict=True):
        try:
            found.append(Event(read, None if key is None else events.read_body(read, key)))
        except (Unreadable, msgspec.DecodeError):
            poison.append(number)
    return Opened(found, poison)


def envelope(stored: Stored) -> Envelope | None:
    """Return what is known of an event without any key; None for bytes that are none."""
    try:
        return events.read_envelope(stored.record.data)
    except msgspec.DecodeError:
        return None


def _deleted(stored: Stored) -> Id | None:
    """Return who is deleted by a record, if it is the event of that."""
    read = envelope(stored)
    return read.entity if read is not None and read.type == "user_deleted" else None
