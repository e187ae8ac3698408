"""Media's rows and blobs; the only file of the service that touches ports."""

from collections.abc import Awaitable, Callable, Generator, Iterable, Sequence
from contextlib import contextmanager, suppress
from functools import wraps
from typing import Any, Final, ParamSpec, TypeVar

import msgspec
from msgspec.structs import replace

from bowerbird.base.ids import Id, ms_of, shard_of
from bowerbird.base.outgoing import Outgoing
from bowerbird.base.world import World
from bowerbird.contracts.caller import Caller
from bowerbird.contracts.events import outgoing
from bowerbird.contracts.kinds import MEDIA
from bowerbird.contracts.media import Picture, Upload
from bowerbird.contracts.problems import NotFound, Refused, Unavailable
from bowerbird.ports.blobs import LIST_MAX, BlobMissing, Blobs, Target
from bowerbird.ports.keys import Keys
from bowerbird.ports.pictures import PictureRefused, Pictures, PicturesBusy, Rendered
from bowerbird.ports.records import KEYS_MAX, Conflict, EngineUnavailable, Records
from bowerbird.ports.tables import Index, Op, Row, Table
from bowerbird.services.media.model import (
    REASONS,
    Departure,
    Use,
    made_for,
    name_from,
    owners_prefix,
    rendition_key,
    rendition_keys,
    upload_key,
)

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
USES: Final = Table(
    "picture_use",
    Use,
    key=("user",),
    indexes={"media": Index(("media",)), "ended": Index(("ended_at",), sweep=True)},
)
DEPARTURES: Final = Table("media_departure", Departure, key=("person",), indexes={"age": Index(("at",), sweep=True)})
TABLES: Final[tuple[Table[Any], ...]] = (UPLOADS, PICTURES, USES, DEPARTURES)

_TRIES_MAX: Final = 8
_STEP: Final = 100

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


@contextmanager
def _decoding() -> Generator[None]:
    """Turn what pictures are refused for into what services say."""
    try:
        yield
    except PictureRefused as error:
        raise Refused(REASONS[error.reason], field="picture") from error
    except PicturesBusy as error:
        raise Unavailable("too many pictures are being worked on", retry_after_s=2) from error


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
        target = await self._blobs.sign_put(upload_key(upload.id), upload.length, upload.mime, ttl_s)
        await self._commit([UPLOADS.insert(upload)], [event])
        return target

    @_answering
    async def end(self, caller: Caller, upload: Upload, until_us: int, *, media: Id | None, reason: str = "") -> Upload:
        """Note what became of an upload, known until a time, and remove the bytes that arrived; return it as it is."""
        ended = replace(
            upload,
            state="refused" if media is None else "done",
            media=media,
            reason=reason,
            version=upload.version + 1,
            expires_at=until_us,
        )
        events = await self._told_unless_erased(caller, "upload_ended", ended, upload.owner)
        try:
            await self._commit([UPLOADS.replace(ended, {"version": upload.version})], events)
        except Conflict:
            return await self.upload(upload.owner, upload.id)
        await self._blobs.delete([upload_key(upload.id)])
        return ended

    @_answering
    async def forget_uploads(self, uploads: Sequence[Upload]) -> None:
        """Remove upload rows of any state, and what arrived for them."""
        for upload in uploads:
            await self._commit([UPLOADS.delete((upload.id,))], [])
        await self._blobs.delete([upload_key(upload.id) for upload in uploads])

    @_answering
    async def uploads_of(self, owner: Id, limit: int) -> list[Upload]:
        """Return some of an owner's uploads."""
        return await self._records.scan(UPLOADS, "begun", (owner,), limit=limit)

    @_answering
    async def read(self, key: str, bytes_max: int | None = None) -> bytes | None:
        """Return what is stored under a key, or the beginning of it; None when nothing is."""
        try:
            return b"".join([piece async for piece in self._blobs.read(key, 0, bytes_max)])
        except BlobMissing:
            return None

    @_answering
    async def render(self, data: bytes) -> Rendered:
        """Decode bytes apart. Refused with the reason; Unavailable while the hands are busy."""
        with _decoding():
            return await self._pictures.render(data)

    @_answering
    async def shrink(self, data: bytes) -> bytes:
        """Decode bytes apart, and return what `render` makes for eyes. Refused, Unavailable."""
        with _decoding():
            return (await self._pictures.shrink(data)).data

    @_answering
    async def pictures(self, ids: Sequence[Id]) -> list[Picture | None]:
        """Return pictures in the order of their ids."""
        return await self._records.get(PICTURES, [(id_,) for id_ in ids])

    @_answering
    async def same(self, owner: Id, data_sha256: bytes) -> Picture | None:
        """Return the owner's picture that came from the same bytes, kept as by `held`."""
        found = await self._records.scan(PICTURES, "bytes", (owner, data_sha256), limit=1)
        return await self.held(found[0].id) if found else None

    @_answering
    async def held(self, media: Id) -> Picture | None:
        """Return a picture that, if nothing shows it, is from now on kept for as long as a new one."""
        asked_us = self._world.now_us()
        for _ in range(_TRIES_MAX):
            picture = (await self.pictures([media]))[0]
            if picture is None or picture.unused_at is None or picture.unused_at >= asked_us:
                return picture
            kept = PICTURES.patch((media,), {"unused_at": self._world.now_us()}, {"unused_at": picture.unused_at})
            with suppress(Conflict):
                await self._commit([kept], [])
                return picture
        raise Unavailable("others are using this picture at the same time", retry_after_s=1)

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
            name=name_from(self._world.random_bytes(16)),
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
        own = {"owner": owner, "id": media, "name": name_from(self._world.random_bytes(16)), "created_at": now}
        copied = replace(picture, **own, version=1, uses=0, unused_at=now)
        try:
            for source, target in zip(rendition_keys(picture), rendition_keys(copied), strict=True):
                await self._blobs.copy(source, target)
        except BlobMissing as error:
            await self._blobs.delete(rendition_keys(copied))
            raise NotFound("there is no such picture") from error
        return await self._put(caller, copied)

    async def _put(self, caller: Caller, picture: Picture) -> Picture:
        """Insert the row; when the same bytes were stored meanwhile, that picture stands and this one's blobs go."""
        try:
            event = outgoing(self._world, caller, "picture_made", picture, await self._key(picture.owner))
            await self._commit([PICTURES.insert(picture)], [event])
        except NotFound:
            await self._blobs.delete(rendition_keys(picture))
            raise
        except Conflict as conflict:
            await self._blobs.delete(rendition_keys(picture))
            found = await self.same(picture.owner, picture.sha256)
            if found is None:
                raise Unavailable("this picture is being deleted", retry_after_s=1) from conflict
            return found
        return picture

    @_answering
    async def use(self, user: Id, media: Id | None, version: int) -> None:
        """Note which picture a pin or a person shows since a version of it; what is older, or known, changes nothing.

        A picture counts its uses in the same unit, so that none is deleted that has one.
        """
        for _ in range(_TRIES_MAX):
            old = (await self._records.get(USES, [(user,)]))[0]
            if old is not None and old.version >= version:
                return
            with suppress(Conflict):
                await self._commit(await self._change_of_use(old, user, media, version), [])
                return
        raise Unavailable("others are using this picture at the same time", retry_after_s=1)

    async def _change_of_use(self, old: Use | None, user: Id, media: Id | None, version: int) -> list[Op]:
        """Return what brings a use about; a picture that is gone is shown by nobody."""
        before = None if old is None else old.media
        wanted = [id_ for id_ in (before, media) if id_ is not None]
        there = {picture.id for picture in await self.pictures(wanted) if picture is not None}
        now = self._world.now_us()
        shown = media if media in there else None
        use = Use(user, shown, version, None if shown is not None else now)
        ops: list[Op] = [USES.insert(use) if old is None else USES.replace(use, {"version": old.version})]
        if shown != before:
            if shown is not None:
                ops.append(PICTURES.patch((shown,), {}, add={"uses": 1}))
            if before in there:
                ops.append(PICTURES.patch((before,), {"unused_at": now}, add={"uses": -1}))
        return ops

    @_answering
    async def ended_uses(self, before_us: int, limit: int) -> list[Use]:
        """Return what shows no picture since before a time."""
        return await self._records.sweep(USES, "ended", before_us, limit)

    @_answering
    async def forget_use(self, use: Use) -> None:
        """Forget of something that it shows no picture, unless it shows one again."""
        with suppress(Conflict):
            await self._commit([_forgotten(use)], [])

    @_answering
    async def unused(self, before_us: int, limit: int) -> list[Picture]:
        """Return pictures that nothing may have shown since a time."""
        return await self._records.sweep(PICTURES, "unused", before_us, limit)

    @_answering
    async def delete_unless_used(self, caller: Caller, picture: Picture) -> None:
        """Delete a picture that is still unused as it was read; note of one that is used that it is."""
        as_read = {"unused_at": picture.unused_at, "uses": picture.uses}
        with suppress(Conflict):
            if picture.uses:
                await self._commit([PICTURES.patch((picture.id,), {"unused_at": None}, as_read)], [])
                return
            events = await self._told_unless_erased(caller, "picture_deleted", picture, picture.owner)
            await self._commit([PICTURES.delete((picture.id,), as_read)], events)
            await self._blobs.delete(rendition_keys(picture))

    @_answering
    async def of_owner(self, owner: Id, limit: int) -> list[Picture]:
        """Return some of an owner's pictures."""
        return await self._records.scan(PICTURES, "bytes", (owner,), limit=limit)

    @_answering
    async def erase(self, picture: Picture) -> None:
        """Remove the row of a picture of somebody erased, as it was read, and what is known of its uses.

        The last uses go in the unit that removes the row: a use that is noted meanwhile is a change of the row.
        """
        with suppress(Conflict):
            while len(uses := await self._records.scan(USES, "media", (picture.id,), limit=_STEP)) == _STEP:
                await self._commit([_forgotten(use) for use in uses], [])
            row = PICTURES.delete((picture.id,), {"uses": picture.uses})
            await self._commit([*map(_forgotten, uses), row], [])

    @_answering
    async def erase_rest(self, owner: Id) -> None:
        """Remove what else there is of somebody erased: what they show themselves, and every blob of their pictures."""
        await self._commit([USES.delete((owner,))], [])
        while stats := await self._blobs.list(owners_prefix(owner), "", LIST_MAX):
            await self._blobs.delete([stat.key for stat in stats])

    @_answering
    async def add_departure(self, person: Id) -> None:
        """Note that somebody was erased."""
        await self._commit([DEPARTURES.insert(Departure(person, self._world.now_us()), if_absent=True)], [])

    @_answering
    async def departures(self, before_us: int, limit: int) -> list[Departure]:
        """Return who was erased before a time."""
        return await self._records.sweep(DEPARTURES, "age", before_us, limit)

    @_answering
    async def end_departure(self, person: Id) -> None:
        """Note that nothing of somebody erased is left."""
        await self._commit([DEPARTURES.delete((person,))], [])

    @_answering
    async def delete_strays(self, prefix: str, after: str, before_ms: int) -> tuple[int, str]:
        """Remove those of the next blobs that no row names, though made before a time.

        Return how many they were, and where to go on ("": nothing follows).

        A row comes after the blobs that it names, so only what is old is without one for good.
        """
        stats = await self._blobs.list(prefix, after, KEYS_MAX)
        made = {stat.key: id_ for stat in stats if (id_ := made_for(stat.key)) is not None and ms_of(id_) < before_ms}
        named = {upload.id for upload in await self._present(UPLOADS, made.values()) if upload.state == "begun"}
        named |= {picture.id for picture in await self._present(PICTURES, made.values())}
        strays = [key for key, id_ in made.items() if id_ not in named]
        await self._blobs.delete(strays)
        return len(strays), stats[-1].key if len(stats) == KEYS_MAX else ""

    async def _present(self, table: Table[Row], ids: Iterable[Id]) -> list[Row]:
        keys = [(id_,) for id_ in dict.fromkeys(ids)]
        return [row for row in await self._records.get(table, keys) if row is not None] if keys else []

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


def _forgotten(use: Use) -> Op:
    """Return what removes a use as it was read."""
    return USES.delete((use.user,), {"version": use.version})
