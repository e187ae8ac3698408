"""An object that meets a Protocol by calling another process: made from the Protocol's annotations alone."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import msgspec

from bowerbird.base.deadline import left_ms
from bowerbird.base.ground import unsupported
from bowerbird.rpc.errors import Errors, Misfit, RpcError
from bowerbird.rpc.methods import Method, methods_of, name_of
from bowerbird.rpc.peer import Peer
from bowerbird.rpc.wire import Response

P = TypeVar("P")
Translate = Callable[[RpcError], Exception]


def remote(protocol: type[P], peer: Peer, errors: Errors, *, prefix: str = "", translate: Translate | None = None) -> P:
    """Return an object of the Protocol whose methods are called at the peer, under `prefix` and a dot.

    The prefix is the Protocol's name unless given. A call may take until the `deadline_us` of its first argument, if
    that has one, until the deadline of what it is made for (`base.deadline`), and the peer's `timeout_ms` at most.
    Errors of the contract come out as themselves; errors of the way are RpcErrors, or what `translate` makes of them,
    so that callers meet what their contract names.
    """
    under = prefix or name_of(protocol)
    namespace = {m.name: _calling(m, f"{under}.{m.name}", peer, errors, translate) for m in methods_of(protocol)}
    return cast("P", type(f"Remote{name_of(protocol)}", (), namespace)())


def _calling(method: Method, name: str, peer: Peer, errors: Errors, translate: Translate | None) -> Callable[..., Any]:
    """Return the function that stands for one method."""

    async def call(_self: object, *given: Any, **named: Any) -> Any:  # noqa: ANN401 - the annotations' business
        unsupported()  # what the peer read is nothing that this process could watch
        values = method.arrange(given, named)
        try:
            response = await peer.call(name, values, _timeout_ms(method, values, peer), method.nature_of(values))
            return _result(method, name, response, errors)
        except RpcError as error:
            if translate is None:
                raise
            raise translate(error) from error

    call.__name__ = method.name
    call.__doc__ = method.function.__doc__
    return call


def _result(method: Method, name: str, response: Response, errors: Errors) -> Any:  # noqa: ANN401 - as above
    """Return what was answered, or raise it; Misfit for what is not of the method's type."""
    if response.error is not None:
        raise errors.decode(response.error)
    try:
        return method.result(response.result)
    except msgspec.MsgspecError as error:
        raise Misfit(f"the result of {name}: {error}") from error


def _timeout_ms(method: Method, values: tuple[Any, ...], peer: Peer) -> int:
    """Return the milliseconds that a call has."""
    most_ms = left_ms(peer.world, peer.limits.timeout_ms)
    deadline_us = values[0].deadline_us if method.has_caller else 0
    return max(0, min(most_ms, (deadline_us - peer.world.now_us()) // 1000)) if deadline_us else most_ms
