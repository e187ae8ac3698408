"""The feed's pure rules: marks, merging, and which authors are pushed."""

import heapq
from collections.abc import Iterable, Sequence

import msgspec

from bowerbird.base.ids import Id
from bowerbird.contracts.boards import Pin
from bowerbird.contracts.feed import Candidate, Stretch
from bowerbird.contracts.problems import Invalid


class Place(msgspec.Struct, frozen=True, array_like=True, order=True):
    """Where a reader stands: entries before it are older. What a stretch's `next` holds."""

    at: int
    pin: Id


_places = msgspec.msgpack.Decoder(Place)


def read_place(mark: bytes | None) -> Place | None:
    """Read a mark; Invalid (field cursor) when it is none of ours."""
    try:
        return None if mark is None else _places.decode(mark)
    except msgspec.DecodeError as error:
        raise Invalid("this cursor is not one of this list", field="cursor") from error


def newest(lists: Iterable[Sequence[Candidate]], limit: int) -> list[Candidate]:
    """Merge lists that are each newest first into the newest `limit`, one per pin."""
    found: dict[Id, Candidate] = {}
    for candidate in heapq.merge(*lists, key=lambda c: (c.at, c.pin), reverse=True):
        if candidate.pin not in found:
            if len(found) == limit:
                break
            found[candidate.pin] = candidate
    return list(found.values())


def stretch(candidates: list[Candidate], limit: int) -> Stretch:
    """Return a page with the mark behind it; a short page is the last."""
    if len(candidates) < limit:
        return Stretch(candidates, None)
    last = candidates[-1]
    return Stretch(candidates, msgspec.msgpack.encode(Place(last.at, last.pin)))


def candidate(pin: Pin) -> Candidate | None:
    """Return the pin as it stands in timelines; None when it is not to be in any."""
    if pin.published_at is None or pin.saved_by is None or pin.trashed:
        return None
    return Candidate(pin.published_at, pin.id, pin.board, pin.saved_by)


def pulled_from_now(*, pulled: bool, followers: int, push_max: int, pull_min: int) -> bool:
    """Return whether an author is to be pulled; between the two bounds it stays as it is."""
    return followers >= pull_min if pulled else followers > push_max
