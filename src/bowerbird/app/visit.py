"""A command's way into the house: beside the running processes, or alone with the engines when none run."""

import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from msgspec import Struct

from bowerbird.app.engines import Engines, copies_at_core, open_core, open_edge
from bowerbird.app.folder import Folder
from bowerbird.app.house import House, build
from bowerbird.app.secrets import master_key
from bowerbird.app.sections import Settings
from bowerbird.base.network import Network
from bowerbird.base.world import World
from bowerbird.ports.copies import Copies
from bowerbird.rpc.client import Client


class Visit(Struct, frozen=True):
    """The house as a command meets it. `running`: a tree of processes is at work on the same data."""

    house: House
    engines: Engines
    copies: Copies
    folder: Folder
    world: World
    running: bool


@asynccontextmanager
async def visit(settings: Settings) -> AsyncGenerator[Visit]:
    """Open the house for a command; SettingsError when there is no data where the settings say."""
    folder = Folder(settings.storage.data).existing()
    world = World()
    master = master_key(settings.storage.master_key, folder.make().path, world)
    running = folder.is_taken()
    opened = _beside if running else _alone
    async with opened(settings, folder, master, world) as (engines, copies):
        yield Visit(build(engines, settings, master, world), engines, copies, folder, world, running)


@asynccontextmanager
async def _beside(
    settings: Settings, folder: Folder, master: bytes, world: World
) -> AsyncGenerator[tuple[Engines, Copies]]:
    client = Client(str(folder.socket), Network(), world)
    await client.start()
    engines = open_edge(folder, settings, master, world, client)
    try:
        yield engines, copies_at_core(client)
    finally:
        await engines.close()
        await client.close()


@asynccontextmanager
async def _alone(
    settings: Settings, folder: Folder, master: bytes, world: World
) -> AsyncGenerator[tuple[Engines, Copies]]:
    lock = folder.lock()
    core = open_core(folder, settings, master, world)
    try:
        yield core.engines, core.copies
    finally:
        await core.engines.close()
        os.close(lock)
