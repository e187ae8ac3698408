"""The feed's pure rules: marks, merging, where a pin belongs, and which authors are pushed."""

import hashlib
import heapq
from collections.abc import Iterable, Sequence
from enum import IntEnum
from typing import Annotated

import msgspec
from msgspec import Meta

from bowerbird.base.ids import Id, kind_of, ms_of, pack, shard_of
from bowerbird.contracts.boards import Board, Pin, Shown
from bowerbird.contracts.feed import Candidate, Stretch
from bowerbird.contracts.kinds import BURST
from bowerbird.contracts.problems import Invalid
from bowerbird.services.feed.settings import FeedSettings


class Place(msgspec.Struct, frozen=True, array_like=True, order=True):
    """Where a reader stands: entries before it are older. What a stretch's `next` holds."""

    at: Annotated[int, Meta(ge=0, lt=1 << 62)]
    pin: Annotated[Id, Meta(min_length=16, max_length=16)]


_places = msgspec.msgpack.Decoder(Place)


def read_place(mark: bytes | None) -> Place | None:
    """Read a mark; Invalid (field cursor) when it is none of ours."""
    try:
        return None if mark is None else _places.decode(mark)
    except msgspec.DecodeError as error:
        raise Invalid("this cursor is not one of this list", field="cursor") from error


def newest(lists: Iterable[Sequence[Candidate]], limit: int) -> list[Candidate]:
    """Merge lists that are each newest first, one per pin, into the newest `limit`, one per pin."""
    filled = [some for some in lists if some]
    if len(filled) == 1:
        return list(filled[0][:limit])
    kept: dict[Id, Candidate] = {}
    for one in heapq.merge(*filled, key=lambda c: (c.at, c.pin), reverse=True):
        if one.pin not in kept:
            if len(kept) == limit:
                break
            kept[one.pin] = one
    return list(kept.values())


class Found(msgspec.Struct, frozen=True):
    """Candidates, and the place behind all that was looked at; None when there is nothing older."""

    candidates: list[Candidate]
    behind: Place | None


class Pushed(msgspec.Struct, frozen=True):
    """What was pushed to a home feed; `trimmed`: older entries were taken away.

    `seen_us`: when its reader was noted to be here; None: they were away, and it does not hold everything.
    """

    entries: list[Candidate]
    trimmed: bool
    seen_us: int | None


def found(candidates: list[Candidate], limit: int) -> Found:
    """Return a page: a short one is the last."""
    return Found(candidates, place(candidates[-1]) if len(candidates) == limit else None)


def place(candidate: Candidate) -> Place:
    """Return where a candidate stands."""
    return Place(candidate.at, candidate.pin)


def stretch(candidates: list[Candidate], behind: Place | None) -> Stretch:
    """Return a page as the contract has it, its mark written."""
    return Stretch(candidates, None if behind is None else msgspec.msgpack.encode(behind))


def candidate(pin: Pin) -> Candidate | None:
    """Return the pin as it stands in timelines; None when it is not to be in any."""
    if pin.published_at is None or pin.saved_by is None or pin.trashed:
        return None
    return Candidate(pin.published_at, pin.id, pin.board, pin.saved_by)


def burst_of(one: Candidate, settings: FeedSettings) -> Id:
    """Return the id of the burst that a pin belongs to, by when its id was made; those of a board lie side by side."""
    bucket = ms_of(one.pin) // (settings.burst_s * 1_000)
    digest = hashlib.sha256(one.board + one.author + bucket.to_bytes(8, "big")).digest()
    return pack(ms_of(one.board), shard_of(one.board), BURST, int.from_bytes(digest[:8], "big"))


def bundle(pins: Sequence[Candidate], settings: FeedSettings) -> Candidate:
    """Return the entry that stands for a burst of too many pins, oldest first: at the first that is too many."""
    first = pins[settings.burst_pins_max]
    return Candidate(first.at, burst_of(first, settings), first.board, first.author)


def is_bundle(entry: Candidate) -> bool:
    """Return whether an entry stands for a burst."""
    return kind_of(entry.pin) == BURST


class Spot(msgspec.Struct, frozen=True):
    """A pin that belongs into timelines: into its board's always, into its members' feeds while the board is `live`.

    Into its author's posts and followers' feeds only while the board is `open`.
    """

    entry: Candidate
    live: bool
    open: bool


class Face(IntEnum):
    """What a board shows to the world; AWAY: it is in the trash, or gone."""

    PUBLIC = 1
    PRIVATE = 2
    AWAY = 3


def face(board: Board | None) -> Face:
    """Return what a board shows."""
    if board is None or board.trashed:
        return Face.AWAY
    return Face.PUBLIC if board.visibility == "public" else Face.PRIVATE


def spot(shown: Shown | None) -> Spot | None:
    """Return where a pin belongs; None for one that is in no timeline."""
    entry = None if shown is None else candidate(shown.pin)
    if shown is None or entry is None:
        return None
    seen = face(shown.access.board)
    return Spot(entry, live=seen is not Face.AWAY, open=seen is Face.PUBLIC)


def pulled_from_now(*, pulled: bool, followers: int, push_max: int, pull_min: int) -> bool:
    """Return whether an author is to be pulled; between the two bounds it stays as it is."""
    return followers >= pull_min if pulled else followers > push_max
