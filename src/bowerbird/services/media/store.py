"""Media's rows and blobs; the only file of the service that touches ports."""

import base64
import hashlib
from collections.abc import Awaitable, Callable, Sequence
from functools import wraps
from typing import Any, Final, ParamSpec, TypeVar

import msgspec
from msgspec.structs import replace

from bowerbird.base.ids import Id, shard_of
from bowerbird.base.outgoing import Outgoing
from bowerbird.base.world import World
from bowerbird.contracts.caller import Caller
from bowerbird.contracts.events import outgoing
from bowerbird.contracts.kinds import MEDIA
from bowerbird.contracts.media import Picture, Upload
from bowerbird.contracts.problems import NotFound, Refused, Unavailable
from bowerbird.ports.blobs import BlobMissing, Blobs, Target
from bowerbird.ports.keys import Keys
from bowerbird.ports.pictures import PictureRefused, Pictures, PicturesBusy, Rendered
from bowerbird.ports.records import Conflict, EngineUnavailable, Records
from bowerbird.ports.tables import Index, Op, Table
from bowerbird.services.media.model import REASONS, rendition_key, rendition_keys, upload_key


class Use(msgspec.Struct, frozen=True):
    """A pin or a person that shows a picture, as of a version of that pin or person; a projection."""

    media: Id
    user: Id
    version: int


UPLOADS: Final = Table(
    "upload",
    Upload,
    key=("id",),
    indexes={"begun": Index(("owner", "state")), "expiry": Index(("expires_at",), sweep=True)},
)
PICTURES: Final = Table(
    "picture",
    Picture,
    key=("id",),
    indexes={"bytes": Index(("owner", "sha256"), unique=True), "unused": Index(("unused_at",), sweep=True)},
)
USES: Final = Table("picture_use", Use, key=("media", "user"), indexes={"user": Index(("user",))})
TABLES: Final[tuple[Table[Any], ...]] = (UPLOADS, PICTURES, USES)


Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


def _answering(method: Callable[Arguments, Awaitable[Result]]) -> Callable[Arguments, Awaitable[Result]]:
    """Turn what engines say of themselves into what services say."""

    @wraps(method)
    async def answering(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        try:
            return await method(*args, **kwargs)
        except EngineUnavailable as error:
            raise Unavailable("pictures cannot be stored or found right now", retry_after_s=1) from error

    return answering


class Store:
    """Rows on the owner's shard; blobs under keys that name the owner."""

    def __init__(self, records: Records, keys: Keys, blobs: Blobs, pictures: Pictures, world: World) -> None:
        self._records = records
        self._keys = keys
        self._blobs = blobs
        self._pictures = pictures
        self._world = world

    @_answering
    async def upload(self, owner: Id, upload: Id) -> Upload:
        """Return one of the owner's uploads. NotFound."""
        row = (await self._records.get(UPLOADS, [(upload,)]))[0]
        if row is None or row.owner != owner:
            raise NotFound("there is no such upload", field="upload_id")
        return row

    @_answering
    async def begun(self, owner: Id, limit: int) -> int:
        """Return how many uploads somebody has begun, counted up to `limit`."""
        return len(await self._records.scan(UPLOADS, "begun", (owner, "begun"), limit=limit))

    @_answering
    async def expired(self, now_us: int, limit: int) -> list[Upload]:
        """Return uploads whose time is over."""
        return await self._records.sweep(UPLOADS, "expiry", now_us, limit)

    @_answering
    async def begin(self, caller: Caller, upload: Upload, ttl_s: int) -> Target:
        """Put a new upload and return where its bytes go."""
        event = outgoing(self._world, caller, "upload_begun", upload, await self._key(upload.owner))
        await self._commit([UPLOADS.insert(upload)], [event])
        return await self._blobs.sign_put(upload_key(upload.id), upload.length, upload.mime, ttl_s)

    @_answering
    async def end(self, caller: Caller, upload: Upload, *, media: Id | None, reason: str) -> Upload:
        """Note what became of an upload, and remove the bytes that arrived."""
        ended = replace(
            upload,
            state="refused" if media is None else "done",
            media=media,
            reason=reason,
            version=upload.version + 1,
            expires_at=None,
        )
        events = await self._told_unless_erased(caller, "upload_ended", ended, upload.owner)
        try:
            await self._commit([UPLOADS.replace(ended, {"version": upload.version})], events)
        except Conflict:
            return await self.upload(upload.owner, upload.id)
        await self._blobs.delete([upload_key(upload.id)])
        return ended

    @_answering
    async def arrived(self, upload: Upload) -> bytes:
        """Return the bytes of an upload. Refused when they have not (all) arrived."""
        try:
            data = b"".join([piece async for piece in self._blobs.read(upload_key(upload.id))])
        except BlobMissing as error:
            raise Refused("the bytes of this upload have not arrived", field="upload_id") from error
        if len(data) != upload.length:
            raise Refused("the bytes of this upload are not as many as announced", field="upload_id")
        return data

    @_answering
    async def render(self, data: bytes) -> Rendered:
        """Decode bytes apart. Refused with the reason; Unavailable while the hands are busy."""
        try:
            return await self._pictures.render(data)
        except PictureRefused as error:
            raise Refused(REASONS[error.reason], field="picture") from error
        except PicturesBusy as error:
            raise Unavailable("too many pictures are being worked on", retry_after_s=2) from error

    @_answering
    async def pictures(self, ids: Sequence[Id]) -> list[Picture | None]:
        """Return pictures in the order of their ids."""
        return await self._records.get(PICTURES, [(id_,) for id_ in ids])

    @_answering
    async def same(self, owner: Id, data_sha256: bytes) -> Picture | None:
        """Return the owner's picture that came from the same bytes, kept from deletion for another day."""
        found = await self._records.scan(PICTURES, "bytes", (owner, data_sha256), limit=1)
        if not found or found[0].unused_at is None:
            return found[0] if found else None
        return found[0] if await self._mark_unused(found[0], self._world.now_us()) else None

    @_answering
    async def make(self, caller: Caller, owner: Id, rendered: Rendered) -> Picture:
        """Store a rendered picture as the owner's: blobs first, then the row."""
        media = self._world.new_id(MEDIA, shard_of(owner))
        for rendition in rendered.renditions:
            await self._blobs.put(rendition_key(owner, media, rendition.name), rendition.data, rendition.mime)
        told = {r.name: (r.width, r.height, r.mime, len(r.data)) for r in rendered.renditions}
        picture = Picture(
            owner=owner,
            id=media,
            sha256=rendered.sha256,
            phash=rendered.phash,
            name=self._random_name(),
            width=rendered.width,
            height=rendered.height,
            color=rendered.color,
            thumbhash=rendered.thumbhash,
            renditions=msgspec.json.encode(told).decode(),
            created_at=self._world.now_us(),
            unused_at=self._world.now_us(),
        )
        return await self._put(caller, picture)

    @_answering
    async def copy(self, caller: Caller, picture: Picture, owner: Id) -> Picture:
        """Store a picture as another person's too."""
        media = self._world.new_id(MEDIA, shard_of(owner))
        now = self._world.now_us()
        copied = replace(
            picture, owner=owner, id=media, name=self._random_name(), version=1, created_at=now, unused_at=now
        )
        for source, target in zip(rendition_keys(picture), rendition_keys(copied), strict=True):
            await self._blobs.copy(source, target)
        return await self._put(caller, copied)

    async def _put(self, caller: Caller, picture: Picture) -> Picture:
        """Insert the row; when the same bytes were stored meanwhile, that picture stands and this one's blobs go."""
        event = outgoing(self._world, caller, "picture_made", picture, await self._key(picture.owner))
        try:
            await self._commit([PICTURES.insert(picture)], [event])
        except Conflict as conflict:
            await self._blobs.delete(rendition_keys(picture))
            found = await self.same(picture.owner, picture.sha256)
            if found is None:
                raise Unavailable("this picture is being deleted", retry_after_s=1) from conflict
            return found
        return picture

    @_answering
    async def use(self, user: Id, media: Id | None, version: int) -> None:
        """Note which picture a pin or a person shows since a version of it; older news changes nothing."""
        uses = await self._records.scan(USES, "user", (user,), limit=10)
        if any(use.version > version for use in uses):
            return
        ops: list[Op] = [USES.delete((use.media, user)) for use in uses]
        if media is not None:
            ops.append(USES.insert(Use(media=media, user=user, version=version)))
        if ops:
            await self._commit(ops, [])
        for shown in {media, *(use.media for use in uses)} - {None}:
            await self._note_use(shown)

    async def _note_use(self, media: Id | None) -> None:
        """Bring a picture's `unused_at` in line with its uses."""
        picture = None if media is None else (await self.pictures([media]))[0]
        if picture is None:
            return
        used = bool(await self._records.scan(USES, "", (picture.id,), limit=1))
        if used != (picture.unused_at is None):
            await self._mark_unused(picture, None if used else self._world.now_us())

    async def _mark_unused(self, picture: Picture, since_us: int | None) -> bool:
        """Set since when nothing shows a picture, a projection and so without a new version; False when it changed."""
        patch = PICTURES.patch((picture.id,), {"unused_at": since_us}, {"unused_at": picture.unused_at})
        try:
            await self._commit([patch], [])
        except Conflict:
            return False
        return True

    @_answering
    async def unused(self, before_us: int, limit: int) -> list[Picture]:
        """Return pictures that nothing has shown since a time."""
        return await self._records.sweep(PICTURES, "unused", before_us, limit)

    @_answering
    async def delete(self, caller: Caller, picture: Picture) -> None:
        """Delete a picture that is still as it was read: the row with its event, then the blobs."""
        events = await self._told_unless_erased(caller, "picture_deleted", picture, picture.owner)
        try:
            await self._commit([PICTURES.delete((picture.id,), {"unused_at": picture.unused_at})], events)
        except Conflict:
            return
        await self._blobs.delete(rendition_keys(picture))

    @_answering
    async def of_owner(self, owner: Id, limit: int) -> list[Picture]:
        """Return some of an owner's pictures."""
        return await self._records.scan(PICTURES, "bytes", (owner,), limit=limit)

    async def _told_unless_erased(
        self, caller: Caller, type_: str, body: msgspec.Struct, owner: Id
    ) -> Sequence[Outgoing]:
        """Return the event, or none for an erased owner: cleaning up after one needs no telling, and has no key."""
        key = (await self._keys.get([owner]))[0]
        return [] if key is None else [outgoing(self._world, caller, type_, body, key)]

    async def _key(self, owner: Id) -> bytes:
        key = (await self._keys.get([owner]))[0]
        if key is None:
            raise NotFound("this account is deleted")
        return key

    async def _commit(self, ops: Sequence[Op], events: Sequence[Outgoing]) -> None:
        await self._records.commit(ops, events)

    def _random_name(self) -> str:
        return base64.urlsafe_b64encode(self._world.random_bytes(16)).rstrip(b"=").decode()


def digest(data: bytes) -> bytes:
    """Return what identifies bytes: their SHA-256."""
    return hashlib.sha256(data).digest()
