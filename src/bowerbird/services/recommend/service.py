"""The class that meets recommend's contract."""

from typing_extensions import override

from bowerbird.base.ids import Id
from bowerbird.contracts.caller import Caller
from bowerbird.contracts.recommend import Ideas, NewTuning, Proposed, Recommend, Topic, Tuning
from bowerbird.services.recommend.for_board import for_board
from bowerbird.services.recommend.ideas import ideas
from bowerbird.services.recommend.kit import Kit
from bowerbird.services.recommend.list_topics import Shelf
from bowerbird.services.recommend.propose import boards, people
from bowerbird.services.recommend.related import related
from bowerbird.services.recommend.tune import tune, tunings, undo


class RecommendService(Recommend):
    """Proposes; what it proposes from is kept by `consumer`."""

    def __init__(self, kit: Kit) -> None:
        self._kit = kit
        self._shelf = Shelf(kit)

    @override
    async def ideas(self, caller: Caller, after: bytes | None, limit: int) -> Ideas:
        return await ideas(self._kit, caller, after, limit)

    @override
    async def for_board(self, caller: Caller, board: Id, after: bytes | None, limit: int) -> Ideas:
        return await for_board(self._kit, caller, board, after, limit)

    @override
    async def related(self, caller: Caller, pin: Id, after: bytes | None, limit: int) -> Ideas:
        return await related(self._kit, caller, pin, after, limit)

    @override
    async def people(self, caller: Caller, limit: int) -> list[Proposed]:
        return await people(self._kit, caller, limit)

    @override
    async def boards(self, caller: Caller, limit: int) -> list[Proposed]:
        return await boards(self._kit, caller, limit)

    @override
    async def topics(self, caller: Caller) -> list[Topic]:
        return await self._shelf.topics(caller)

    @override
    async def tune(self, caller: Caller, new: NewTuning) -> Tuning:
        return await tune(self._kit, caller, new)

    @override
    async def tunings(self, caller: Caller) -> list[Tuning]:
        return await tunings(self._kit, caller)

    @override
    async def undo(self, caller: Caller, tuning: Id) -> None:
        await undo(self._kit, caller, tuning)
