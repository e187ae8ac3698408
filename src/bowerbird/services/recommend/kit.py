"""What the verbs and handlers of recommend work with."""

from dataclasses import dataclass

from bowerbird.base.world import World
from bowerbird.contracts.boards import Boards
from bowerbird.contracts.graph import Graph
from bowerbird.contracts.media import Media
from bowerbird.contracts.vision import Vision
from bowerbird.services.recommend.settings import RecommendSettings
from bowerbird.services.recommend.store import Store


@dataclass(frozen=True, slots=True)
class Kit:
    """Everything that a verb or a handler may use."""

    store: Store
    boards: Boards
    media: Media
    vision: Vision
    graph: Graph
    world: World
    settings: RecommendSettings
