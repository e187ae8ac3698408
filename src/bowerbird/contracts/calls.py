"""Marks on contract methods that callers may rely on."""

from collections.abc import Callable
from typing import Any, TypeVar

Method = TypeVar("Method", bound=Callable[..., Any])


def idempotent(method: Method) -> Method:
    """Mark a method that may be called again when its reply was lost: the second call changes nothing more."""
    setattr(method, "__idempotent__", True)  # noqa: B010 - a function has no such attribute declared
    return method
