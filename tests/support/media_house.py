"""Media on the engines of one machine, pixels decoded for real, under a clock that a test moves."""

import os
import sqlite3
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec
import pytest

from bowerbird.adapters.files.blobs import FileBlobs
from bowerbird.adapters.files.signing import Signer
from bowerbird.adapters.pillow.hand import answer as answer_picture
from bowerbird.adapters.pillow.limits import PictureLimits
from bowerbird.adapters.pillow.pictures import PillowPictures
from bowerbird.adapters.sqlite.key_writer import SqliteKeyWriter
from bowerbird.adapters.sqlite.keys import SqliteKeys
from bowerbird.adapters.sqlite.outbox import SqliteOutbox
from bowerbird.adapters.sqlite.records import SqliteRecords
from bowerbird.adapters.sqlite.writer import SqliteWriter
from bowerbird.base.ids import Id, shard_of
from bowerbird.base.shards import ShardMap
from bowerbird.contracts import kinds
from bowerbird.contracts.boards import Pin
from bowerbird.contracts.caller import READ, WRITE, Caller
from bowerbird.contracts.events import Envelope, Event, read_body, read_envelope
from bowerbird.contracts.identity import User
from bowerbird.contracts.media import Media, Picture, Upload
from bowerbird.contracts.problems import Problem
from bowerbird.ports.blobs import LIST_MAX, Stat
from bowerbird.ports.keys import Keys
from bowerbird.ports.tables import Row, Table
from bowerbird.services.media import model
from bowerbird.services.media.consumer import Consumer
from bowerbird.services.media.service import MediaService
from bowerbird.services.media.settings import MediaSettings
from bowerbird.services.media.store import PICTURES, TABLES, UPLOADS, USES, Store, Use
from tests.support.boards_peers import Door
from tests.support.house import FORGETFUL, MASTER, Ruled
from tests.support.media_engines import Trouble, troubled
from tests.support.pictures import jpeg
from tests.support.placement import placed
from tests.support.records_subject import Inline

HOUR_S: Final = 3600
SETTINGS: Final = MediaSettings(upload_ttl_s=600, uploads_begun_max=5, unused_kept_s=24 * HOUR_S)

Entity = TypeVar("Entity", Pin, User)


class Heard:
    """Tells up to when handlers have heard everything: up to now, or `behind_s` ago."""

    def __init__(self, world: Ruled) -> None:
        self._world = world
        self.behind_s = 0

    async def __call__(self) -> int:
        return self._world.now_us() - self.behind_s * 1_000_000


@dataclass
class House:
    """One machine with media alone. The service's engines meet `trouble`; `keys`, `outbox` and `blobs` do not."""

    world: Ruled
    trouble: Trouble
    keys: Keys
    outbox: SqliteOutbox
    blobs: FileBlobs
    media: Media
    consumer: Consumer
    core: sqlite3.Connection
    heard: Heard
    shots: int = 0
    erased: set[Id] = field(default_factory=set[Id])

    async def person(self, shard: int = 7) -> Id:
        """Return somebody new."""
        person = self.world.new_id(kinds.USER, shard)
        await self.keys.create(person)
        return person

    def shot(self) -> bytes:
        """Return a photo unlike all others."""
        self.shots += 1
        return jpeg(self.shots, 48, 32)

    async def sent(self, person: Id, data: bytes, announced: int | None = None) -> Id:
        """Return an upload whose bytes have arrived, whatever was announced."""
        target = await self.media.begin(by(person), "image/jpeg", len(data) if announced is None else announced)
        await self.blobs.put(model.upload_key(target.id), data, "image/jpeg")
        return target.id

    async def picture(self, person: Id, data: bytes | None = None) -> Picture:
        """Return a picture of somebody's."""
        return await self.media.ingest(by(person), person, self.shot() if data is None else data)

    async def show(self, pin: Id, media: Id | None, version: int, type_: str = "pin_changed") -> None:
        """Let media hear which picture a pin shows."""
        await self.hear(type_, a_pin(pin, media, version))

    async def hear(self, type_: str, body: Pin | User | None, entity: Id | None = None) -> None:
        """Let media hear an event, of an entity when it has no body."""
        id_ = entity if body is None else body.id
        assert id_ is not None
        version = 0 if body is None else body.version
        envelope = Envelope(self.world.new_id(kinds.EVENT, 0), type_, 1, id_, version, 0, None, "", id_, b"")
        await self.consumer.handlers()[type_](Event[Any](envelope, body))

    async def erase(self, person: Id) -> None:
        """Destroy somebody's key and let media hear that the account is deleted."""
        self.erased.add(person)
        await self.keys.destroy(person)
        await self.hear("user_deleted", None, person)

    async def sweep(self, *names: str) -> int:
        """Do all that has come due, or what some sweeps have to do; return how much that was."""
        done = 0
        for name, step in self.consumer.sweeps().items():
            while (not names or name in names) and (count := await step()):
                done += count
        return done

    async def sweep_strays(self) -> None:
        """Go round all blobs, twice: a step that finds none is not yet the end of a round."""
        for _ in range(2 * 2):
            await self.sweep("strays")

    async def said(self) -> list[Event[Any]]:
        """Take what media says from the outbox."""
        queued = [one for server in await self.outbox.servers() for one in await self.outbox.take(server, 10_000)]
        await self.outbox.done(0, [one.sequence for one in queued])
        return [await self._opened(one.outgoing.data) for one in queued]

    async def types(self) -> list[str]:
        """Take what media says, but the types alone."""
        return [event.envelope.type for event in await self.said()]

    async def _opened(self, data: bytes) -> Event[Any]:
        envelope = read_envelope(data)
        [key] = await self.keys.get([envelope.owner])
        return Event[Any](envelope, None if key is None else read_body(envelope, key))

    def uploads(self) -> list[Upload]:
        """Return all rows of uploads."""
        return self._rows(UPLOADS)

    def pictures(self) -> list[Picture]:
        """Return all rows of pictures."""
        return self._rows(PICTURES)

    def picture_row(self, media: Id) -> Picture | None:
        """Return a picture's row as it is now."""
        return next((row for row in self.pictures() if row.id == media), None)

    def uses(self) -> dict[Id, Use]:
        """Return all rows of uses, by who shows something."""
        return {use.user: use for use in self._rows(USES)}

    def all_rows(self) -> list[list[msgspec.Struct] | list[Any]]:
        """Return everything that the records hold, the outbox included."""
        outbox = self.core.execute("SELECT sequence, id FROM _outbox ORDER BY sequence").fetchall()
        return [*(self._rows(table) for table in TABLES), outbox]

    async def all_blobs(self) -> dict[str, Stat]:
        """Return what is stored, by key."""
        return {
            stat.key: stat
            for prefix in ("uploads/", "pictures/")
            for stat in await self.blobs.list(prefix, "", LIST_MAX)
        }

    async def blobs_under(self, prefix: str) -> list[str]:
        """Return the keys of some of what is stored."""
        return [stat.key for stat in await self.blobs.list(prefix, "", LIST_MAX)]

    async def strays(self) -> set[str]:
        """Return the keys of blobs that no row names."""
        named = {model.upload_key(upload.id) for upload in self.uploads() if upload.state == "begun"}
        for picture in self.pictures():
            named |= set(model.rendition_keys(picture))
        return (await self.all_blobs()).keys() - named

    async def check(self) -> None:
        """Check what holds at every instant: rows name what is there, but for the erased, and uses are counted."""
        stored, shown = await self.all_blobs(), [use.media for use in self.uses().values()]
        pictures = {picture.id: picture for picture in self.pictures()}
        for picture in pictures.values():
            for name in msgspec.json.decode(picture.renditions) if picture.owner not in self.erased else ():
                served = model.served(picture, name)
                assert (stored[served.key].length, stored[served.key].mime) == (served.length, served.mime)
            assert picture.uses == shown.count(picture.id)
            assert picture.uses or picture.unused_at is not None
        assert all(media in pictures for media in shown if media is not None)
        assert all((use.media is None) == (use.ended_at is not None) for use in self.uses().values())

    def _rows(self, table: Table[Row]) -> list[Row]:
        names = ", ".join(f'"{name}"' for name in table.columns)
        return [table.row(*row) for row in self.core.execute(f'SELECT {names} FROM "{table.name}"')]  # noqa: S608 - names of tables


def by(person: Id | None) -> Caller:
    """Return the caller that a person is."""
    return Caller(person=person, scopes=READ | WRITE if person else 0, trace="test")


def a_pin(pin: Id, media: Id | None, version: int, moved_to: Id | None = None) -> Pin:
    """Return a pin as an event tells of it."""
    return Pin(
        id=pin,
        board=pin,
        owner=pin,
        saved_by=None,
        position=0,
        created_at=0,
        updated_at=0,
        media=media,
        version=version,
        moved_to=moved_to,
    )


def a_user(person: Id, picture: Id | None, version: int) -> User:
    """Return a person as an event tells of them."""
    return User(id=person, handle="ada", name="Ada", created_at=0, updated_at=0, picture=picture, version=version)


async def refused(doing: Any) -> Problem:  # noqa: ANN401 - anything that can be awaited
    """Return the problem that is the answer to something."""
    with pytest.raises(Problem) as caught:
        await doing
    return caught.value


def told(problem: Problem) -> Sequence[object]:
    """Return all that a caller sees of a problem."""
    return type(problem), problem.detail, problem.field, problem.retry_after_s


def _forget(_descriptor: int) -> None:
    """Stand in for `os.fsync` where no test pulls the plug."""


@asynccontextmanager
async def open_house(folder: Path, settings: MediaSettings = SETTINGS) -> AsyncGenerator[House]:
    """Open a fresh house in a folder."""
    world, trouble = Ruled(), Trouble()
    heard = Heard(world)
    async with AsyncExitStack() as stack:
        stack.enter_context(pytest.MonkeyPatch.context()).setattr(os, "fsync", _forget)
        shards = ShardMap.even(1)
        writer = SqliteWriter.open(folder, TABLES, shards, tuning=FORGETFUL, executor=Inline)
        key_writer = SqliteKeyWriter.open(folder, MASTER, world, tuning=FORGETFUL, executor=Inline)
        records = SqliteRecords.open(folder, TABLES, shards, writer)
        keys = SqliteKeys.open(folder, key_writer, MASTER, world)
        stack.push_async_callback(writer.close)
        stack.push_async_callback(key_writer.close)
        stack.callback(records.close)
        stack.callback(keys.close)
        signer = Signer("http://localhost/blobs", [MASTER], world)
        blobs = FileBlobs.open(folder / "blobs", signer, world, Inline())
        limits = PictureLimits()
        pictures = PillowPictures(Door(partial(answer_picture, limits)), limits)
        store = Store(
            troubled(records, "records", trouble),
            troubled(keys, "keys", trouble),
            troubled(blobs, "blobs", trouble),
            troubled(pictures, "pictures", trouble),
            world,
        )
        core = sqlite3.connect(f"file:{folder / 'core.db'}?mode=ro", uri=True, isolation_level=None)
        stack.enter_context(closing(core))
        media = await stack.enter_async_context(placed(Media, MediaService(store, world, settings)))
        consumer = Consumer(store, heard, world, settings)
        yield House(world, trouble, keys, SqliteOutbox(writer), blobs, media, consumer, core, heard)


def on_shard_of(house: House, person: Id, kind: int = kinds.PIN) -> Id:
    """Return a new id of a kind on a person's shard, a pin's unless said otherwise."""
    return house.world.new_id(kind, shard_of(person))
