"""What a process of the house does: its services, and of those that are here the consumer groups and the sweeps."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping
from concurrent.futures import Executor
from typing import Any, Final

from msgspec import Struct

from bowerbird.app.engines import Engines
from bowerbird.app.sections import Settings
from bowerbird.app.topology import home_of
from bowerbird.app.wiring import TOGETHER, Placement, Services
from bowerbird.base.world import World
from bowerbird.contracts.events import VIEWS, Event
from bowerbird.ports.keys import Keys
from bowerbird.ports.log import Log, Offset
from bowerbird.runtime import sweeps
from bowerbird.runtime.consumers import Consumer, Group, Handler
from bowerbird.runtime.sweeps import Sweep
from bowerbird.services.boards import consumer as boards_consumer
from bowerbird.services.feed.consumer import Consumer as FeedConsumer
from bowerbird.services.graph.consumer import Consumer as GraphConsumer
from bowerbird.services.identity.sweeper import Sweeper as IdentitySweeper
from bowerbird.services.media.consumer import Consumer as MediaConsumer
from bowerbird.services.recommend import consumer as recommend_consumer
from bowerbird.services.search import consumer as search_consumer
from bowerbird.services.vision.consumer import Consumer as VisionConsumer

Loop = Callable[[], Coroutine[Any, Any, None]]
Step = Callable[[], Awaitable[int]]


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
    consumer, store = search_consumer.Consumer(s.search_kit), s.stores.search

    async def checkpoint(offsets: list[Offset]) -> None:
        await store.note(offsets, changed=await consumer.flush())

    return Group(name="search", handlers=consumer.handlers(), checkpoint=checkpoint, applied=store.applied)


def _queries_group(s: Services) -> Group:
    """Return the group of what people search for."""
    queries = search_consumer.Queries(s.search_kit)
    handlers = queries.handlers()
    return Group(name="queries", topic=VIEWS, handlers=handlers, checkpoint=queries.checkpoint, applied=queries.applied)


def _vision_group(s: Services) -> Group:
    """Return the group of those who look at pictures; where it is stands with the vectors."""
    handlers, store = VisionConsumer(s.vision_kit).handlers(), s.stores.vision
    return Group(name="vision", handlers=handlers, checkpoint=store.checkpoint, applied=store.applied)


def _recommend_group(s: Services) -> Group:
    """Return the group of the graph of saves, which is written when the group commits."""
    consumer = recommend_consumer.Consumer(s.recommend_kit)
    return Group(
        name="recommend", handlers=consumer.handlers(), checkpoint=consumer.checkpoint, applied=consumer.applied
    )


def _sights_group(s: Services) -> Group:
    """Return the group of what people were shown."""
    sights = recommend_consumer.Sights(s.recommend_kit)
    return Group(name="sights", topic=VIEWS, handlers=sights.handlers(), checkpoint=sights.checkpoint)


_GROUPS: Final[Mapping[str, Callable[[Services], Group]]] = {
    "feed": _feed_group,
    "boards": lambda s: Group(name="boards", handlers=boards_consumer.Consumer(s.boards_kit).handlers()),
    "details": lambda s: Group(name="details", handlers=boards_consumer.Details(s.boards_kit).handlers()),
    "search": _search_group,
    "queries": _queries_group,
    "vision": _vision_group,
    "recommend": _recommend_group,
    "sights": _sights_group,
    "media": lambda s: Group(name="media", handlers=_media_consumer(s).handlers()),
}
"""The consumer groups; `topology.home_of` says in which service's process one runs."""

_SWEEPS: Final[Mapping[str, Callable[[Services], Mapping[str, Step]]]] = {
    "media": lambda s: _media_consumer(s).sweeps(),
    "identity": lambda s: IdentitySweeper(s.stores.identity, s.world, s.settings.identity).sweeps(),
    "graph": lambda s: _graph_consumer(s).sweeps(),
    "boards": lambda s: boards_consumer.Consumer(s.boards_kit).sweeps(),
    "feed": lambda s: _feed_consumer(s).sweeps(),
    "vision": lambda s: VisionConsumer(s.vision_kit).sweeps(),
    "search": lambda s: search_consumer.Queries(s.search_kit).sweeps(),
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
