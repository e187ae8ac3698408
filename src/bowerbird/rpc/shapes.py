"""Arguments as they cross the wire: an array, checked against annotations while it is decoded.

Each signature becomes a Struct of its own, so that no untyped object is built. Arguments that the sender leaves out
at the end take their defaults, so that a method can get a further parameter while old callers are still about.
"""

import inspect
from collections.abc import Callable, Sequence
from typing import Any, TypeVar, get_type_hints

import msgspec
from msgspec import Raw

_ORDINARY = {
    inspect.Parameter.POSITIONAL_ONLY,
    inspect.Parameter.POSITIONAL_OR_KEYWORD,
    inspect.Parameter.KEYWORD_ONLY,
}


class Shape:
    """The array [leading, argument...] of one signature."""

    def __init__(self, name: str, leading: object, arguments: Sequence[tuple[str, Any, Any]]) -> None:
        fields = [("leading", leading), *(_field(*argument) for argument in arguments)]
        struct = msgspec.defstruct(name, fields, array_like=True, forbid_unknown_fields=True)
        self._decoder = msgspec.msgpack.Decoder(struct)

    def decode(self, raw: Raw | bytes) -> tuple[Any, ...]:
        """Return the leading value and every argument; msgspec.MsgspecError when the bytes have another shape."""
        return msgspec.structs.astuple(self._decoder.decode(raw))


def parameters(function: Callable[..., Any], bound: dict[TypeVar, Any]) -> list[tuple[inspect.Parameter, Any]]:
    """Return a signature's parameters, each with its annotation; TypeError for *args, **kwargs and missing ones.

    `bound` says what type variables stand for; one that is not there stands for its bound, or for anything.
    """
    hints = get_type_hints(function, include_extras=True)
    found: list[tuple[inspect.Parameter, Any]] = []
    for parameter in inspect.signature(function).parameters.values():
        if parameter.name == "self":
            continue
        if parameter.kind not in _ORDINARY or parameter.name not in hints:
            raise TypeError(f"{function.__qualname__}: parameter {parameter.name} cannot cross the wire")
        found.append((parameter, resolve(hints[parameter.name], bound)))
    return found


def resolve(annotation: Any, bound: dict[TypeVar, Any]) -> Any:  # noqa: ANN401 - annotations are values of any kind
    """Return the annotation with its type variables replaced by what they stand for."""
    if isinstance(annotation, TypeVar):
        return bound.get(annotation, annotation.__bound__ or Any)
    inner = getattr(annotation, "__parameters__", ())
    if not inner or isinstance(annotation, type):
        return annotation
    return annotation[tuple(resolve(variable, bound) for variable in inner)]


def _field(name: str, annotation: Any, default: Any) -> tuple[str, Any] | tuple[str, Any, Any]:  # noqa: ANN401 - as above
    """Return a field of `defstruct`; its name is marked, since parameters may be called as a Struct's own methods."""
    if default is inspect.Parameter.empty:
        return f"of_{name}", annotation
    return f"of_{name}", annotation, msgspec.field(default_factory=lambda: default)
