"""Filling in what a saved page says of itself, once it has been read: slow, and tried again until it is done."""

from msgspec.structs import replace

from bowerbird.base.ids import Id
from bowerbird.contracts.boards import Pin
from bowerbird.contracts.caller import Caller
from bowerbird.contracts.links import Details
from bowerbird.contracts.media import Picture
from bowerbird.contracts.problems import NotFound, Refused
from bowerbird.services.boards import model
from bowerbird.services.boards.kit import Kit
from bowerbird.services.boards.outcomes import settled


async def fill_details(kit: Kit, caller: Caller, pin: Id) -> None:
    """Read the page of a pin that waits for it, and note what a public pin shows of its link."""
    row = (await kit.store.pins([pin]))[0]
    if row is None or row.link is None or row.trashed:
        return
    if row.details == "pending":
        row = await _filled(kit, caller, row, row.link)
    if row is not None and not row.trashed and row.details == "ready" and row.link is not None:
        board = (await kit.store.boards([row.board]))[0]
        if board is not None and board.visibility == "public" and not board.trashed:
            await kit.links.shown(caller, row.link)


async def _filled(kit: Kit, caller: Caller, pin: Pin, link: Id) -> Pin | None:
    """Return the pin with its page's details; None when it is gone or its owner is."""
    details = await kit.links.details(caller, link, pin.url)
    try:
        picture = await kit.media.ingest(caller, pin.owner, details.picture) if details.picture else None
        refused = False
    except Refused:
        picture, refused = None, True
    except NotFound:
        return None
    failure = model.PICTURE_REFUSED if refused else details.failure

    async def attempt() -> Pin | None:
        old = (await kit.store.pins([pin.id]))[0]
        if old is None or old.details != "pending":
            return old
        new = await _with(kit, caller, replace(old, failure=failure), details, picture)
        await kit.store.set_pin(caller, model.changed_events(old, new), old, new)
        return new

    return await settled(attempt)


async def _with(kit: Kit, caller: Caller, pin: Pin, details: Details, picture: Picture | None) -> Pin:
    now_us = kit.world.now_us()
    filled = replace(
        pin,
        title=pin.title or details.title,
        description=pin.description or details.description,
        site=pin.site or details.site,
        details="failed" if details.failure else "ready",
        version=pin.version + 1,
        updated_at=now_us,
    )
    if picture is None:
        return filled
    if picture.owner != pin.owner:
        picture = await kit.media.adopt(caller, picture.id, pin.owner)
    return model.published(model.pictured(filled, picture), now_us)
