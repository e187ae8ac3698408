"""What the verbs and handlers of search work with."""

from dataclasses import dataclass

from bowerbird.base.world import World
from bowerbird.contracts.boards import Boards
from bowerbird.contracts.identity import Identity
from bowerbird.contracts.vision import Vision
from bowerbird.services.search.settings import SearchSettings
from bowerbird.services.search.store import Store


@dataclass(frozen=True, slots=True)
class Kit:
    """Everything that a verb or a handler may use."""

    store: Store
    boards: Boards
    identity: Identity
    vision: Vision
    world: World
    settings: SearchSettings
