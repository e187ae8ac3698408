"""The operation behind `bowerbird embed --again`: look at all pictures again, by the model that is there now."""

from collections.abc import Callable
from typing import Final

from bowerbird.app.visit import Visit
from bowerbird.contracts.problems import Unavailable
from bowerbird.services.vision.model import Space
from bowerbird.services.vision.store import Store

Show = Callable[[str, int, int], None]

SWEEP: Final = "vision.refill"


async def reembed(here: Visit, show: Show) -> int:
    """Do it, here, whether or not the sweep of those who run comes to help; return of how many pins. Unavailable.

    Until it is done, what was seen before answers.
    """
    store = here.house.services.stores.vision
    [sweep] = [sweep for sweep in here.house.sweeps if sweep.name == SWEEP]
    made = await store.again()
    while not await _is_done(store, made):
        show("Looking at pictures", *await store.progress())
        if not await sweep.step() and not await _is_done(store, made):
            raise Unavailable("pictures cannot be looked at by the model that is there now")
    return (await store.progress())[0]


async def _is_done(store: Store, made: Space) -> bool:
    """Say whether a space, or one made after it, answers, and whatever was seen before is in it."""
    spaces = await store.spaces()
    return not spaces or (spaces[0].made_us >= made.made_us and not await store.due(spaces[0], 1))
