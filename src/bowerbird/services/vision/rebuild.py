"""What the log says of vision's rows. Vectors are not rows: where they are lost, pictures are looked at again."""

from collections.abc import Iterator
from typing import Any, Final

from bowerbird.contracts.events import Event
from bowerbird.contracts.vision import Labelled
from bowerbird.ports.rebuild import Fresh, Told
from bowerbird.services.vision.store import LABELLED

_FOR_EVER: Final = 1 << 61


def told(event: Event[Any], _fresh: Fresh) -> Iterator[Told]:
    """Yield what an event says of rows; what an erased person's pictures show is gone, and so is a purged pin's."""
    envelope = event.envelope
    if envelope.type == "pin_purged":
        yield _FOR_EVER, LABELLED.delete((envelope.entity,))
    elif envelope.type == "pin_labelled" and isinstance(event.body, Labelled):
        yield envelope.version, LABELLED.insert(event.body)
    elif envelope.type == "pin_labelled":
        yield envelope.version, LABELLED.delete((envelope.entity,))
