"""An upload's way: begun with a signed target, completed by verifying what arrived, or swept when its time is over."""

from contextlib import suppress

from bowerbird.base.ids import Id, shard_of
from bowerbird.contracts.caller import Caller, system
from bowerbird.contracts.kinds import UPLOAD
from bowerbird.contracts.media import Picture, Upload, UploadTarget
from bowerbird.contracts.problems import Invalid, NotFound, Refused, Throttled
from bowerbird.services.media.keep_picture import keep
from bowerbird.services.media.kit import Kit
from bowerbird.services.media.model import upload_key

_MIMES = {"image/jpeg", "image/png", "image/gif", "image/webp"}
LATE = "the upload was not completed in time"
NOT_ARRIVED = "the bytes of this upload have not arrived"
WRONG_LENGTH = "the bytes of this upload are not as many as announced"
_STEP = 100


async def begin(kit: Kit, caller: Caller, mime: str, length: int) -> UploadTarget:
    """Check what is announced and sign a target. Who begins many at one instant may pass their bound by as many."""
    owner, settings = caller.writer(), kit.settings
    if mime not in _MIMES:
        raise Invalid("a picture is image/jpeg, image/png, image/gif or image/webp", field="mime")
    if not 0 < length <= settings.upload_bytes_max:
        raise Invalid(f"a picture has 1 to {settings.upload_bytes_max} bytes", field="length")
    if await kit.store.begun(owner, settings.uploads_begun_max) >= settings.uploads_begun_max:
        raise Throttled("too many uploads are begun and not completed", retry_after_s=settings.upload_ttl_s)
    upload = Upload(
        owner=owner,
        id=kit.world.new_id(UPLOAD, shard_of(owner)),
        mime=mime,
        length=length,
        state="begun",
        created_at=kit.world.now_us(),
        expires_at=kit.in_s(settings.upload_ttl_s),
    )
    target = await kit.store.begin(caller, upload, settings.upload_ttl_s)
    return UploadTarget(upload.id, target.url, target.method, target.headers, target.expires_at)


async def complete(kit: Kit, caller: Caller, upload: Id) -> Picture:
    """Verify an upload's bytes by decoding them and keep the picture; asked again, the answer is the same."""
    owner = caller.writer()
    begun = await kit.store.upload(owner, upload)
    if begun.state != "begun":
        return await _outcome(kit, begun)
    if is_over(kit, begun):
        return await _outcome(kit, await end(kit, caller, begun, reason=LATE))
    data = await arrived(kit, begun)
    if data is None:
        # None came yet, or whoever completed it meanwhile has removed them.
        return await _outcome(kit, await kit.store.upload(owner, upload), NOT_ARRIVED)
    return await _outcome(kit, await _verify(kit, caller, begun, data))


async def uploaded(kit: Kit, caller: Caller, upload: Id) -> Picture:
    """Return what one of the caller's uploads became."""
    return await _outcome(kit, await kit.store.upload(caller.signed_in(), upload))


async def sweep_uploads(kit: Kit) -> int:
    """End uploads that were not completed in time, and forget those that have ended long ago."""
    expired = await kit.store.expired(kit.world.now_us(), _STEP)
    for upload in expired:
        if upload.state == "begun":
            with suppress(NotFound):
                await end(kit, system(), upload, reason=LATE)
    await kit.store.forget_uploads([upload for upload in expired if upload.state != "begun"])
    return len(expired)


async def _verify(kit: Kit, caller: Caller, upload: Upload, data: bytes) -> Upload:
    if len(data) != upload.length:
        return await end(kit, caller, upload, reason=WRONG_LENGTH)
    try:
        picture = await keep(kit, caller, upload.owner, data)
    except Refused as refusal:
        return await end(kit, caller, upload, reason=refusal.detail)
    return await end(kit, caller, upload, media=picture.id)


async def end(kit: Kit, caller: Caller, upload: Upload, *, media: Id | None = None, reason: str = "") -> Upload:
    """End an upload, its outcome to be known for as long as a picture is kept; return it as it ended, by whomever."""
    return await kit.store.end(caller, upload, kit.in_s(kit.settings.unused_kept_s), media=media, reason=reason)


async def _outcome(kit: Kit, upload: Upload, pending: str = "this upload is not completed") -> Picture:
    """Return what an upload became. Refused with the reason it was given, or while it is not completed."""
    if upload.state == "begun":
        raise Refused(pending, field="upload_id")
    if upload.media is None:
        raise Refused(upload.reason, field="upload_id")
    picture = await kit.store.held(upload.media)
    if picture is None:
        raise NotFound("there is no such upload", field="upload_id")
    return picture


async def arrived(kit: Kit, upload: Upload) -> bytes | None:
    """Return the bytes of an upload, one more than announced at most; None when none are there."""
    return await kit.store.read(upload_key(upload.id), upload.length + 1)


def is_over(kit: Kit, upload: Upload) -> bool:
    """Return whether an upload's time is over."""
    return upload.expires_at is not None and upload.expires_at <= kit.world.now_us()
