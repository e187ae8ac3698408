"""Putting a link: the same address is the same link, whoever saves it and however it is spelt."""

from bowerbird.base.world import World
from bowerbird.contracts.links import Link
from bowerbird.contracts.problems import Invalid
from bowerbird.services.links import model
from bowerbird.services.links.store import Store


async def put_link(store: Store, world: World, url: str) -> Link:
    """Return the link of an address, made if it is new. Invalid (field url)."""
    try:
        new = model.link_of(url.strip(), world.now_us())
    except ValueError as error:
        raise Invalid(str(error), field="url") from error
    found = await store.link(new.id)
    if found is not None:
        # A link that no public pin shows must not be told from a new one by how long this takes.
        if not found.public:
            await store.rewrite(found)
        return found
    if await store.add(new):
        return new
    return await store.link(new.id) or new
