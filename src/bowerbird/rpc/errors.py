"""Errors of a call: those of the contract come out as they went in, those of the way have types of their own."""

import inspect
from collections.abc import Mapping
from typing import Any, Final

import msgspec
from msgspec import Raw, Struct

from bowerbird.rpc.shapes import Shape, parameters

_OWN = "rpc."


class RpcError(Exception):
    """The call had no answer of its contract."""


class Unreachable(RpcError):  # noqa: N818 - it names what happened
    """Nobody answers there, or not any more; the call was not begun."""


class Stopping(Unreachable):
    """The process there is about to end, in order; the call was not begun, and the next process may take it."""


class BreakerOpen(Unreachable):
    """The breaker of this peer is open: it was failing a moment ago, and is let alone; the call was not begun."""


class Overloaded(RpcError):  # noqa: N818 - it names what happened
    """Too many calls are under way; this one was not begun."""


class ReplyLost(RpcError):  # noqa: N818 - it names what happened
    """The connection ended before the answer came; the call may have been carried out."""


class DeadlinePassed(RpcError):  # noqa: N818 - it names what happened
    """The answer did not come in time; the call may have been carried out."""


class Misfit(RpcError):  # noqa: N818 - it names what happened
    """The two sides do not mean the same contract: an unknown method, or values of wrong types or lengths."""


class RemoteFailure(RpcError):  # noqa: N818 - it names what happened
    """The other side failed, in a way that no contract names; its log says how, under the incident's id."""

    def __init__(self, incident: str) -> None:
        super().__init__(incident)
        self.incident = incident


_OF_THE_WAY: Final[dict[str, type[RpcError]]] = {
    "rpc.stopping": Stopping,
    "rpc.overloaded": Overloaded,
    "rpc.deadline": DeadlinePassed,
    "rpc.misfit": Misfit,
    "rpc.failure": RemoteFailure,
}

_OWN_CODES = {kind: code for code, kind in _OF_THE_WAY.items()}


class _Code(Struct, array_like=True):
    """The beginning of an error on the wire."""

    code: str


_code = msgspec.msgpack.Decoder(_Code)
_anything = msgspec.msgpack.Decoder(list[Any])


class Errors:
    """The contracts' errors by their codes. One is sent as its code and `args`, and made again as `kind(*args)`.

    Only exactly these classes cross: a subclass that nobody listed may say what is not for others. The arguments are
    checked against the annotations of the class's constructor, where it has its own.
    """

    def __init__(self, kinds: Mapping[str, type[Exception]]) -> None:
        own = [code for code in kinds if code.startswith(_OWN)]
        if own:
            raise ValueError(f"codes that begin with {_OWN!r} are taken: {own}")
        self._codes: dict[type, str] = {kind: code for code, kind in kinds.items()}
        if len(self._codes) < len(kinds):
            raise ValueError("an error has one code")
        every: dict[str, type[Exception]] = {**kinds, **_OF_THE_WAY}
        self._kinds = {code: (kind, _shape_of(kind)) for code, kind in every.items()}

    def encode(self, error: Exception) -> tuple[Any, ...] | None:
        """Return what stands for the error on the wire; None for all others, another call's RpcError too."""
        code = self._codes.get(type(error))
        return None if code is None else (code, *error.args)

    def decode(self, raw: Raw) -> Exception:
        """Return the error that was sent; a code or arguments that are not known here make a Misfit."""
        try:
            kind, shape = self._kinds[_code.decode(raw).code]
            _, *arguments = _anything.decode(raw) if shape is None else shape.decode(raw)
            return kind(*arguments)
        except (msgspec.MsgspecError, KeyError, TypeError, ValueError) as error:
            return Misfit(f"an error that is not known here: {error}")


def encode_own(error: RpcError) -> tuple[Any, ...]:
    """Return what stands for an error of this side's own making."""
    return (_OWN_CODES[type(error)], *error.args)


def _shape_of(kind: type[Exception]) -> Shape | None:
    """Return the shape of a class's arguments, None where its constructor says nothing of them."""
    constructor = kind.__init__
    if not inspect.isfunction(constructor):
        return None
    return Shape(kind.__name__, str, [(p.name, annotation, p.default) for p, annotation in parameters(constructor, {})])


_way = Errors({})


def raise_way(raw: Raw) -> None:
    """Raise what the peer says of the way, if its answer is that and not an error of the contract."""
    try:
        is_way = _code.decode(raw).code.startswith(_OWN)
    except msgspec.MsgspecError:
        return
    if is_way:
        raise _way.decode(raw)
