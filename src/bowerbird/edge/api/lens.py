"""Lens: what looks like a picture, or like a part of it, and what the picture shows."""

from typing import Final

from msgspec import UNSET

from bowerbird.contracts.caller import Caller
from bowerbird.contracts.problems import Invalid
from bowerbird.contracts.vision import Box, Looked
from bowerbird.edge.api import discovered, hydrate, present, views
from bowerbird.edge.api.inputs import LensBox, LensLook
from bowerbird.edge.api.kit import Kit
from bowerbird.edge.api.wide import different_of
from bowerbird.edge.http.route import AnyRoute, Reply, Request, Route

PROPOSED_MAX: Final = 100
"""What is asked of the eyes, whatever is to be shown of it: a second look would cost as much as the first."""

LABEL_MIN: Final = 0.3
"""Labels that are less probable are not offered to search for."""


async def look(kit: Kit, request: Request[LensLook, None]) -> Reply[discovered.LensPage]:
    """Look at a pin's picture, or at one that was sent for this alone."""
    caller, body = request.caller, request.body
    looked = await _looked(kit, caller, body)
    shown, people = await hydrate.visible_pins(kit, caller, [one.pin for one in looked.alike])
    kept = different_of(await hydrate.pictured(kit, caller, shown), caller.person)[: body.limit]
    await views.note_served(kit, caller, "lens_served", tuple(one.shown.pin.id for one in kept))
    return Reply(
        discovered.LensPage(
            [present.pin_among(kit, one.shown, people, caller.person) for one in kept],
            [discovered.Label(one.name, one.probability) for one in looked.labels if one.probability >= LABEL_MIN],
        )
    )


async def _looked(kit: Kit, caller: Caller, body: LensLook) -> Looked:
    if body.pin_id is not UNSET and body.upload_id is UNSET:
        pin = hydrate.thing_in(body.pin_id, "pin_id")
        return await kit.vision.look(caller, pin, _box(body.box), PROPOSED_MAX)
    if body.upload_id is not UNSET and body.pin_id is UNSET:
        caller.writer()
        upload = hydrate.thing_in(body.upload_id, "upload_id")
        return await kit.vision.look_once(caller, upload, _box(body.box), PROPOSED_MAX)
    raise Invalid("give exactly one of pin_id and upload_id", field="pin_id")


def _box(box: LensBox | None) -> Box | None:
    return None if box is None else Box(box.x, box.y, box.width, box.height)


ROUTES: tuple[AnyRoute[Kit], ...] = (
    Route(
        method="POST",
        path="/v1/lens",
        handler=look,
        summary="Pins that look like a picture, or like a part of it, and what it shows",
        tag="lens",
        body=LensLook,
        returns=discovered.LensPage,
        access="public",
        slow=True,
        budget="look",
        problems=("not-found", "refused"),
    ),
)
