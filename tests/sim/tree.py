"""The tree of processes: core, behind and edges, started again whenever they end, and what goes wrong with them."""

from collections.abc import Callable
from contextlib import suppress
from typing import Final

from bowerbird.contracts.events import CHANGES
from bowerbird.ports.log import Offset, Record
from bowerbird.ports.records import EngineUnavailable
from tests.sim.disk import Disk, Trouble
from tests.sim.door import Door
from tests.sim.machine import Machine, SimProcess
from tests.sim.nodes import Node, Place, start_behind, start_core, start_edge

POISON: Final = b"\xc1 no event"
_RESTART_US: Final = (1_000, 20_000, 200_000, 1_500_000)


class Tree:
    """`expected`: what a process may say when it ends by itself, since its disk fails."""

    def __init__(self, machine: Machine, place: Place, disk: Disk, door: Door, edges: int) -> None:
        self._machine = machine
        self._place = place
        self._disk = disk
        self._door = door
        self._chance = machine.chance.stream("tree")
        self._powered = True
        self.core: Node = self._start_core()
        self.behind: Node = self._start_behind()
        self.edges: list[Node] = [self._start_edge(number) for number in range(edges)]
        self._show()

    @property
    def ready(self) -> bool:
        """Return whether all of it does its work."""
        return all(map(self._works, self._nodes))

    @property
    def _nodes(self) -> tuple[Node, ...]:
        return (self.core, self.behind, *self.edges)

    def _works(self, node: Node) -> bool:
        return node.ready and node.process.alive and not node.stop.is_set()

    def strike(self, kind: str, which: int, much: int) -> None:
        """Let something go wrong, by its kind's name."""
        self._machine.trace.note("fault", kind, which, much)
        self._machine.trace.count(f"fault: {kind.replace('_', ' ')}")
        getattr(self, f"_{kind}")(which, much)

    def _kill_core(self, _which: int, _much: int) -> None:
        self.core.process.kill("killed")

    def _kill_behind(self, _which: int, _much: int) -> None:
        self.behind.process.kill("killed")

    def _kill_edge(self, which: int, _much: int) -> None:
        self._edge(which).process.kill("killed")

    def _stop_core(self, _which: int, _much: int) -> None:
        self._stop(self.core)

    def _stop_behind(self, _which: int, _much: int) -> None:
        self._stop(self.behind)

    def _stop_edge(self, which: int, _much: int) -> None:
        self._stop(self._edge(which))

    def _stop(self, node: Node) -> None:
        if node.process.alive:
            with self._machine.as_process(node.process):
                node.stop.set()

    def _power(self, _which: int, _much: int) -> None:
        """Lose power: nobody starts again before the disk holds what is left."""
        self._powered = False
        for node in self._nodes:
            node.process.kill("power")
        self._disk.lose_power()
        self._powered = True
        self.core = self._start_core()
        self.behind = self._start_behind()
        self.edges = [self._start_edge(number) for number in range(len(self.edges))]
        self._show()

    def _core_dies_writing(self, _which: int, much: int) -> None:
        self._disk.arm(self.core.process, much)

    def _core_dies_sending(self, _which: int, much: int) -> None:
        self._place.wires.arm(self.core.process, much)

    def _behind_dies_sending(self, _which: int, much: int) -> None:
        self._place.wires.arm(self.behind.process, much)

    def _edge_dies_sending(self, which: int, much: int) -> None:
        self._place.wires.arm(self._edge(which).process, much)

    def _stall_core(self, _which: int, much: int) -> None:
        self.core.process.stalled_until_us = self._machine.now_us + much * 1_000

    def _stall_behind(self, _which: int, much: int) -> None:
        self.behind.process.stalled_until_us = self._machine.now_us + much * 1_000

    def _stall_edge(self, which: int, much: int) -> None:
        self._edge(which).process.stalled_until_us = self._machine.now_us + much * 1_000

    def _slow_network(self, which: int, much: int) -> None:
        self._place.wires.slow = self._door.slow = (3, 20, 100)[which % 3]
        self._machine.after(much * 1_000, self._heal_network)

    def _break_links(self, _which: int, _much: int) -> None:
        for link in list(self._place.wires.links):
            self._place.wires.drop(link)

    def _cut_off(self, which: int, much: int) -> None:
        """Let one process not reach core, and break what stands."""
        name = self._nodes[1 + which % (1 + len(self.edges))].process.name
        self._place.wires.cut_off.add(name)
        self._break_links(0, 0)
        self._machine.after(much * 1_000, lambda: self._place.wires.cut_off.discard(name))

    def _lose_requests(self, which: int, much: int) -> None:
        self._door.losing = (0.1, 0.3, 0.6)[which % 3]
        self._machine.after(much * 1_000, self._heal_network)

    def _replay(self, which: int, much: int) -> None:
        """Send a group back, as `bowerbird log replay` does, by some of the events that it handled."""
        core, groups = self.core.core, self.behind.groups
        if core is None or not groups or not self._works(self.core):
            return
        group = groups[which % len(groups)]

        async def seek() -> None:
            with suppress(EngineUnavailable):
                done = await core.engines.log.committed(group.name, group.topic)
                back = [Offset(one.partition, max(0, one.number - much)) for one in done]
                await core.engines.log.seek(group.name, group.topic, back)

        self.core.process.spawn(seek(), "replay")

    def _poison(self, which: int, _much: int) -> None:
        """Put a record into the log that is no event."""
        core = self.core.core
        if core is None or not self._works(self.core):
            return

        async def append() -> None:
            with suppress(EngineUnavailable):
                record = Record(b"poison %d" % which, POISON, self._machine.wall_us())
                await core.engines.log.append(CHANGES, [record])

        self.core.process.spawn(append(), "poison")

    def _clock(self, which: int, much: int) -> None:
        """Set the wall clock, forward or back."""
        self._machine.wall_offset_us += (much if which % 2 else -much) * 1_000

    def _disk_full(self, which: int, much: int) -> None:
        self._trouble("full", which, much)

    def _disk_writes(self, which: int, much: int) -> None:
        self._trouble("write", which, much)

    def _disk_flushes(self, which: int, much: int) -> None:
        self._trouble("sync", which, much)

    def _trouble(self, trouble: Trouble, which: int, much: int) -> None:
        self._disk.trouble[trouble] = (1.0, 0.3, 0.05)[which % 3]
        self._machine.after(much * 1_000, lambda: self._disk.mend(trouble))

    def _heal_network(self) -> None:
        self._place.wires.slow = self._door.slow = 1
        self._door.losing = 0.0

    def heal(self) -> None:
        """Let nothing go wrong any more."""
        self._heal_network()
        self._disk.heal()
        self._place.wires.heal()
        for node in self._nodes:
            node.process.stalled_until_us = 0

    def _edge(self, number: int) -> Node:
        return self.edges[number % len(self.edges)]

    def _start_core(self) -> Node:
        process = self._process("core", self._core_again)
        return start_core(self._place, process)

    def _start_behind(self) -> Node:
        process = self._process("behind", self._behind_again)
        return start_behind(self._place, process)

    def _start_edge(self, number: int) -> Node:
        process = self._process(f"edge{number}", lambda: self._edge_again(number))
        return start_edge(self._place, process)

    def _process(self, name: str, again: Callable[[], None]) -> SimProcess:
        process = self._machine.start(name)
        process.ended.append(lambda: self._again_soon(again))
        process.ended.append(lambda: self._place.wires.ended(process))
        process.ended.append(lambda: self._disk.close_of(process))
        return process

    def _again_soon(self, again: Callable[[], None]) -> None:
        if self._powered:
            self._machine.after(self._chance.choice(_RESTART_US), again)

    def _core_again(self) -> None:
        if not self.core.process.alive:
            self._judge(self.core)
            self.core = self._start_core()

    def _behind_again(self) -> None:
        if not self.behind.process.alive:
            self._judge(self.behind)
            self.behind = self._start_behind()

    def _edge_again(self, number: int) -> None:
        if not self.edges[number].process.alive:
            self._judge(self.edges[number])
            self.edges[number] = self._start_edge(number)
            self._show()

    def _judge(self, node: Node) -> None:
        """Complain of a process that ended by itself, unless an engine would not do."""
        if node.failure and not node.failure.startswith("EngineUnavailable"):
            self._machine.complaints.append(f"{node.process.name} ended: {node.failure}")

    def _show(self) -> None:
        self._door.edges = list(self.edges)
