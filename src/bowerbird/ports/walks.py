"""Walks over the graph of what is saved on which boards: from things somebody likes to things like them.

A thing is what is saved (a link or a picture): the same thing saved on many boards joins them. The graph knows nothing
of people or of who may see what: boards that not everybody may see are never put into it, and what a walk finds is
proposed, to be checked by whoever shows it.
"""

from collections.abc import Sequence
from typing import Final, Protocol

from msgspec import Struct

from bowerbird.base.calls import idempotent, slow
from bowerbird.base.ids import Id
from bowerbird.ports.log import Offset

CHANGES_MAX: Final = 10_000
"""Changes in one call."""

QUERY_MAX: Final = 1_000
OWN_MAX: Final = 5_000
STEPS_MAX: Final = 1_000_000
FOUND_MAX: Final = 1_000
"""Things, and boards, that one call returns."""

NAMED_MAX: Final = 256
"""Topics, and languages, that one bias names."""

REASONS_MAX: Final = 3
"""Query things that are named as what led to one."""

UNKNOWN: Final = 0
"""The topic of a thing of which none is known; topics are numbered from 1, by whoever names them."""

Topic = int
"""0 to 65,535."""

Language = str
"""A code of ISO 639, of two or three letters in lower case, or "" for none: a photograph has no language."""

At = int
"""Microseconds since 1970 (to 2149), of which the graph keeps the day alone."""


class Saved(Struct, frozen=True, array_like=True, tag="saved"):
    """The thing is on the board, since then. Saying it again with another time changes the time."""

    thing: Id
    board: Id
    at: At


class Unsaved(Struct, frozen=True, array_like=True, tag="unsaved"):
    """The thing is not on the board."""

    thing: Id
    board: Id


class Dropped(Struct, frozen=True, array_like=True, tag="dropped"):
    """Nothing is on the board: it is gone, or not for everybody any more."""

    board: Id


class Described(Struct, frozen=True, array_like=True, tag="described"):
    """What a thing is about, and the language of its words. Both unknown: the thing is forgotten with its last board.

    A description may come before the thing is on any board, and is kept.
    """

    thing: Id
    topic: Topic
    language: Language


Change = Saved | Unsaved | Dropped | Described


class Wish(Struct, frozen=True, array_like=True):
    """A thing to walk from, and how much it counts beside the others of a query: any number above 0."""

    thing: Id
    weight: float = 1.0


class Edge(Struct, frozen=True, array_like=True):
    """A thing on a board."""

    thing: Id
    board: Id


class Bias(Struct, frozen=True, array_like=True):
    """Which things a walk prefers: of the topics and languages named, where any are, and not of the topics shunned.

    A thing without a language fits every language. It is a leaning, and no filter: what does not fit comes less often.
    """

    topics: list[Topic] = []
    languages: list[Language] = []
    shunned: list[Topic] = []


class Walk(Struct, frozen=True, kw_only=True):
    """What is asked of a walk.

    `query`: up to QUERY_MAX things; those that the graph does not have are passed over. `own`: up to OWN_MAX edges that
    this walk alone goes along too, such as the asker's private saves. `seed`: where chance begins, 0 or more; the same
    on the same graph finds the same. `steps_max`: 1 to STEPS_MAX. `things_max`, `boards_max`: how many are returned, 0
    to FOUND_MAX; 0 spares the work.
    """

    query: list[Wish]
    seed: int
    own: list[Edge] = []
    bias: Bias = Bias()
    steps_max: int = 100_000
    things_max: int = 100
    boards_max: int = 0


class Scored(Struct, frozen=True, array_like=True):
    """A thing or a board, a score of which only the order means anything, and what led there, the most first."""

    id: Id
    score: float
    because: list[Id] = []


class Found(Struct, frozen=True, array_like=True):
    """What a walk came by, best first: things other than those of the query, and boards. `steps`: how many it took."""

    things: list[Scored]
    boards: list[Scored]
    steps: int


class Size(Struct, frozen=True, kw_only=True):
    """How large the graph is.

    `walked`: those of the edges that pruning left to walks. `waiting`: changes since the last compaction. `bytes`: what
    the files take. `compacted_at`: when that was, in microseconds (0: never).
    """

    things: int
    boards: int
    edges: int
    walked: int
    waiting: int
    bytes: int
    compacted_at: int


class WalkWrites(Protocol):
    """The writing half: what crosses to the one writer. All of it is idempotent.

    What was acknowledged, every walk that begins afterwards obeys, in whichever process. The last words outlive the
    process; a loss of power may take some of them, and then the offsets applied with them.
    """

    @idempotent
    async def change(self, changes: Sequence[Change], applied: Sequence[Offset] = ()) -> None:
        """Make up to CHANGES_MAX changes, in order and all at once; of an edge, or a thing, the last word holds.

        `applied` is remembered with them, and never goes back.
        """
        ...

    @slow
    @idempotent
    async def compact(self) -> None:
        """Put all changes until now into the snapshot, pruned anew; the engine does so by itself when many wait.

        Walks and changes go on meanwhile.
        """
        ...

    @idempotent
    async def clear(self) -> None:
        """Forget everything, the offsets too: a rebuild from the log begins so."""
        ...


class Walks(WalkWrites, Protocol):
    """A projection: it can be dropped and built again from the log.

    What breaks a bound is a ValueError; an engine that is away, EngineUnavailable.
    """

    @idempotent
    async def walk(self, asked: Walk) -> Found:
        """Walk at random from the query's things over boards to others, and return what was met most."""
        ...

    @idempotent
    async def popular(self, since: At, limit: int, bias: Bias | None = None) -> list[Scored]:
        """Return up to `limit` (1 to FOUND_MAX) things, those first that most boards saved since a time's day.

        With a bias only what fits it, which here is a filter.
        """
        ...

    @idempotent
    async def size(self) -> Size:
        """Return how large the graph is."""
        ...

    @idempotent
    async def applied(self) -> list[Offset]:
        """Return the offsets stored with the data, by partition; empty for a fresh graph."""
        ...
