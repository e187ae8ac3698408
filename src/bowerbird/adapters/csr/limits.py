"""How walkers walk, what is pruned, and when a snapshot is made anew. The figures come from bench/recommend."""

from msgspec import Struct


class Habits(Struct, frozen=True, kw_only=True):
    """How walkers walk.

    `restart`: the odds of beginning anew after each thing, between 0 and 1. A query thing has steps by its weight and
    its degree to the power of `degree_share`. It is left when `enough_things` were met from it `enough_visits` times or
    more. `second_looks`: how often a walker looks again for a thing that it likes. `boosted`, `rarity`: see `ranking`.
    """

    restart: float = 0.8
    degree_share: float = 1.0
    enough_things: int = 2_000
    enough_visits: int = 4
    second_looks: int = 2
    boosted: bool = True
    rarity: float = 0.15


class Pruning(Struct, frozen=True, kw_only=True):
    """How much is pruned.

    `entropy_bits_max`: of the topics of a board's things; a board above it is taken out, if topics are known of
    `known_min` of its things or more. A thing of `degree` boards that are left keeps about `degree` to the power of
    `exponent` of them, `degree_min` at least: those where most things are of its topic, then those saved last.
    No thing loses all of its boards.
    """

    entropy_bits_max: float = 2.5
    known_min: int = 20
    exponent: float = 0.9
    degree_min: int = 8


class Compaction(Struct, frozen=True, kw_only=True):
    """A snapshot is made anew when `changes_min` changes wait, or this `share` of its edges if that is more."""

    changes_min: int = 20_000
    share: float = 0.02
    timeout_ms: int = 600_000
