"""Pins before they are saved: drawn up from an address, an upload, or another pin."""

from msgspec.json import decode
from msgspec.structs import replace

from bowerbird.base.ids import Id, shard_of
from bowerbird.contracts.boards import Board, Pin
from bowerbird.contracts.caller import Caller
from bowerbird.contracts.kinds import PIN
from bowerbird.contracts.links import Link, Metadata
from bowerbird.services.boards import model
from bowerbird.services.boards.kit import Kit


def blank(kit: Kit, board: Board, saver: Id) -> Pin:
    """Return a pin of now, on top of a board, with nothing on it."""
    now_us = kit.world.now_us()
    return Pin(
        id=kit.world.new_id(PIN, shard_of(board.id)),
        board=board.id,
        owner=board.owner,
        saved_by=saver,
        position=now_us,
        created_at=now_us,
        updated_at=now_us,
    )


async def from_url(kit: Kit, caller: Caller, pin: Pin, url: str) -> Pin:
    """Return the pin of an address, whose page is still to be read. Invalid (field url)."""
    kept = url.strip()
    link = await kit.links.put(caller, kept)
    linked = replace(pin, link=link.id, live_link=link.id, url=kept, details="pending")
    return _reused(linked, link)


async def from_upload(kit: Kit, caller: Caller, pin: Pin, upload: Id) -> Pin:
    """Return the pin of a completed upload, its picture the board owner's own. NotFound, Refused."""
    picture = await kit.media.uploaded(caller, upload)
    if picture.owner != pin.owner:
        picture = await kit.media.adopt(caller, picture.id, pin.owner)
    return model.published(model.pictured(pin, picture), pin.created_at)


async def from_pin(kit: Kit, caller: Caller, pin: Pin, source: Pin) -> Pin:
    """Return the pin as a copy of another, which the caller was found to see."""
    content = ("link", "url", "title", "note", "alt", "site", "description", "details", "failure")
    copied = replace(pin, live_link=source.link, **{name: getattr(source, name) for name in content})
    return model.published(await with_picture_of(kit, caller, copied, source), pin.created_at)


async def with_picture_of(kit: Kit, caller: Caller, pin: Pin, source: Pin) -> Pin:
    """Return the pin with the picture of another, adopted by the pin's owner; without one it stays as it is."""
    if source.media is None:
        return pin
    if source.owner != pin.owner:
        return model.pictured(pin, await kit.media.adopt(caller, source.media, pin.owner))
    columns = ("media", "picture_name", "width", "height", "color", "thumbhash")
    return replace(pin, **{name: getattr(source, name) for name in columns})


def _reused(pin: Pin, link: Link) -> Pin:
    """Fill in what a public pin shows of the link already; of others an instant answer would tell."""
    if not link.public or link.fetched_at is None or link.failure:
        return pin
    said = decode(link.metadata, type=Metadata)
    return replace(pin, title=link.title, site=said.site, description=said.description)
