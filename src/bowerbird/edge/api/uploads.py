"""Uploads: pictures on their way in; the bytes go straight to the blob store, never through here."""

from bowerbird.base import ids, times
from bowerbird.contracts.media import Picture
from bowerbird.edge.api import hydrate, resources
from bowerbird.edge.api.inputs import NewUpload
from bowerbird.edge.api.kit import Kit
from bowerbird.edge.http.route import AnyRoute, Reply, Request, Route


async def begin_upload(kit: Kit, request: Request[NewUpload, None]) -> Reply[resources.UploadTarget]:
    """Say where to send a picture."""
    target = await kit.media.begin(request.caller, request.body.mime, request.body.length)
    answer = resources.UploadTarget(
        id=ids.to_text(target.id),
        url=target.url,
        method=target.method,
        headers=target.headers,
        expires_at=times.to_text(target.expires_at),
    )
    return Reply(answer)


async def complete_upload(kit: Kit, request: Request[None, None]) -> Reply[resources.Uploaded]:
    """Verify what was sent."""
    upload = hydrate.thing_at(request.places["upload"])
    return Reply(_uploaded(upload, await kit.media.complete(request.caller, upload)))


def _uploaded(upload: ids.Id, picture: Picture) -> resources.Uploaded:
    return resources.Uploaded(
        upload_id=ids.to_text(upload),
        width=picture.width,
        height=picture.height,
        color=picture.color,
        thumbhash=picture.thumbhash,
    )


ROUTES: tuple[AnyRoute[Kit], ...] = (
    Route(
        method="POST",
        path="/v1/uploads",
        handler=begin_upload,
        summary="Ask where to send a picture",
        tag="uploads",
        body=NewUpload,
        returns=resources.UploadTarget,
        status=201,
        access="write",
        budget="upload",
    ),
    Route(
        method="POST",
        path="/v1/uploads/{upload}/complete",
        handler=complete_upload,
        summary="Have a picture that was sent verified; then save a pin from it",
        tag="uploads",
        returns=resources.Uploaded,
        access="write",
        slow=True,
        budget="upload",
        problems=("refused",),
    ),
)
