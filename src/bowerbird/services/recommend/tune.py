"""Wishes: made once, listed, and taken back."""

from typing import Final

from msgspec.structs import replace

from bowerbird.base.ids import Id
from bowerbird.contracts.caller import Caller
from bowerbird.contracts.problems import Invalid, NotFound
from bowerbird.contracts.recommend import TUNINGS_MAX, NewTuning, Tuning
from bowerbird.services.recommend.asker import thing_in
from bowerbird.services.recommend.kit import Kit
from bowerbird.services.recommend.model import tuning_id
from bowerbird.services.recommend.topics import TOPICS

_ABOUT: Final = {"interest": "topic", "less": "topic", "hidden": "pin", "not_pin": "pin", "not_board": "board"}
"""What each wish is about."""


async def tune(kit: Kit, caller: Caller, new: NewTuning) -> Tuning:
    """Return the wish, made now or before. More at the same time may be a few more than there may be. NotFound."""
    tuning = await _drawn(kit, caller, caller.writer(), new)
    there = await kit.store.tuning(tuning.person, tuning.id)
    if there is not None:
        return there
    if len(await kit.store.tunings(tuning.person)) >= TUNINGS_MAX:
        raise Invalid(f"you have {TUNINGS_MAX} wishes, and there may be no more: undo some", field="wish")
    if await kit.store.make(caller, tuning):
        return tuning
    return await kit.store.tuning(tuning.person, tuning.id) or tuning


async def tunings(kit: Kit, caller: Caller) -> list[Tuning]:
    """Return the caller's wishes, newest first."""
    return await kit.store.tunings(caller.signed_in())


async def undo(kit: Kit, caller: Caller, tuning: Id) -> None:
    """Take a wish back; whoever else takes it back at the same time has done so."""
    old = await kit.store.tuning(caller.writer(), tuning)
    if old is not None:
        # A wish may be made again, under the same id: its versions are times, so that they go on rising.
        await kit.store.undo(caller, old, replace(old, version=max(old.version + 1, kit.world.now_us())))


async def _drawn(kit: Kit, caller: Caller, person: Id, new: NewTuning) -> Tuning:
    """Return a wish as it would be made now. NotFound, Invalid."""
    about = _about(new)
    now_us = kit.world.now_us()
    tuning = Tuning(person=person, id=person, wish=new.wish, created_at=now_us, version=now_us)
    if about == "topic":
        return replace(tuning, id=tuning_id(person, new.wish, str(new.topic).encode()), topic=_known(new.topic))
    if about == "board":
        board = await _visible(kit, caller, new.board)
        return replace(tuning, id=tuning_id(person, new.wish, board), board=board)
    shown = await kit.boards.pin(caller, new.pin or person)
    thing = await thing_in(kit, shown.pin)
    return replace(tuning, id=tuning_id(person, new.wish, shown.pin.id), pin=shown.pin.id, thing=thing)


def _about(new: NewTuning) -> str:
    """Return what a wish is about, which must be given, and nothing else; Invalid."""
    about = _ABOUT.get(new.wish)
    if about is None:
        raise Invalid(f"wish is one of {', '.join(_ABOUT)}", field="wish")
    for field in ("topic", "pin", "board"):
        if bool(getattr(new, field)) != (field == about):
            raise Invalid(f"the wish {new.wish} is about a {about}, and about nothing else", field=field)
    return about


def _known(topic: int) -> int:
    if topic not in dict(TOPICS):
        raise Invalid("there is no such topic", field="topic")
    return topic


async def _visible(kit: Kit, caller: Caller, board: Id | None) -> Id:
    access = None if board is None else (await kit.boards.access(caller, [board]))[0]
    if access is None:
        raise NotFound("there is no such board, or you may not see it", field="board")
    return access.board.id
