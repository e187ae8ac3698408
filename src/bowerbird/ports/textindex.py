"""The text index: what was written, found by words, their forms and their beginnings, with slips forgiven.

Documents everybody may find are in the shared part. Others are found by their readers alone, and whatever the shared
part answers (hits, scores, counts, words) is the same as if they were not there; so is, for a reader, whatever other
readers have. Text comes cut into tokens (`base.words`): an index compares, and knows no language but for stems.
"""

from collections.abc import Sequence
from typing import Literal, Protocol

from msgspec import Struct

from bowerbird.base.calls import idempotent
from bowerbird.base.ids import Id
from bowerbird.ports.log import Offset

CHANGE_MAX = 1000
"""Documents put, and removed, in one call."""
HITS_MAX = 1000
WANTS_MAX = 16
READERS_MAX = 200
TOKENS_MAX = 4000
"""Tokens of a document, all its fields together."""

Field = Literal["name", "text", "around"]
"""What it is called; what else is said of it; what is said of that which it belongs to. The first weighs most."""


class Doc(Struct, frozen=True, array_like=True):
    """What is to be found. `tags`: exact words that narrow a search, in no field. `at`: microseconds.

    `joined`: neighbouring tokens of the name written as one, which find it too. `alike`: what it is one of many of (""
    for nothing). `data` is given back by `kept`. `readers` None: it is in the shared part; else only these find it.
    """

    id: Id
    at: int
    tags: tuple[str, ...]
    name: list[str]
    text: list[str]
    around: list[str]
    joined: list[str]
    alike: str = ""
    data: bytes = b""
    readers: tuple[Id, ...] | None = None


class Form(Struct, frozen=True, array_like=True):
    """One way in which what is wanted may be written.

    "word": the token, in any field or joined, as it is or with its stem alike. "begins", "ends": a token that does so.
    "named": a token of the name that begins so. "near": a token within `slips`. "phrase": the tokens, one after the
    other, in one field. `boost` multiplies the score.
    """

    how: Literal["word", "begins", "ends", "named", "near", "phrase"]
    tokens: tuple[str, ...]
    boost: float = 1.0
    slips: int = 0


class Want(Struct, frozen=True, array_like=True):
    """What must be there, in any of its forms. `weight`: its score for a reader's own, who have no statistics."""

    forms: tuple[Form, ...]
    weight: float = 1.0


class Query(Struct, frozen=True, array_like=True):
    """All `wants`, none of `without`, all `tags`, and `since` <= at < `until`."""

    wants: tuple[Want, ...] = ()
    without: tuple[Want, ...] = ()
    tags: tuple[str, ...] = ()
    since: int | None = None
    until: int | None = None


class Hit(Struct, frozen=True, array_like=True):
    """A document that was found. `alike`: how many documents of the shared part are one of the same, about."""

    id: Id
    score: float
    at: int
    alike: int = 0


class Size(Struct, frozen=True, array_like=True):
    """How many documents the shared part and the rest hold, and how many bytes both take."""

    shared: int
    own: int
    bytes: int


class TextIndexWrites(Protocol):
    """The writing half: what crosses to the one writer. All of it is idempotent."""

    @idempotent
    async def change(self, puts: Sequence[Doc], removed: Sequence[Id], applied: Sequence[Offset] = ()) -> None:
        """Put documents, each in the place of that with its id, and remove others; at once, for all readers.

        `applied` is remembered with the data.
        """
        ...

    @idempotent
    async def drop(self, tag: str) -> None:
        """Remove every document with a tag, from both parts."""
        ...

    @idempotent
    async def clear(self) -> None:
        """Remove everything, what was applied too."""
        ...


class TextIndex(TextIndexWrites, Protocol):
    """A projection: it can be dropped and built again from the log. What was acknowledged the next search obeys.

    What breaks a bound is a ValueError; an engine that is away, EngineUnavailable. The older a document, the less its
    score: the half for every two years. Without wants, documents come newest first.
    """

    @idempotent
    async def find(self, query: Query, limit: int) -> list[Hit]:
        """Return up to `limit` (1 to HITS_MAX) documents of the shared part, best first."""
        ...

    @idempotent
    async def find_own(self, reader: Id, query: Query, limit: int) -> list[Hit]:
        """Return as `find`, of those that are for this reader; scores come from weights, not from statistics."""
        ...

    @idempotent
    async def frequencies(self, tokens: Sequence[str]) -> tuple[int, list[int]]:
        """Return how many documents the shared part has, and how many of them hold each token, about."""
        ...

    @idempotent
    async def near(self, token: str, slips: int, limit: int) -> list[tuple[str, int]]:
        """Return the shared part's tokens within so many slips, with how many documents hold each, commonest first.

        Slips in the first character are not forgiven.
        """
        ...

    @idempotent
    async def kept(self, ids: Sequence[Id]) -> list[bytes | None]:
        """Return the data of documents (up to CHANGE_MAX) of either part; None for one that is not there."""
        ...

    @idempotent
    async def size(self) -> Size:
        """Return how much there is."""
        ...

    @idempotent
    async def applied(self) -> list[Offset]:
        """Return the offsets stored with the data, by partition; empty for a fresh index."""
        ...
