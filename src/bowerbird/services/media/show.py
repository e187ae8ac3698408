"""Pictures as eyes are given them: one that is kept, or an upload that is looked at and not kept."""

from bowerbird.base.ids import Id
from bowerbird.contracts.caller import Caller
from bowerbird.contracts.media import Upload
from bowerbird.contracts.problems import NotFound, Refused
from bowerbird.services.media.kit import Kit
from bowerbird.services.media.model import for_eyes, renditions_of, served
from bowerbird.services.media.upload import LATE, NOT_ARRIVED, WRONG_LENGTH, arrived, end, is_over

_LOOKED_AT = "this upload was looked at, and not kept"
_COMPLETED = "this upload is completed, and its picture kept"


async def shown(kit: Kit, media: Id) -> bytes:
    """Return a picture's widest rendition but for the cleaned original. NotFound."""
    [picture] = await kit.store.pictures([media])
    at = None if picture is None else served(picture, for_eyes(renditions_of(picture)))
    data = None if at is None else await kit.store.read(at.key)
    if data is None:
        raise NotFound("there is no such picture")
    return data


async def glance(kit: Kit, caller: Caller, upload: Id) -> bytes:
    """Return what `shown` would, were an upload completed, and end it instead. NotFound, Refused, Unavailable."""
    begun = await kit.store.upload(caller.writer(), upload)
    data = await _arrived(kit, caller, begun)
    try:
        small = await kit.store.shrink(data)
    except Refused as refusal:
        raise await _ended(kit, caller, begun, refusal.detail) from refusal
    await _ended(kit, caller, begun, _LOOKED_AT)
    return small


async def _arrived(kit: Kit, caller: Caller, upload: Upload) -> bytes:
    """Return the bytes of an upload that is not ended. Refused; what can never be completed ends with it."""
    if upload.state != "begun":
        raise Refused(upload.reason or _COMPLETED, field="upload_id")
    if is_over(kit, upload):
        raise await _ended(kit, caller, upload, LATE)
    data = await arrived(kit, upload)
    if data is None:
        raise Refused(NOT_ARRIVED, field="upload_id")
    if len(data) != upload.length:
        raise await _ended(kit, caller, upload, WRONG_LENGTH)
    return data


async def _ended(kit: Kit, caller: Caller, upload: Upload, reason: str) -> Refused:
    """End an upload, its bytes gone, and return what is said of it from now on."""
    await end(kit, caller, upload, reason=reason)
    return Refused(reason, field="upload_id")
