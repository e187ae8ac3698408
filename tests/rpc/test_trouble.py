"""A service that stands still, is gone, or answers too slowly, in virtual time on the simulated machine.

While calls go on: all hear of it within a second or so, then each is refused at once, the service is not asked more
than it should be, and when it is well again so are the calls, within two seconds.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

import pytest

from bowerbird.base.calls import idempotent
from bowerbird.rpc.errors import RpcError
from bowerbird.rpc.guard import Guard
from bowerbird.rpc.peers import Peers, peers_at
from bowerbird.rpc.remote import remote
from bowerbird.rpc.retry import SAVED_MAX
from bowerbird.rpc.server import Server, serve
from tests.sim.chance import Chance
from tests.sim.machine import Machine, SimProcess
from tests.sim.network import SimNetwork, Wires
from tests.sim.trace import Trace
from tests.sim.world import SimWorld
from tests.support.rpc_pair import NO_ERRORS

CALLERS: Final = 20
BEGIN_S: Final = 2.0
END_S: Final = 8.0
OVER_S: Final = 12.0
GUARD: Final = Guard(b"k" * 32)


class Echo(Protocol):
    @idempotent
    async def say(self, what: int) -> int: ...

    async def tell(self, what: int) -> int: ...


@dataclass
class Speaker:
    """Answers after a millisecond, or after as long as it is told to."""

    world: SimWorld
    takes_s: float = 0.001
    told: list[int] = field(default_factory=list[int])

    async def say(self, what: int) -> int:
        await self.world.sleep(self.takes_s)
        return what

    async def tell(self, what: int) -> int:
        self.told.append(what)
        return await self.say(what)


@dataclass(frozen=True)
class Called:
    """When a call began and how long it took, in seconds; `told`: its number, if it must not be repeated."""

    at_s: float
    took_s: float
    went_well: bool
    told: int | None


class Scene:
    """A service in one process or several, the first of which has the trouble, and callers in another."""

    def __init__(self, seed: int, processes: int = 1) -> None:
        self.machine = Machine(Chance(seed), Trace())
        self.wires = Wires(self.machine)
        self.calls: list[Called] = []
        self.told: list[int] = []
        self.sent: list[tuple[float, int]] = []
        self._numbers = 0
        self._addresses = [f"run/echo.{number}.sock" for number in range(processes)]
        served = [self.serve(address) for address in self._addresses]
        self.process, self.speaker = served[0]
        self.callers = self.machine.start("callers")
        self.callers.spawn(self._call_all(), "callers")

    def serve(self, address: str = "run/echo.0.sock") -> tuple[SimProcess, Speaker]:
        """Start a process of the service."""
        process = self.machine.start("echo")
        world = SimWorld(process)
        speaker = Speaker(world, told=self.told)
        process.ended.append(lambda: self.wires.ended(process))
        server = Server(serve(Echo, speaker), SimNetwork(self.wires, process), world, NO_ERRORS, guard=GUARD)
        process.spawn(server.listen(address), "listen")
        return process, speaker

    async def _call_all(self) -> None:
        world = SimWorld(self.callers)
        peers = peers_at(self._addresses, SimNetwork(self.wires, self.callers), world, guard=GUARD)
        await peers.start()
        echo = remote(Echo, peers, NO_ERRORS)
        await asyncio.gather(self._watch(peers, world), *[self._call(echo, world, n) for n in range(CALLERS)])

    async def _watch(self, peers: Peers, world: SimWorld) -> None:
        while True:
            self.sent.append((world.monotonic_s(), peers.stats.calls))
            await world.sleep(0.01)

    async def _call(self, echo: Echo, world: SimWorld, caller: int) -> None:
        while True:
            began_s = world.monotonic_s()
            self._numbers = number = self._numbers + 1
            is_told = caller % 2 == 0
            went_well = True
            try:
                assert await (echo.tell(number) if is_told else echo.say(number)) == number
            except RpcError:
                went_well = False
            took_s = world.monotonic_s() - began_s
            self.calls.append(Called(began_s, took_s, went_well, number if is_told else None))
            await world.sleep(0.02)

    def run(self, until_s: float) -> None:
        """Let it all go on until a time."""
        self.machine.run(lambda: self.machine.now_us >= until_s * 1e6)

    def begun(self, from_s: float, to_s: float) -> list[Called]:
        """Return the calls that began between two times and have ended."""
        return [call for call in self.calls if from_s <= call.at_s < to_s]

    def sent_between(self, from_s: float, to_s: float) -> int:
        """Return how many requests went out."""
        counts = [count for at_s, count in self.sent if from_s <= at_s < to_s]
        return counts[-1] - counts[0]


def stands_still(scene: Scene) -> Callable[[], None]:
    scene.process.stalled_until_us = int(END_S * 1e6)
    return lambda: None


def is_gone(scene: Scene) -> Callable[[], None]:
    scene.process.kill("the test's word")
    return lambda: setattr(scene, "process", scene.serve()[0])


def is_slow(scene: Scene) -> Callable[[], None]:
    scene.speaker.takes_s = 3.0
    return lambda: setattr(scene.speaker, "takes_s", 0.001)


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("trouble", [stands_still, is_gone, is_slow], ids=lambda trouble: trouble.__name__)
def test_trouble(trouble: Callable[[Scene], Callable[[], None]], seed: int) -> None:
    scene = Scene(seed)
    scene.run(BEGIN_S)
    end: Any = trouble(scene)
    scene.run(END_S)
    end()
    scene.run(OVER_S)

    before = scene.begun(0.5, BEGIN_S - 0.1)
    assert len(before) > CALLERS * 20
    assert all(call.went_well for call in before)

    # From a second on calls are refused at once, but for the one that tries how it is.
    meanwhile = scene.begun(BEGIN_S + 1.0, END_S - 0.1)
    waited = [call for call in meanwhile if call.took_s > 0.1]
    assert len(meanwhile) > CALLERS * 50
    assert not any(call.went_well and call.took_s < 0.1 for call in meanwhile)
    assert len(waited) <= (END_S - BEGIN_S) * 4

    # Who asked when it began was told soon: that it hangs, or, where only the answers are slow, when they came.
    caught = scene.begun(BEGIN_S - 0.05, BEGIN_S + 0.5)
    assert max(call.took_s for call in caught) <= (3.1 if trouble is is_slow else 1.6)

    # What was sent to it in vain, retries among it, is bounded by what it was asked.
    assert scene.sent_between(BEGIN_S + 1.0, END_S) <= (END_S - BEGIN_S) * 4 + 2 * SAVED_MAX
    assert (
        scene.sent_between(BEGIN_S, BEGIN_S + 1.0) <= 1.2 * len(scene.begun(BEGIN_S - 1, BEGIN_S + 1)) + 2 * SAVED_MAX
    )

    after = scene.begun(END_S + 2.0, OVER_S - 0.5)
    assert len(after) > CALLERS * 20
    assert all(call.went_well and call.took_s < 0.1 for call in after)

    # What must not be repeated was carried out once, or not at all by those who were told that it failed.
    assert len(scene.told) == len(set(scene.told))
    assert {call.told for call in scene.calls if call.went_well and call.told is not None} <= {*scene.told}


@pytest.mark.parametrize("trouble", [stands_still, is_gone, is_slow], ids=lambda trouble: trouble.__name__)
def test_one_of_three_in_trouble_is_made_up_for_by_the_others(
    trouble: Callable[[Scene], Callable[[], None]],
) -> None:
    scene = Scene(1, processes=3)
    scene.run(BEGIN_S)
    end: Any = trouble(scene)
    scene.run(END_S)
    end()
    scene.run(OVER_S)
    repeatable = [call for call in scene.calls if call.told is None]
    assert len(repeatable) > CALLERS * 100
    assert all(call.went_well for call in repeatable)
    meanwhile = scene.begun(BEGIN_S + 1.0, END_S)
    assert sum(call.took_s > 0.1 for call in meanwhile) <= (END_S - BEGIN_S) * 4
    assert sum(not call.went_well for call in meanwhile) <= (END_S - BEGIN_S) * 2
    assert len(scene.told) == len(set(scene.told))
