"""The class that meets media's contract."""

from collections.abc import Sequence

from typing_extensions import override

from bowerbird.base.ids import Id
from bowerbird.base.world import World
from bowerbird.contracts.caller import Caller
from bowerbird.contracts.media import Media, Picture, Served, UploadTarget
from bowerbird.contracts.problems import NotFound
from bowerbird.services.media import keep_picture, show
from bowerbird.services.media import upload as uploads
from bowerbird.services.media.kit import Kit
from bowerbird.services.media.model import served
from bowerbird.services.media.settings import MediaSettings
from bowerbird.services.media.store import Store


class MediaService(Media):
    """Everything it needs of engines is in the store."""

    def __init__(self, store: Store, world: World, settings: MediaSettings) -> None:
        self._kit = Kit(store, world, settings)

    @override
    async def begin(self, caller: Caller, mime: str, length: int) -> UploadTarget:
        return await uploads.begin(self._kit, caller, mime, length)

    @override
    async def complete(self, caller: Caller, upload: Id) -> Picture:
        return await uploads.complete(self._kit, caller, upload)

    @override
    async def uploaded(self, caller: Caller, upload: Id) -> Picture:
        return await uploads.uploaded(self._kit, caller, upload)

    @override
    async def ingest(self, caller: Caller, owner: Id, data: bytes) -> Picture:
        return await keep_picture.keep(self._kit, caller, owner, data)

    @override
    async def adopt(self, caller: Caller, media: Id, owner: Id) -> Picture:
        return await keep_picture.adopt(self._kit, caller, media, owner)

    @override
    async def pictures(self, caller: Caller, ids: Sequence[Id]) -> list[Picture | None]:
        return await self._kit.store.pictures(ids)

    @override
    async def shown(self, caller: Caller, media: Id) -> bytes:
        return await show.shown(self._kit, media)

    @override
    async def glance(self, caller: Caller, upload: Id) -> bytes:
        return await show.glance(self._kit, caller, upload)

    @override
    async def served(self, caller: Caller, media: Id, rendition: str) -> Served:
        picture = (await self._kit.store.pictures([media]))[0]
        if picture is None:
            raise NotFound("there is no such picture")
        return served(picture, rendition)
