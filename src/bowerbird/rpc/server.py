"""The answering side: listens, finds the method, runs it within the time that the caller has left, answers.

A call goes on when its caller forgets it or the connection ends: whoever sent it may not know whether it was done.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import suppress
from typing import Any

import msgspec
import structlog
from msgspec import Struct
from typing_extensions import override

from bowerbird.base.deadline import Deadline
from bowerbird.base.network import Network
from bowerbird.base.world import World
from bowerbird.rpc.connection import Connection
from bowerbird.rpc.errors import (
    DeadlinePassed,
    Errors,
    Misfit,
    Overloaded,
    RemoteFailure,
    RpcError,
    Stopping,
    encode_own,
)
from bowerbird.rpc.guard import Guard
from bowerbird.rpc.limits import Limits, Stats
from bowerbird.rpc.methods import Method, methods_of, name_of
from bowerbird.rpc.wire import (
    PING,
    STOPPING,
    Malformed,
    Request,
    Response,
    encode_error,
    encode_notification,
    encode_result,
    is_sealed,
)

_log = structlog.get_logger()
_INCIDENT_BYTES = 8
_CLOCKS_DIFFER_US = 30_000_000
"""By so much at most, between machines of one house."""


class Served(Struct, frozen=True):
    """A method of a Protocol and the function that carries it out."""

    method: Method
    implementation: Callable[..., Awaitable[Any]]


def serve(protocol: Any, implementation: object, *, prefix: str = "") -> dict[str, Served]:  # noqa: ANN401 - a class or an alias
    """Return an object's methods by the names they are called under; `prefix` as in `remote`."""
    under = prefix or name_of(protocol)
    return {f"{under}.{m.name}": Served(m, getattr(implementation, m.name)) for m in methods_of(protocol)}


class Server:
    """Answers the calls of all connections to its addresses; with a guard, those alone that bear its seal."""

    def __init__(
        self,
        table: Mapping[str, Served],
        network: Network,
        world: World,
        errors: Errors,
        limits: Limits | None = None,
        *,
        guard: Guard | None = None,
    ) -> None:
        self.stats = Stats()
        self.limits = limits or Limits()
        self._table = table
        self._network = network
        self._world = world
        self._errors = errors
        self._guard = guard
        self._links: set[_Link] = set()
        self._calls: dict[asyncio.Task[None], _Call] = {}
        self._drains: set[asyncio.Task[None]] = set()
        self._listeners: list[asyncio.AbstractServer] = []
        self._is_closing = False

    @property
    def connected(self) -> int:
        """Return how many connections there are now."""
        return len(self._links)

    async def listen(self, address: str) -> None:
        """Begin to answer there too; OSError when somebody else listens at the address."""
        self._listeners.append(await self._network.listen(address, lambda: _Link(self, self._network)))

    async def close(self, drain_ms: int = 5000) -> None:
        """Say so and begin no further call; let those under way end, and clients hang up, for up to `drain_ms`."""
        self._is_closing = True
        for listener in self._listeners:
            listener.close()
        for link in self._links:
            link.send(encode_notification(STOPPING))
        with suppress(TimeoutError):
            async with asyncio.timeout(drain_ms / 1000):
                await self._all_gone()
        await _cancelled({*self._calls, *self._drains})
        for link in self._links:
            link.transport.close()

    async def _all_gone(self) -> None:
        """Wait until nothing is under way and nobody is connected: what was sent before is read, and refused."""
        if self._calls:
            await asyncio.wait([*self._calls])
        for link in [*self._links]:
            await link.lost.wait()

    def take(self, link: "_Link", request: Request) -> None:
        """Begin a call, or refuse it; who forges a seal or asks for what is not there is let go."""
        if self._guard is not None and not is_sealed(request, self._guard):
            self.stats.forged += 1
            link.abort()
            return
        served = self._table.get(request.method)
        if served is not None:
            self._begin(link, request, served)
        elif request.method == PING:
            link.answer(request, encode_result(request.number or 0, None))
        else:
            self.stats.unknown += 1
            link.refuse(request, Misfit(f"there is no method {request.method!r} here"))
            self._let_go(link)

    def _begin(self, link: "_Link", request: Request, served: Served) -> None:
        self.stats.calls += 1
        if self._is_closing:
            link.refuse(request, Stopping("this process is stopping"))
            return
        if len(self._calls) >= self.limits.in_flight_max:
            self.stats.overloads += 1
            link.refuse(request, Overloaded(f"{len(self._calls)} calls are under way"))
            return
        try:
            context, *values = served.method.arguments.decode(request.params)
        except msgspec.MsgspecError as error:
            self.stats.misfits += 1
            link.refuse(request, Misfit(f"the arguments of {request.method}: {error}"))
            return
        if self._guard is not None and self._is_stale(served.method, values):
            self.stats.stale += 1
            link.refuse(request, DeadlinePassed("the caller's deadline was over long ago"))
            return
        call = _Call(link, request, served, context.timeout_ms)
        task = link.loop.create_task(self._answer(call, values))
        call.begin(task)
        self._calls[task] = call
        task.add_done_callback(self._calls.pop)

    def _is_stale(self, method: Method, values: Sequence[Any]) -> bool:
        """Return whether a sealed call is shown so late that nobody can have waited for it."""
        deadline_us = values[0].deadline_us if method.has_caller else 0
        return bool(deadline_us) and deadline_us + _CLOCKS_DIFFER_US < self._world.now_us()

    def _let_go(self, link: "_Link") -> None:
        """Take no further request from a connection, and end it when what is under way is answered."""
        link.stop_reading()
        task = asyncio.create_task(self._drain(link), name="drain a connection")
        self._drains.add(task)
        task.add_done_callback(self._drains.discard)

    async def _drain(self, link: "_Link") -> None:
        """End a connection in time, though its peer may not read its answers."""
        try:
            async with asyncio.timeout(self.limits.drain_ms / 1000):
                under_way = [task for task, call in self._calls.items() if call.link is link]
                if under_way:
                    await asyncio.wait(under_way)
                link.transport.close()
                await link.lost.wait()
        except TimeoutError:
            link.abort()

    async def _answer(self, call: "_Call", values: Sequence[Any]) -> None:
        """Run a call and send its answer; a notification has none."""
        served, request = call.served, call.request
        try:
            with Deadline(self._world.monotonic_s() + call.timeout_s):
                result = await served.method.call(served.implementation, values)
            frame = self._within_limits(encode_result(request.number or 0, result))
        except asyncio.CancelledError:
            if not call.is_late:
                raise
            frame = self._failed(request, DeadlinePassed())
        except Exception as error:  # noqa: BLE001 - whatever a service raises is answered
            frame = self._failed(request, DeadlinePassed() if call.is_late else error)
        finally:
            call.end()
        call.link.answer(request, frame)

    def _within_limits(self, frame: bytes) -> bytes:
        if len(frame) > self.limits.frame_bytes_max:
            raise ValueError(f"a result of {len(frame)} bytes is too long for one message")
        return frame

    def _failed(self, request: Request, error: Exception) -> bytes:
        """Return the response of an error: the contract's own, or else nothing but the id of what the log says."""
        number = request.number or 0
        if isinstance(error, DeadlinePassed):
            return encode_error(number, encode_own(error))
        try:
            known = self._errors.encode(error)
            if known is not None:
                return self._within_limits(encode_error(number, known))
        except (TypeError, ValueError, OverflowError) as unfit:
            error.add_note(f"and it cannot be sent: {unfit}")
        self.stats.failures += 1
        incident = self._world.random_bytes(_INCIDENT_BYTES).hex()
        _log.error("call_failed", method=request.method, incident=incident, exc_info=error)
        return encode_error(number, encode_own(RemoteFailure(incident)))

    def link_opened(self, link: "_Link") -> None:
        """Keep a connection."""
        self._links.add(link)

    def link_closed(self, link: "_Link") -> None:
        """Forget a connection; its calls go on."""
        self._links.discard(link)


class _Call:
    """A call under way, and its time: when that is over, what carries it out is cancelled, and `is_late` says why."""

    __slots__ = ("_task", "_timer", "is_late", "link", "request", "served", "timeout_s")

    def __init__(self, link: "_Link", request: Request, served: Served, timeout_ms: int) -> None:
        self.link = link
        self.request = request
        self.served = served
        self.timeout_s = timeout_ms / 1000
        self.is_late = False

    def begin(self, task: asyncio.Task[None]) -> None:
        """Let the time run for whoever carries it out."""
        self._task = task
        self._timer = self.link.loop.call_later(self.timeout_s, self._expire)

    def end(self) -> None:
        """Let it run no more."""
        self._timer.cancel()

    def _expire(self) -> None:
        self.is_late = True
        self._task.cancel()


class _Link(Connection):
    """One connection of a server."""

    def __init__(self, server: Server, network: Network) -> None:
        super().__init__(network, server.limits, server.stats)
        self._server = server
        self.loop = asyncio.get_running_loop()
        self.lost = asyncio.Event()

    def answer(self, request: Request, frame: bytes) -> None:
        """Send the response to a request, unless that is a notification."""
        if request.number is not None:
            self.send(frame)

    def send(self, frame: bytes) -> None:
        """Send a message, unless the peer is gone."""
        if not self.transport.is_closing():
            self.transport.write(frame)

    def refuse(self, request: Request, error: RpcError) -> None:
        """Send an error of the way."""
        self.answer(request, encode_error(request.number or 0, encode_own(error)))

    def stop_reading(self) -> None:
        """Take nothing further, not even of what has come already."""
        self.is_ending = True
        self.transport.pause_reading()

    @override
    def opened(self) -> None:
        self._server.link_opened(self)

    @override
    def received(self, message: Request | Response) -> None:
        if isinstance(message, Response):
            raise Malformed("an answer came where only requests do")
        self._server.take(self, message)

    @override
    def closed(self) -> None:
        self.lost.set()
        self._server.link_closed(self)

    @override
    def pause_writing(self) -> None:
        """Take no further request from a peer that does not read its answers."""
        self.transport.pause_reading()

    @override
    def resume_writing(self) -> None:
        if not self.is_ending:
            self.transport.resume_reading()


async def _cancelled(tasks: AbstractSet[asyncio.Task[None]]) -> None:
    """Cancel tasks and wait until they have ended."""
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks)
