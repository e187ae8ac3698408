"""Facts on lease: who asks a service in another process may keep some answers for a while, and the service knows.

Only what lets somebody see something is kept, for `lease_ms` from the moment at which it was asked, on a clock that
never runs backwards. What hides something is acknowledged when as much time has passed since it was done: whatever was
read before is over by then. So a read that begins after an acknowledgement obeys it, though nobody told the keepers.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from typing import Any, Final, TypeVar, cast

import msgspec
from msgspec import Struct

from bowerbird.base.calls import Lease, lease_of, outlasts_when
from bowerbird.base.ground import unsupported
from bowerbird.base.world import World
from bowerbird.contracts.caller import Caller
from bowerbird.rpc.methods import Method, methods_of, name_of

P = TypeVar("P")

DRIFT: Final = 1.01
"""How much longer than a lease is waited: two machines' clocks differ by less than this in how fast they run."""

_OVERHEAD_BYTES: Final = 500
"""About what an answer takes beside itself: its key, and its place among the others."""

_encoder: Final = msgspec.msgpack.Encoder()


class _Kept(Struct, frozen=True, gc=False):
    answer: Any
    until_s: float
    size: int


class Leases:
    """What one process keeps, of all services, the oldest leaving first, so that it takes at most `bytes_max`."""

    def __init__(self, lease_ms: int, bytes_max: int, world: World) -> None:
        self.bytes = 0
        self._lease_s = lease_ms / 1000
        self._bytes_max = bytes_max
        self._world = world
        self._kept: OrderedDict[Hashable, _Kept] = OrderedDict()

    def now_s(self) -> float:
        """Return the time by which leases are counted."""
        return self._world.monotonic_s()

    def find(self, key: Hashable) -> _Kept | None:
        """Return what is kept under a key and not over."""
        unsupported()  # it is over by the clock, which no ground watches
        kept = self._kept.get(key)
        return kept if kept is not None and self.now_s() < kept.until_s else None

    def keep(self, key: Hashable, answer: object, asked_s: float) -> None:
        """Keep an answer to what was asked at a time."""
        self._drop(key)
        size = _OVERHEAD_BYTES + len(_encoder.encode(answer))
        self._kept[key] = _Kept(answer, asked_s + self._lease_s, size)
        self.bytes += size
        while self.bytes > self._bytes_max or self._is_oldest_over():
            self._drop(next(iter(self._kept)))

    def _is_oldest_over(self) -> bool:
        return bool(self._kept) and next(iter(self._kept.values())).until_s <= self.now_s()

    def _drop(self, key: Hashable) -> None:
        kept = self._kept.pop(key, None)
        if kept is not None:
            self.bytes -= kept.size


def on_lease(protocol: type[P], service: P, leases: Leases) -> P:
    """Return the service with the reads that are marked `leased` answered from what is kept, where it is."""
    return _made("Leased", protocol, service, lambda method, own: _keeping(protocol, method, own, leases))


def outlasting(protocol: type[P], service: P, lease_ms: int, world: World) -> P:
    """Return the service with what is marked `outlasts_leases` acknowledged when leases given before are over."""
    return _made("Outlasting", protocol, service, lambda method, own: _waiting(method, own, lease_ms, world))


def _made(kind: str, protocol: type[P], service: P, wrapped: Callable[[Method, Any], Any]) -> P:
    """Return an object of the Protocol whose methods are the service's, some of them wrapped."""
    namespace = {
        method.name: staticmethod(wrapped(method, getattr(service, method.name))) for method in methods_of(protocol)
    }
    return cast("P", type(f"{kind}{name_of(protocol)}", (), namespace)())


def _keeping(protocol: type[Any], method: Method, own: Callable[..., Any], leases: Leases) -> Callable[..., Any]:
    lease = lease_of(method.function)
    if lease is None:
        return own
    name = f"{name_of(protocol)}.{method.name}"
    if not lease.each:
        return _keeping_one(name, method, own, lease, leases)
    return _keeping_each(name, method, own, lease, leases)


def _keeping_one(
    name: str, method: Method, own: Callable[..., Any], lease: Lease, leases: Leases
) -> Callable[..., Any]:
    async def call(*given: Any, **named: Any) -> Any:  # noqa: ANN401 - the annotations' business
        values = method.arrange(given, named)
        key = (name, *map(_of_caller, values))
        kept = leases.find(key)
        if kept is not None:
            return kept.answer
        asked_s = leases.now_s()
        answer = await method.call(own, values)
        if lease.shows(answer):
            leases.keep(key, answer, asked_s)
        return answer

    return call


def _keeping_each(
    name: str, method: Method, own: Callable[..., Any], lease: Lease, leases: Leases
) -> Callable[..., Any]:
    """Return what asks for those items alone that are not kept."""
    place = method.place_of(lease.each)

    async def call(*given: Any, **named: Any) -> Any:  # noqa: ANN401 - as above
        values = method.arrange(given, named)
        items: Sequence[Hashable] = values[place]
        around = (name, *map(_of_caller, values[:place]), *map(_of_caller, values[place + 1 :]))
        found = {item: leases.find((*around, item)) for item in items}
        wanted = [item for item, kept in found.items() if kept is None]
        answers = {item: kept.answer for item, kept in found.items() if kept is not None}
        if wanted:
            asked_s = leases.now_s()
            fresh = await method.call(own, (*values[:place], wanted, *values[place + 1 :]))
            answers |= zip(wanted, fresh, strict=True)
            for item in wanted:
                if lease.shows(answers[item]):
                    leases.keep((*around, item), answers[item], asked_s)
        return [answers[item] for item in items]

    return call


def _waiting(method: Method, own: Callable[..., Any], lease_ms: int, world: World) -> Callable[..., Any]:
    when = outlasts_when(method.function)
    if when is None or not lease_ms:
        return own

    async def call(*given: Any, **named: Any) -> Any:  # noqa: ANN401 - as above
        answer = await own(*given, **named)
        if when(*given, **named):
            until_s = world.monotonic_s() + lease_ms / 1000 * DRIFT
            while (left_s := until_s - world.monotonic_s()) > 0:
                await world.sleep(left_s)
        return answer

    return call


def _of_caller(value: Hashable) -> Hashable:
    """Return what an answer depends on: of a caller, who it is, and not the request."""
    return (value.person, value.scopes, value.system) if isinstance(value, Caller) else value
