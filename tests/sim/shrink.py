"""Cutting a failing script down: leave out what it fails without, as long as the same promise is broken."""

from collections.abc import Callable, Iterator
from typing import Final, TypeVar

from msgspec.structs import replace

from tests.sim.script import Act, Deed, Fault, Script

RUNS_MAX: Final = 400

Fails = Callable[[Script], bool]
Thing = TypeVar("Thing")
_Step = tuple[int, Deed | Fault]


def shrunk(script: Script, fails: Fails, runs_max: int = RUNS_MAX) -> Script:
    """Return a script that fails still, and from which nothing can be left out (within so many runs)."""
    left = runs_max

    def still(candidate: Script) -> bool:
        nonlocal left
        left -= 1
        return left >= 0 and fails(candidate)

    for simpler in _simpler(script):
        if still(simpler):
            script = simpler
    steps = _steps(script)
    size = max(1, len(steps) // 2)
    while left > 0:
        start, cut = 0, False
        while start < len(steps) and left > 0:
            fewer = steps[:start] + steps[start + size :]
            if still(_with(script, fewer)):
                steps, cut = fewer, True
            else:
                start += size
        if size == 1 and not cut:
            break
        size = max(1, size // 2)
    return _with(script, steps)


def _simpler(script: Script) -> Iterator[Script]:
    """Yield scripts with less of something at once."""
    if len(script.acts) > 1:
        yield replace(script, acts=script.acts[:1])
    yield replace(script, acts=[Act(act.deeds, []) for act in script.acts])
    yield replace(script, edges=1)
    yield replace(script, people=2)
    yield replace(script, settings={})


def _steps(script: Script) -> list[_Step]:
    return [(number, one) for number, act in enumerate(script.acts) for one in (*act.deeds, *act.faults)]


def _with(script: Script, steps: list[_Step]) -> Script:
    """Return the script with these steps alone."""
    acts: list[Act] = []
    for number in range(len(script.acts)):
        mine = [one for place, one in steps if place == number]
        acts.append(
            Act([one for one in mine if isinstance(one, Deed)], [one for one in mine if isinstance(one, Fault)])
        )
    return replace(script, acts=acts)
