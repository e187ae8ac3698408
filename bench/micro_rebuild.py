"""How long records take to be built from a log of a million events: `make bench ARGS=micro_rebuild`.

`python -m bench.micro_rebuild [EVENTS]`. Of a hundred events 60 are about pins (saved, published, changed, deleted), 15
about links, 10 about follows, 9 about pictures, 3 about boards, 3 about people; every body is sealed with the key of
its owner, of whom there are one for 33 events.
"""

import asyncio
import hashlib
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from bowerbird.adapters.sqlite.key_writer import SqliteKeyWriter
from bowerbird.adapters.sqlite.keys import SqliteKeys
from bowerbird.adapters.sqlite.log import SqliteLog
from bowerbird.app.building import build_records
from bowerbird.base.ids import Id, shard_of
from bowerbird.base.world import World
from bowerbird.contracts import events, kinds
from bowerbird.contracts.boards import Board, Pin
from bowerbird.contracts.caller import NOBODY
from bowerbird.contracts.events import CHANGES
from bowerbird.contracts.graph import Follow
from bowerbird.contracts.identity import Credential, Session, User
from bowerbird.contracts.media import Picture
from bowerbird.ports.log import Record
from bowerbird.services.links.model import link_of

EVENTS: Final = 1_000_000
PEOPLE_SHARE: Final = 33
AT_ONCE: Final = 1000
MASTER: Final = bytes(32)

Told = Iterator[tuple[str, Struct]]


@dataclass
class _Person:
    user: User
    boards: list[Board] = field(default_factory=list[Board])
    pins: list[Pin] = field(default_factory=list[Pin])
    follows: set[Id] = field(default_factory=set[Id])


class Past:
    """Makes up what happened, so that it could have."""

    def __init__(self, world: World, people: int) -> None:
        self._world = world
        self._dice = random.Random(1)
        self._people = [self._person(number) for number in range(people)]
        self.owners = [person.user.id for person in self._people]
        self._links = 0

    def told(self) -> Told:
        """Yield events without end, the arrival of all people first."""
        for person in self._people:
            user = person.user
            yield "user_registered", user
            yield "credential_changed", Credential(user.id, f"{user.handle}@example.org", "$argon2id$" + "x" * 80, 1)
            session = Session(user.id, self._id(kinds.SESSION, user.id), "A browser", "127.0.0.1", 0, 1, 1, 1 << 60)
            yield "session_opened", session
            yield from self._board(person)
        while True:
            person = self._dice.choice(self._people)
            yield from self._dice.choices((self._saved, self._changed, self._followed), (52, 20, 10))[0](person)

    def _person(self, number: int) -> _Person:
        id_ = self._world.new_id(kinds.USER, self._dice.randrange(4096))
        now_us = self._world.now_us()
        return _Person(User(id_, f"person_{number}", "Ada Lovelace", now_us, now_us))

    def _board(self, person: _Person) -> Told:
        owner, now_us = person.user.id, self._world.now_us()
        board = Board(self._id(kinds.BOARD, owner), owner, "A board", "What is on it", "public", now_us, now_us)
        person.boards.append(board)
        yield "board_created", board

    def _saved(self, person: _Person) -> Told:
        board, owner, now_us = self._dice.choice(person.boards), person.user.id, self._world.now_us()
        pin = Pin(self._id(kinds.PIN, owner), board.id, owner, owner, now_us, now_us, now_us, title="A title of a page")
        if self._dice.random() < 0.6:  # noqa: PLR2004 - the share of pages
            self._links += 1
            link = link_of(f"https://www.example.org/a/page/{self._links}", now_us)
            yield "link_saved", link
            pin = replace(pin, link=link.id, live_link=link.id, url=link.original_url, description="what it says " * 8)
            yield "pin_saved", pin
            picture = self._picture(owner)
            yield "picture_made", picture
            pin = replace(pin, media=picture.id, picture_name=picture.name, published_at=now_us, version=2)
            yield "pin_changed", pin
        else:
            picture = self._picture(owner)
            yield "picture_made", picture
            pin = replace(pin, media=picture.id, picture_name=picture.name, published_at=now_us)
            yield "pin_saved", pin
        yield "pin_published", pin
        person.pins.append(pin)

    def _picture(self, owner: Id) -> Picture:
        id_, now_us = self._id(kinds.MEDIA, owner), self._world.now_us()
        sizes = '{"236":[236,300,"image/webp",9000],"474":[474,600,"image/webp",30000]}'
        sha256 = hashlib.sha256(id_).digest()
        return Picture(
            owner, id_, sha256, bytes(32), "a-random-name-of-22-ch", 736, 900, "#aabbcc", "t" * 28, sizes, now_us
        )

    def _changed(self, person: _Person) -> Told:
        if not person.pins:
            return
        place = self._dice.randrange(len(person.pins))
        old = person.pins[place]
        gone = not old.trashed and self._dice.random() < 0.1  # noqa: PLR2004 - the share of deletions
        new = replace(old, note="Changed", version=old.version + 1)
        if gone:
            new = replace(new, trashed=1, live_link=None, deleted_at=self._world.now_us())
        person.pins[place] = new
        yield ("pin_deleted" if gone else "pin_changed"), new

    def _followed(self, person: _Person) -> Told:
        other = self._dice.choice(self.owners)
        if other != person.user.id and other not in person.follows:
            person.follows.add(other)
            yield "person_followed", Follow(person.user.id, other, 1, 1, self._world.now_us())

    def _id(self, kind: int, near: Id) -> Id:
        return self._world.new_id(kind, shard_of(near))


async def fill(folder: Path, world: World, count: int) -> None:
    """Write a log of so many events, and their keys."""
    writer = SqliteKeyWriter.open(folder, MASTER, world)
    log = SqliteLog.open(folder, world)
    past = Past(world, count // PEOPLE_SHARE)
    keys: dict[Id, bytes] = {}
    for start in range(0, len(past.owners), AT_ONCE):
        some = past.owners[start : start + AT_ONCE]
        keys |= zip(some, await asyncio.gather(*map(writer.create, some)), strict=True)
    keys[events.LINKS] = await writer.create(events.LINKS)
    told = islice(past.told(), count)
    while some_told := list(islice(told, AT_ONCE)):
        await log.append(CHANGES, [_record(world, keys, type_, body) for type_, body in some_told])
    await log.close()
    await writer.close()


def _record(world: World, keys: dict[Id, bytes], type_: str, body: Struct) -> Record:
    event = events.outgoing(world, NOBODY, type_, body, keys[events.owner_of(type_, body)])
    return Record(event.key, event.data, world.now_us())


async def measure(count: int) -> None:
    """Fill a folder, build records in it, and print how long that took."""
    world = World()
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        began = time.monotonic()
        await fill(folder, world, count)
        print(f"{count:,} events written in {time.monotonic() - began:.1f} s", flush=True)
        writer = SqliteKeyWriter.open(folder, MASTER, world)
        keys = SqliteKeys.open(folder, writer, MASTER, world)
        log = SqliteLog.open(folder, world)
        fresh = folder / "fresh"
        fresh.mkdir()
        began, cpu = time.monotonic(), time.process_time()
        marks: dict[str, float] = {}

        def show(what: str, _done: int, _total: int) -> None:
            marks[what] = time.monotonic() - began

        built = await build_records(fresh, log, keys, world, show)
        took = time.monotonic() - began
        print(f"{built.events:,} events, records in {took:.1f} s ({time.process_time() - cpu:.1f} s of CPU)")
        print("  ".join(f"{what}: {at:.1f}" for what, at in marks.items()))
        print(f"{(fresh / 'core.db').stat().st_size / 1e6:.0f} MB")
        await log.close()
        await writer.close()
        keys.close()


if __name__ == "__main__":
    asyncio.run(measure(int(sys.argv[1]) if len(sys.argv) > 1 else EVENTS))
