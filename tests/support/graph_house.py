"""The graph beside identity on the engines of one machine, with its events delivered when a test says so."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bowerbird.adapters.sqlite.graph import SqliteGraph, SqliteGraphWrites
from bowerbird.adapters.sqlite.views import open_views_reader, open_views_writer
from bowerbird.base.ids import Id
from bowerbird.contracts.caller import READ, WRITE, Caller
from bowerbird.contracts.events import Event
from bowerbird.contracts.graph import Graph
from bowerbird.services.graph.consumer import Consumer
from bowerbird.services.graph.service import GraphService
from bowerbird.services.graph.settings import GraphSettings
from bowerbird.services.graph.store import TABLES, Store
from tests.support.identity_house import PASSWORD, House, open_house
from tests.support.placement import placed


@dataclass
class GraphHouse:
    """A house where people follow each other."""

    house: House
    maps: SqliteGraph
    store: Store
    graph: Graph
    consumer: Consumer

    async def join(self, *handles: str) -> list[Id]:
        """Register people and return their ids."""
        return [(await self.house.join(handle)).user.id for handle in handles]

    async def leave(self, person: Id) -> None:
        """Delete an account."""
        await self.house.identity.delete_account(by(person), PASSWORD)

    async def deliver(self, happened: Sequence[Event[Any]]) -> None:
        """Hand events to the consumer, as the runtime does: without a body only when a person was deleted."""
        handlers = self.consumer.handlers()
        for event in happened:
            if event.envelope.type in handlers and (event.body is not None or event.envelope.type == "user_deleted"):
                await handlers[event.envelope.type](event)

    async def settle(self) -> None:
        """Deliver all events and run all sweeps until nothing is left to do."""
        while happened := await self.house.happened():
            await self.deliver(happened)
            for sweep in self.consumer.sweeps().values():
                while await sweep():
                    pass


def by(person: Id) -> Caller:
    """Return the caller that a person is."""
    return Caller(person=person, scopes=READ | WRITE, trace="test")


@asynccontextmanager
async def open_graph(folder: Path, settings: GraphSettings | None = None) -> AsyncGenerator[GraphHouse]:
    """Open a house in an empty folder."""
    async with open_house(folder, more=TABLES) as house:
        writer = open_views_writer(folder)
        reader = open_views_reader(folder)
        maps = SqliteGraph(reader, SqliteGraphWrites(writer))
        store = Store(house.records, house.keys, maps, house.clock)
        chosen = settings or GraphSettings()
        consumer = Consumer(store, house.identity, house.clock, chosen)
        try:
            async with placed(Graph, GraphService(store, house.identity, house.clock, chosen)) as graph:
                yield GraphHouse(house, maps, store, graph, consumer)
        finally:
            reader.close()
            await writer.close()
