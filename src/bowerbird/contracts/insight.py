"""Insight: what was looked at; views are events of their own, lossy by contract."""

from collections.abc import Sequence
from typing import Literal, Protocol

from msgspec import Struct

from bowerbird.base.ids import Id
from bowerbird.contracts.caller import Caller

ViewKind = Literal[
    "feed_served",
    "board_served",
    "search_served",
    "lens_served",
    "related_served",
    "ideas_served",
    "pin_seen",
    "link_clicked",
]

VIEWS_MAX = 100


class View(Struct, frozen=True, kw_only=True):
    """Somebody saw something: `things` are the pins of a page served, or the one pin seen or whose link was clicked.

    `query`: what a page of results was searched for, as it was typed.
    """

    kind: ViewKind
    viewer: Id
    things: tuple[Id, ...]
    at: int
    query: str = ""


class Insight(Protocol):
    """Sends views to the log; drops what a setting samples away and what a full queue cannot hold (counted)."""

    async def seen(self, caller: Caller, views: Sequence[View]) -> None:
        """Note views of the caller's, up to VIEWS_MAX; returns at once."""
        ...
