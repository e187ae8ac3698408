"""Playing a script: one run from its beginning to its end, in an interpreter of its own.

A run begins on the folder of a small town that was made once (`found`): people with some photos, nothing else.
"""

import json
import logging
import shutil
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, Final, TextIO, TypeVar

import msgspec
import structlog
from msgspec import Struct

from bowerbird.app.folder import Folder
from tests.sim.chance import Chance
from tests.sim.crowd import Crowd, Wrong
from tests.sim.deeds import BoardDeeds
from tests.sim.disk import Disk
from tests.sim.door import Call, Door
from tests.sim.looks import Looks
from tests.sim.machine import Machine, SimProcess, Stuck
from tests.sim.model import Model, Person, Photo
from tests.sim.network import Wires
from tests.sim.nodes import Place
from tests.sim.pin_deeds import FAMILIES, PinDeeds
from tests.sim.rest import BURST_PINS_MAX, Rest
from tests.sim.script import Act, Deed, Script
from tests.sim.trace import Trace
from tests.sim.tree import Tree
from tests.sim.watch import Watched
from tests.support.house import PASSWORD, settings_with

PEOPLE_MAX: Final = 5
PHOTOS: Final = 3
_TOWN: Final = "town.json"
_HOUR_US: Final = 3_600_000_000
_JSON: Final = ((b"content-type", b"application/json"),)
_OPEN: Final[dict[str, dict[str, object]]] = {
    "safety": {"register_limit": 0, "write_limit": 0, "read_limit": 0, "save_limit": 0, "upload_limit": 0},
    "http": {"log_share": 0.0, "latency_share": 0.0},
    "feed": {"burst_pins_max": BURST_PINS_MAX},
}

Result = TypeVar("Result")


class Outcome(Struct, frozen=True):
    """What came of a run. `check`: which promise was broken, "" for none; `digest`: of all that happened."""

    check: str
    detail: str
    digest: str
    counts: dict[str, int]
    virtual_s: float


class Resident(Struct, frozen=True):
    """Somebody who lived in the town when it was founded; `photos`: each one's upload, and its bytes as text."""

    id: str
    handle: str
    token: str
    photos: list[tuple[str, str]]


class Run:
    """A machine with a house on it, and the people who use it."""

    def __init__(self, script: Script, folder: Path, out: TextIO | None = None) -> None:
        logging.disable(logging.CRITICAL)
        structlog.configure(processors=[_drop], cache_logger_on_first_use=False)
        self.trace = Trace(out)
        self.machine = Machine(Chance(script.seed), self.trace)
        self.people = self.machine.start("people")
        self.disk = Disk(self.machine, folder)
        self.disk.adopt(folder)
        self.door = Door(self.machine, self.people)
        settings: Any = _merged(_OPEN, script.settings)
        watched = Watched(self.machine)
        place = Place(Folder(str(folder)).make(), settings_with(**settings), Wires(self.machine), watched)
        self.tree = Tree(self.machine, place, self.disk, self.door, script.edges)
        self.model = Model()
        self.crowd = Crowd(self.machine, self.door, self.model)
        self._busy = 0
        self._looks = Looks(self.crowd)
        self._deeds = BoardDeeds(self.crowd), PinDeeds(self.crowd), self._looks
        self._rest = Rest(self.crowd, lambda: self.tree.core)
        self._failure: Wrong | None = None

    def play(self, script: Script) -> Outcome:
        """Play all acts; the first broken promise ends it."""
        try:
            self._until(lambda: self.tree.ready)
            for number, act in enumerate(script.acts):
                self._act(script, number, act)
        except Wrong as wrong:
            self._failure = wrong
        except Stuck:
            self._failure = Wrong("stuck", "nobody has anything to do")
        check, detail = ("", "") if self._failure is None else (self._failure.check, self._failure.detail)
        self.trace.note("ends", check, detail)
        return Outcome(check, detail, self.trace.digest(), self.trace.counts, self.machine.now_us / 1e6)

    def _act(self, script: Script, number: int, act: Act) -> None:
        began_us = self.machine.now_us
        for place, deed in enumerate(act.deeds):
            chance = (script.seed, number, place)
            self.machine.at(began_us + deed.at_ms * 1_000, lambda deed=deed, chance=chance: self._begin(deed, chance))
        moments = self.machine.chance.stream("moments", number)
        for fault in act.faults:
            at_us = began_us + fault.at_ms * 1_000 + moments.randrange(1_000)
            self.machine.at(at_us, lambda fault=fault: self.tree.strike(fault.kind, fault.which, fault.much))
        last_ms = max([deed.at_ms for deed in act.deeds] + [fault.at_ms for fault in act.faults], default=0)
        self._until(lambda: self.machine.now_us > began_us + (last_ms + 1) * 1_000 and not self._busy)
        self._come_to_rest()

    def _begin(self, deed: Deed, chance: tuple[int, int, int]) -> None:
        """Let somebody begin to do something."""
        living = self.model.living(self.crowd.now()) or self.model.people
        person = living[deed.person % len(living)]
        does = next(getattr(kind, deed.kind) for kind in self._deeds if hasattr(kind, deed.kind))
        self.trace.note("deed", deed.kind, person.handle, deed.first, deed.second)
        self._busy += 1
        stream = self.machine.chance.stream("deed", *chance[1:])
        self.people.spawn(self._done(does(stream, person, deed.first, deed.second)), deed.kind)

    async def _done(self, deed: Coroutine[Any, Any, None]) -> None:
        try:
            await deed
        except Wrong as wrong:
            self._failure = self._failure or wrong
        finally:
            self._busy -= 1

    def _come_to_rest(self) -> None:
        """Let nothing fail any more, wait until nothing is under way, and compare."""
        self.trace.note("rests")
        self.tree.heal()
        self._until(lambda: self.tree.ready)
        self._in_core(self._rest.drained)
        self._wait(70)
        self._in_core(self._rest.drained)
        self._in_core(self._rest.settle)
        self._looks.forget()
        self._as_people(self._rest.feeds)

    def _wait(self, seconds: float) -> None:
        until_us = self.machine.now_us + round(seconds * 1e6)
        self._until(lambda: self.machine.now_us >= until_us)

    def _in_core(self, work: Callable[[], Coroutine[Any, Any, Result]]) -> Result:
        return self._finished(self.tree.core.process, work)

    def _as_people(self, work: Callable[[], Coroutine[Any, Any, Result]]) -> Result:
        return self._finished(self.people, work)

    def _finished(self, process: SimProcess, work: Callable[[], Coroutine[Any, Any, Result]]) -> Result:
        """Do work in a process's loop, and return what comes of it."""
        found: list[Result | Wrong] = []

        async def doing() -> None:
            try:
                found.append(await work())
            except Wrong as wrong:
                found.append(wrong)

        process.spawn(doing(), "look")
        self._until(lambda: bool(found))
        if isinstance(found[0], Wrong):
            raise found[0]
        return found[0]

    def _until(self, so: Callable[[], bool]) -> None:
        """Let everything happen until something is so. Wrong."""
        self.machine.run(lambda: so() or self._failure is not None or bool(self.machine.complaints))
        if self._failure is not None:
            raise self._failure
        if self.machine.complaints:
            raise Wrong("complaint", "; ".join(self.machine.complaints))

    def found(self) -> list[Resident]:
        """Let people register and upload photos, all alone on a machine where nothing fails."""
        self.machine.wall_offset_us = -_HOUR_US
        self._until(lambda: self.tree.ready)
        residents = self._as_people(self._found)
        self._in_core(self._rest.drained)
        with self.machine.as_process(self.tree.core.process):
            self.tree.core.stop.set()
        core = self.tree.core.process
        self._until(lambda: not core.alive)
        return residents

    async def _found(self) -> list[Resident]:
        return [await self._move_in(number) for number in range(PEOPLE_MAX)]

    async def _move_in(self, number: int) -> Resident:
        handle = f"person_{number}"
        body = {"handle": handle, "name": handle, "email": f"{handle}@example.org", "password": PASSWORD}
        signed = (await self.door.ask(Call("POST", "/v1/users", "", json.dumps(body).encode(), _JSON))).json()
        token = signed["token"]
        photos = [f"{FAMILIES[photo % 2]}/photo {number} {photo}" for photo in range(PHOTOS)]
        uploads = [(await self._upload(token, photo.encode()), photo) for photo in photos]
        return Resident(signed["user"]["id"], handle, token, uploads)

    async def _upload(self, token: str, data: bytes) -> str:
        wanted = json.dumps({"mime": "image/webp", "length": len(data)}).encode()
        target = (await self.door.ask(Call("POST", "/v1/uploads", token, wanted, _JSON))).json()
        put = await self.door.ask(Call("PUT", target["url"], "", data, ((b"content-type", b"image/webp"),)))
        done = await self.door.ask(Call("POST", f"/v1/uploads/{target['id']}/complete", token))
        if (put.status, done.status) != (201, 200):
            raise Wrong("upload", f"{put} {done}")
        return target["id"]


def found(folder: Path) -> None:
    """Make the town that every run begins with, in a folder. For an interpreter that ends afterwards."""
    script = Script(0, PEOPLE_MAX, 1, {}, [])
    residents = Run(script, folder).found()
    (folder / _TOWN).write_bytes(msgspec.json.encode(residents))


def play(script: Script, town: Path, folder: Path, out: TextIO | None = None) -> Outcome:
    """Play a script in a new folder, on a copy of the town. For an interpreter that ends afterwards."""
    shutil.copytree(town, folder, ignore=shutil.ignore_patterns("*-shm", "*.sock"))
    run = Run(script, folder, out)
    told = msgspec.json.decode((folder / _TOWN).read_bytes(), type=list[Resident])
    for number, one in enumerate(told[: script.people]):
        photos = [Photo(*photo) for photo in one.photos]
        run.model.people.append(Person(number, one.id, one.handle, one.token, photos))
    return run.play(script)


def _merged(*some: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    merged: dict[str, dict[str, Any]] = {}
    for sections in some:
        for section, fields in sections.items():
            merged[section] = {**merged.get(section, {}), **fields}
    return merged


def _drop(_logger: object, _method: str, _event: object) -> str:
    raise structlog.DropEvent
