"""Which deaths there are to die: for each operation every write of each process, or a few of each kind."""

from collections.abc import Callable, Iterator, Sequence
from random import Random
from typing import Final

from tests.kills.deaths import HANDS, Deaths
from tests.kills.operations.base import Operation
from tests.kills.trap import EVERYTHING
from tests.kills.watch import Moment

WRITERS: Final = ("core", "behind", "edge-1", *HANDS)
WITH_CORE: Final = ("supervisor", EVERYTHING)
"""These die at a write of core's: the supervisor itself writes nothing while people work."""

Kind = Callable[[Deaths], Operation]
Planned = tuple[str, int, str]
"""At which process's write, the number of the write, and who dies."""


def kind_of(moment: Moment) -> str:
    """Return what sort of write it is: the call, and the file, or the folder of files, that it is about."""
    folder, _, rest = moment.on.partition("/")
    return f"{moment.call} {folder}{'/' + rest.partition('/')[0] if folder == 'blobs' else ''}"


def every(deaths: Deaths, kind: Kind, step: int) -> Iterator[Planned]:
    """Yield every write of every process; of those at which supervisor or tree die, one in `step`."""
    for process in WRITERS:
        for nth in range(1, len(deaths.moments(kind, process)) + 1):
            yield process, nth, process
    writes = len(deaths.moments(kind, "core"))
    for place, victim in enumerate(WITH_CORE):
        for nth in range(1 + place * step // 2, writes + 1, step):
            yield "core", nth, victim


def some(deaths: Deaths, kind: Kind, chance: Random, at_core: int) -> Iterator[Planned]:
    """Yield a few: writes of core of different kinds, one of each other process, and one of supervisor or tree."""
    moments = deaths.moments(kind, "core")
    for name in chance.sample(kinds := sorted({kind_of(moment) for moment in moments}), min(at_core, len(kinds))):
        yield "core", _pick(moments, name, chance), "core"
    for process in WRITERS[1:]:
        if seen := deaths.moments(kind, process):
            yield process, _pick(seen, kind_of(chance.choice(seen)), chance), process
    yield "core", chance.randint(1, len(moments)), chance.choice(WITH_CORE)


def _pick(moments: Sequence[Moment], name: str, chance: Random) -> int:
    """Return the number of a write of that kind."""
    return 1 + chance.choice([place for place, moment in enumerate(moments) if kind_of(moment) == name])
