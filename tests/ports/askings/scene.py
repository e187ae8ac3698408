"""Askings for the suite, and what can be read of them."""

from collections.abc import Iterable

from bowerbird.base.ids import Id
from bowerbird.ports.askings import CHANGES_MAX, PAGE_MAX, Asking, Askings


def person(number: int) -> Id:
    return Id(b"u" + number.to_bytes(15, "big"))


def asks(number: int, query: str, at: int = 5) -> Asking:
    """Return what somebody asked."""
    return Asking(person(number), query, at)


async def asked_by(askings: Askings, people: int, query: str, at: int = 5, first: int = 1) -> None:
    """Have a query asked by so many people, numbered from `first` on."""
    await note(askings, [asks(number, query, at) for number in range(first, first + people)])


async def note(askings: Askings, many: Iterable[Asking]) -> None:
    """Note many askings."""
    rest = list(many)
    for begin in range(0, len(rest), CHANGES_MAX):
        await askings.note(rest[begin : begin + CHANGES_MAX])


async def begun(askings: Askings, prefix: str, people_min: int = 2) -> list[str]:
    return await askings.begun(prefix, people_min, PAGE_MAX)
