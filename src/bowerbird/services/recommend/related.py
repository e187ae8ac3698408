"""What is like a pin: by its looks, and by what people save beside it."""

from typing import Final

from bowerbird.base.ids import Id
from bowerbird.contracts.boards import Shown
from bowerbird.contracts.caller import Caller
from bowerbird.contracts.problems import Unavailable
from bowerbird.contracts.recommend import Because, Ideas
from bowerbird.services.recommend.asker import asker_of, thing_in
from bowerbird.services.recommend.choose import LEADS_MAX, choose
from bowerbird.services.recommend.kit import Kit
from bowerbird.services.recommend.looks import alike
from bowerbird.services.recommend.model import QUERY_MAX, Lead, in_turns, mark_of
from bowerbird.services.recommend.store import Leaning

_HALF: Final = 0.5


async def related(kit: Kit, caller: Caller, pin: Id, after: bytes | None, limit: int) -> Ideas:
    """Return the next pins like one: nine reads and a walk at most. Either half stands in for the other. NotFound.

    Who asks what is like a pin has said that it may lead somewhere, whatever they wished for elsewhere.
    """
    mark = mark_of(after, kit.world.chance())
    shown = await kit.boards.pin(caller, pin)
    asker, thing = await asker_of(kit, caller), await thing_in(kit, shown.pin)
    looks = await alike(kit, caller, [shown.pin.id], Because("looks", pin=shown.pin.id))
    beside = None if thing is None else await _beside(kit, shown, thing, asker.leaning, mark.start)
    if looks is None and beside is None:
        raise Unavailable("what is like it cannot be found now", retry_after_s=1)
    others = [lead for lead in looks or [] if lead.thing != thing]
    return await choose(kit, asker, in_turns(others, beside or [], _HALF), mark, limit)


async def _beside(kit: Kit, shown: Shown, thing: Id, leaning: Leaning, seed: int) -> list[Lead] | None:
    """Return what people save beside a thing, among them those of its board if that is private; None without walks."""
    pin, board = shown.pin, shown.access.board
    try:
        own = [] if board.visibility == "public" else await kit.store.of_board(board.id, QUERY_MAX)
        found = await kit.store.walk(
            {thing: 1.0}, own, leaning, seed=seed, steps_max=kit.settings.steps_max, things_max=LEADS_MAX
        )
    except Unavailable:
        return None
    return [Lead(one.id, Because("beside", pin=pin.id)) for one in found.things]
