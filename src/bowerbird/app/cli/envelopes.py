"""What an event's envelope says, as commands print it."""

from typing import Any

from bowerbird.base import times
from bowerbird.base.ids import to_text
from bowerbird.contracts.events import Envelope


def plain(envelope: Envelope) -> dict[str, Any]:
    """Return it as plain data."""
    return {
        "type": envelope.type,
        "entity": to_text(envelope.entity),
        "version": envelope.version,
        "at": times.to_text(envelope.at),
        "actor": to_text(envelope.actor) if envelope.actor else None,
        "trace": envelope.trace,
    }
