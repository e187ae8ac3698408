"""The only place that chooses: which class stands behind each contract, and what of it runs where.

A service is made from its store, the contracts that it calls, and its settings; whether those are objects of this
process or remotes is the placement's affair, and no service can tell.
"""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping
from concurrent.futures import Executor
from functools import cached_property, partial
from typing import Any, Final, TypeVar

from msgspec import Struct

from bowerbird.app.engines import Engines
from bowerbird.app.heard import heard_until
from bowerbird.app.secrets import derive
from bowerbird.app.sections import Settings
from bowerbird.app.topology import SERVICES, home_of, service_of
from bowerbird.base.world import World
from bowerbird.contracts.boards import Boards
from bowerbird.contracts.events import Event
from bowerbird.contracts.feed import Feed
from bowerbird.contracts.graph import Graph
from bowerbird.contracts.identity import Identity
from bowerbird.contracts.insight import Insight
from bowerbird.contracts.links import Links
from bowerbird.contracts.media import Media
from bowerbird.contracts.safety import Safety
from bowerbird.contracts.search import Search
from bowerbird.ports.keys import Keys
from bowerbird.ports.log import Log, Offset
from bowerbird.runtime import sweeps
from bowerbird.runtime.consumers import Consumer, Group, Handler
from bowerbird.runtime.sweeps import Sweep
from bowerbird.services.boards import consumer as boards_consumer
from bowerbird.services.boards.kit import Kit as BoardsKit
from bowerbird.services.boards.service import BoardsService
from bowerbird.services.boards.store import Store as BoardsStore
from bowerbird.services.feed.consumer import Consumer as FeedConsumer
from bowerbird.services.feed.service import FeedService
from bowerbird.services.feed.store import Store as FeedStore
from bowerbird.services.graph.consumer import Consumer as GraphConsumer
from bowerbird.services.graph.service import GraphService
from bowerbird.services.graph.store import Store as GraphStore
from bowerbird.services.identity.hasher import Hasher
from bowerbird.services.identity.service import IdentityService
from bowerbird.services.identity.session_token import KeyRing
from bowerbird.services.identity.store import Store as IdentityStore
from bowerbird.services.identity.sweeper import Sweeper as IdentitySweeper
from bowerbird.services.insight.service import InsightService
from bowerbird.services.insight.store import Store as InsightStore
from bowerbird.services.links.service import LinksService
from bowerbird.services.links.store import Store as LinksStore
from bowerbird.services.media.consumer import Consumer as MediaConsumer
from bowerbird.services.media.service import MediaService
from bowerbird.services.media.store import Store as MediaStore
from bowerbird.services.safety.service import SafetyService
from bowerbird.services.safety.store import Store as SafetyStore
from bowerbird.services.search.consumer import Consumer as SearchConsumer
from bowerbird.services.search.kit import Kit as SearchKit
from bowerbird.services.search.service import SearchService
from bowerbird.services.search.store import Store as SearchStore

Contract = TypeVar("Contract")
Loop = Callable[[], Coroutine[Any, Any, None]]
Step = Callable[[], Awaitable[int]]


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
    search: SearchStore


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
        search=SearchStore(e.textindex, world),
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
    def search(self) -> Search:
        """What is found by words."""
        return self._placed(Search, lambda: SearchService(self.search_kit))

    @cached_property
    def search_kit(self) -> SearchKit:
        """What the verbs and handlers of search are handed."""
        return SearchKit(self.stores.search, self.boards, self.identity, self.world, self.settings.search)

    def _placed(self, contract: type[Contract], make: Callable[[], Contract]) -> Contract:
        placement = self._placement
        return make() if service_of(contract).name in placement.here else placement.remote(contract)


def services_elsewhere(settings: Settings, master: bytes, world: World, remote: Callable[[type[Any]], Any]) -> Services:
    """Return the services for a process that has none of them, nor engines."""
    return Services(None, settings, master, world, None, Placement(frozenset(), remote))


class House(Struct, frozen=True, kw_only=True):
    """What a process does: the services, and of those here the groups of handlers that read the log, and the sweeps.

    `loops` run wherever the services are asked, not where the groups run alone; `closers` end what those began.
    """

    services: Services
    groups: list[Group]
    sweeps: list[Sweep]
    loops: list[Loop]
    closers: list[Callable[[], Awaitable[None]]]

    def behind(self, log: Log, keys: Keys, world: World) -> Iterator[Coroutine[Any, Any, None]]:
        """Yield the work of the groups and the sweeps, which one process does at a time wherever there are more."""
        for group in self.groups:
            yield Consumer(group, log, keys, world).run()
        for sweep in self.sweeps:
            yield sweeps.run(sweep, world)

    async def close(self) -> None:
        """Bring to its end what the services have accepted."""
        for close in self.closers:
            await close()


def build(
    engines: Engines,
    settings: Settings,
    master: bytes,
    world: World,
    hashing: Executor | None = None,
    placement: Placement = TOGETHER,
) -> House:
    """Put the services on their engines; `hashing` stands in for the pool that hashes passwords."""
    here = placement.here
    services = Services(engines, settings, master, world, hashing, placement)
    return House(
        services=services,
        groups=[make(services) for name, make in _GROUPS.items() if home_of(name) in here],
        sweeps=[sweep for name, make in _SWEEPS.items() if name in here for sweep in _sweeps(name, make(services))],
        loops=[services.insight_writer.run] if "insight" in here else [],
        closers=[services.insight_writer.flush] if "insight" in here else [],
    )


def _graph_consumer(s: Services) -> GraphConsumer:
    return GraphConsumer(s.stores.graph, s.identity, s.world, s.settings.graph)


def _media_consumer(s: Services) -> MediaConsumer:
    return MediaConsumer(s.stores.media, s.heard("media"), s.world, s.settings.media)


def _feed_consumer(s: Services) -> FeedConsumer:
    return FeedConsumer(s.stores.feed, s.graph, s.boards, s.settings.feed)


def _feed_group(s: Services) -> Group:
    """Return the group of the maps and the feeds: a feed is filled from the maps, and so its handlers come second."""
    feed = _feed_consumer(s)
    return Group(
        name="feed",
        handlers=_in_turn(_graph_consumer(s).handlers(), feed.handlers()),
        checkpoint=s.stores.feed.checkpoint,
        applied=s.stores.feed.applied,
    )


def _search_group(s: Services) -> Group:
    """Return the group of the index, which is written when the group commits."""
    consumer, store = SearchConsumer(s.search_kit), s.stores.search

    async def checkpoint(offsets: list[Offset]) -> None:
        await store.note(offsets, changed=await consumer.flush())

    return Group(name="search", handlers=consumer.handlers(), checkpoint=checkpoint, applied=store.applied)


_GROUPS: Final[Mapping[str, Callable[[Services], Group]]] = {
    "feed": _feed_group,
    "boards": lambda s: Group(name="boards", handlers=boards_consumer.Consumer(s.boards_kit).handlers()),
    "details": lambda s: Group(name="details", handlers=boards_consumer.Details(s.boards_kit).handlers()),
    "search": _search_group,
    "media": lambda s: Group(name="media", handlers=_media_consumer(s).handlers()),
}
"""The consumer groups; `topology.home_of` says in which service's process one runs."""

_SWEEPS: Final[Mapping[str, Callable[[Services], Mapping[str, Step]]]] = {
    "media": lambda s: _media_consumer(s).sweeps(),
    "identity": lambda s: IdentitySweeper(s.stores.identity, s.world, s.settings.identity).sweeps(),
    "graph": lambda s: _graph_consumer(s).sweeps(),
    "boards": lambda s: boards_consumer.Consumer(s.boards_kit).sweeps(),
    "feed": lambda s: _feed_consumer(s).sweeps(),
}
"""The sweeps of services, by service."""


def _sweeps(service: str, steps: Mapping[str, Step]) -> list[Sweep]:
    return [Sweep(f"{service}.{name}", step) for name, step in steps.items()]


def _in_turn(*services: Mapping[str, Handler]) -> dict[str, Handler]:
    """Return handlers of a group that serves several services: those of one event, in the order of the services."""
    by_type: dict[str, list[Handler]] = defaultdict(list)
    for handlers in services:
        for type_, handler in handlers.items():
            by_type[type_].append(handler)
    return {type_: _one_after_another(handlers) for type_, handlers in by_type.items()}


def _one_after_another(handlers: list[Handler]) -> Handler:
    async def handle(event: Event[Any]) -> None:
        for handler in handlers:
            await handler(event)

    return handle
