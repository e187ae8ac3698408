"""What the log says of links: every version of every one."""

from collections.abc import Iterator
from typing import Any

from bowerbird.contracts.events import Event
from bowerbird.contracts.links import Link
from bowerbird.ports.rebuild import Fresh, Told
from bowerbird.services.links.store import LINK


def told(event: Event[Any], _fresh: Fresh) -> Iterator[Told]:
    """Yield what an event says of rows."""
    if isinstance(event.body, Link):
        yield event.envelope.version, LINK.insert(event.body)
