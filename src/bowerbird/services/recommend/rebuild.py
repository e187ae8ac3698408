"""What the log says of recommend's rows: people's wishes."""

from collections.abc import Iterator
from typing import Any

from bowerbird.contracts.events import Event
from bowerbird.contracts.recommend import Tuning
from bowerbird.ports.rebuild import Fresh, Told
from bowerbird.services.recommend.store import TUNINGS


def told(event: Event[Any], _fresh: Fresh) -> Iterator[Told]:
    """Yield what an event says of rows; the wishes of somebody erased are sealed with a key that is gone."""
    envelope = event.envelope
    match event.body:
        case Tuning() as tuning if envelope.type == "tuning_made":
            yield envelope.version, TUNINGS.insert(tuning)
        case Tuning() as tuning:
            yield envelope.version, TUNINGS.delete((tuning.person, tuning.id))
        case _:
            pass
