"""The class that meets the contract: each method is one line to its verb."""

from collections.abc import Sequence

from typing_extensions import override

from bowerbird.base.ids import Id
from bowerbird.base.world import World
from bowerbird.contracts.caller import Caller
from bowerbird.contracts.graph import Counts, Graph, Relation, Tie
from bowerbird.contracts.identity import Identity
from bowerbird.contracts.paging import Page
from bowerbird.services.graph import block, follow, lists, relations
from bowerbird.services.graph.kit import Kit
from bowerbird.services.graph.settings import GraphSettings
from bowerbird.services.graph.store import Store


class GraphService(Graph):
    """Who follows and who blocks whom."""

    def __init__(self, store: Store, identity: Identity, world: World, settings: GraphSettings) -> None:
        self._kit = Kit(store, identity, world, settings)

    @override
    async def follow(self, caller: Caller, person: Id) -> None:
        await follow.follow(self._kit, caller, person)

    @override
    async def unfollow(self, caller: Caller, person: Id) -> None:
        await follow.unfollow(self._kit, caller, person)

    @override
    async def block(self, caller: Caller, person: Id) -> None:
        await block.block(self._kit, caller, person)

    @override
    async def unblock(self, caller: Caller, person: Id) -> None:
        await block.unblock(self._kit, caller, person)

    @override
    async def blocks(self, caller: Caller, after: bytes | None, limit: int) -> Page[Tie]:
        return await lists.blocks(self._kit, caller, after, limit)

    @override
    async def relations(self, viewer: Id | None, people: Sequence[Id]) -> list[Relation]:
        return await relations.relations(self._kit, viewer, people)

    @override
    async def blocked(self, viewer: Id | None, people: Sequence[Id]) -> list[bool]:
        return await relations.blocked(self._kit, viewer, people)

    @override
    async def counts(self, caller: Caller, people: Sequence[Id]) -> list[Counts]:
        return await relations.counts(self._kit, caller, people)

    @override
    async def followers(self, caller: Caller, person: Id, after: bytes | None, limit: int) -> Page[Tie]:
        return await lists.followers(self._kit, caller, person, after, limit)

    @override
    async def following(self, caller: Caller, person: Id, after: bytes | None, limit: int) -> Page[Tie]:
        return await lists.following(self._kit, caller, person, after, limit)
