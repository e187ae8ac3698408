"""What the verbs and handlers of vision work with."""

from dataclasses import dataclass

from bowerbird.base.world import World
from bowerbird.contracts.boards import Boards
from bowerbird.contracts.media import Media
from bowerbird.services.vision.settings import VisionSettings
from bowerbird.services.vision.store import Store


@dataclass(frozen=True, slots=True)
class Kit:
    """Everything that a verb or a handler may use."""

    store: Store
    boards: Boards
    media: Media
    world: World
    settings: VisionSettings
