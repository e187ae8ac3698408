"""Records and views built from the log and the keys alone, in a folder that holds neither yet.

What is in no event is not built: idempotency keys, leases of names, names that rest after an account was deleted. Home
feeds begin empty, as if everything in them had been trimmed: they are pulled, and what comes is pushed. What people may
like is laid by its group, which finds nothing and reads the log anew; how often they were shown what is forgotten.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, Final

from msgspec import Struct

from bowerbird.adapters.sqlite.fresh import FreshRecords
from bowerbird.adapters.sqlite.graph import SqliteGraphWrites
from bowerbird.adapters.sqlite.timeline_writes import SqliteTimelineWrites
from bowerbird.adapters.sqlite.timelines import SqliteTimelines
from bowerbird.adapters.sqlite.views import open_views_reader, open_views_writer
from bowerbird.adapters.sqlite.whole import WholeRecords
from bowerbird.app import history
from bowerbird.app.rows import records_file, whole_records
from bowerbird.app.topology import TABLES
from bowerbird.base.ids import Id
from bowerbird.base.world import World
from bowerbird.contracts.events import CHANGES, Event
from bowerbird.ports.keys import Keys
from bowerbird.ports.log import Log
from bowerbird.ports.rebuild import Count, Fresh, Refers, Told
from bowerbird.ports.tables import Table
from bowerbird.services.boards import rebuild as boards
from bowerbird.services.boards import store as boards_store
from bowerbird.services.boards.store import BOARD, PIN
from bowerbird.services.feed.rebuild import Lists
from bowerbird.services.feed.settings import FeedSettings
from bowerbird.services.feed.store import Store as FeedStore
from bowerbird.services.graph import rebuild as graph
from bowerbird.services.graph import store as graph_store
from bowerbird.services.graph.store import FOLLOWS
from bowerbird.services.identity import rebuild as identity
from bowerbird.services.identity.store import USERS
from bowerbird.services.links import rebuild as links
from bowerbird.services.media import rebuild as media
from bowerbird.services.media import store as media_store
from bowerbird.services.recommend import rebuild as recommend
from bowerbird.services.vision import rebuild as vision

Tell = Callable[[Event[Any], Fresh], Iterator[Told]]
Show = Callable[[str, int, int], None]
"""Is told what is being done, how much of it, and how much there is (0: unknown)."""


def _departed(event: Event[Any], fresh: Fresh) -> Iterator[Told]:
    """Yield that services are to clear away whoever is deleted, from now on: they may not be done with it."""

    def noted(table: Table[Any]) -> Told:
        return 0, table.insert(table.row(event.envelope.entity, fresh.now_us))

    if event.envelope.type == "user_deleted":
        yield from map(noted, (media_store.DEPARTURES, graph_store.DEPARTURES, boards_store.DEPARTURE))


TELLERS: Final[tuple[Tell, ...]] = (
    *(identity.told, media.told, graph.told, links.told, boards.told, vision.told, recommend.told),
    _departed,
)
COUNTS: Final[tuple[Count, ...]] = (*media.COUNTS, *graph.COUNTS, *boards.COUNTS)
REFERS: Final[tuple[Refers, ...]] = (*identity.REFERS, *media.REFERS, *boards.REFERS)
_AT_ONCE: Final = 500


class Built(Struct, frozen=True):
    """Of what records were built: how many events, how many of them sealed for erased people, and where poison is."""

    events: int
    erased: int
    poison: list[int]


async def build_records(folder: Path, log: Log, keys: Keys, world: World, show: Show) -> Built:
    """Build core.db. Whoever the log says is deleted is erased first."""
    total = await history.count(log)
    show("Erasing whoever is deleted", 0, 0)
    fresh = Fresh(world.now_us(), total, await history.erase(log, keys))
    records = FreshRecords(records_file(folder), TABLES)
    read, erased, poison = 0, 0, list[int]()
    try:
        async for page in history.pages(log):
            opened = await history.opened(page, keys)
            records.put(told for event in opened.events for tell in TELLERS for told in tell(event, fresh))
            erased += sum(event.body is None for event in opened.events)
            poison += opened.poison
            read += len(page)
            show("Reading the log", read, total)
        records.load(COUNTS, REFERS, lambda tables: show("Writing tables", tables, len(TABLES)))
    finally:
        records.close()
    return Built(events=read, erased=erased, poison=poison)


async def build_views(folder: Path, log: Log, settings: FeedSettings, world: World, show: Show) -> None:
    """Build views.db beside a core.db that is finished, up to the log's end."""
    writer = open_views_writer(folder)
    reader = open_views_reader(folder)
    try:
        store = FeedStore(SqliteTimelines(reader, SqliteTimelineWrites(writer)), world, settings)
        lists = Lists(store, settings)
        with whole_records(folder) as records:
            show("Laying who follows whom", 0, 0)
            followers = await _lay_follows(records, SqliteGraphWrites(writer))
            show("Laying timelines", 0, 0)
            await lists.boards(records.rows(BOARD))
            await lists.pins(records.rows(PIN))
            await lists.authors(followers)
            await lists.gone(row.id for row in records.rows(USERS) if row.deleted_at is not None)
        await store.checkpoint(await log.end(CHANGES))
    finally:
        reader.close()
        await writer.close()


async def _lay_follows(records: WholeRecords, maps: SqliteGraphWrites) -> Counter[Id]:
    """Lay both maps; return how many follow each person."""
    followers = Counter[Id]()
    rows = records.rows(FOLLOWS)
    while some := list(islice(rows, _AT_ONCE)):
        standing = [row for row in some if row.active]
        followers.update(row.followee for row in standing)
        puts = [maps.put(row.follower, row.followee, row.created_at, row.version) for row in standing]
        removals = [maps.remove(row.follower, row.followee, row.version) for row in some if not row.active]
        await asyncio.gather(*puts, *removals)
    return followers
