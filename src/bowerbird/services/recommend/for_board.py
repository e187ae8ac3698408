"""Ideas for a board: what a walk from its things finds, and what looks like those."""

from typing import Final

from bowerbird.base.ids import Id
from bowerbird.contracts.caller import Caller
from bowerbird.contracts.problems import NotFound
from bowerbird.contracts.recommend import Because, Ideas
from bowerbird.services.recommend.asker import Start, asker_of, start_of
from bowerbird.services.recommend.choose import LEADS_MAX, choose
from bowerbird.services.recommend.kit import Kit
from bowerbird.services.recommend.looks import ASKED_MAX, alike
from bowerbird.services.recommend.model import QUERY_MAX, Lead, in_turns, mark_of
from bowerbird.services.recommend.store import Leaning

_WALKED: Final = 2 / 3


async def for_board(kit: Kit, caller: Caller, board: Id, after: bytes | None, limit: int) -> Ideas:
    """Return the next ideas for a board: nine reads and a walk. NotFound.

    Who asks for a board has said that it may lead somewhere, whatever they wished for elsewhere; not so its pins.
    """
    mark = mark_of(after, kit.world.chance())
    access = (await kit.boards.access(caller, [board]))[0]
    if access is None:
        raise NotFound("there is no such board, or you may not see it")
    asker = await asker_of(kit, caller)
    saves = await kit.store.of_board(board, QUERY_MAX)
    start = start_of([save for save in saves if not {save.pin, save.thing} & asker.wishes.muted])
    because = Because("board", board=board)
    near = await _near(kit, start, asker.leaning, because, mark.start)
    looks = await alike(kit, caller, list(start.pins.values())[:ASKED_MAX], because) if start.pins else []
    leads = list(in_turns(near, looks or [], _WALKED))
    there = await kit.store.on_board(board, [lead.thing for lead in leads])
    return await choose(kit, asker, (lead for lead in leads if not there[lead.thing]), mark, limit)


async def _near(kit: Kit, start: Start, leaning: Leaning, because: Because, seed: int) -> list[Lead]:
    if not start.weights:
        return []
    found = await kit.store.walk(
        start.weights, start.own, leaning, seed=seed, steps_max=kit.settings.steps_max, things_max=LEADS_MAX
    )
    return [Lead(one.id, because) for one in found.things]
