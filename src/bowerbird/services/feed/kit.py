"""What the handlers of the feed work with, and how they begin again when what they acted on has changed."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from bowerbird.contracts.boards import Boards
from bowerbird.contracts.graph import Graph
from bowerbird.contracts.problems import Unavailable
from bowerbird.services.feed.settings import FeedSettings
from bowerbird.services.feed.store import Store

_TRIES_MAX: Final = 8


@dataclass(frozen=True, slots=True)
class Kit:
    """Everything that a handler may use."""

    store: Store
    graph: Graph
    boards: Boards
    settings: FeedSettings

    @property
    def pushes(self) -> bool:
        """Whether anything is pushed at all."""
        return self.settings.policy != "pull"


async def settle(attempt: Callable[[], Awaitable[bool]]) -> None:
    """Act until what was acted on still holds afterwards; Unavailable, to be tried later, when it never does."""
    for _ in range(_TRIES_MAX):
        if await attempt():
            return
    raise Unavailable("this changes faster than feeds can follow", retry_after_s=1)
