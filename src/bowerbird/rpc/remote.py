"""An object that meets a Protocol by calling another process: made from the Protocol's annotations alone."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import msgspec

from bowerbird.rpc.client import Client
from bowerbird.rpc.errors import Errors, Misfit, RpcError
from bowerbird.rpc.methods import Method, methods_of, name_of

P = TypeVar("P")
Translate = Callable[[RpcError], Exception]


def remote(
    protocol: type[P], client: Client, errors: Errors, *, prefix: str = "", translate: Translate | None = None
) -> P:
    """Return an object of the Protocol whose methods are called at the client's peer, under `prefix` and a dot.

    The prefix is the Protocol's name unless given. A call may take until the `deadline_us` of its first argument, if
    that has one, and at most the client's `timeout_ms`. Errors of the contract come out as themselves; errors of the
    way are RpcErrors, or what `translate` makes of them, so that callers meet what their contract names.
    """
    under = prefix or name_of(protocol)
    namespace = {m.name: _calling(m, f"{under}.{m.name}", client, errors, translate) for m in methods_of(protocol)}
    return cast("P", type(f"Remote{name_of(protocol)}", (), namespace)())


def _calling(
    method: Method, name: str, client: Client, errors: Errors, translate: Translate | None
) -> Callable[..., Any]:
    """Return the function that stands for one method."""

    async def ask(values: tuple[Any, ...]) -> Any:  # noqa: ANN401 - the annotations' business
        response = await client.call(name, values, _timeout_ms(method, values, client))
        if response.error is not None:
            raise errors.decode(response.error)
        try:
            return method.result(response.result)
        except msgspec.MsgspecError as error:
            raise Misfit(f"the result of {name}: {error}") from error

    async def call(_self: object, *given: Any, **named: Any) -> Any:  # noqa: ANN401 - as above
        values = method.arrange(given, named)
        if translate is None:
            return await ask(values)
        try:
            return await ask(values)
        except RpcError as error:
            raise translate(error) from error

    call.__name__ = method.name
    call.__doc__ = method.function.__doc__
    return call


def _timeout_ms(method: Method, values: tuple[Any, ...], client: Client) -> int:
    """Return the milliseconds that a call has: what is left until its caller's deadline, if there is one."""
    deadline_us = values[0].deadline_us if method.deadline_first else 0
    if not deadline_us:
        return client.limits.timeout_ms
    return max(0, min(client.limits.timeout_ms, (deadline_us - client.world.now_us()) // 1000))
