"""What is measured on: how much there is, what is known of it, and a data folder opened in this process."""

import asyncio
import os
import shutil
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Iterable
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Final, TypeVar

from msgspec import Struct

from bowerbird.app.engines import Core, open_core
from bowerbird.app.folder import Folder
from bowerbird.app.house import House, build
from bowerbird.app.secrets import master_key
from bowerbird.app.sections import Settings, read
from bowerbird.base.telemetry import configure_logging
from bowerbird.base.world import World
from bowerbird.contracts.events import CHANGES
from bowerbird.runtime.consumers import Consumer
from bowerbird.runtime.relay import Relay

Made = TypeVar("Made")

AT_ONCE: Final = 64

ENVIRONMENT: Final = {
    "BOWERBIRD_LOG_LEVEL": "WARNING",
    "BOWERBIRD_IDENTITY_HASH_MEMORY_KIB": "64",
    "BOWERBIRD_IDENTITY_HASH_PASSES": "1",
    "BOWERBIRD_IDENTITY_HASH_QUEUE_MAX": "1000",
    "BOWERBIRD_IDENTITY_TOKEN_GOOD_S": "3600",
    # A few people save very much here, and each pin is to be delivered.
    "BOWERBIRD_FEED_BURST_PINS_MAX": "900",
    "BOWERBIRD_FEED_BURST_S": "1",
    **{f"BOWERBIRD_SAFETY_{budget}_LIMIT": "1000000000" for budget in ("READ", "WRITE", "UPLOAD", "SAVE")},
    **{f"BOWERBIRD_SAFETY_{budget}_LIMIT": "0" for budget in ("SIGN_IN", "SIGN_IN_ADDRESS", "REGISTER")},
}
"""Settings of every process that measures: calls are counted and never too many, passwords are cheap, tokens last."""


class Size(Struct, frozen=True, kw_only=True):
    """How much there is.

    `known`: people who registered, and so can sign in and save; the others are rows. Everybody has as many pins and
    boards. The known follow `followees` each, the others `others_follow`; `fans` follow the author besides, and there
    is nothing else of them. The feeds of `feeds_max` people are filled, the known ones first.
    """

    people: int = 2_000
    pins: int = 100_000
    known: int = 400
    boards_each: int = 3
    followees: int = 50
    others_follow: int = 50
    fans: int = 10_000
    feeds_max: int = 2_000


class Person(Struct, frozen=True):
    """Somebody who signs in: the token, ids as text. `board` is public, with more than a page; `photo` is a pin on it.

    `stranger`: somebody whom they do not follow, without a block between them; `last`: who is served last of those who
    follow them.
    """

    token: str
    id: str
    board: str
    photo: str
    stranger: str
    last: str


class Known(Struct, frozen=True, kw_only=True):
    """What scenarios go by. `boards`: everybody's first; `fans` follow the `author`."""

    people: list[Person]
    boards: list[str]
    author: Person
    fans: int
    pins: int
    seconds: float

    @property
    def readers(self) -> list[Person]:
        """Those who read, one half of the people."""
        return self.people[: len(self.people) // 2]

    @property
    def savers(self) -> list[Person]:
        """Those who save, the other half."""
        return self.people[len(self.people) // 2 :]


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
