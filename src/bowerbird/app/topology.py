"""The index of the house: one row a service, with its contract, whom it calls, what it consumes, and what it needs.

ARCHITECTURE.md's table is generated from it, and tests hold the code against it: what a service imports of other
contracts and of ports, and which groups its handlers run in.
"""

from typing import Any, Final

from msgspec import Struct

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
from bowerbird.ports.once import ANSWERED
from bowerbird.ports.tables import Table
from bowerbird.services.boards import store as boards_store
from bowerbird.services.boards.settings import BoardsSettings
from bowerbird.services.feed.settings import FeedSettings
from bowerbird.services.graph import store as graph_store
from bowerbird.services.graph.settings import GraphSettings
from bowerbird.services.identity import store as identity_store
from bowerbird.services.identity.settings import IdentitySettings
from bowerbird.services.insight.settings import InsightSettings
from bowerbird.services.links import store as links_store
from bowerbird.services.media import store as media_store
from bowerbird.services.media.settings import MediaSettings
from bowerbird.services.recommend import store as recommend_store
from bowerbird.services.recommend.settings import RecommendSettings
from bowerbird.services.safety.settings import SafetySettings
from bowerbird.services.search.settings import SearchSettings
from bowerbird.services.vision import store as vision_store
from bowerbird.services.vision.settings import VisionSettings


class Service(Struct, frozen=True, kw_only=True):
    """One service. `groups`: the consumer groups in which its handlers run; `owns`, for people, what it answers for."""

    name: str
    contract: Any
    owns: str
    calls: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    ports: tuple[str, ...] = ()
    tables: tuple[Table[Any], ...] = ()
    settings: type[Struct] | None = None


SERVICES: Final = (
    Service(
        name="safety",
        contract=Safety,
        owns="how often anybody may do anything",
        ports=("counters",),
        settings=SafetySettings,
    ),
    Service(
        name="media",
        contract=Media,
        owns="uploads, pictures in every size, and their bytes",
        groups=("media",),
        ports=("records", "keys", "blobs", "pictures"),
        tables=media_store.TABLES,
        settings=MediaSettings,
    ),
    Service(
        name="identity",
        contract=Identity,
        owns="people, credentials, sessions, access tokens, claims on names",
        calls=("safety", "media"),
        ports=("records", "keys"),
        tables=identity_store.TABLES,
        settings=IdentitySettings,
    ),
    Service(
        name="graph",
        contract=Graph,
        owns="follows and blocks, and the maps both ways",
        calls=("identity",),
        groups=("feed",),
        ports=("records", "keys", "graph"),
        tables=graph_store.TABLES,
        settings=GraphSettings,
    ),
    Service(
        name="links",
        contract=Links,
        owns="web addresses, each known once, and what their pages say",
        ports=("records", "keys", "fetch"),
        tables=links_store.TABLES,
    ),
    Service(
        name="boards",
        contract=Boards,
        owns="boards, pins, shares, and who may see and change them",
        calls=("links", "media", "graph", "identity"),
        groups=("boards", "details"),
        ports=("records", "keys"),
        tables=boards_store.TABLES,
        settings=BoardsSettings,
    ),
    Service(
        name="feed",
        contract=Feed,
        owns="timelines: home feeds, posts by author, pins by board",
        calls=("graph", "boards"),
        groups=("feed",),
        ports=("timelines",),
        settings=FeedSettings,
    ),
    Service(
        name="insight",
        contract=Insight,
        owns="what was looked at",
        ports=("log", "keys"),
        settings=InsightSettings,
    ),
    Service(
        name="vision",
        contract=Vision,
        owns="what pins' pictures look like and show, and which are the same photograph",
        calls=("boards", "media"),
        groups=("vision",),
        ports=("vectors", "embedder", "likeness", "records", "keys"),
        tables=vision_store.TABLES,
        settings=VisionSettings,
    ),
    Service(
        name="search",
        contract=Search,
        owns="what was written on pins, boards and by people, found by its words; what many search for",
        calls=("boards", "identity", "vision"),
        groups=("search", "queries"),
        ports=("textindex", "askings"),
        settings=SearchSettings,
    ),
    Service(
        name="recommend",
        contract=Recommend,
        owns="what people may like, and what they wish of that",
        calls=("boards", "media", "vision", "graph"),
        groups=("recommend", "sights"),
        ports=("walks", "tastes", "records", "keys"),
        tables=recommend_store.TABLES,
        settings=RecommendSettings,
    ),
)
"""In an order in which every service comes after those that it calls."""

TABLES: Final[tuple[Table[Any], ...]] = (ANSWERED, *(table for service in SERVICES for table in service.tables))


def service_of(contract: type[Any]) -> Service:
    """Return the row of the service that meets a contract. StopIteration."""
    return next(service for service in SERVICES if service.contract is contract)


def home_of(group: str) -> str:
    """Return in which service's process a group runs: that of the last service whose handlers it has.

    The handlers of the others are made there too, of their stores and contracts alone, as everywhere.
    """
    return next(service.name for service in reversed(SERVICES) if group in service.groups)


def called_from(name: str) -> frozenset[str]:
    """Return whom a service's process calls: its own peers, and those of the services whose handlers run in it."""
    guests = {group for service in SERVICES for group in service.groups if home_of(group) == name}
    rows = [service for service in SERVICES if service.name == name or guests & set(service.groups)]
    return frozenset(peer for row in rows for peer in row.calls) - {name}
