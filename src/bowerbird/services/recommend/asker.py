"""Who asks: what they wish for, and what they saved last."""

from collections.abc import Iterable
from typing import Final

from msgspec import Struct

from bowerbird.base.ids import Id
from bowerbird.contracts.boards import Pin
from bowerbird.contracts.caller import Caller, system
from bowerbird.services.recommend.kit import Kit
from bowerbird.services.recommend.model import Wishes, thing_of, weights, wishes_of
from bowerbird.services.recommend.store import Leaning, Save

_SAVES_MAX: Final = 1000


class Asker(Struct, frozen=True):
    """Somebody, or nobody in particular, who wishes for nothing."""

    person: Id | None
    wishes: Wishes

    @property
    def leaning(self) -> Leaning:
        """Return which topics are to be preferred."""
        return Leaning(self.wishes.interests, self.wishes.shunned)

    def counting(self, saves: Iterable[Save]) -> list[Save]:
        """Return those of the saves because of which something may come."""
        muted = self.wishes.muted
        return [save for save in saves if not {save.pin, save.thing, save.board} & muted]


class Start(Struct, frozen=True):
    """Where a walk begins: things by their weight, the pins in which they were saved last, and what is private."""

    weights: dict[Id, float]
    pins: dict[Id, Id]
    own: list[Save]


def start_of(saves: list[Save]) -> Start:
    """Return where a walk begins that saves lead to, which come newest first."""
    return Start(
        weights(save.thing for save in saves),
        {save.thing: save.pin for save in reversed(saves)},
        [save for save in saves if not save.public],
    )


async def asker_of(kit: Kit, caller: Caller) -> Asker:
    """Return who asks; one read."""
    person = caller.reader()
    return Asker(person, Wishes() if person is None else wishes_of(await kit.store.tunings(person)))


async def saved_by(kit: Kit, asker: Asker) -> Start:
    """Return where the walks begin that are somebody's own; one read."""
    saves = [] if asker.person is None else await kit.store.of_person(asker.person, _SAVES_MAX)
    return start_of(asker.counting(saves))


async def thing_in(kit: Kit, pin: Pin) -> Id | None:
    """Return what a pin holds, by its row and its picture's."""
    if pin.link is not None or pin.media is None:
        return pin.link
    picture = (await kit.media.pictures(system(), [pin.media]))[0]
    return thing_of(pin, None if picture is None else picture.sha256)
