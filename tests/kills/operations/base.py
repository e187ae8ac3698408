"""What an operation is: a request, what it must have done once it is answered, and what never.

An operation is made anew, with people of its own, for every death. `seen` looks at it in the midst, whole or absent,
and fails at anything half; `check` looks at the end, when it was answered, however often it had to be sent.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from itertools import count
from typing import Any, ClassVar, Protocol

import httpx

from tests.support.visitor import Visitor

_numbers = count(1)


class Place(Protocol):
    """Where operations are done: the address of a Bowerbird, and of a page with a picture."""

    base_url: str
    page_url: str


class Operation(ABC):
    """One operation, on what its constructor brings about and waits for.

    `again`: what it may be answered with, besides success, when it was done by an earlier try.
    """

    again: ClassVar[frozenset[int]] = frozenset()

    def __init__(self, place: Place) -> None:
        self.place = place
        self.number = next(_numbers)

    @property
    def name(self) -> str:
        """Return what it is called in tables."""
        return type(self).__name__

    @abstractmethod
    def act(self) -> httpx.Response:
        """Send the request; sent again, it is the same request."""

    @abstractmethod
    def seen(self) -> bool:
        """Return whether it is done; fail when it is half done."""

    def check(self) -> None:
        """Fail unless it is done, once, and others have come to know."""
        assert self.seen(), f"{self.name} was acknowledged, and is not done"

    def somebody(self, name: str) -> Visitor:
        """Return a new person."""
        return Visitor(self.place.base_url, f"{name}_{self.number}")

    def as_stranger(self, path: str) -> httpx.Response:
        """Return what somebody without an account is answered there."""
        return httpx.get(self.place.base_url + path, timeout=30)

    @property
    def key(self) -> Mapping[str, str]:
        """Return the header that makes repetitions one."""
        return {"Idempotency-Key": f"operation-{self.number}"}


def acknowledged(response: httpx.Response) -> bool:
    """Return whether a request was carried out: an answer about many things tells of each."""
    if not response.is_success:
        return False
    told: Any = response.json() if response.content else {}
    return not any(thing.get("problem") == "unavailable" for thing in told.get("items", []))


def smallest(pin: Mapping[str, Any]) -> str:
    """Return the path of a pin's smallest picture."""
    return pin["picture"]["src"]["236"]
