"""Fetching a page's details, and keeping what it says of itself beside its link."""

import msgspec
from msgspec.structs import replace

from bowerbird.base.ids import Id
from bowerbird.base.world import World
from bowerbird.contracts.links import Details, Link, Metadata
from bowerbird.contracts.problems import Unavailable
from bowerbird.services.links.store import Store

_BUSY_S = 5
_TRIES_MAX = 5


async def fetch_details(store: Store, world: World, link: Id, url: str) -> Details:
    """Return what a page says of itself now; Unavailable when too many pages are being fetched."""
    page = await store.fetch(url)
    if page.failure == "busy":
        raise Unavailable("too many pages are being fetched", retry_after_s=_BUSY_S)
    metadata = Metadata(page.description, page.site, page.picture_url, page.url)
    for _ in range(_TRIES_MAX):
        old = await store.link(link)
        if old is None or await store.replace(old, _fetched(old, page.failure, page.title, metadata, world.now_us())):
            break
    return Details(page.title, page.description, page.site, page.failure, page.picture)


def _fetched(old: Link, failure: str, title: str, metadata: Metadata, now_us: int) -> Link:
    """Return the link after a fetch; a page that could not be had takes nothing away from what it once said."""
    tried = replace(old, failure=failure, fetched_at=now_us, version=old.version + 1)
    if failure:
        return tried
    return replace(tried, title=title, metadata=msgspec.json.encode(metadata).decode())
