"""Events on their way from the log to the groups, delivered when a test says: late, in any order, twice, side by side.

Of one entity a group handles one event at a time, as `runtime.consumers` promises; everything else is chance.
"""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass
from random import Random
from typing import Any

from bowerbird.contracts import events
from bowerbird.contracts.events import CHANGES, Envelope, Event
from bowerbird.contracts.problems import Unavailable
from bowerbird.ports.log import Offset
from tests.support.house import House


@dataclass(frozen=True, eq=False)
class Letter:
    """An event for a group that handles its type."""

    group: str
    envelope: Envelope

    @property
    def lane(self) -> tuple[str, bytes]:
        """Return what is handled one after another."""
        return self.group, self.envelope.entity


class PostOffice:
    """Takes what the relay moves, and hands it to the groups' handlers in tasks: all groups, or those of `served`."""

    def __init__(self, house: House, chance: Random, served: Collection[str] | None = None) -> None:
        self._house = house
        self._chance = chance
        self._groups = {group.name: group for group in house.wired.groups if served is None or group.name in served}
        self._read = list[Offset]()
        self._tasks: dict[tuple[str, bytes], asyncio.Task[None]] = {}
        self.waiting: list[Letter] = []
        self.delivered: list[Letter] = []

    async def collect(self) -> int:
        """Move what was committed to the log, and take it from there for every group; return how much that was."""
        while await self._house.relay.move():
            pass
        count = 0
        while batch := await self._house.engines.log.read(CHANGES, self._read, 500):
            self._read = [batch[-1].offset]
            count += len(batch)
            for stored in batch:
                envelope = events.read_envelope(stored.record.data)
                groups = [name for name, group in self._groups.items() if envelope.type in group.handlers]
                self.waiting += [Letter(name, envelope) for name in groups]
        return count

    async def deliver(self, count: int, *, again: int = 0, only: str | None = None) -> None:
        """Begin to handle some of what waits, and `again` of what was handled before."""
        chosen = [letter for letter in self.waiting if only in {None, letter.group}]
        letters = self._chance.sample(chosen, min(count, len(chosen)))
        if self.delivered:
            letters += self._chance.choices(self.delivered, k=again)
        for letter in letters:
            await self._start(letter)

    async def _start(self, letter: Letter) -> None:
        if letter.lane in self._tasks:
            return
        if letter in self.waiting:
            self.waiting.remove(letter)
            self.delivered.append(letter)
        self._tasks[letter.lane] = asyncio.create_task(self._handle(letter))

    async def _handle(self, letter: Letter) -> None:
        try:
            await self._deliver(letter)
        except Unavailable:
            self.waiting.append(letter)
        finally:
            del self._tasks[letter.lane]

    async def _deliver(self, letter: Letter) -> None:
        envelope = letter.envelope
        handler = self._groups[letter.group].handlers[envelope.type]
        key = (await self._house.engines.keys.get([envelope.owner]))[0]
        if key is not None or envelope.type == "user_deleted":
            body = events.read_body(envelope, key) if key else None
            await handler(Event[Any](envelope, body))

    async def turn(self, turns: int) -> None:
        """Let what was begun go on for some turns of the loop, and fail with what failed."""
        running = list(self._tasks.values())
        for _ in range(turns):
            await asyncio.sleep(0)
        for task in running:
            if task.done():
                task.result()

    async def finish(self) -> None:
        """Wait for what was begun, but not for the task that asks."""
        while others := [task for task in self._tasks.values() if task is not asyncio.current_task()]:
            await asyncio.gather(*others)

    async def settle(self, only: str | None = None) -> None:
        """Deliver everything, and what follows from it, until nothing waits."""
        while True:
            await self.collect()
            mine = [letter for letter in self.waiting if only in {None, letter.group}]
            if not mine and not self._tasks:
                break
            await self.deliver(len(mine), only=only)
            await self.finish()

        await self._checkpoint(only)

    async def again(self, group: str) -> None:
        """Deliver everything to a group once more."""
        self.waiting += [letter for letter in self.delivered if letter.group == group]
        await self.settle(group)

    async def _checkpoint(self, only: str | None) -> None:
        """Let the groups write what their handlers left to be written; what is away is asked again."""
        for name, group in self._groups.items():
            while group.checkpoint is not None and only in {None, name}:
                try:
                    await group.checkpoint(self._read)
                    break
                except Unavailable:
                    await asyncio.sleep(0)

    async def quiesce(self) -> None:
        """Settle, and do all that comes due, until nothing is left to do."""
        await self.settle()
        while sum([await sweep.step() for sweep in self._house.wired.sweeps]):
            await self.settle()
