"""A log with a few people's events on it, and consumers that run over it until a test says otherwise."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from typing_extensions import override

from bowerbird.adapters.sqlite.key_writer import SqliteKeyWriter
from bowerbird.adapters.sqlite.keys import SqliteKeys
from bowerbird.adapters.sqlite.log import SqliteLog
from bowerbird.base.ids import Id
from bowerbird.contracts import kinds
from bowerbird.contracts.caller import Caller, system
from bowerbird.contracts.events import CHANGES, Event, outgoing
from bowerbird.contracts.graph import Follow
from bowerbird.contracts.identity import User
from bowerbird.ports.log import Batch, Offset, Record, Stored
from bowerbird.ports.records import EngineUnavailable
from bowerbird.runtime.consumers import Consumer, Group
from tests.support.house import FORGETFUL, MASTER, Ruled
from tests.support.records_subject import Inline

TURNS_MAX = 200_000
GROUP = "group"


class Watched:
    """A log that tells what was asked of it, and that can be away, method by method, for a number of calls."""

    def __init__(self, log: SqliteLog) -> None:
        self._log = log
        self.away: dict[str, int] = {}
        self.calls: list[str] = []
        self.polled = 0
        self.gates: dict[str, asyncio.Event] = {}

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever a log has
        method = getattr(self._log, name)

        async def call(*args: object, **kwargs: object) -> object:
            self.calls.append(name)
            if self.away.get(name, 0):
                self.away[name] -= 1
                raise EngineUnavailable(f"{name} is away, as planned")
            if gate := self.gates.get(name):
                await gate.wait()
            answer = await method(*args, **kwargs)
            self.polled += len(answer.records) if isinstance(answer, Batch) else 0
            return answer

        return call


class Resting(Ruled):
    """A world that notes for how long somebody rested."""

    def __init__(self) -> None:
        super().__init__()
        self.rests: list[float] = []

    @override
    async def sleep(self, seconds: float) -> None:
        self.rests.append(seconds)
        await super().sleep(seconds)


@dataclass
class Notes:
    """A handler that notes what it is told. What is in `held` waits to be let go, and `failures` are raised first."""

    begun: list[tuple[Id, int]] = field(default_factory=list[tuple[Id, int]])
    done: list[tuple[Id, int]] = field(default_factory=list[tuple[Id, int]])
    bodies: list[object] = field(default_factory=list[object])
    held: dict[tuple[Id, int], asyncio.Event] = field(default_factory=dict[tuple[Id, int], asyncio.Event])
    failures: list[Exception] = field(default_factory=list[Exception])

    async def __call__(self, event: Event[Any]) -> None:
        told = (event.envelope.entity, event.envelope.version)
        self.begun.append(told)
        if told in self.held:
            await self.held[told].wait()
        if self.failures:
            raise self.failures.pop(0)
        self.bodies.append(event.body)
        self.done.append(told)

    def hold(self, person: Id, version: int) -> asyncio.Event:
        """Let an event's handler wait; return what lets it go."""
        return self.held.setdefault((person, version), asyncio.Event())


@dataclass
class Bench:
    """The log, the keys, and the clock."""

    world: Resting
    log: Any
    keys: SqliteKeys
    raw: SqliteLog
    versions: int = 0

    async def person(self) -> Id:
        """Return somebody with a key."""
        person = self.world.new_id(kinds.USER, 7)
        await self.keys.create(person)
        return person

    async def tell(self, *people: Id, type_: str = "person_followed") -> list[int]:
        """Append an event of each person; return their versions, which count from 1."""
        records: list[Record] = []
        versions: list[int] = []
        for person in people:
            self.versions += 1
            versions.append(self.versions)
            key = (await self.keys.get([person]))[0]
            assert key is not None
            body: Follow | User = Follow(person, person, 1, self.versions, 0)
            if type_ == "user_deleted":
                body = User(person, "ada", "Ada", created_at=0, updated_at=0, version=self.versions)
            event = outgoing(self.world, system("a trace"), type_, body, key)
            records.append(Record(event.key, event.data, self.world.now_us()))
        await self.raw.append(CHANGES, records)
        return versions

    async def tell_of(self, things: Sequence[Id], by: Id) -> None:
        """Append an event of each thing, all of them somebody's doing."""
        known = list(dict.fromkeys(things))
        keys = {thing: key for thing, key in zip(known, await self.keys.get(known), strict=True) if key}
        records: list[Record] = []
        for thing in things:
            self.versions += 1
            body = Follow(thing, by, 1, self.versions, 0)
            event = outgoing(self.world, Caller(person=by), "person_followed", body, keys[thing])
            records.append(Record(event.key, event.data, self.world.now_us()))
        await self.raw.append(CHANGES, records)

    async def append(self, key: bytes, data: bytes) -> None:
        """Append any bytes."""
        await self.raw.append(CHANGES, [Record(key, data, self.world.now_us())])

    @asynccontextmanager
    async def running(self, group: Group) -> AsyncGenerator[None]:
        """Run a consumer for the time of the block; it must not have ended by itself."""
        task = asyncio.create_task(Consumer(group, self.log, self.keys, self.world).run())
        try:
            yield
            assert not task.done()
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def until(self, good: Callable[[], bool]) -> None:
        """Let others run until something holds."""
        for _ in range(TURNS_MAX):
            if good():
                return
            await asyncio.sleep(0)
        raise AssertionError("it never came about")

    async def idle(self, turns: int = 300) -> None:
        """Let others run for as long as anything could go on by itself."""
        for _ in range(turns):
            await asyncio.sleep(0)

    async def committed(self, name: str = GROUP) -> list[Offset]:
        """Return what a group has committed."""
        return await self.raw.committed(name, CHANGES)

    async def parked(self, name: str = GROUP) -> list[tuple[Stored, str]]:
        """Return what a group gave up on, and why."""
        return [(one.stored, one.reason) for one in await self.raw.parked(name, 100)]


def group_of(
    handler: Callable[[Event[Any]], Any],
    *types: str,
    name: str = GROUP,
    parallel_max: int = 16,
    window_max: int = 10_000,
) -> Group:
    """Return a group with one handler."""
    handlers = dict.fromkeys(types or ("person_followed",), handler)
    return Group(name=name, handlers=handlers, parallel_max=parallel_max, window_max=window_max)


def at(number: int) -> Sequence[Offset]:
    """Return the place of a record."""
    return [Offset(0, number)]


@asynccontextmanager
async def open_bench(folder: Path) -> AsyncGenerator[Bench]:
    """Open an empty log."""
    world = Resting()
    raw = SqliteLog.open(folder, world, tuning=FORGETFUL, executor=Inline())
    writer = SqliteKeyWriter.open(folder, MASTER, world, tuning=FORGETFUL, executor=Inline)
    keys = SqliteKeys.open(folder, writer, MASTER, world)
    try:
        yield Bench(world, Watched(raw), keys, raw)
    finally:
        keys.close()
        await writer.close()
        await raw.close()
