"""A house in this process in which every call of an engine is written down: which, for what kind of thing, how many."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from concurrent.futures import Executor, Future
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, cast

from typing_extensions import override

from bowerbird.app import house as app_house
from bowerbird.app.site import whole
from bowerbird.ports import blobs, counters, fetch, graph, keys, log, pictures, records, timelines
from bowerbird.ports.tables import Table
from tests.support.edge_client import Answer, call
from tests.support.house import MASTER, House, open_house, settings_with

Journal = list[str]
P = ParamSpec("P")
Result = TypeVar("Result")

PORTS: dict[str, Any] = {
    "records": records.Records,
    "keys": keys.Keys,
    "graph": graph.Graph,
    "timelines": timelines.Timelines,
    "log": log.Log,
    "blobs": blobs.Blobs,
    "counters": counters.Counters,
    "fetch": fetch.Fetch,
    "pictures": pictures.Pictures,
}
_FEW = 4
UNLIMITED = {"read_limit": 0, "write_limit": 0, "save_limit": 0, "upload_limit": 0, "look_limit": 0}


class Watched:
    """The house with its site, and the journal of what its engines were asked for."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.journal: Journal = []
        for name, protocol in PORTS.items():
            _watch(getattr(house.engines, name), name, protocol, self.journal)
        settings = settings_with(safety=UNLIMITED)
        self.wired = app_house.build(house.engines, settings, MASTER, house.world, hashing=Counted(self.journal))
        self.site = whole(self.wired.services, house.engines, settings, MASTER, house.world)

    async def asked(self, method: str, path: str, body: bytes = b"", token: str = "") -> tuple[Journal, Answer]:
        """Send a request; return what the engines were asked for meanwhile, and the answer."""
        self.journal.clear()
        headers = [(b"content-type", b"application/json")] if body else []
        answer = await call(self.site, method, path, headers=headers, body=body, token=token)
        return list(self.journal), answer


class Counted(Executor):
    """Computes where it is asked, and writes each time into the journal: passwords are hashed here."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    @override
    def submit(self, fn: Callable[P, Result], /, *args: P.args, **kwargs: P.kwargs) -> Future[Result]:
        self._journal.append("hash")
        future: Future[Result] = Future()
        future.set_result(fn(*args, **kwargs))
        return future


@asynccontextmanager
async def watched(folder: Path) -> AsyncGenerator[Watched]:
    """Open such a house in a folder."""
    async with open_house(folder, settings_with(safety=UNLIMITED)) as house:
        yield Watched(house)
        await asyncio.sleep(0)


def _watch(engine: Any, name: str, protocol: Any, journal: Journal) -> None:  # noqa: ANN401 - any engine
    for method in (each for each in dir(protocol) if not each.startswith("_")):
        setattr(engine, method, _noted(getattr(engine, method), f"{name}.{method}", journal))


def _noted(method: Callable[P, Result], name: str, journal: Journal) -> Callable[P, Result]:
    def noted(*args: P.args, **kwargs: P.kwargs) -> Result:
        journal.append(f"{name}({', '.join([*map(_shape, args), *(f'{k}={_shape(v)}' for k, v in kwargs.items())])})")
        return method(*args, **kwargs)

    return noted


def _shape(value: object) -> str:
    """Return what an argument is, without saying whose: a table's name, how many of what, a number."""
    match value:
        case Table():
            return value.name
        case bytes() | str():
            return type(value).__name__
        case int() | None:
            return str(value)
        case Sequence():
            return _shape_of_many([_shape(each) for each in cast("Sequence[object]", value)])
        case _:
            return type(value).__name__


def _shape_of_many(shapes: list[str]) -> str:
    """Return what many things are; of things alike, a few are as good as one, since they are asked for together."""
    alike = len(set(shapes)) == 1
    return f"[{shapes[0]} and the like]" if alike and len(shapes) <= _FEW else f"[{', '.join(shapes)}]"
