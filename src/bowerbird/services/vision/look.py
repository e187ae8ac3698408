"""Look at a picture, or a box of it: which pins are like it, and what it shows."""

from typing import NamedTuple

from bowerbird.base.ids import Id
from bowerbird.contracts.boards import Pin
from bowerbird.contracts.caller import Caller, system
from bowerbird.contracts.problems import NotFound, Refused, Unavailable
from bowerbird.contracts.vision import LABELS_MAX, Box, Label, Looked
from bowerbird.services.vision.kit import Kit
from bowerbird.services.vision.model import Space, Unseen, most, nearest, read
from bowerbird.services.vision.scope import everything


class Question(NamedTuple):
    """What is asked of which space (None: there is none yet), and what the picture shows."""

    space: Space | None
    asked: bytes
    labels: list[Label]


async def look(kit: Kit, caller: Caller, pin: Id, box: Box | None, limit: int) -> Looked:
    """Return what is like a pin's picture. NotFound, Invalid, Unavailable."""
    shown = await kit.boards.pin(caller, pin)
    question = None if box is not None else await known(kit, shown.pin.id, shown.pin.media)
    return await _answer(kit, caller, question or await _seen(kit, shown.pin, box), shown.pin.id, limit)


async def look_once(kit: Kit, caller: Caller, upload: Id, box: Box | None, limit: int) -> Looked:
    """Return what is like an upload, which is gone afterwards. NotFound, Refused, Invalid, Unavailable."""
    data = await kit.media.glance(caller, upload)
    try:
        question = await ask(kit, data, box)
    except Unseen as error:
        raise Refused("nothing can be seen in this picture", field="upload_id") from error
    return await _answer(kit, caller, question, None, limit)


async def known(kit: Kit, pin: Id, media: Id | None) -> Question | None:
    """Return what is asked for pictures like one that was seen, without looking again; None for one that was not."""
    spaces = await kit.store.spaces()
    [row] = await kit.store.labelled([pin])
    if not spaces or row is None or row.media != media:
        return None
    asked = await kit.store.asked(spaces[0], [pin])
    return Question(spaces[0], asked[0], read(row.labels)) if asked else None


async def ask(kit: Kit, data: bytes, box: Box | None) -> Question:
    """Look, and return what is asked, of the space of the same model that answers first. Unseen, Unavailable."""
    seen = await kit.store.ask(data, box)
    spaces = await kit.store.spaces()
    able = [space for space in spaces if space.version == seen.version]
    if spaces and not able:
        raise Unavailable("pictures are about to be looked at by another model", retry_after_s=60)
    return Question(able[0] if able else None, seen.views, seen.labels)


async def _seen(kit: Kit, pin: Pin, box: Box | None) -> Question:
    nothing = NotFound("there is no picture here that can be looked at")
    if pin.media is None:
        raise nothing
    try:
        return await ask(kit, await kit.media.shown(system(), pin.media), box)
    except Unseen as error:
        raise nothing from error


async def _answer(kit: Kit, caller: Caller, question: Question, without: Id | None, limit: int) -> Looked:
    space, asked, labels = question
    if space is None:
        return Looked([], labels[:LABELS_MAX])
    scope, wanted = await everything(kit, caller), most(limit)
    found = await kit.store.nearest(space, asked, scope, wanted + 1, kit.settings.similar_min)
    return Looked(nearest(found, [] if without is None else [without], wanted), labels[:LABELS_MAX])
