"""What the graph's verbs work with, and how they try again when somebody else was faster."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, TypeVar

from bowerbird.base.world import World
from bowerbird.contracts.identity import Identity
from bowerbird.contracts.problems import Unavailable
from bowerbird.services.graph.settings import GraphSettings
from bowerbird.services.graph.store import Raced, Store

_TRIES: Final = 8

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Kit:
    """Everything that a verb may use."""

    store: Store
    identity: Identity
    world: World
    settings: GraphSettings


async def settle(attempt: Callable[[], Awaitable[Result]]) -> Result:
    """Read and write until nobody else wrote in between; Unavailable when that happens too often."""
    for _ in range(_TRIES):
        try:
            return await attempt()
        except Raced:
            continue
    raise Unavailable("others are changing this at the same time; try again", retry_after_s=1)
