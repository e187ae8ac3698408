"""Work that is called, and goes on until the test lets it end."""

import asyncio
from dataclasses import dataclass, field
from typing import Any, Protocol

from msgspec import Struct

from bowerbird.rpc.client import Client
from bowerbird.rpc.remote import remote
from tests.support.rpc_pair import NO_ERRORS

FOREVER_MS = 60_000


class Asked(Struct, frozen=True, array_like=True):
    """A first argument with a deadline, as callers have."""

    deadline_us: int = 0


class Work(Protocol):
    async def wait(self, name: str) -> str: ...

    async def fill(self, length: int) -> bytes: ...

    async def drop(self, data: bytes) -> int: ...

    async def until(self, asked: Asked, name: str) -> str: ...


@dataclass
class Worker:
    """Work that goes on until the test lets it end."""

    begun: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(0))
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    ended: list[str] = field(default_factory=list[str])

    async def wait(self, name: str) -> str:
        self.begun.release()
        try:
            await self.gate.wait()
        except asyncio.CancelledError:
            self.ended.append(f"{name} cancelled")
            raise
        self.ended.append(name)
        return name

    async def fill(self, length: int) -> bytes:
        return bytes(length)

    async def drop(self, data: bytes) -> int:
        return len(data)

    async def until(self, asked: Asked, name: str) -> str:
        assert asked.deadline_us >= 0
        return await self.wait(name)


def work_of(client: Client) -> Work:
    return remote(Work, client, NO_ERRORS)


async def begin(worker: Worker, work: Work, *names: str) -> list[asyncio.Task[str]]:
    """Call `wait` under each name and return when the server has begun all of them."""
    tasks = [asyncio.create_task(work.wait(name)) for name in names]
    for _ in names:
        await worker.begun.acquire()
    return tasks


def link_of(client: Client) -> Any:  # noqa: ANN401 - private: what it keeps, and when, cannot be met from outside
    return client._link  # pyright: ignore[reportPrivateUsage] - as above
