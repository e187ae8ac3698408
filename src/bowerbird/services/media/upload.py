"""An upload's way: begun with a signed target, completed by verifying what arrived, or swept when its time is over."""

from bowerbird.base.ids import shard_of
from bowerbird.base.world import World
from bowerbird.contracts.caller import Caller
from bowerbird.contracts.kinds import UPLOAD
from bowerbird.contracts.media import Picture, Upload, UploadTarget
from bowerbird.contracts.problems import Invalid, NotFound, Refused, Throttled
from bowerbird.services.media.settings import MediaSettings
from bowerbird.services.media.store import Store, digest

_MIMES = {"image/jpeg", "image/png", "image/gif", "image/webp"}
_US = 1_000_000


async def begin(
    store: Store, world: World, settings: MediaSettings, caller: Caller, mime: str, length: int
) -> UploadTarget:
    """Check what is announced and sign a target for it."""
    owner = caller.writer()
    if mime not in _MIMES:
        raise Invalid("a picture is image/jpeg, image/png, image/gif or image/webp", field="mime")
    if not 0 < length <= settings.upload_bytes_max:
        raise Invalid(f"a picture has 1 to {settings.upload_bytes_max} bytes", field="length")
    if await store.begun(owner, settings.uploads_begun_max) >= settings.uploads_begun_max:
        raise Throttled("too many uploads are begun and not completed", retry_after_s=settings.upload_ttl_s)
    now = world.now_us()
    upload = Upload(
        owner=owner,
        id=world.new_id(UPLOAD, shard_of(owner)),
        mime=mime,
        length=length,
        state="begun",
        created_at=now,
        expires_at=now + settings.upload_ttl_s * _US,
    )
    target = await store.begin(caller, upload, settings.upload_ttl_s)
    return UploadTarget(upload.id, target.url, target.method, target.headers, target.expires_at)


async def complete(store: Store, caller: Caller, upload: Upload) -> Picture:
    """Verify an upload's bytes by decoding them and keep the picture; asked again, the answer is the same."""
    if upload.state != "begun":
        return await outcome(store, upload)
    data = await store.arrived(upload)
    try:
        picture = await keep(store, caller, upload, data)
    except Refused as refusal:
        await store.end(caller, upload, media=None, reason=refusal.detail)
        raise
    await store.end(caller, upload, media=picture.id, reason="")
    return picture


async def keep(store: Store, caller: Caller, upload: Upload, data: bytes) -> Picture:
    """Return the picture of these bytes, made unless the owner has it."""
    same = await store.same(upload.owner, digest(data))
    return same or await store.make(caller, upload.owner, await store.render(data))


async def outcome(store: Store, upload: Upload) -> Picture:
    """Return what a completed upload became. Refused with the reason it was given, or while it is not completed."""
    if upload.state == "begun":
        raise Refused("this upload is not completed", field="upload_id")
    if upload.media is None:
        raise Refused(upload.reason, field="upload_id")
    picture = (await store.pictures([upload.media]))[0]
    if picture is None:
        raise NotFound("there is no such upload", field="upload_id")
    return picture


async def sweep_abandoned(store: Store, world: World, caller: Caller) -> int:
    """End uploads whose time is over, and remove their bytes."""
    expired = await store.expired(world.now_us(), 100)
    for upload in expired:
        await store.end(caller, upload, media=None, reason="the upload was not completed in time")
    return len(expired)
