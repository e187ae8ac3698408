"""The network between simulated processes: bytes that take their time, come in other pieces, and stop coming.

A connection keeps its bytes in order, as a stream socket does. Between two connections there is no order. What one end
wrote before its process died still arrives.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from typing_extensions import override

from bowerbird.base.network import Network
from tests.sim.machine import Machine, SimProcess

_FULL_BYTES: Final = 64 << 10
_ROOM_BYTES: Final = 16 << 10


@dataclass
class _Listener:
    process: SimProcess
    protocol: Callable[[], asyncio.Protocol]


class Wires:
    """All connections and listeners of the machine. `slow`: by how much everything takes longer now."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.slow = 1
        self.cut_off: set[str] = set()
        self.listeners: dict[str, _Listener] = {}
        self.links: list[Link] = []
        self._armed: dict[SimProcess, int] = {}
        self._count = 0

    def arm(self, process: SimProcess, writes: int) -> None:
        """Let a process die when it is about to send, after so many times that it could."""
        self._armed[process] = writes

    def heal(self) -> None:
        """Let nothing go wrong any more."""
        self.slow = 1
        self.cut_off.clear()
        self._armed.clear()

    def dies(self, process: SimProcess) -> bool:
        """Return whether who sends is dead, which may be from this very moment on."""
        left = self._armed.get(process)
        if process.alive and left is not None:
            self._armed[process] = left - 1
            if left <= 0:
                del self._armed[process]
                self.machine.trace.count("death: at a send")
                process.kill("at a send")
        return not process.alive

    def link(self, caller: SimProcess, listener: _Listener, protocol: Callable[[], asyncio.Protocol]) -> "Link":
        """Make a connection; both protocols hear of it in their own loops."""
        self._count += 1
        link = Link(self, self._count, caller, listener.process)
        self.links.append(link)
        link.ends[1].open(listener.protocol)
        link.ends[0].open(protocol)
        return link

    def drop(self, link: "Link") -> None:
        """Break a connection: what is on its way is lost, and each end hears of it in its own time."""
        self.machine.trace.count("network: connections broken")
        for end in link.ends:
            end.broken()

    def ended(self, process: SimProcess) -> None:
        """End the connections of a process that died, and nobody listens for it any more."""
        self.listeners = {at: one for at, one in self.listeners.items() if one.process is not process}
        for link in list(self.links):
            for end in link.ends:
                if end.process is process:
                    end.vanish()


class Link:
    """One connection and its two ends, the caller's first."""

    def __init__(self, wires: Wires, number: int, caller: SimProcess, called: SimProcess) -> None:
        self.wires = wires
        self.number = number
        self.chance = wires.machine.chance.stream("link", caller.name, called.name, number)
        self.ends = (End(self, caller), End(self, called))
        self.ends[0].peer, self.ends[1].peer = self.ends[1], self.ends[0]

    def delay_us(self) -> int:
        """Return how long something takes from one end to the other."""
        usual = self.chance.choice((15, 30, 60, 120, 250, 1_000))
        return self.chance.randint(usual // 2, usual) * self.wires.slow

    def over(self) -> None:
        """Forget the connection once both ends are closed."""
        if all(end.is_closed for end in self.ends) and self in self.wires.links:
            self.wires.links.remove(self)


class End(asyncio.Transport):
    """One end of a connection, as its process sees it."""

    peer: "End"

    def __init__(self, link: Link, process: SimProcess) -> None:
        super().__init__()
        self.process = process
        self.is_closed = False
        self._link = link
        self._machine = link.wires.machine
        self._protocol: asyncio.Protocol | None = None
        self._closing = False
        self._sent_us = 0
        self._under_way_bytes = 0
        self._full = False
        self._reading = True
        self._inbox: list[bytes] = []
        self._at_end: list[Exception | None] = []
        self._reads_soon = False
        self._deaf = False

    def open(self, protocol: Callable[[], asyncio.Protocol]) -> None:
        """Let the process hear that the connection stands."""

        def made() -> None:
            self._protocol = protocol()
            self._protocol.connection_made(self)
            self._read_soon()

        with self._machine.as_process(self.process):
            self.process.loop.call_soon(made)

    @override
    def write(self, data: bytes | bytearray | memoryview) -> None:
        if self._closing or self.is_closed or not data or self._link.wires.dies(self.process):
            return
        chance, whole = self._link.chance, bytes(data)
        cuts = sorted(chance.randint(0, len(whole)) for _ in range(chance.choice((0, 0, 0, 1, 3))))
        for start, stop in zip([0, *cuts], [*cuts, len(whole)], strict=True):
            if start < stop:
                self._send(whole[start:stop])
        if not self._full and self._under_way_bytes > _FULL_BYTES and self._protocol is not None:
            self._full = True
            self._protocol.pause_writing()

    def _send(self, piece: bytes) -> None:
        self._under_way_bytes += len(piece)
        self._sent_us = max(self._sent_us, self._machine.now_us + self._link.delay_us())
        self._machine.at(self._sent_us, lambda: self._arrive(piece))

    def _arrive(self, piece: bytes) -> None:
        """Bring a piece to the other end, unless the connection broke meanwhile."""
        self._under_way_bytes -= len(piece)
        self._machine.trace.note("arrives", self._link.number, len(piece))
        if not self.peer.is_closed:
            self.peer.receive(piece)
        if self._full and self._under_way_bytes < _ROOM_BYTES and self.process.alive and not self.is_closed:
            self._full = False
            self._call(self._resume)

    def _resume(self) -> None:
        if self._protocol is not None and not self.is_closed:
            self._protocol.resume_writing()

    def receive(self, piece: bytes) -> None:
        """Take what arrived; the protocol is handed all that is there when its turn comes."""
        if not self._deaf:
            self._inbox.append(piece)
            self._read_soon()

    def _read_soon(self) -> None:
        if not self._reads_soon and (self._inbox or self._at_end) and self._reading and self.process.alive:
            self._reads_soon = True
            self._call(self._read)

    def _read(self) -> None:
        self._reads_soon = False
        if self._protocol is None or self.is_closed or not self._reading:
            return
        if self._inbox:
            data = b"".join(self._inbox)
            self._inbox.clear()
            self._protocol.data_received(data)
            self._read_soon()
        elif self._at_end:
            self._lose(self._at_end[0])

    @override
    def close(self) -> None:
        """Send what is under way, then end."""
        if self._closing or self.is_closed:
            return
        self._closing = True
        self._machine.at(max(self._sent_us, self._machine.now_us), self._close_now)

    def _close_now(self) -> None:
        if self.is_closed or not self.process.alive:
            return
        self._hang_up(None)
        self._call(lambda: self._lose(None))

    @override
    def abort(self) -> None:
        if self.is_closed:
            return
        self._closing = True
        self._hang_up(ConnectionResetError("the other end gave up"))
        self._call(lambda: self._lose(None))

    def _hang_up(self, error: Exception | None) -> None:
        """Let the other end find, behind all that is on its way, that there will be no more."""
        self._sent_us = max(self._sent_us, self._machine.now_us + self._link.delay_us())
        self._machine.at(self._sent_us, lambda: self.peer.end(error))

    def end(self, error: Exception | None) -> None:
        """Hear that nothing comes any more."""
        if not self.is_closed:
            self._at_end.append(error)
            self._read_soon()

    def vanish(self) -> None:
        """End with the process: the other end hears of it behind what was sent."""
        if not self.is_closed:
            self.is_closed = True
            self._hang_up(None)
            self._link.over()

    def broken(self) -> None:
        """Hear, sooner or later, that the connection broke; what did not arrive by now never will."""
        self._inbox.clear()
        if self.is_closed:
            return
        self._closing = True
        late_us = self._link.chance.choice((50, 1_000, 20_000, 400_000))
        error = ConnectionResetError("the connection broke")
        self._machine.after(late_us, lambda: self._call(lambda: self._lose(error)))
        self._deaf = True

    def _lose(self, error: Exception | None) -> None:
        if self.is_closed:
            return
        self.is_closed = True
        self._link.over()
        if self._protocol is not None:
            self._protocol.connection_lost(error)

    def _call(self, function: Callable[[], None]) -> None:
        with self._machine.as_process(self.process):
            self.process.loop.call_soon(function)

    @override
    def is_closing(self) -> bool:
        return self._closing or self.is_closed

    @override
    def pause_reading(self) -> None:
        self._reading = False

    @override
    def resume_reading(self) -> None:
        self._reading = True
        self._read_soon()

    @override
    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return default

    @override
    def get_write_buffer_size(self) -> int:
        return self._under_way_bytes


class SimNetwork(Network):
    """As Network, for one process."""

    def __init__(self, wires: Wires, process: SimProcess) -> None:
        self._wires = wires
        self._process = process
        self._chance = wires.machine.chance.stream("connect", process.name, process.number)

    @override
    async def connect(self, address: str, protocol: Callable[[], asyncio.Protocol]) -> None:
        await asyncio.sleep(self._chance.randint(20, 400) / 1e6)
        listener = self._wires.listeners.get(address)
        if listener is None or self._process.name in self._wires.cut_off:
            raise ConnectionRefusedError(f"nobody listens at {address}")
        link = self._wires.link(self._process, listener, protocol)
        self._wires.machine.trace.note("connects", self._process.name, link.number)
        await asyncio.sleep(0)

    @override
    async def listen(self, address: str, protocol: Callable[[], asyncio.Protocol]) -> asyncio.AbstractServer:
        if address in self._wires.listeners:
            raise OSError(f"somebody listens at {address}")
        self._wires.listeners[address] = _Listener(self._process, protocol)
        return _Server(self._wires, address)

    @override
    def is_trusted(self, transport: asyncio.BaseTransport) -> bool:
        return True


class _Server(asyncio.AbstractServer):
    """What is listened with."""

    def __init__(self, wires: Wires, address: str) -> None:
        self._wires = wires
        self._address = address

    @override
    def close(self) -> None:
        self._wires.listeners.pop(self._address, None)
