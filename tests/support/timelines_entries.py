"""Entries, and the shortest ways to put and see them, for the timelines suite."""

from collections.abc import Iterable

from bowerbird.base.ids import Id
from bowerbird.ports.timelines import PAGE_MAX, Entry, Mark, Placed, Timelines

HOME = "home"
NOBODY = Id(bytes(16))
CAP = 5


def some_id(number: int) -> Id:
    return Id(number.to_bytes(16, "big"))


ME, YOU = some_id(1), some_id(2)


def entry(at: int, pin: int | None = None, board: int = 7, author: int = 8) -> Entry:
    """Return an entry whose pin, unless it is told, is numbered as its time."""
    return Entry(at, some_id(at if pin is None else pin), some_id(board), some_id(author))


def mark(of: Entry) -> Mark:
    return Mark(of.at, of.pin)


def newest_first(entries: Iterable[Entry]) -> list[Entry]:
    return sorted(entries, reverse=True)


async def put(
    timelines: Timelines, owner: Id, entries: Iterable[Entry], cap: int | None = None, kind: str = HOME
) -> None:
    await timelines.add([Placed(kind, owner, one) for one in entries], cap)


async def all_of(timelines: Timelines, owner: Id, kind: str = HOME) -> list[Entry]:
    return (await timelines.page(kind, owner, None, PAGE_MAX)).entries


async def floor_of(timelines: Timelines, owner: Id) -> Mark | None:
    return (await timelines.page(HOME, owner, None, 1)).floor
