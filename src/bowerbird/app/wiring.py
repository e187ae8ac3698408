"""The only place that chooses which class stands behind each contract, and whether it is here or elsewhere.

A service is made from its store, the contracts that it calls, and its settings; whether those are objects of this
process or remotes is the placement's affair, and no service can tell.
"""

from collections.abc import Awaitable, Callable
from concurrent.futures import Executor
from functools import cached_property, partial
from typing import Any, Final, TypeVar

from msgspec import Struct

from bowerbird.app.engines import Engines
from bowerbird.app.heard import heard_until
from bowerbird.app.secrets import derive
from bowerbird.app.sections import Settings
from bowerbird.app.topology import SERVICES, service_of
from bowerbird.base.world import World
from bowerbird.contracts.boards import Boards
from bowerbird.contracts.feed import Feed
from bowerbird.contracts.graph import Graph
from bowerbird.contracts.identity import Identity
from bowerbird.contracts.insight import Insight
from bowerbird.contracts.links import Links
from bowerbird.contracts.media import Media
from bowerbird.contracts.recommend import Recommend
from bowerbird.contracts.safety import Safety
from bowerbird.contracts.search import Search
from bowerbird.contracts.vision import Vision
from bowerbird.services.boards.kit import Kit as BoardsKit
from bowerbird.services.boards.service import BoardsService
from bowerbird.services.boards.store import Store as BoardsStore
from bowerbird.services.feed.service import FeedService
from bowerbird.services.feed.store import Store as FeedStore
from bowerbird.services.graph.service import GraphService
from bowerbird.services.graph.store import Store as GraphStore
from bowerbird.services.identity.hasher import Hasher
from bowerbird.services.identity.service import IdentityService
from bowerbird.services.identity.session_token import KeyRing
from bowerbird.services.identity.store import Store as IdentityStore
from bowerbird.services.insight.service import InsightService
from bowerbird.services.insight.store import Store as InsightStore
from bowerbird.services.links.service import LinksService
from bowerbird.services.links.store import Store as LinksStore
from bowerbird.services.media.service import MediaService
from bowerbird.services.media.store import Store as MediaStore
from bowerbird.services.recommend.kit import Kit as RecommendKit
from bowerbird.services.recommend.service import RecommendService
from bowerbird.services.recommend.store import Store as RecommendStore
from bowerbird.services.safety.service import SafetyService
from bowerbird.services.safety.store import Store as SafetyStore
from bowerbird.services.search.kit import Kit as SearchKit
from bowerbird.services.search.service import SearchService
from bowerbird.services.search.store import Store as SearchStore
from bowerbird.services.vision.kit import Kit as VisionKit
from bowerbird.services.vision.service import VisionService
from bowerbird.services.vision.store import Store as VisionStore

Contract = TypeVar("Contract")


def _nowhere(contract: type[Any]) -> Any:  # noqa: ANN401 - an object of the contract, were there one
    raise LookupError(f"nobody here knows where {contract.__name__} is")


class Placement(Struct, frozen=True):
    """What this process is: `here` names the services that are objects in it; `remote` reaches any other."""

    here: frozenset[str]
    remote: Callable[[type[Any]], Any] = _nowhere


TOGETHER: Final = Placement(frozenset(service.name for service in SERVICES))
"""Every service, as one process has them all."""


class Stores(Struct, frozen=True, kw_only=True):
    """The services' stores; to make one asks nothing of its engine."""

    safety: SafetyStore
    media: MediaStore
    identity: IdentityStore
    graph: GraphStore
    links: LinksStore
    boards: BoardsStore
    feed: FeedStore
    insight: InsightStore
    vision: VisionStore
    search: SearchStore
    recommend: RecommendStore


def _stores(e: Engines, settings: Settings, world: World) -> Stores:
    return Stores(
        safety=SafetyStore(e.counters),
        media=MediaStore(e.records, e.keys, e.blobs, e.pictures, world),
        identity=IdentityStore(e.records, e.keys, world),
        graph=GraphStore(e.records, e.keys, e.graph, world),
        links=LinksStore(e.records, e.keys, e.fetch, world),
        boards=BoardsStore(e.records, e.keys, world),
        feed=FeedStore(e.timelines, world, settings.feed),
        insight=InsightStore(e.log, e.keys, world),
        vision=VisionStore(e.vectors, e.embedder, e.likeness, e.records, e.keys, world),
        search=SearchStore(e.textindex, e.askings, world),
        recommend=RecommendStore(e.walks, e.tastes, e.records, e.keys, world),
    )


class Services:
    """Every service by its contract, made when it is first asked for: an object if it is here, and a remote if not."""

    def __init__(
        self,
        engines: Engines | None,
        settings: Settings,
        master: bytes,
        world: World,
        hashing: Executor | None,
        placement: Placement,
    ) -> None:
        self._engines = engines
        self.settings = settings
        self.world = world
        self._master = master
        self._hashing = hashing
        self._placement = placement

    @property
    def engines(self) -> Engines:
        """What is here to make services of; LookupError without."""
        if self._engines is None:
            raise LookupError("there are no engines here")
        return self._engines

    @cached_property
    def stores(self) -> Stores:
        """The stores of whatever is made here."""
        return _stores(self.engines, self.settings, self.world)

    def heard(self, group: str) -> Callable[[], Awaitable[int]]:
        """Return what tells up to when a group of handlers has heard everything."""
        return partial(heard_until, self.engines.log, group, self.world)

    @cached_property
    def safety(self) -> Safety:
        """How often anybody may do anything."""
        return self._placed(Safety, lambda: SafetyService(self.stores.safety, self.world, self.settings.safety))

    @cached_property
    def media(self) -> Media:
        """Pictures."""
        return self._placed(Media, lambda: MediaService(self.stores.media, self.world, self.settings.media))

    @cached_property
    def identity(self) -> Identity:
        """People."""
        return self._placed(Identity, self._identity)

    def _identity(self) -> Identity:
        settings = self.settings.identity
        hasher = Hasher(self.world, settings, self._hashing)
        ring = KeyRing.of(derive(self._master, "sessions"), settings)
        return IdentityService(self.stores.identity, self.safety, self.media, hasher, ring, self.world, settings)

    @cached_property
    def graph(self) -> Graph:
        """Follows and blocks."""
        return self._placed(
            Graph, lambda: GraphService(self.stores.graph, self.identity, self.world, self.settings.graph)
        )

    @cached_property
    def links(self) -> Links:
        """Web addresses."""
        return self._placed(Links, lambda: LinksService(self.stores.links, self.world))

    @cached_property
    def boards(self) -> Boards:
        """Boards and pins."""
        return self._placed(Boards, lambda: BoardsService(self.boards_kit))

    @cached_property
    def boards_kit(self) -> BoardsKit:
        """What the boards' verbs and handlers are handed."""
        peers = (self.links, self.media, self.graph, self.identity)
        return BoardsKit(self.stores.boards, *peers, self.world, self.settings.boards)

    @cached_property
    def feed(self) -> Feed:
        """Home feeds."""
        return self._placed(Feed, lambda: FeedService(self.stores.feed, self.graph, self.boards, self.settings.feed))

    @cached_property
    def insight(self) -> Insight:
        """What was looked at."""
        return self._placed(Insight, lambda: self.insight_writer)

    @cached_property
    def insight_writer(self) -> InsightService:
        """Insight as the object that it is where it lives."""
        return InsightService(self.stores.insight, self.world, self.settings.insight)

    @cached_property
    def vision(self) -> Vision:
        """What pictures look like."""
        return self._placed(Vision, lambda: VisionService(self.vision_kit))

    @cached_property
    def vision_kit(self) -> VisionKit:
        """What the verbs and handlers of vision are handed."""
        return VisionKit(self.stores.vision, self.boards, self.media, self.world, self.settings.vision)

    @cached_property
    def search(self) -> Search:
        """What is found by words."""
        return self._placed(Search, lambda: SearchService(self.search_kit))

    @cached_property
    def search_kit(self) -> SearchKit:
        """What the verbs and handlers of search are handed."""
        return SearchKit(self.stores.search, self.boards, self.identity, self.vision, self.world, self.settings.search)

    @cached_property
    def recommend(self) -> Recommend:
        """What people may like."""
        return self._placed(Recommend, lambda: RecommendService(self.recommend_kit))

    @cached_property
    def recommend_kit(self) -> RecommendKit:
        """What the verbs and handlers of recommend are handed."""
        peers = (self.boards, self.media, self.vision, self.graph)
        return RecommendKit(self.stores.recommend, *peers, self.world, self.settings.recommend)

    def _placed(self, contract: type[Contract], make: Callable[[], Contract]) -> Contract:
        placement = self._placement
        return make() if service_of(contract).name in placement.here else placement.remote(contract)


def services_elsewhere(settings: Settings, master: bytes, world: World, remote: Callable[[type[Any]], Any]) -> Services:
    """Return the services for a process that has none of them, nor engines."""
    return Services(None, settings, master, world, None, Placement(frozenset(), remote))
