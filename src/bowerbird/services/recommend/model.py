"""Recommend's pure rules: what a thing is, what wishes mean, what counts how much, and in which order ideas come."""

import hashlib
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Final, TypeVar

from msgspec import Struct

from bowerbird.base.ids import Id, from_digest, shard_of
from bowerbird.contracts.boards import Pin
from bowerbird.contracts.kinds import THING, TUNING
from bowerbird.contracts.paging import Mark, read_mark
from bowerbird.contracts.recommend import Because, Tuning

QUERY_MAX: Final = 200
"""Things that a walk begins at, those that were saved last."""
HALF_LIFE: Final = 40
"""Behind so many newer things, one counts half."""
SHOWN_SHARE: Final = 0.8
"""What each time that it was shown leaves of a thing's worth."""
SHUNNED_SHARE: Final = 0.1
"""What a thing is worth whose topic somebody wants less of."""
HEAD: Final = 10
"""So many places from the top, a thing is worth half of the first."""
CHANCE_EVERY: Final = 4
"""Every so many things of what is popular are drawn by lot."""

_SEED_BITS: Final = 32

Item = TypeVar("Item", bound=Hashable)


class Lead(Struct, frozen=True):
    """A thing that may be proposed, why, and in which pin; None: in whichever pin of others' everybody may see."""

    thing: Id
    because: Because
    pin: Id | None = None


class Wishes(Struct, frozen=True):
    """What somebody's wishes come to.

    `hidden`: pins, and things, that never come. `muted`: pins, things and boards because of which nothing comes.
    """

    interests: frozenset[int] = frozenset()
    shunned: frozenset[int] = frozenset()
    hidden: frozenset[Id] = frozenset()
    muted: frozenset[Id] = frozenset()


def wishes_of(tunings: Iterable[Tuning]) -> Wishes:
    """Return what wishes come to; who wants less of a topic that interests them wants less of it."""
    by_wish: dict[str, list[Tuning]] = {}
    for tuning in tunings:
        by_wish.setdefault(tuning.wish, []).append(tuning)
    shunned = frozenset(one.topic for one in by_wish.get("less", []))
    about = {wish: [(one.thing, one.pin, one.board) for one in made] for wish, made in by_wish.items()}
    muted = [*about.get("not_pin", []), *about.get("not_board", [])]
    return Wishes(
        interests=frozenset(one.topic for one in by_wish.get("interest", [])) - shunned,
        shunned=shunned,
        hidden=frozenset(id_ for ids in about.get("hidden", []) for id_ in ids if id_ is not None),
        muted=frozenset(id_ for ids in muted for id_ in ids if id_ is not None),
    )


def tuning_id(person: Id, wish: str, about: bytes) -> Id:
    """Return the id of a wish, on its person's shard."""
    digest = hashlib.sha256(person + wish.encode() + b"\0" + about).digest()
    return from_digest(TUNING, digest, shard_of(person))


def thing_of(pin: Pin, picture_sha256: bytes | None) -> Id | None:
    """Return what a pin holds: its link, or the picture that it is; None without either."""
    if pin.link is not None:
        return pin.link
    return None if picture_sha256 is None else from_digest(THING, picture_sha256)


def weights(things: Iterable[Id]) -> dict[Id, float]:
    """Return how much each of the things counts that were saved last; they come newest first, and may come again."""
    newest = islice(dict.fromkeys(things), QUERY_MAX)
    return {thing: faded(place) for place, thing in enumerate(newest)}


def faded(place: int) -> float:
    """Return what a thing counts that stands behind so many others."""
    return 0.5 ** (place / HALF_LIFE)


def in_turns(first: Iterable[Item], second: Iterable[Item], share: float) -> Iterator[Item]:
    """Yield two orders as one: of every beginning the first has that share, 0 to 1, while both last."""
    one, other = iter(first), iter(second)
    taken = count = 0
    while True:
        count += 1
        from_first = taken < share * count
        source, rest = (one, other) if from_first else (other, one)
        try:
            item = next(source)
        except StopIteration:
            yield from rest
            return
        taken += from_first
        yield item


def partly_by_lot(items: Sequence[Id], seed: int) -> list[Id]:
    """Return all items, each once, in their order, but for every fourth place, where a seed puts any of the others."""
    drawn = sorted(set(items), key=lambda item: hashlib.blake2b(item, key=seed.to_bytes(8, "big")).digest())
    lots, order = iter(drawn), iter(items)
    found = dict[Id, None]()
    while len(found) < len(drawn):
        source = lots if len(found) % CHANCE_EVERY == CHANCE_EVERY - 1 else order
        found.setdefault(next(item for item in source if item not in found))
    return list(found)


def sunk(things: Sequence[Id], shown: Mapping[Id, int], shunned: frozenset[Id]) -> list[Id]:
    """Return things in order, each the further down the oftener it was shown, or if its topic is shunned."""

    def place(ranked: tuple[int, Id]) -> float:
        rank, thing = ranked
        worth = SHOWN_SHARE ** shown.get(thing, 0) * (SHUNNED_SHARE if thing in shunned else 1)
        return (rank + HEAD) / worth

    return [thing for _, thing in sorted(enumerate(things), key=place)]


def mark_of(after: bytes | None, chance: float) -> Mark:
    """Read a mark; without one, return that of a first page, whose walk begins with a chance, 0 to 1. Invalid."""
    return read_mark(after, int(chance * (1 << _SEED_BITS)))
