"""The class that meets search's contract."""

from typing_extensions import override

from bowerbird.contracts.caller import Caller
from bowerbird.contracts.search import Found, FoundKind, Frequent, Results, Search
from bowerbird.services.search.asked import asked
from bowerbird.services.search.find import find
from bowerbird.services.search.kit import Kit
from bowerbird.services.search.suggest import suggest


class SearchService(Search):
    """Asks the index; what fills it is `consumer`."""

    def __init__(self, kit: Kit) -> None:
        self._kit = kit

    @override
    async def find(self, caller: Caller, query: str, kind: FoundKind, after: bytes | None, limit: int) -> Results:
        return await find(self._kit, caller, query, kind, after, limit)

    @override
    async def suggest(self, caller: Caller, typed: str, limit: int) -> list[Found]:
        return await suggest(self._kit, caller, typed, limit)

    @override
    async def asked(self, typed: str, limit: int) -> list[Frequent]:
        return await asked(self._kit, typed, limit)
