"""A script: what a run does, and when, so that a run can be told, kept, cut down and run again.

A seed is made into a script. Chance that a script does not name (delays, which process goes first, what a loss of
power leaves) comes from the script's own seed.
"""

from collections.abc import Mapping
from random import Random
from typing import Any, Final

from msgspec import Struct

from tests.sim.chance import Chance


class Deed(Struct, frozen=True, array_like=True):
    """Somebody does something: `first` and `second` pick to what. `at_ms` is of its act's own beginning."""

    at_ms: int
    kind: str
    person: int
    first: int
    second: int


class Fault(Struct, frozen=True, array_like=True):
    """Something goes wrong: `much` says how much, or how long in milliseconds, `which` picks to whom."""

    at_ms: int
    kind: str
    which: int
    much: int


class Act(Struct, frozen=True):
    """A stretch of deeds and faults; behind it everything comes to rest, and is compared."""

    deeds: list[Deed]
    faults: list[Fault]


class Script(Struct, frozen=True):
    """All of a run. `settings`: by section and field, what differs from the usual."""

    seed: int
    people: int
    edges: int
    settings: dict[str, dict[str, Any]]
    acts: list[Act]


_DEEDS: Final[Mapping[str, int]] = {
    "save": 20,
    "upload": 4,
    "save_link": 5,
    "repin": 4,
    "copy": 3,
    "move": 8,
    "delete_pin": 5,
    "restore_pin": 4,
    "annotate": 4,
    "create": 2,
    "publish": 6,
    "privatise": 7,
    "describe": 4,
    "delete_board": 3,
    "restore_board": 4,
    "share": 6,
    "unshare": 4,
    "follow": 6,
    "unfollow": 4,
    "block": 2,
    "unblock": 2,
    "leave": 1,
    "look_board": 14,
    "look_feed": 14,
    "look_pin": 8,
    "look_boards": 5,
    "look_person": 4,
    "look_ties": 2,
    "look_picture": 6,
    "look_trash": 3,
}
"""Every kind of deed, and how often it is done beside the others."""

_FAULTS: Final[Mapping[str, tuple[int, int]]] = {
    "kill_core": (0, 0),
    "kill_behind": (0, 0),
    "kill_edge": (0, 0),
    "stop_core": (0, 0),
    "stop_behind": (0, 0),
    "stop_edge": (0, 0),
    "power": (0, 0),
    "core_dies_writing": (0, 40),
    "core_dies_sending": (0, 60),
    "behind_dies_sending": (0, 40),
    "edge_dies_sending": (0, 20),
    "stall_core": (5, 3_000),
    "stall_behind": (5, 3_000),
    "stall_edge": (5, 3_000),
    "slow_network": (50, 2_000),
    "break_links": (0, 0),
    "cut_off": (10, 3_000),
    "lose_requests": (50, 1_500),
    "replay": (0, 100),
    "poison": (0, 0),
    "clock": (0, 3_000),
    "disk_full": (20, 1_500),
    "disk_writes": (20, 1_500),
    "disk_flushes": (20, 1_500),
}
"""Every kind of fault, with the bounds of how much."""

_PACE_MS: Final = (5, 30, 120)
_FEEDS: Final = (
    {"policy": "push", "entries_max": 5},
    {"policy": "pull"},
    {"policy": "hybrid", "entries_max": 6, "push_followers_max": 1, "pull_followers_min": 1},
    {"policy": "hybrid", "entries_max": 3, "push_followers_max": 2, "pull_followers_min": 2, "chunk_entries_max": 2},
    {"policy": "hybrid"},
)


def written(seed: int) -> Script:
    """Return the script of a seed: some kinds of deeds and faults, which differ from seed to seed."""
    chance = Chance(seed).stream("script")
    people = chance.randint(2, 5)
    deeds, faults = _some(chance, _DEEDS), [kind for kind in _FAULTS if chance.random() < 0.4]
    acts = [_act(chance, people, deeds, faults) for _ in range(chance.choice((1, 1, 2)))]
    acts[0] = Act([*_opening(chance, people), *acts[0].deeds], acts[0].faults)
    settings = {"feed": dict(chance.choice(_FEEDS))}
    return Script(seed, people, chance.choice((1, 2, 2)), settings, acts)


def _opening(chance: Random, people: int) -> list[Deed]:
    """Return what everybody does first: make boards, follow each other, save something."""
    deeds: list[Deed] = []
    for person in range(people):
        deeds += [Deed(0, "create", person, number, 0) for number in range(chance.randint(1, 3))]
        deeds += [Deed(5, "follow", person, other, 0) for other in range(people - 1) if chance.random() < 0.7]
        saves = range(chance.randint(0, 4))
        deeds += [Deed(chance.randint(10, 40), "save", person, chance.randint(0, 2), number) for number in saves]
    return deeds


def _some(chance: Random, kinds: Mapping[str, int]) -> dict[str, int]:
    """Return kinds with their weights, some of them left out, some stressed."""
    return {kind: weight * chance.choice((0, 1, 1, 1, 4)) for kind, weight in kinds.items()} | {"save": 20}


def _act(chance: Random, people: int, weights: Mapping[str, int], faults: list[str]) -> Act:
    pace_ms, at_ms = chance.choice(_PACE_MS), 50
    deeds: list[Deed] = []
    for kind in chance.choices(list(weights), list(weights.values()), k=chance.randint(15, 90)):
        at_ms += chance.randint(0, pace_ms)
        # Low numbers pick what is old; that many meet at the same things is what is wanted.
        first = chance.randint(0, chance.choice((2, 8, 60)))
        deeds.append(Deed(at_ms, kind, chance.randrange(people), first, chance.randint(0, 60)))
    struck: list[Fault] = []
    for _ in range(chance.choice((0, 1, 2, 4, 8)) if faults else 0):
        kind = chance.choice(faults)
        least, most = _FAULTS[kind]
        much = chance.randint(least, chance.choice((least, (least + most) // 8, most)) or most)
        struck.append(Fault(chance.randint(0, at_ms + 100), kind, chance.randint(0, 5), much))
    return Act(deeds, sorted(struck, key=lambda fault: fault.at_ms))
