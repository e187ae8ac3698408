"""Noting that a public pin shows a link's details, from when on they may be reused for others."""

from msgspec.structs import replace

from bowerbird.base.ids import Id
from bowerbird.services.links.store import Store

_TRIES_MAX = 5


async def note_shown(store: Store, link: Id) -> None:
    """Make a link public for ever."""
    for _ in range(_TRIES_MAX):
        old = await store.link(link)
        if old is None or old.public:
            return
        if await store.replace(old, replace(old, public=1, version=old.version + 1)):
            return
