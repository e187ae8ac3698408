"""Marks on the methods of contracts and ports: what a caller in another process may do with them.

A method without any is called once, and is soon answered.
"""

from collections.abc import Callable
from typing import Any, Final, TypeVar

from msgspec import Struct

Method = TypeVar("Method", bound=Callable[..., Any])

_IDEMPOTENT: Final = "__idempotent__"
_KEYED: Final = "__keyed__"
_SLOW: Final = "__slow__"
_LEASED: Final = "__leased__"
_OUTLASTS: Final = "__outlasts__"


def idempotent(method: Method) -> Method:
    """Mark a method that may be called again when its reply was lost: the second call changes nothing more."""
    return _mark(method, _IDEMPOTENT)


def keyed(method: Method) -> Method:
    """Mark a method that is idempotent where its caller carries `once`: the second call is answered as the first."""
    return _mark(method, _KEYED)


def slow(method: Method) -> Method:
    """Mark a method that may take seconds though nothing is wrong: nobody is judged by how long it takes."""
    return _mark(method, _SLOW)


class Lease(Struct, frozen=True):
    """`each` names the argument whose items are answered one by one, "" where the answer is one.

    `shows` says whether an answer, or that to an item, lets somebody see something: none but those are kept.
    """

    each: str
    shows: Callable[[Any], bool]


def leased(shows: Callable[[Any], bool], each: str = "") -> Callable[[Method], Method]:
    """Mark a read whose answer may be kept for as long as a setting says; see `Lease`."""

    def mark(method: Method) -> Method:
        return _mark(method, _LEASED, Lease(each, shows))

    return mark


def outlasts_leases(when: Callable[..., bool]) -> Callable[[Method], Method]:
    """Mark what ends what leased reads may tell: it is acknowledged when all leases given before it are over.

    `when` is given the method's arguments, and says whether that is so of this call. Such a method is slow.
    """

    def mark(method: Method) -> Method:
        return slow(_mark(method, _OUTLASTS, when))

    return mark


def always(*_arguments: object, **_named: object) -> bool:
    """Say yes, whatever is asked."""
    return True


def lease_of(method: Callable[..., Any]) -> Lease | None:
    """Return how a read may be kept, None when it may not."""
    return getattr(method, _LEASED, None)


def outlasts_when(method: Callable[..., Any]) -> Callable[..., bool] | None:
    """Return when a method is to be acknowledged after the leases, None for never."""
    return getattr(method, _OUTLASTS, None)


def is_idempotent(method: Callable[..., Any]) -> bool:
    """Return whether it may be called again in any case."""
    return hasattr(method, _IDEMPOTENT)


def is_keyed(method: Callable[..., Any]) -> bool:
    """Return whether it may be called again under the same `once`."""
    return hasattr(method, _KEYED)


def is_slow(method: Callable[..., Any]) -> bool:
    """Return whether it may take long."""
    return hasattr(method, _SLOW)


def _mark(method: Method, name: str, what: object = True) -> Method:  # noqa: FBT002 - most marks are flags
    setattr(method, name, what)
    return method
