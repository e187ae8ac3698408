"""The link rows and the way to the network hand; the only file of the service that touches ports."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, Final

from msgspec.structs import asdict

from bowerbird.base.ids import Id
from bowerbird.base.world import World
from bowerbird.contracts.caller import system
from bowerbird.contracts.events import LINKS, outgoing
from bowerbird.contracts.links import Link
from bowerbird.contracts.problems import Unavailable
from bowerbird.ports.fetch import Fetch, Fetched
from bowerbird.ports.keys import Keys
from bowerbird.ports.records import Conflict, EngineUnavailable, Records
from bowerbird.ports.tables import Table

LINK: Final = Table("link", Link, key=("id",))
TABLES: Final[tuple[Table[Any], ...]] = (LINK,)

_NOBODY_SAYS: Final = system()
"""Who acts in link events: an actor or a trace would stand in the log unsealed, and say who saved which address."""


class Store:
    """Every problem of an engine leaves here as Unavailable; nothing was changed then, or the whole unit was."""

    def __init__(self, records: Records, keys: Keys, fetch: Fetch, world: World) -> None:
        self._records = records
        self._keys = keys
        self._fetch = fetch
        self._world = world

    async def link(self, link: Id) -> Link | None:
        """Return a link as it is now."""
        with _engine():
            return (await self._records.get(LINK, [(link,)]))[0]

    async def add(self, link: Link) -> bool:
        """Put a new link, with its event; False when somebody else was first."""
        with _engine():
            event = outgoing(self._world, _NOBODY_SAYS, "link_saved", link, await self._key())
            try:
                await self._records.commit([LINK.insert(link)], [event])
            except Conflict:
                return False
            return True

    async def rewrite(self, link: Link) -> None:
        """Write what is there already, which takes as long as putting a new link."""
        with _engine():
            await self._records.commit([LINK.patch((link.id,), {"normal": link.normal})])

    async def replace(self, old: Link, new: Link) -> bool:
        """Write the next version of a link, with its event; False when it is not the old one any more."""
        before = asdict(old)
        put = {name: value for name, value in asdict(new).items() if value != before[name]}
        with _engine():
            event = outgoing(self._world, _NOBODY_SAYS, "link_changed", new, await self._key())
            try:
                await self._records.commit([LINK.patch((old.id,), put, {"version": old.version})], [event])
            except Conflict:
                return False
            return True

    async def fetch(self, url: str) -> Fetched:
        """Get the page of an address."""
        with _engine():
            return await self._fetch.fetch(url)

    async def _key(self) -> bytes:
        """Return the key of all links, which the first link makes."""
        return (await self._keys.get([LINKS]))[0] or await self._keys.create(LINKS)


@contextmanager
def _engine() -> Generator[None]:
    try:
        yield
    except EngineUnavailable as error:
        raise Unavailable("links cannot be read or written now", retry_after_s=1) from error
