"""The engines of one machine behind the ports: core holds the writers, every other process reads for itself.

What core serves over its socket is the ports themselves, so that a unit, and not a service call, crosses it.
"""

import sys
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from msgspec import Struct
from msgspec.structs import asdict

from bowerbird.adapters.csr import order as graph_order
from bowerbird.adapters.csr.walks import CsrWalks
from bowerbird.adapters.csr.writes import CsrWalkWrites
from bowerbird.adapters.files.blobs import FileBlobs
from bowerbird.adapters.files.signing import Signer
from bowerbird.adapters.httpfetch.fetch import HttpFetch
from bowerbird.adapters.httpfetch.fetch import argv as fetch_argv
from bowerbird.adapters.httpfetch.limits import FetchLimits
from bowerbird.adapters.memory.counters import MemoryCounters
from bowerbird.adapters.memory.leases import MemoryLeases
from bowerbird.adapters.pillow.limits import HAND_BYTES_MAX, PictureLimits
from bowerbird.adapters.pillow.pictures import PillowPictures
from bowerbird.adapters.pillow.pictures import argv as picture_argv
from bowerbird.adapters.sqlite.asking_writes import SqliteAskingWrites
from bowerbird.adapters.sqlite.askings import SqliteAskings
from bowerbird.adapters.sqlite.copies import SqliteCopies
from bowerbird.adapters.sqlite.graph import SqliteGraph, SqliteGraphWrites
from bowerbird.adapters.sqlite.key_writer import SqliteKeyWriter
from bowerbird.adapters.sqlite.keys import SqliteKeys
from bowerbird.adapters.sqlite.log import SqliteLog
from bowerbird.adapters.sqlite.outbox import SqliteOutbox
from bowerbird.adapters.sqlite.records import SqliteRecords
from bowerbird.adapters.sqlite.taste_writes import SqliteTasteWrites
from bowerbird.adapters.sqlite.tastes import SqliteTastes
from bowerbird.adapters.sqlite.timeline_writes import SqliteTimelineWrites
from bowerbird.adapters.sqlite.timelines import SqliteTimelines
from bowerbird.adapters.sqlite.views import open_views_reader, open_views_writer
from bowerbird.adapters.sqlite.writer import SqliteWriter
from bowerbird.adapters.tantivy.index import TantivyIndex
from bowerbird.adapters.tantivy.writer import TantivyWriter
from bowerbird.adapters.usearch.vectors import UsearchVectors
from bowerbird.adapters.vision import limits as seeing
from bowerbird.adapters.vision.embedder import OnnxEmbedder
from bowerbird.adapters.vision.embedder import argv as embedder_argv
from bowerbird.adapters.vision.likeness import OpenCvLikeness
from bowerbird.adapters.vision.likeness import argv as likeness_argv
from bowerbird.app.folder import Folder
from bowerbird.app.secrets import derive
from bowerbird.app.sections import Settings
from bowerbird.app.topology import TABLES
from bowerbird.base.processes import Processes
from bowerbird.base.shards import ShardMap
from bowerbird.base.world import World
from bowerbird.ports.askings import Askings, AskingWrites
from bowerbird.ports.copies import Copies
from bowerbird.ports.counters import Counters
from bowerbird.ports.embedder import Embedder
from bowerbird.ports.fetch import Fetch
from bowerbird.ports.graph import Graph
from bowerbird.ports.keys import Keys, KeyWrites
from bowerbird.ports.leases import Leases
from bowerbird.ports.likeness import Likeness
from bowerbird.ports.log import Log
from bowerbird.ports.pictures import Pictures
from bowerbird.ports.records import Commits, Conflict, EngineUnavailable, Misuse, Outbox, Records
from bowerbird.ports.tastes import Tastes, TasteWrites
from bowerbird.ports.textindex import TextIndex, TextIndexWrites
from bowerbird.ports.timelines import Timelines
from bowerbird.ports.vectors import Vectors, VectorWrites
from bowerbird.ports.walks import Walks, WalkWrites
from bowerbird.rpc.client import Client
from bowerbird.rpc.errors import Errors, Misfit, RpcError
from bowerbird.rpc.remote import remote
from bowerbird.rpc.server import Served, serve
from bowerbird.runtime.hands import HandLimits, Hands

if TYPE_CHECKING:
    from bowerbird.adapters.usearch.writes import UsearchVectorWrites

SHARDS: Final = ShardMap()

BEHIND: Final = 10
"""The niceness of what is done behind answers: where an edge wants all of the processor too, a tenth is left for it."""

BLOBS_AT: Final = "/blobs"
"""Where the blob endpoint is mounted."""

_VECTORS: Final = "vectors"
_WALKS: Final = "walks"
"""The folders of both, in the data folder."""

_SNAPSHOT_BYTES_MAX: Final = 8 << 30
"""Address space of a hand that makes a snapshot of the graph: some 20 bytes an edge, and what numpy sorts in."""

P = TypeVar("P")

AT_CORE: Final = (
    (Commits, "records"),
    (KeyWrites, "keys"),
    (Log, "log"),
    (Timelines, "timelines"),
    (Graph, "graph"),
    (TasteWrites, "tastes"),
    (AskingWrites, "askings"),
    (TextIndexWrites, "textindex"),
    (VectorWrites, "vectors"),
    (WalkWrites, "walks"),
    (Counters, "counters"),
    (Leases, "leases"),
)
"""What core answers over its socket: the port, of records and keys the writing half, and the engine that meets it."""

ERRORS: Final = Errors({"conflict": Conflict, "misuse": Misuse, "unavailable": EngineUnavailable, "value": ValueError})
"""What engines may answer over the socket."""


class Engines(Struct, frozen=True, kw_only=True):
    """Every port, what ends them, last opened first, and how long their queues are in this process."""

    records: Records
    keys: Keys
    log: Log
    timelines: Timelines
    graph: Graph
    tastes: Tastes
    askings: Askings
    textindex: TextIndex
    vectors: Vectors
    walks: Walks
    blobs: FileBlobs
    counters: Counters
    leases: Leases
    fetch: Fetch
    pictures: Pictures
    embedder: Embedder
    likeness: Likeness
    closers: list[Callable[[], Awaitable[None]]]
    queues: Mapping[str, Callable[[], int]]

    async def close(self) -> None:
        """End all engines."""
        for close in reversed(self.closers):
            await close()


class Core(Struct, frozen=True, kw_only=True):
    """The engines with their writers, the outbox, which only core reads, and what copies all of it for backups."""

    engines: Engines
    outbox: Outbox
    copies: Copies
    errors: Errors

    def served(self) -> Mapping[str, Served]:
        """Return what core answers over its socket."""
        table = serve(Copies, self.copies)
        for port, engine in AT_CORE:
            table |= serve(port, getattr(self.engines, engine))
        return table


def open_core(folder: Folder, settings: Settings, master: bytes, world: World) -> Core:
    """Open every database for writing; EngineUnavailable, SchemaTooNew or WrongMasterKey when one will not do."""
    data = folder.path
    wrapping = derive(master, "keys")
    thread = partial(world.pool, 1, "sqlite-writer")
    writer = SqliteWriter.open(data, TABLES, SHARDS, executor=thread)
    records = SqliteRecords.open(data, TABLES, SHARDS, writer)
    key_writer = SqliteKeyWriter.open(data, wrapping, world, executor=thread)
    keys = SqliteKeys.open(data, key_writer, wrapping, world)
    log = SqliteLog.open(data, world, executor=thread())
    views = open_views_writer(data, executor=thread(niceness=BEHIND))
    index = TantivyWriter(data, world.pool(1, "index-writer", niceness=BEHIND))
    searching = world.pool(1, "search")
    vectors = _vector_writes(data, world)
    walks = _WalkWrites(data, world)
    reading = _Projections(data, vectors, walks.writes, world)
    outbox = SqliteOutbox(writer)
    copies = SqliteCopies(data, SHARDS, writer, outbox, key_writer, log, views, world)
    reader = open_views_reader(data)
    own = _Own(folder, settings, master, world)
    engines = Engines(
        records=records,
        keys=keys,
        log=log,
        timelines=SqliteTimelines(reader, SqliteTimelineWrites(views)),
        graph=SqliteGraph(reader, SqliteGraphWrites(views)),
        tastes=SqliteTastes(reader, SqliteTasteWrites(views)),
        askings=SqliteAskings(reader, SqliteAskingWrites(views)),
        textindex=TantivyIndex.open(data, index, searching),
        vectors=reading.vectors,
        walks=reading.walks,
        blobs=own.blobs,
        counters=MemoryCounters(world),
        leases=MemoryLeases(world),
        fetch=own.fetch,
        pictures=own.pictures,
        embedder=own.embedder,
        likeness=own.likeness,
        closers=[
            _closing(reader.close),
            _closing(records.close),
            _closing(keys.close),
            writer.close,
            key_writer.close,
            views.close,
            index.close,
            _closing(searching.shutdown),
            vectors.close,
            *walks.closers,
            _closing(reading.close),
            log.close,
            *own.closers,
            copies.close,
        ],
        queues={
            "records": lambda: writer.waiting,
            "views": lambda: views.waiting,
            "index": lambda: index.waiting,
            **own.queues,
        },
    )
    return Core(engines=engines, outbox=outbox, copies=copies, errors=ERRORS)


def open_edge(folder: Folder, settings: Settings, master: bytes, world: World, client: Client) -> Engines:
    """Open every database for reading; what writes is core, over the client's socket."""
    data = folder.path

    def at_core(protocol: type[P]) -> P:
        return remote(protocol, client, ERRORS, translate=_unavailable)

    records = SqliteRecords.open(data, TABLES, SHARDS, at_core(Commits))
    keys = SqliteKeys.open(data, at_core(KeyWrites), derive(master, "keys"), world)
    reader = open_views_reader(data)
    searching = world.pool(settings.search.threads_max, "search")
    reading = _Projections(data, at_core(VectorWrites), at_core(WalkWrites), world)
    own = _Own(folder, settings, master, world)
    return Engines(
        records=records,
        keys=keys,
        log=at_core(Log),
        timelines=SqliteTimelines(reader, at_core(Timelines)),
        graph=SqliteGraph(reader, at_core(Graph)),
        tastes=SqliteTastes(reader, at_core(TasteWrites)),
        askings=SqliteAskings(reader, at_core(AskingWrites)),
        textindex=TantivyIndex.open(data, at_core(TextIndexWrites), searching),
        vectors=reading.vectors,
        walks=reading.walks,
        blobs=own.blobs,
        counters=at_core(Counters),
        leases=at_core(Leases),
        fetch=own.fetch,
        pictures=own.pictures,
        embedder=own.embedder,
        likeness=own.likeness,
        closers=[
            _closing(reader.close),
            _closing(records.close),
            _closing(keys.close),
            _closing(searching.shutdown),
            _closing(reading.close),
            *own.closers,
        ],
        queues=own.queues,
    )


def _vector_writes(data: Path, world: World) -> "UsearchVectorWrites":
    """Return the one writer of the vectors, in threads of its own."""
    from bowerbird.adapters.usearch.writes import (  # noqa: PLC0415 - with numpy, 30 MB to who never writes
        UsearchVectorWrites,
    )

    writer, grower = (world.pool(1, f"vectors-{who}", niceness=BEHIND) for who in ("writer", "grower"))
    return UsearchVectorWrites.open(data / _VECTORS, writer, grower)


class _WalkWrites:
    """The one writer of the graph that walks go over, and the hand that makes snapshots for it."""

    def __init__(self, data: Path, world: World) -> None:
        limits = HandLimits(hands_max=1, memory_bytes_max=_SNAPSHOT_BYTES_MAX)
        hand = Hands(Processes(), graph_order.argv(), limits, "graph_hands")
        self.writes = CsrWalkWrites.open(data / _WALKS, hand, world, world.pool(1, "walks-writer", niceness=BEHIND))
        self.closers = [hand.close, self.writes.close]


class _Projections:
    """What every process reads of vectors and walks for itself, in threads of theirs."""

    def __init__(self, data: Path, vectors: VectorWrites, walks: WalkWrites, world: World) -> None:
        self.vectors = UsearchVectors(data / _VECTORS, vectors, world.pool(1, "vectors"))
        self.walks = CsrWalks(data / _WALKS, walks, world.pool(1, "walks"))

    def close(self) -> None:
        """End the threads, and let go of the files."""
        self.vectors.close()
        self.walks.close()


class OwnBlobs:
    """The blobs, in files, which every process reads and writes for itself."""

    def __init__(self, folder: Folder, settings: Settings, master: bytes, world: World) -> None:
        signer = Signer(f"{settings.http.origin}{BLOBS_AT}", [derive(master, "blobs")], world)
        self._threads = world.pool(settings.storage.blob_threads_max, "blobs")
        self.blobs = FileBlobs.open(folder.blobs, signer, world, self._threads)

    def close(self) -> None:
        """End what reads and writes them."""
        self._threads.shutdown()


class _Own:
    """The engines that every process has for itself: blobs in files, and hands that are started when needed."""

    def __init__(self, folder: Folder, settings: Settings, master: bytes, world: World) -> None:
        pictures = PictureLimits(bytes_max=settings.media.upload_bytes_max, **asdict(settings.pictures))
        pages = FetchLimits(**asdict(settings.fetch))
        sizes = settings.hands
        held = HandLimits(hands_max=sizes.pixel_hands_max, memory_bytes_max=HAND_BYTES_MAX)
        pixels = Hands(Processes(), picture_argv(pictures), held, "pixel_hands")
        network = Hands(Processes(), fetch_argv(pages), HandLimits(hands_max=sizes.network_hands_max), "network_hands")
        model = model_file(settings)
        limits = HandLimits(hands_max=sizes.embedding_hands_max, memory_bytes_max=seeing.HAND_BYTES_MAX)
        eyes = Hands(Processes(), embedder_argv(model), limits, "embedding_hands")
        limits = HandLimits(hands_max=sizes.likeness_hands_max, memory_bytes_max=seeing.HAND_BYTES_MAX)
        matchers = Hands(Processes(), likeness_argv(), limits, "likeness_hands")
        files = OwnBlobs(folder, settings, master, world)
        self.blobs = files.blobs
        self.pictures = PillowPictures(pixels, pictures)
        self.fetch = HttpFetch(network, pages)
        self.embedder = OnnxEmbedder(eyes, model)
        self.likeness = OpenCvLikeness(matchers)
        hands = (pixels, network, eyes, matchers)
        self.queues = {hand.name: partial(_waiting, hand) for hand in hands}
        self.closers = [*(hand.close for hand in hands), _closing(files.close)]


def model_file(settings: Settings) -> Path:
    """Return where the model is that looks at pictures."""
    return Path(settings.embedder.model or Path(sys.prefix) / "share" / "bowerbird" / "model.onnx")


def _waiting(hands: Hands) -> int:
    return hands.status().waiting


def copies_at_core(client: Client) -> Copies:
    """Return what copies everything, at core."""
    return remote(Copies, client, ERRORS, translate=_unavailable)


def _unavailable(error: RpcError) -> Exception:
    """Tell the failures of the way to core as the ports do."""
    return Misuse(str(error)) if isinstance(error, Misfit) else EngineUnavailable(f"core: {error}")


def _closing(close: Callable[[], None]) -> Callable[[], Awaitable[None]]:
    async def closing() -> None:
        close()

    return closing
