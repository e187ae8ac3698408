"""The machine and the processes on it: what it is, what they use, where they run."""

import os
import platform
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from msgspec import Struct

_NS_A_US: Final = 1000


class Machine(Struct, frozen=True, kw_only=True):
    """What the figures were measured on; `load` is the machine's own average over a minute, before the run."""

    processor: str
    cores: int
    memory_gib: float
    system: str
    python: str
    load: float


def describe() -> Machine:
    """Return this machine."""
    return Machine(
        processor=_field("/proc/cpuinfo", "model name") or platform.machine(),
        cores=os.cpu_count() or 1,
        memory_gib=round(int(_field("/proc/meminfo", "MemTotal").split()[0]) / (1 << 20), 1),
        system=f"{_field('/etc/os-release', 'PRETTY_NAME', '=').strip(chr(34))}, Linux {platform.release()}",
        python=platform.python_version(),
        load=round(os.getloadavg()[0], 1),
    )


def cpu_us(pids: Iterable[int]) -> float:
    """Return the processor time that processes have used, all their threads that are alive."""
    total = 0
    for pid in pids:
        for task in Path(f"/proc/{pid}/task").glob("*/schedstat"):
            total += int(task.read_text().split()[0])
    return total / _NS_A_US


def pss_mib(pid: int) -> float:
    """Return a process's memory, what it shares divided among those who share it."""
    return int(_field(f"/proc/{pid}/smaps_rollup", "Pss").split()[0]) / 1024


def tree(pid: int) -> list[int]:
    """Return a process and all below it."""
    found = [pid]
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in task.read_text().split():
            found += tree(int(child))
    return found


def pin(pid: int, cores: set[int]) -> None:
    """Let a process, with all its threads, run on these cores alone."""
    for task in Path(f"/proc/{pid}/task").iterdir():
        os.sched_setaffinity(int(task.name), cores)


def _field(path: str, name: str, between: str = ":") -> str:
    for line in Path(path).read_text().splitlines():
        key, _, value = line.partition(between)
        if key.strip() == name:
            return value.strip()
    return ""
