"""A child that does what it is told to a folder of vectors, until it kills itself at one of its writes."""

import asyncio
import os
import signal
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from bowerbird.base.ids import Id
from bowerbird.ports.log import Offset
from bowerbird.ports.vectors import Picture, Vectors
from tests.ports.vectors.vectors_pictures import MINE, SPACE, YOURS, near, picture, some_id, spot
from tests.ports.vectors.vectors_subject import SMALL, Subject, Variant
from tests.support.records_subject import Inline

if TYPE_CHECKING:
    from collections.abc import Callable

VARIANT: Final = Variant(executor=Inline, sizes=SMALL)
STEPS: Final = 12
NOBODY_DIES: Final = 1 << 30

_WRITES: Final = ("pwrite", "ftruncate", "replace", "unlink", "mkdir", "rmdir")
FLUSHES: Final = ("fsync", "fdatasync")
"""They change nothing that outlives a killed process, and take long."""


@dataclass
class Model:
    """What is there after some steps."""

    pictures: dict[Id, Picture] = field(default_factory=dict[Id, Picture])


async def step(vectors: Vectors, model: Model, number: int) -> None:
    """Do one step to a model, and to the vectors; the log's offset is its number."""
    applied = [Offset(0, number)]
    if number % 6 == 4:
        pins = [some_id(pin) for pin in range(0, 40, 3)]
        await vectors.remove(SPACE, pins, applied)
        for pin in pins:
            model.pictures.pop(pin, None)
    elif number % 6 == 5:
        pins, public = [some_id(pin) for pin in range(1, 40, 4)], number % 4 == 1
        await vectors.move(SPACE, pins, MINE, public=public, applied=applied)
        for pin in {*pins} & {*model.pictures}:
            model.pictures[pin] = Picture(pin, MINE, public, model.pictures[pin].views)
    else:
        some = [_picture(number, pin) for pin in range(number % 5 * 8, number % 5 * 8 + 8)]
        await vectors.put(SPACE, some, applied)
        model.pictures |= {one.pin: one for one in some}


def _picture(number: int, pin: int) -> Picture:
    """Return a picture at the spot of its pin, of which other views are new at each step."""
    views = [spot(pin), *(near(pin, 0.6, 50 * number + view) for view in range(pin % 3))]
    return picture(pin, *views, partition=YOURS, public=pin % 4 > 0)


class Death:
    """Stands before every write: the n-th does not happen, or only its first half, and the process is no more.

    With `half` only what can be half done counts.
    """

    def __init__(self, nth: int, *, half: bool) -> None:
        self.count = 0
        self._nth = nth
        self._half = half

    def stand_before(self, name: str) -> None:
        """Take the place of a function of the system's."""
        write: Callable[..., Any] = getattr(os, name)

        def written(*args: Any, **named: Any) -> Any:  # noqa: ANN401 - as the system's
            self.count += name == "pwrite" or not self._half
            if self.count == self._nth:
                if self._half:
                    descriptor, data, at = args
                    write(descriptor, data[: len(data) // 2 + 1], at)
                os.kill(os.getpid(), signal.SIGKILL)
            return write(*args, **named)

        setattr(os, name, written)


def unflushed(_descriptor: int) -> None:
    """Stand in for a flush."""


def forked(folder: Path, nth: int, *, half: bool) -> tuple[int, int | None]:
    """Do all steps in a child that dies at its n-th write.

    Return how many steps it acknowledged, and how many writes it made, if it did not die.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        _live(folder, writing, Death(nth, half=half))
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        said = pipe.read().split()
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return len(said), None
    assert os.WEXITSTATUS(status) == 0, "it failed"
    return len(said) - 1, int(said[-1])


def _live(folder: Path, writing: int, death: Death) -> None:
    """Be the child; it never returns."""
    code = 1
    try:
        for name in FLUSHES:
            setattr(os, name, unflushed)
        for name in _WRITES:
            death.stand_before(name)
        asyncio.run(_all_steps(folder, writing))
        os.write(writing, b"%d\n" % death.count)
        code = 0
    finally:
        os._exit(code)


async def _all_steps(folder: Path, writing: int) -> None:
    subject, model = Subject(VARIANT, folder), Model()
    for number in range(STEPS):
        await step(subject.vectors, model, number)
        os.write(writing, b"%d\n" % number)
        await subject.settled()
    await subject.vectors.drop(SPACE)
    await subject.close()
