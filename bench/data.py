"""What is measured on: people, boards, pins and follows in a data folder, made by the services in this process.

Pins get their picture's columns without a picture being rendered, since no page reads its bytes; everything else is
what the services write. `python -m bench.data FOLDER` makes it and prints what it made as JSON.
"""

import asyncio
import os
import random
import shutil
import sys
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Iterable
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Final, TypeVar

import msgspec
import uvloop
from msgspec import Struct
from msgspec.structs import replace

from bowerbird.app.engines import Core, open_core
from bowerbird.app.folder import Folder
from bowerbird.app.secrets import master_key
from bowerbird.app.sections import Settings, read
from bowerbird.app.wiring import House, build
from bowerbird.base.ids import Id, pack, shard_of, to_text
from bowerbird.base.telemetry import configure_logging
from bowerbird.base.world import World
from bowerbird.contracts import kinds
from bowerbird.contracts.boards import Access, Board, Pin
from bowerbird.contracts.caller import READ, WRITE, Caller
from bowerbird.contracts.events import CHANGES
from bowerbird.contracts.identity import Device, Registration, SignedIn
from bowerbird.runtime.consumers import Consumer
from bowerbird.runtime.relay import Relay
from bowerbird.services.boards.store import Store as BoardsStore

Made = TypeVar("Made")

AT_ONCE: Final = 64
SEED: Final = 20_260_101
WORDS: Final = [
    "walnut",
    "stool",
    "linen",
    "harbour",
    "lantern",
    "moss",
    "brick",
    "stair",
    "fern",
    "copper",
    "kettle",
    "winter",
    "porch",
    "tile",
    "garden",
    "slow",
    "bread",
    "letterpress",
    "indigo",
    "thread",
    "meadow",
    "cabin",
    "lamp",
    "oak",
    "glaze",
    "river",
    "stone",
    "basket",
    "willow",
    "shelf",
    "paper",
    "kite",
    "orchard",
]

ENVIRONMENT: Final = {
    "BOWERBIRD_LOG_LEVEL": "WARNING",
    "BOWERBIRD_IDENTITY_HASH_MEMORY_KIB": "64",
    "BOWERBIRD_IDENTITY_HASH_PASSES": "1",
    "BOWERBIRD_IDENTITY_HASH_QUEUE_MAX": "1000",
    "BOWERBIRD_IDENTITY_TOKEN_GOOD_S": "3600",
    **{
        f"BOWERBIRD_SAFETY_{budget}_LIMIT": "0"
        for budget in ("READ", "WRITE", "UPLOAD", "SAVE", "SIGN_IN", "SIGN_IN_ADDRESS", "REGISTER")
    },
}
"""Settings of every process that measures: nothing is throttled, passwords are cheap, tokens outlive the run."""


class Size(Struct, frozen=True, kw_only=True):
    """How much there is. Each of `readers` follows everybody, everybody else `followees`, and `fans` the author."""

    people: int = 201
    pins: int = 10_000
    boards_each: int = 3
    readers: int = 8
    followees: int = 10
    fans: int = 10_000


class Known(Struct, frozen=True, kw_only=True):
    """What scenarios go by: tokens, ids as text. `sources` are photos on `saver_boards`; `last_fan` is served last."""

    readers: list[str]
    reader_ids: list[str]
    boards: list[str]
    savers: list[str]
    saver_boards: list[str]
    sources: list[str]
    author: str
    author_id: str
    author_board: str
    author_source: str
    fans: int
    last_fan: str
    pins: int
    seconds: float


class Site(Struct, frozen=True):
    """Core's engines and every service, opened on a data folder."""

    core: Core
    house: House
    world: World
    settings: Settings

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Move events to the log and handle them, as core does."""
        log, keys = self.core.engines.log, self.core.engines.keys
        loops = [Relay(self.core.outbox, log, self.world, CHANGES).run()]
        loops += [Consumer(group, log, keys, self.world).run() for group in self.house.groups]
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(loop) for loop in loops]
            yield
            for task in tasks:
                task.cancel()

    async def settled(self) -> None:
        """Return when every group has handled everything that was committed."""
        while not await self._is_settled():  # noqa: ASYNC110 - nobody tells when nothing is left
            await asyncio.sleep(0.005)

    async def _is_settled(self) -> bool:
        for server in await self.core.outbox.servers():
            if await self.core.outbox.take(server, 1):
                return False
        behind = {lag.group: lag.records for lag in await self.core.engines.log.lag() if lag.topic == CHANGES}
        return all(behind.get(group.name) == 0 for group in self.house.groups)


def open_site(folder: Path, **options: object) -> Site:
    """Open a data folder for writing; `options` are settings, by section__field."""
    os.environ.update(ENVIRONMENT)
    settings, _ = read(None, {"storage.data": str(folder), **{k.replace("__", "."): v for k, v in options.items()}})
    configure_logging(settings.log.level, as_json=False)
    world = World()
    made = Folder(settings.storage.data).make()
    master = master_key(settings.storage.master_key, made.path, world)
    core = open_core(made, settings, master, world)
    return Site(core, build(core.engines, settings, master, world), world, settings)


@contextmanager
def copied(folder: Path) -> Generator[Path]:
    """Yield a copy of a closed data folder, and remove it afterwards."""
    copy = folder.with_name(f"{folder.name}-copy")
    shutil.copytree(folder, copy, ignore=shutil.ignore_patterns("run"))
    try:
        yield copy
    finally:
        shutil.rmtree(copy)


async def each(makers: Iterable[Callable[[], Awaitable[Made]]]) -> list[Made]:
    """Await all, AT_ONCE side by side, and return the results in order."""
    places = asyncio.Semaphore(AT_ONCE)

    async def one(maker: Callable[[], Awaitable[Made]]) -> Made:
        async with places:
            return await maker()

    return await asyncio.gather(*[one(maker) for maker in makers])


class Filler:
    """Fills an empty folder."""

    def __init__(self, site: Site, size: Size) -> None:
        self._site = site
        self._size = size
        self._services = site.house.services
        self._store = BoardsStore(site.core.engines.records, site.core.engines.keys, site.world)
        self._random = random.Random(SEED)

    async def fill(self) -> Known:
        """Make everything, and return what there is."""
        began = time.monotonic()
        people = await each([lambda n=n: self._person(n) for n in range(self._size.people)])
        boards = await each([lambda p=p, n=n: self._board(p, n) for p in people for n in range(self._size.boards_each)])
        pins = await self._pins(boards)
        await self._follow(people)
        author = people[-1]
        fans = self._fans()
        for at, fan in enumerate(fans):
            await self._site.core.engines.graph.put(fan, author.user.id, at + 1, 1)
        async with self._site.running():
            await self._site.settled()
        readers = people[: self._size.readers]
        long = [board for place, board in enumerate(boards) if place % self._size.boards_each == 0]
        own = {board.owner: board for board in long}
        photos = {pin.board: pin for pin in pins if pin.link is None}
        savers = people[self._size.readers : -1]
        return Known(
            readers=[one.token for one in readers],
            reader_ids=[to_text(one.user.id) for one in readers],
            boards=[to_text(board.id) for board in long],
            savers=[one.token for one in savers],
            saver_boards=[to_text(own[one.user.id].id) for one in savers],
            sources=[to_text(photos[own[one.user.id].id].id) for one in savers],
            author=author.token,
            author_id=to_text(author.user.id),
            author_board=to_text(own[author.user.id].id),
            author_source=to_text(photos[own[author.user.id].id].id),
            fans=len(fans),
            last_fan=to_text(fans[0]),
            pins=len(pins),
            seconds=round(time.monotonic() - began, 1),
        )

    async def _person(self, number: int) -> SignedIn:
        new = Registration(
            handle=f"person_{number}", name=self._words(2), email=f"p{number}@example.org", password="a long password"
        )
        return await self._services.identity.register(Caller(), new, Device("bench", "127.0.0.1"))

    async def _board(self, who: SignedIn, number: int) -> Board:
        visibility = "private" if number == self._size.boards_each - 1 else "public"
        return await self._services.boards.create(_caller(who.user.id), self._words(3), self._words(12), visibility)

    async def _pins(self, boards: list[Board]) -> list[Pin]:
        """Put pins on boards in turn, so that a feed's neighbours have different authors: three in five on the first.

        A person's first board so has more than a page.
        """
        each_person = self._size.pins // self._size.people
        turns: list[Board] = []
        for first in range(0, len(boards), self._size.boards_each):
            own = boards[first : first + self._size.boards_each]
            turns += [own[0] if n % 5 < 3 else own[n % len(own)] for n in range(each_person)]  # noqa: PLR2004 - as below
        self._random.shuffle(turns)
        return await each([lambda b=b, n=n: self._pin(b, n) for n, b in enumerate(turns)])

    async def _pin(self, board: Board, number: int) -> Pin:
        caller, now_us = _caller(board.owner), self._site.world.now_us()
        pin = Pin(
            id=self._site.world.new_id(kinds.PIN, shard_of(board.id)),
            board=board.id,
            owner=board.owner,
            saved_by=board.owner,
            position=now_us,
            created_at=now_us,
            updated_at=now_us,
            title=self._words(5),
            note=self._words(8) if number % 4 == 0 else "",
            alt=self._words(6) if number % 2 else "",
            media=self._site.world.new_id(kinds.MEDIA, shard_of(board.id)),
            picture_name=self._site.world.random_bytes(12).hex(),
            width=736,
            height=self._random.randrange(490, 1300),
            color="#8d7a5e",
            thumbhash="1QcSHQRnh493V4dIh4eXh1h4kJUI",
            published_at=now_us,
        )
        if number % 5 < 3:  # noqa: PLR2004 - three in five show a page, the others a photo
            url = f"https://www.example.org/{'-'.join(self._words(4).split())}/{number}"
            link = await self._services.links.put(caller, url)
            pin = replace(
                pin, link=link.id, live_link=link.id, url=url, site="example.org", description=self._words(20)
            )
        await self._store.add_pin(caller, Access(board, "owner"), pin)
        return pin

    async def _follow(self, people: list[SignedIn]) -> None:
        ids = [one.user.id for one in people]
        pairs: list[tuple[Id, Id]] = []
        for place, one in enumerate(ids):
            others = ids[:place] + ids[place + 1 :]
            chosen = others if place < self._size.readers else self._random.sample(others, self._size.followees)
            pairs += [(one, other) for other in chosen]
        graph = self._services.graph
        await each([lambda a=a, b=b: graph.follow(_caller(a), b) for a, b in pairs])

    def _fans(self) -> list[Id]:
        """Return ids of people of whom there is nothing but that they follow the author; the first stand last."""
        now_ms = self._site.world.now_us() // 1000
        return [pack(now_ms, n % 4096, kinds.USER, n) for n in range(self._size.fans)]

    def _words(self, count: int) -> str:
        return " ".join(self._random.choices(WORDS, k=count)).capitalize()


def _caller(person: Id) -> Caller:
    return Caller(person=person, scopes=READ | WRITE)


async def make(folder: Path, size: Size) -> Known:
    """Fill a folder and close it."""
    site = open_site(folder)
    try:
        return await Filler(site, size).fill()
    finally:
        await site.core.engines.close()


if __name__ == "__main__":
    known = uvloop.run(make(Path(sys.argv[1]), Size()))
    sys.stdout.buffer.write(msgspec.json.encode(known))
