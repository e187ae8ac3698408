"""Marks on the methods of contracts and ports: what a caller in another process may do with them.

A method without any is called once, and is soon answered.
"""

from collections.abc import Callable
from typing import Any, Final, TypeVar

Method = TypeVar("Method", bound=Callable[..., Any])

_IDEMPOTENT: Final = "__idempotent__"
_KEYED: Final = "__keyed__"
_SLOW: Final = "__slow__"


def idempotent(method: Method) -> Method:
    """Mark a method that may be called again when its reply was lost: the second call changes nothing more."""
    return _mark(method, _IDEMPOTENT)


def keyed(method: Method) -> Method:
    """Mark a method that is idempotent where its caller carries `once`: the second call is answered as the first."""
    return _mark(method, _KEYED)


def slow(method: Method) -> Method:
    """Mark a method that may take seconds though nothing is wrong: nobody is judged by how long it takes."""
    return _mark(method, _SLOW)


def is_idempotent(method: Callable[..., Any]) -> bool:
    """Return whether it may be called again in any case."""
    return hasattr(method, _IDEMPOTENT)


def is_keyed(method: Callable[..., Any]) -> bool:
    """Return whether it may be called again under the same `once`."""
    return hasattr(method, _KEYED)


def is_slow(method: Callable[..., Any]) -> bool:
    """Return whether it may take long."""
    return hasattr(method, _SLOW)


def _mark(method: Method, name: str) -> Method:
    setattr(method, name, True)
    return method
