"""What the verbs of media work with."""

from dataclasses import dataclass

from bowerbird.base.world import World
from bowerbird.services.media.settings import MediaSettings
from bowerbird.services.media.store import Store

_US = 1_000_000


@dataclass(frozen=True, slots=True)
class Kit:
    """Everything that a verb may use."""

    store: Store
    world: World
    settings: MediaSettings

    def in_s(self, seconds: int) -> int:
        """Return the time so many seconds from now, or, below zero, ago; in microseconds."""
        return self.world.now_us() + seconds * _US
