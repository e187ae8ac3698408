"""The calling side: one connection to a peer, kept up, on which many calls are under way at once.

A call that is cancelled, or late, is forgotten here and goes on at the peer: it may have been carried out.
"""

import asyncio
from typing import Any

from typing_extensions import override

from bowerbird.base.network import Network
from bowerbird.base.world import World
from bowerbird.rpc.connection import Connection
from bowerbird.rpc.errors import DeadlinePassed, Misfit, Overloaded, ReplyLost, Unreachable
from bowerbird.rpc.limits import Limits, Stats
from bowerbird.rpc.wire import NUMBERS, Context, Malformed, Request, Response, encode_request


class Client:
    """Calls one peer; it connects when started, and again whenever the connection ends."""

    def __init__(self, address: str, network: Network, world: World, limits: Limits | None = None) -> None:
        self.stats = Stats()
        self.world = world
        self.limits = limits or Limits()
        self._address = address
        self._network = network
        self._in_flight = 0
        self._link: _Link | None = None
        self._up = asyncio.Event()
        self._lost = asyncio.Event()
        self._keeper: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to connect, without waiting for it."""
        self._keeper = asyncio.create_task(self._keep(), name=f"connect to {self._address}")

    async def close(self) -> None:
        """End the connection; calls under way get ReplyLost, later ones Unreachable."""
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.wait([self._keeper])
            self._keeper = None
        if self._link is not None:
            self._link.transport.abort()  # to close would wait for a peer that may not read
            await self._lost.wait()

    async def call(self, method: str, arguments: tuple[Any, ...], timeout_ms: int) -> Response:
        """Return the peer's response; Unreachable, Overloaded, ReplyLost, DeadlinePassed, Misfit (too long)."""
        if self._in_flight >= self.limits.in_flight_max:
            self.stats.overloads += 1
            raise Overloaded(f"{self._in_flight} calls are under way")
        self._in_flight += 1
        try:
            link = self._link
            if link is None or link.is_full:
                link, timeout_ms = await self._usable(timeout_ms)
            if timeout_ms <= 0:
                raise DeadlinePassed(f"no time is left for {method}")
            self.stats.calls += 1
            return await link.ask(method, arguments, timeout_ms)
        finally:
            self._in_flight -= 1

    async def _usable(self, timeout_ms: int) -> "tuple[_Link, int]":
        """Return the connection once there is one and the peer reads from it, and the time left; Unreachable."""
        began_s = self.world.monotonic_s()
        wait_ms = min(timeout_ms, self.limits.connect_timeout_ms) if self._keeper is not None else 0
        try:
            async with asyncio.timeout(wait_ms / 1000):
                while self._link is None or self._link.is_full:
                    await (self._up.wait() if self._link is None else self._link.room.wait())
                return self._link, timeout_ms - int((self.world.monotonic_s() - began_s) * 1000)
        except TimeoutError:
            raise Unreachable(f"nobody answers at {self._address}") from None

    async def _keep(self) -> None:
        """Connect, and again when the connection was lost, with longer pauses while no answer ever comes."""
        pause_ms = self.limits.backoff_first_ms
        while True:
            self._lost.clear()
            link = _Link(self, self._network)
            try:
                await self._network.connect(self._address, lambda link=link: link)
                await self._lost.wait()
            except OSError:
                pass
            if link.was_heard:
                pause_ms = self.limits.backoff_first_ms
            await self.world.sleep(pause_ms * (0.5 + self.world.chance() / 2) / 1000)
            pause_ms = min(pause_ms * 2, self.limits.backoff_max_ms)

    def link_opened(self, link: "_Link") -> None:
        """Note that the connection stands."""
        self._link = link
        self._up.set()

    def link_closed(self) -> None:
        """Note that the connection is over."""
        self._link = None
        self._up.clear()
        self._lost.set()


class _Link(Connection):
    """One connection of a client."""

    def __init__(self, client: Client, network: Network) -> None:
        super().__init__(network, client.limits, client.stats)
        self._client = client
        self._loop = asyncio.get_running_loop()
        self._number = 0
        self._waiting: dict[int, asyncio.Future[Response]] = {}
        self.was_heard = False
        self.is_full = False
        self.room = asyncio.Event()

    async def ask(self, method: str, arguments: tuple[Any, ...], timeout_ms: int) -> Response:
        frame = self._frame(method, Context(timeout_ms), arguments)
        number, self._number = self._number, (self._number + 1) % NUMBERS
        answer = self._waiting[number] = self._loop.create_future()
        timer = self._loop.call_later(timeout_ms / 1000, _expire, answer, method)
        self.transport.write(frame)
        try:
            return await answer
        finally:
            timer.cancel()
            self._waiting.pop(number, None)

    def _frame(self, method: str, context: Context, arguments: tuple[Any, ...]) -> bytes:
        try:
            frame = encode_request(self._number, method, context, arguments)
        except (TypeError, ValueError, OverflowError) as error:
            raise Misfit(f"the arguments of {method} cannot be sent: {error}") from error
        if len(frame) > self._client.limits.frame_bytes_max:
            raise Misfit(f"the arguments of {method} make {len(frame)} bytes, too many for one message")
        return frame

    @override
    def opened(self) -> None:
        self._client.link_opened(self)

    @override
    def received(self, message: Request | Response) -> None:
        if isinstance(message, Request):
            raise Malformed("a request came where only answers do")
        self.was_heard = True
        answer = self._waiting.pop(message.number, None)
        if answer is None or answer.done():
            self._client.stats.late += 1
        else:
            answer.set_result(message)

    @override
    def closed(self) -> None:
        self._client.link_closed()
        self.room.set()
        for answer in self._waiting.values():
            if not answer.done():
                answer.set_exception(ReplyLost("the connection ended before the answer came"))

    @override
    def pause_writing(self) -> None:
        self.is_full = True
        self.room.clear()

    @override
    def resume_writing(self) -> None:
        self.is_full = False
        self.room.set()


def _expire(answer: asyncio.Future[Response], method: str) -> None:
    if not answer.done():
        answer.set_exception(DeadlinePassed(f"{method} was not answered in time"))
