"""The methods of a Protocol, as its annotations tell them: names, arguments, results."""

import inspect
from collections.abc import Callable, Sequence
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Raw

from bowerbird.base.calls import is_idempotent, is_keyed, is_slow
from bowerbird.rpc.peer import Nature
from bowerbird.rpc.shapes import Shape, parameters, resolve
from bowerbird.rpc.wire import Context

_MISSING = inspect.Parameter.empty


class Method:
    """One method: how its arguments become an array in order, how that is read, and how its result is read."""

    def __init__(self, function: Callable[..., Any], bound: dict[TypeVar, Any]) -> None:
        if not inspect.iscoroutinefunction(function):
            raise TypeError(f"{function.__qualname__} is no async method, it cannot cross the wire")
        found = parameters(function, bound)
        self.name = function.__name__
        self.function = function
        self._names = [parameter.name for parameter, _ in found]
        self._defaults = [parameter.default for parameter, _ in found]
        self._keywords = [p.name for p, _ in found if p.kind is inspect.Parameter.KEYWORD_ONLY]
        self._positional = len(found) - len(self._keywords)
        self.arguments = Shape(self.name, Context, [(p.name, annotation, p.default) for p, annotation in found])
        result = resolve(get_type_hints(function, include_extras=True)["return"], bound)
        self._result: msgspec.msgpack.Decoder[Any] = msgspec.msgpack.Decoder(result)
        first: tuple[str, ...] = getattr(found[0][1], "__struct_fields__", ()) if found else ()
        self.has_caller = "deadline_us" in first
        self._nature = Nature(repeatable=is_idempotent(function), slow=is_slow(function))
        self._under_once = Nature(repeatable=True, slow=is_slow(function)) if is_keyed(function) else None

    def nature_of(self, values: tuple[Any, ...]) -> Nature:
        """Return what a call with these arguments bears."""
        if self._under_once is not None and self.has_caller and values[0].once is not None:
            return self._under_once
        return self._nature

    def place_of(self, parameter: str) -> int:
        """Return which argument a parameter is; ValueError when there is none of that name."""
        return self._names.index(parameter)

    def arrange(self, given: tuple[Any, ...], named: dict[str, Any]) -> tuple[Any, ...]:
        """Return the arguments in the signature's order, defaults filled in; TypeError as for any Python call."""
        if not named and len(given) == len(self._names) == self._positional:
            return given
        if len(given) > self._positional:
            raise TypeError(f"{self.name}() takes {self._positional} positional arguments, {len(given)} were given")
        values = [*given, *self._defaults[len(given) :]]
        for name, value in named.items():
            place = self._names.index(name) if name in self._names else -1
            if place < len(given):
                raise TypeError(f"{self.name}() got an unexpected or repeated argument {name!r}")
            values[place] = value
        if _MISSING in values:
            raise TypeError(f"{self.name}() misses the argument {self._names[values.index(_MISSING)]!r}")
        return tuple(values)

    def call(self, implementation: Callable[..., Any], values: Sequence[Any]) -> Any:  # noqa: ANN401 - the annotations' business
        """Return the implementation's coroutine, keyword-only arguments given by name."""
        if not self._keywords:
            return implementation(*values)
        rest = dict(zip(self._keywords, values[self._positional :], strict=True))
        return implementation(*values[: self._positional], **rest)

    def result(self, raw: Raw) -> Any:  # noqa: ANN401 - the annotations' business
        """Return the result; msgspec.MsgspecError when the bytes are none of its type."""
        return self._result.decode(raw)


def methods_of(protocol: Any) -> list[Method]:  # noqa: ANN401 - a class or an alias such as Box[int]
    """Return the public methods of a Protocol and of those it extends; TypeError for one that cannot cross."""
    origin = get_origin(protocol) or protocol
    bound: dict[TypeVar, Any] = dict(zip(getattr(origin, "__parameters__", ()), get_args(protocol), strict=False))
    names = [name for name in dir(origin) if not name.startswith("_")]
    return [Method(function, bound) for function in (getattr(origin, name) for name in names) if callable(function)]


def name_of(protocol: Any) -> str:  # noqa: ANN401 - as above
    """Return the prefix under which a Protocol's methods are called where no other is given: its class's name."""
    return (get_origin(protocol) or protocol).__name__
