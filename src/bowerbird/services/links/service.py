"""The links service: meets `contracts.links.Links`."""

from typing_extensions import override

from bowerbird.base.ids import Id
from bowerbird.base.world import World
from bowerbird.contracts.caller import Caller
from bowerbird.contracts.links import Details, Link, Links
from bowerbird.services.links.fetch_details import fetch_details
from bowerbird.services.links.note_shown import note_shown
from bowerbird.services.links.put_link import put_link
from bowerbird.services.links.store import Store


class LinksService(Links):
    """Needs nobody but its store; called by services alone, so it asks nobody's rights."""

    def __init__(self, store: Store, world: World) -> None:
        self._store = store
        self._world = world

    @override
    async def put(self, caller: Caller, url: str) -> Link:
        return await put_link(self._store, self._world, url)

    @override
    async def details(self, caller: Caller, link: Id, url: str) -> Details:
        return await fetch_details(self._store, self._world, link, url)

    @override
    async def shown(self, caller: Caller, link: Id) -> None:
        await note_shown(self._store, link)
