"""The class that meets the feed's contract."""

from typing_extensions import override

from bowerbird.contracts.boards import Boards
from bowerbird.contracts.caller import Caller
from bowerbird.contracts.feed import Feed, Stretch
from bowerbird.contracts.graph import Graph
from bowerbird.contracts.paging import LIMIT_MAX
from bowerbird.services.feed.model import read_place, stretch
from bowerbird.services.feed.read import Hybrid, Policy, Pull
from bowerbird.services.feed.settings import FeedSettings
from bowerbird.services.feed.store import Store


class FeedService(Feed):
    """Reads timelines; what fills them is `consumer`. The policy is the settings' choice."""

    def __init__(self, store: Store, graph: Graph, boards: Boards, settings: FeedSettings) -> None:
        self._store = store
        pull = Pull(store, graph, boards)
        self._policy: Policy = pull if settings.policy == "pull" else Hybrid(store, graph, pull, settings.entries_max)

    @override
    async def home(self, caller: Caller, before: bytes | None, limit: int) -> Stretch:
        viewer = caller.signed_in()
        page = await self._policy.home(viewer, read_place(before), max(1, min(limit, LIMIT_MAX)))
        return stretch(await self._store.resolved(page.candidates), page.behind)
