"""An event on its way out: what contracts make, stores hand over with a unit, and engines queue without reading."""

from msgspec import Struct

from bowerbird.base.ids import Id


class Outgoing(Struct, frozen=True, array_like=True):
    """`key` decides the event's order in the log (records of one key keep theirs); `data` is an encoded envelope."""

    id: Id
    key: bytes
    type: str
    data: bytes
