"""Saving a pin: a link, a picture, or another's pin, on a board of one's own or one that one may edit."""

from msgspec.structs import replace

from bowerbird.base.ids import Id
from bowerbird.contracts.boards import Access, NewPin, Pin, Saved
from bowerbird.contracts.caller import Caller, Once, system
from bowerbird.contracts.problems import Exists, NotFound
from bowerbird.services.boards import model
from bowerbird.services.boards.arrive import arrive_in_time
from bowerbird.services.boards.draft_pin import blank, from_pin, from_upload, from_url
from bowerbird.services.boards.kit import Kit
from bowerbird.services.boards.outcomes import Changed, Repeated, Taken, settled
from bowerbird.services.boards.sight import find, look_at_pins, reach, visible


async def save_pin(kit: Kit, caller: Caller, board: Id, new: NewPin) -> Saved:
    """Return the new pin, or the one that the board has of the link already, untouched, if the caller may see it."""
    saver = caller.writer()
    model.one_source(new)
    texts = model.pin_texts(new.title, new.note, new.alt)

    async def attempt() -> Saved:
        access = model.must_edit(await visible(kit, caller, board))
        first = await kit.store.first_result(caller.once, board)
        if first is not None:
            return await made_before(kit, caller, first)
        drawn = await _drawn(kit, caller, blank(kit, access.board, saver), new)
        saved = await put_pin(kit, caller, access, replace(drawn, **texts), caller.once)
        if not saved.created and (await look_at_pins(kit, caller, [board], [saved.pin])).shown(saved.pin) is None:
            raise Exists("the board has this link already", field="url" if new.pin is None else "pin")
        return saved

    return await settled(attempt)


async def put_pin(kit: Kit, caller: Caller, access: Access, pin: Pin, request: Once | None) -> Saved:
    """Put a pin that was drawn up on its board, unless the board has its link. Changed."""
    try:
        await kit.store.add_pin(caller, access, pin, request)
    except Taken:
        return Saved(await _present(kit, pin), access, created=False)
    except Repeated as repeated:
        return await made_before(kit, caller, repeated.result)
    return Saved(pin, access, created=True)


async def made_before(kit: Kit, caller: Caller, pin: Id) -> Saved:
    """Return what a repeated request made when it was first carried out, wherever it is by now. NotFound."""
    shown = await reach(kit, caller, pin)
    return Saved(shown.pin, shown.access, created=True)


async def _drawn(kit: Kit, caller: Caller, pin: Pin, new: NewPin) -> Pin:
    if new.url is not None:
        return await from_url(kit, caller, pin, new.url)
    if new.upload is not None:
        return await from_upload(kit, caller, pin, new.upload)
    source = None if new.pin is None else await find(kit, caller, new.pin)
    if source is None or source.pin.trashed:
        raise NotFound(model.no_pin().detail, field="pin")
    return await from_pin(kit, caller, pin, source.pin)


async def _present(kit: Kit, pin: Pin) -> Pin:
    """Return the pin that kept another from being put; Changed when it has just gone, or only waits."""
    found = None if pin.link is None else await kit.store.pin_of_link(pin.board, pin.link)
    if found is not None and model.waits(found):
        found = await arrive_in_time(kit, system(), found.id)
    if found is None:
        raise Changed
    return found
