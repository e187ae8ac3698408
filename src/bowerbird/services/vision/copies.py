"""Find the same photograph among the caller's own pins: as it is, cropped, framed, mirrored or encoded anew."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from msgspec import Struct

from bowerbird.base import pdq
from bowerbird.base.ids import Id
from bowerbird.contracts.caller import Caller, system
from bowerbird.contracts.media import Picture
from bowerbird.contracts.problems import NotFound
from bowerbird.contracts.vision import COPIES_MAX, Alike
from bowerbird.services.vision.kit import Kit
from bowerbird.services.vision.look import Question, ask, known
from bowerbird.services.vision.model import Unseen
from bowerbird.services.vision.scope import own
from bowerbird.services.vision.store import HELD_MAX, SAME_POINTS_MIN

_CANDIDATES_MAX: Final = 100


class _Candidate(Struct, frozen=True):
    """A pin of the caller's, its picture, and how near that is.

    `bits`: in how many the hashes differ of the same photograph; None where they are not of the same.
    """

    pin: Id
    picture: Picture
    cosine: float
    bits: int | None


async def copies(kit: Kit, caller: Caller, media: Id) -> list[Id]:
    """Return the caller's pins of the same photograph, likest first. NotFound, Unavailable."""
    caller.signed_in()
    [picture] = await kit.media.pictures(system(), [media])
    if picture is None:
        raise NotFound("there is no such picture")
    candidates = await _candidates(kit, caller, picture)
    near = sorted((one.bits, one.pin) for one in candidates if one.bits is not None)
    others = [one for one in candidates if one.bits is None and one.cosine >= kit.settings.same_min]
    agreeing = await _agreeing(kit, picture, others[:HELD_MAX])
    return [*(pin for _, pin in near), *(one.pin for one in agreeing)][:COPIES_MAX]


async def _candidates(kit: Kit, caller: Caller, picture: Picture) -> list[_Candidate]:
    """Return the caller's pins whose pictures are alike, nearest first: those of the very same one before others."""
    exact = await kit.store.showing(picture.id, _CANDIDATES_MAX)
    alike = [Alike(pin, 1.0) for pin in exact]
    with suppress(Unseen):
        alike += await _near(kit, caller, await _question(kit, picture.id, exact))
    cosines = {one.pin: one.cosine for one in reversed(alike)}
    return await _owned(kit, caller, picture, dict(sorted(cosines.items(), key=lambda item: (-item[1], item[0]))))


async def _question(kit: Kit, media: Id, showing: Sequence[Id]) -> Question:
    """Return what is asked: what is known of a pin that shows the picture, or what is seen now. Unseen."""
    question = await known(kit, showing[0], media) if showing else None
    return question or await ask(kit, await kit.media.shown(system(), media), None)


async def _near(kit: Kit, caller: Caller, question: Question) -> list[Alike]:
    if question.space is None:
        return []
    floor = min(kit.settings.similar_min, kit.settings.same_min)
    return await kit.store.nearest(question.space, question.asked, await own(kit, caller), _CANDIDATES_MAX, floor)


async def _owned(kit: Kit, caller: Caller, picture: Picture, cosines: dict[Id, float]) -> list[_Candidate]:
    """Return those of some pins that the caller saved and may see, in the same order."""
    ids = list(cosines)
    shown = await kit.boards.pins(caller, ids) if ids else []
    mine = [one.pin for one in shown if one is not None and one.pin.saved_by == caller.person]
    media = [pin.media for pin in mine if pin.media is not None]
    pictures = {one.id: one for one in await kit.media.pictures(system(), media) if one is not None} if media else {}
    return [
        _Candidate(pin.id, its, cosines[pin.id], _bits(its, picture))
        for pin in mine
        if pin.media is not None and (its := pictures.get(pin.media)) is not None
    ]


def _bits(one: Picture, other: Picture) -> int | None:
    """Return in how many bits the hashes of the same photograph differ; a picture is the same as itself."""
    if one.sha256 == other.sha256:
        return 0
    return pdq.apart(one.phash, other.phash) if pdq.same(one.phash, other.phash) else None


async def _agreeing(kit: Kit, picture: Picture, others: Sequence[_Candidate]) -> list[_Candidate]:
    """Return those whose points agree with a picture's, most points first; one that has just gone does not."""
    held, data = list[_Candidate](), list[bytes]()
    for one in others:
        with suppress(NotFound):
            data.append(await kit.media.shown(system(), one.picture.id))
            held.append(one)
    try:
        points = await kit.store.agreeing(await kit.media.shown(system(), picture.id), data) if held else []
    except Unseen:
        return []
    found = sorted(zip(points, held, strict=True), key=lambda pair: (-pair[0], pair[1].pin))
    return [one for count, one in found if count >= SAME_POINTS_MIN]
