"""What every verb of the service is handed: its store, its peers, the clock and the settings."""

from dataclasses import dataclass

from bowerbird.base.world import World
from bowerbird.contracts.graph import Graph
from bowerbird.contracts.identity import Identity
from bowerbird.contracts.links import Links
from bowerbird.contracts.media import Media
from bowerbird.services.boards.settings import BoardsSettings
from bowerbird.services.boards.store import Store

_DAY_US = 24 * 3600 * 1_000_000


@dataclass(frozen=True, slots=True)
class Kit:
    """The dependencies of the boards service."""

    store: Store
    links: Links
    media: Media
    graph: Graph
    identity: Identity
    world: World
    settings: BoardsSettings

    @property
    def kept_us(self) -> int:
        """For how many microseconds the trash keeps a thing."""
        return self.settings.trash_days * _DAY_US
