"""The class that meets vision's contract."""

from collections.abc import Sequence

from typing_extensions import override

from bowerbird.base.ids import Id
from bowerbird.contracts.caller import Caller
from bowerbird.contracts.vision import Alike, Box, Label, Looked, Vision
from bowerbird.services.vision.copies import copies
from bowerbird.services.vision.kit import Kit
from bowerbird.services.vision.like import like
from bowerbird.services.vision.look import look, look_once
from bowerbird.services.vision.read_labels import labels


class VisionService(Vision):
    """Answers from what is known, and looks where that does not suffice; what fills it is `consumer`."""

    def __init__(self, kit: Kit) -> None:
        self._kit = kit

    @override
    async def look(self, caller: Caller, pin: Id, box: Box | None, limit: int) -> Looked:
        return await look(self._kit, caller, pin, box, limit)

    @override
    async def look_once(self, caller: Caller, upload: Id, box: Box | None, limit: int) -> Looked:
        return await look_once(self._kit, caller, upload, box, limit)

    @override
    async def like(self, caller: Caller, pins: Sequence[Id], limit: int) -> list[Alike]:
        return await like(self._kit, caller, pins, limit)

    @override
    async def copies(self, caller: Caller, media: Id) -> list[Id]:
        return await copies(self._kit, caller, media)

    @override
    async def labels(self, caller: Caller, pins: Sequence[Id]) -> list[list[Label]]:
        return await labels(self._kit, pins)
