"""The only place that chooses: which class stands behind each contract, and what of it runs where.

Services are built in the order of `topology.SERVICES`, each from its store, the contracts it calls, and its settings.
"""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import Executor
from typing import Any, Final

from msgspec import Struct

from bowerbird.app.engines import Engines
from bowerbird.app.secrets import derive
from bowerbird.app.sections import Settings
from bowerbird.base.world import World
from bowerbird.contracts.boards import Boards
from bowerbird.contracts.events import Event
from bowerbird.contracts.feed import Feed
from bowerbird.contracts.graph import Graph
from bowerbird.contracts.identity import Identity
from bowerbird.contracts.links import Links
from bowerbird.contracts.media import Media
from bowerbird.contracts.safety import Safety
from bowerbird.ports import once
from bowerbird.runtime.consumers import Group, Handler
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

SWEEP_PAUSE_S: Final = 60.0


class Services(Struct, frozen=True, kw_only=True):
    """Every service, known by its contract (insight by its class too, since it has a loop of its own)."""

    safety: Safety
    media: Media
    identity: Identity
    graph: Graph
    links: Links
    boards: Boards
    feed: Feed
    insight: InsightService


class House(Struct, frozen=True, kw_only=True):
    """The services, the groups of handlers that read the log, and the sweeps."""

    services: Services
    groups: list[Group]
    sweeps: list[Sweep]


def build(engines: Engines, settings: Settings, master: bytes, world: World, hashing: Executor | None = None) -> House:
    """Put the services on their engines; `hashing` stands in for the pool that hashes passwords."""
    e = engines
    safety = SafetyService(SafetyStore(e.counters), world, settings.safety)
    media_store = MediaStore(e.records, e.keys, e.blobs, e.pictures, world)
    media = MediaService(media_store, world, settings.media)
    identity_store = IdentityStore(e.records, e.keys, world)
    hasher = Hasher(world, settings.identity, hashing)
    ring = KeyRing.of(derive(master, "sessions"), settings.identity)
    identity = IdentityService(identity_store, safety, media, hasher, ring, world, settings.identity)
    graph_store = GraphStore(e.records, e.keys, e.graph, world)
    graph = GraphService(graph_store, identity, world, settings.graph)
    links = LinksService(LinksStore(e.records, e.keys, e.fetch, world), world)
    boards_store = BoardsStore(e.records, e.keys, world)
    boards_kit = BoardsKit(boards_store, links, media, graph, identity, world, settings.boards)
    boards = BoardsService(boards_kit)
    feed_store = FeedStore(e.timelines, world, settings.feed)
    feed = FeedService(feed_store, graph, boards, settings.feed)
    insight = InsightService(InsightStore(e.log, e.keys, world), world, settings.insight)

    media_consumer = MediaConsumer(media_store, world, settings.media)
    graph_consumer = GraphConsumer(graph_store, identity, world, settings.graph)
    feed_consumer = FeedConsumer(feed_store, graph, boards, settings.feed)
    boards_events = boards_consumer.Consumer(boards_kit)
    details = boards_consumer.Details(boards_kit)
    identity_sweeper = IdentitySweeper(identity_store, world, settings.identity)
    return House(
        services=Services(
            safety=safety,
            media=media,
            identity=identity,
            graph=graph,
            links=links,
            boards=boards,
            feed=feed,
            insight=insight,
        ),
        groups=[
            Group(
                name="feed",
                handlers=_in_turn(graph_consumer.handlers(), feed_consumer.handlers()),
                checkpoint=feed_store.checkpoint,
                applied=feed_store.applied,
            ),
            Group(name="boards", handlers=boards_events.handlers()),
            Group(name="details", handlers=details.handlers()),
            Group(name="media", handlers=media_consumer.handlers()),
        ],
        sweeps=[
            *_sweeps("media", media_consumer.sweeps()),
            *_sweeps("identity", identity_sweeper.sweeps()),
            *_sweeps("graph", graph_consumer.sweeps()),
            *_sweeps("boards", boards_events.sweeps()),
            Sweep("idempotency_keys", lambda: once.forget(e.records, world.now_us()), SWEEP_PAUSE_S),
        ],
    )


def _sweeps(service: str, steps: Mapping[str, Callable[[], Awaitable[int]]]) -> list[Sweep]:
    return [Sweep(f"{service}.{name}", step, SWEEP_PAUSE_S) for name, step in steps.items()]


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
