"""Search: what is found by words, and what is suggested while they are typed."""

from typing import Literal, Protocol

from msgspec import Struct

from bowerbird.base.calls import idempotent
from bowerbird.base.ids import Id
from bowerbird.contracts.caller import Caller
from bowerbird.contracts.paging import RANKED_MAX

FoundKind = Literal["pin", "board", "person"]

QUERY_CHARACTERS_MAX = 200
RESULTS_MAX = RANKED_MAX
"""Results of a query, all its pages together."""
SUGGESTIONS_MAX = 10
FREQUENT_MAX = 3
"""Queries of others that are suggested at once: each is searched for, to see whether it finds anything."""


class Found(Struct, frozen=True, array_like=True):
    """A thing that may be on the page; whether the caller may see it is decided by the reader."""

    kind: FoundKind
    id: Id


class Results(Struct, frozen=True, array_like=True):
    """Things found, best first. `next`: where the next page begins, None at the end.

    `sought`: the words of the query, without what narrows it, to be marked where they stand.
    `near`: nothing has the words themselves, and what was found has words like them. `meant`: the query in words that
    others use, "" when it needs no such help; whether anybody may see what it finds is to be asked.
    """

    found: list[Found]
    next: bytes | None
    sought: str = ""
    near: bool = False
    meant: str = ""


class Frequent(Struct, frozen=True, array_like=True):
    """A query that many people ask, as all of them would write it, and some of the public pins that it finds."""

    query: str
    found: list[Found]


class Search(Protocol):
    """Owns the text index, a projection that the log can build again.

    What everybody may see is found by everybody; what is private, by its owner and those whom it is shared with. What
    is asked comes as people type it, and is never wrong: whatever is not understood is taken for words.
    """

    @idempotent
    async def find(self, caller: Caller, query: str, kind: FoundKind, after: bytes | None, limit: int) -> Results:
        """Return the next things (up to 100) that match; those that came after the first page was asked are left out.

        A query without anything to go by finds nothing. Text beyond QUERY_CHARACTERS_MAX is passed over.
        """
        ...

    @idempotent
    async def suggest(self, caller: Caller, typed: str, limit: int) -> list[Found]:
        """Return up to `limit` (at most 50) things whose names have words beginning as typed, likeliest first."""
        ...

    @idempotent
    async def asked(self, typed: str, limit: int) -> list[Frequent]:
        """Return up to `limit` (at most FREQUENT_MAX) queries that begin as typed and go on, most frequent first.

        None but those that enough people asked to hide each of them (a setting says how many; however often one of them
        asks, it is one), and that find something public. The answer is the same for everybody.
        """
        ...
