"""What may come of a unit but that it is done, and beginning again when others came between."""

from collections.abc import Awaitable, Callable
from hashlib import sha256
from typing import Final, TypeVar

from bowerbird.base.ids import Id
from bowerbird.contracts.caller import Once
from bowerbird.contracts.problems import Unavailable

TRIES_MAX: Final = 8

Result = TypeVar("Result")


class Changed(Exception):  # noqa: N818 - an expected answer
    """What was read has changed since, and nothing was done."""


class Taken(Exception):  # noqa: N818 - an expected answer
    """The board holds the link already, and nothing was done."""


class Copied(Exception):  # noqa: N818 - an expected answer
    """A row of this id is there already, and nothing was done."""


class Repeated(Exception):  # noqa: N818 - an expected answer
    """A request with this Idempotency-Key was answered before; `result` is what it made."""

    def __init__(self, result: Id) -> None:
        super().__init__(result)
        self.result = result


async def settled(attempt: Callable[[], Awaitable[Result]]) -> Result:
    """Read, decide and write again while others come between; Unavailable when they always do."""
    for _ in range(TRIES_MAX):
        try:
            return await attempt()
        except Changed:
            continue
    raise Unavailable("too many are changing this at once; nothing was changed", retry_after_s=1)


def part_of(request: Once | None, part: bytes) -> Once | None:
    """Return the idempotency key of one part of a request that makes many things."""
    return None if request is None else Once(sha256(request.key + part).digest(), request.request)
