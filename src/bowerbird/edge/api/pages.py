"""Pages that this process made and remembers: given again to the same reader while all that they were made of holds.

A page is found under all that was asked, and given only after its ground was asked whether whoever reads now would
read the same rows; so every read obeys what was acknowledged before it began, as if the page had been made anew.
"""

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from typing import Any, Final, TypeAlias

from msgspec import Struct

from bowerbird.base.ground import Ground, collecting
from bowerbird.base.ids import Id
from bowerbird.edge.api.inputs import PageQuery
from bowerbird.edge.http.route import Reply, Request

Key: TypeAlias = tuple[Hashable, ...]

_OVERHEAD_BYTES: Final = 15_000
"""About what a page of 25 takes beside its body: marks of some 200 rows, and a timeline's answer."""


def key_of(request: Request[None, PageQuery], expiry_s: int) -> Key:
    """Return all that a list depends on but what is read: who asks for what, and until when its addresses are good."""
    caller, query = request.caller, request.query
    return request.path, caller.person, caller.scopes, query.cursor, query.limit, expiry_s


class Page(Struct, frozen=True, gc=False):
    """An answer, and the pins on it in order."""

    reply: Reply[Any]
    pins: tuple[Id, ...]


class Pages:
    """The least recently used leave first, so that all take at most `bytes_max`."""

    def __init__(self, bytes_max: int) -> None:
        self._bytes_max = bytes_max
        self._bytes = 0
        self._kept: OrderedDict[Key, tuple[Page, Ground]] = OrderedDict()

    async def of(self, key: Key, make: Callable[[], Awaitable[Page]]) -> Page:
        """Return the page under a key, which says all that `make` depends on but what it reads; made if need be."""
        kept = self._kept.get(key)
        if kept is not None:
            page, ground = kept
            if ground.holds():
                self._kept.move_to_end(key)
                return page
            self._forget(key)
        with collecting() as ground:
            page = await make()
        if ground.holds():
            self._keep(key, page, ground)
        return page

    def _keep(self, key: Key, page: Page, ground: Ground) -> None:
        self._forget(key)
        self._kept[key] = page, ground
        self._bytes += _size(page)
        while self._bytes > self._bytes_max:
            self._forget(next(iter(self._kept)))

    def _forget(self, key: Key) -> None:
        kept = self._kept.pop(key, None)
        if kept is not None:
            self._bytes -= _size(kept[0])


def _size(page: Page) -> int:
    body = page.reply.body
    return _OVERHEAD_BYTES + (len(body) if isinstance(body, bytes) else 0)
