"""What the log says of media's rows: uploads, pictures, and what shows them. Blobs are not in the log."""

from collections.abc import Iterator
from typing import Any, Final

from msgspec.structs import replace

from bowerbird.base.ids import kind_of
from bowerbird.contracts import kinds
from bowerbird.contracts.boards import Pin
from bowerbird.contracts.events import Event
from bowerbird.contracts.identity import User
from bowerbird.contracts.media import Picture, Upload
from bowerbird.ports.rebuild import Count, Fresh, Refers, Told
from bowerbird.services.media.model import Use
from bowerbird.services.media.store import PICTURES, UPLOADS, USES

COUNTS: Final = (Count(PICTURES, "uses", USES, "media"),)
REFERS: Final = (Refers(USES, "media", PICTURES),)


def told(event: Event[Any], fresh: Fresh) -> Iterator[Told]:
    """Yield what an event says of rows. A picture that nothing shows is kept from now on for as long as a new one."""
    envelope, version = event.envelope, event.envelope.version
    match event.body:
        case Upload() as upload:
            yield version, UPLOADS.insert(upload)
        case Picture() as picture if envelope.type == "picture_deleted":
            yield version, PICTURES.delete((picture.id,))
        case Picture() as picture:
            yield version, PICTURES.insert(replace(picture, uses=0, unused_at=fresh.now_us))
        case User() as user if user.picture is not None:
            yield version, USES.insert(Use(user.id, user.picture, version))
        case User() as user:
            yield version, USES.delete((user.id,))
        case Pin() as pin if _shows(pin) and envelope.type != "pin_purged":
            yield version, USES.insert(Use(pin.id, pin.media, version))
        case Pin() as pin:
            yield version, USES.delete((pin.id,))
        case None if kind_of(envelope.entity) == kinds.PIN:
            yield version, USES.delete((envelope.entity,))
        case _:
            pass


def _shows(pin: Pin) -> bool:
    return pin.media is not None and pin.moved_to is None
