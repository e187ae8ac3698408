"""The calling side: one connection to a peer, kept up, on which many calls are under way at once.

A call that is cancelled, or late, is forgotten here and goes on at the peer: it may have been carried out.
"""

import asyncio
from contextlib import suppress
from typing import Any, Final

from msgspec import Raw
from typing_extensions import override

from bowerbird.base.network import Network
from bowerbird.base.world import World
from bowerbird.rpc.connection import Connection
from bowerbird.rpc.errors import DeadlinePassed, Misfit, Overloaded, ReplyLost, Stopping, Unreachable, raise_way
from bowerbird.rpc.guard import Guard
from bowerbird.rpc.heartbeat import Heartbeat
from bowerbird.rpc.limits import Limits, Stats
from bowerbird.rpc.peer import PLAIN, Nature, Peer
from bowerbird.rpc.wire import NUMBERS, PING, STOPPING, Malformed, Request, Response, encode_request

_LOST_S: Final = 1.0
"""How long the end of a connection is waited for, which uvloop does not always tell."""


class Client(Peer):
    """Calls one peer; it connects when started, and again whenever the connection ends.

    `guard` seals the calls, for a peer that has the same; several clients may count in the same `stats`.
    """

    def __init__(
        self,
        address: str,
        network: Network,
        world: World,
        limits: Limits | None = None,
        *,
        guard: Guard | None = None,
        stats: Stats | None = None,
    ) -> None:
        self.stats = stats or Stats()
        self.world = world
        self.limits = limits or Limits()
        self.guard = guard
        self._address = address
        self._network = network
        self._in_flight = 0
        self._link: _Link | None = None
        self._links: set[_Link] = set()
        self._up = asyncio.Event()
        self._keeper: asyncio.Task[None] | None = None

    @property
    @override
    def is_up(self) -> bool:
        return self._link is not None and not self._link.is_full

    @override
    async def start(self) -> None:
        self._up.clear()
        self._keeper = asyncio.create_task(self._keep(), name=f"connect to {self._address}")

    @override
    async def close(self) -> None:
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.wait([self._keeper])
            self._keeper = None
            self._up.set()  # who waits for a connection finds that there will be none
        for link in [*self._links]:
            link.abort()  # to close would wait for a peer that may not read
            with suppress(TimeoutError):
                async with asyncio.timeout(_LOST_S):
                    await link.lost.wait()

    @override
    async def call(
        self, method: str, arguments: tuple[Any, ...], timeout_ms: int, _nature: Nature = PLAIN, /
    ) -> Response:
        """Return the answer; Unreachable, Stopping, Overloaded, ReplyLost, DeadlinePassed, Misfit, RemoteFailure."""
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
            response = await link.ask(method, arguments, timeout_ms)
        finally:
            self._in_flight -= 1
        if response.error is not None:
            self._raise_way(link, response.error)
        return response

    def _raise_way(self, link: "_Link", error: Raw) -> None:
        """Raise what is no error of the contract. No further call goes to a process that says it is stopping."""
        try:
            raise_way(error)
        except Stopping:
            link.leave()
            raise

    async def _usable(self, timeout_ms: int) -> "tuple[_Link, int]":
        """Return the connection once there is one and the peer reads from it, and the time left; Unreachable."""
        began_s = self.world.monotonic_s()
        wait_ms = min(timeout_ms, self.limits.connect_timeout_ms)
        with suppress(TimeoutError):
            async with asyncio.timeout(wait_ms / 1000):
                while self._keeper is not None:
                    if self._link is None:
                        await self._up.wait()
                    elif self._link.is_full:
                        await self._link.room.wait()
                    else:
                        return self._link, timeout_ms - int((self.world.monotonic_s() - began_s) * 1000)
        raise Unreachable(f"nobody answers at {self._address}")

    async def _keep(self) -> None:
        """Connect, and again when the connection was lost, with longer pauses while no answer ever comes."""
        pause_ms = self.limits.backoff_first_ms
        while True:
            link = _Link(self, self._network)
            try:
                async with asyncio.timeout(self.limits.connect_timeout_ms / 1000):
                    await self._network.connect(self._address, lambda link=link: link)
                await link.left.wait()
            except OSError:
                link.abort()  # it may come to stand just now
            except BaseException:
                link.abort()
                raise
            if link.was_heard:
                pause_ms = self.limits.backoff_first_ms
            await self.world.sleep(pause_ms * (0.5 + self.world.chance() / 2) / 1000)
            pause_ms = min(pause_ms * 2, self.limits.backoff_max_ms)

    def link_opened(self, link: "_Link") -> None:
        """Note that the connection stands."""
        self._link = link
        self._links.add(link)
        self._up.set()

    def link_left(self, link: "_Link") -> None:
        """Note that no further call goes by the connection."""
        if self._link is link:
            self._link = None
            self._up.clear()

    def link_closed(self, link: "_Link") -> None:
        """Note that the connection is over."""
        self._links.discard(link)


class _Link(Connection):
    """One connection of a client."""

    def __init__(self, client: Client, network: Network) -> None:
        super().__init__(network, client.limits, client.stats)
        self._client = client
        self._loop = asyncio.get_running_loop()
        self._number = 0
        self._ping_number = -1
        self._waiting: dict[int, asyncio.Future[Response]] = {}
        self._heartbeat = Heartbeat(
            client.limits.silence_ms_max, self._waiting.__len__, self._unsent_bytes, self._ping, self._hangs
        )
        self.was_heard = False
        self.has_left = False
        self.is_full = False
        self.room = asyncio.Event()
        self.left = asyncio.Event()
        self.lost = asyncio.Event()

    async def ask(self, method: str, arguments: tuple[Any, ...], timeout_ms: int) -> Response:
        number = self._number
        self._send(self._frame(method, timeout_ms, arguments))
        answer = self._waiting[number] = self._loop.create_future()
        timer = self._loop.call_later(timeout_ms / 1000, _expire, answer, method)
        self._heartbeat.watch()
        try:
            return await answer
        finally:
            timer.cancel()
            self._waiting.pop(number, None)
            if self.has_left:
                self._hang_up()

    def _send(self, frame: bytes) -> None:
        try:
            self.transport.write(frame)
        except RuntimeError as error:
            # uvloop has closed it, and has told nobody.
            self.closed()
            raise Unreachable("the connection is closed") from error

    def _frame(self, method: str, timeout_ms: int, arguments: tuple[Any, ...]) -> bytes:
        try:
            frame = encode_request(self._number, method, timeout_ms, arguments, self._client.guard)
        except (TypeError, ValueError, OverflowError) as error:
            raise Misfit(f"the arguments of {method} cannot be sent: {error}") from error
        if len(frame) > self._client.limits.frame_bytes_max:
            raise Misfit(f"the arguments of {method} make {len(frame)} bytes, too many for one message")
        self._number = (self._number + 1) % NUMBERS
        return frame

    def _ping(self) -> None:
        self._ping_number = self._number
        with suppress(Unreachable):
            self._send(self._frame(PING, self._client.limits.silence_ms_max, ()))

    def _hangs(self) -> None:
        """Give up a peer that says nothing any more."""
        self._client.stats.silent += 1
        self.abort()

    def _unsent_bytes(self) -> int:
        return self.transport.get_write_buffer_size()

    def _notified(self, message: Request) -> None:
        if message.number is not None or message.method != STOPPING:
            raise Malformed("a request came where only answers do")
        self.leave()
        self._hang_up()

    def _hang_up(self) -> None:
        """End the connection when nobody waits on it any more."""
        if not self._waiting:
            self.transport.close()

    def leave(self) -> None:
        """Let no further call go this way; those under way may still be answered."""
        self.has_left = True
        self._client.link_left(self)
        self.room.set()
        self.left.set()

    @override
    def opened(self) -> None:
        self._client.link_opened(self)

    @override
    def data_received(self, data: bytes) -> None:
        self._heartbeat.heard()
        super().data_received(data)

    @override
    def received(self, message: Request | Response) -> None:
        if isinstance(message, Request):
            self._notified(message)
            return
        self.was_heard = True
        answer = self._waiting.pop(message.number, None)
        if answer is not None and not answer.done():
            answer.set_result(message)
        elif message.number != self._ping_number:
            self._client.stats.late += 1

    @override
    def closed(self) -> None:
        self._heartbeat.stop()
        self.leave()
        self._client.link_closed(self)
        self.lost.set()
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
