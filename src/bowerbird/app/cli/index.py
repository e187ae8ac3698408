"""`bowerbird index`: the text index, how it is, and made anew."""

import asyncio

import click

from bowerbird.app.cli.progress import Progress
from bowerbird.app.cli.root import Shared, data_option
from bowerbird.app.reindex import GROUP, reindex
from bowerbird.app.sections import Settings
from bowerbird.app.visit import visit
from bowerbird.base.world import World
from bowerbird.ports.textindex import Size


@click.group()
def index() -> None:
    """See to the index in which searches look."""


@index.command()
@data_option
@click.pass_obj
def status(shared: Shared, data: str | None) -> None:
    """Show how much the index holds, and how far it is behind.

    Shared documents are found by everybody, the others by those who may see them.
    """
    size, waiting = asyncio.run(_asked(shared.settings({"storage.data": data})))
    told = {"shared": size.shared, "own": size.own, "bytes": size.bytes, "waiting": waiting}
    lines = [
        f"{size.shared:,} documents are found by everybody, {size.own:,} by some.",
        f"They take {size.bytes / 1e6:,.1f} MB. {waiting:,} events are not in them yet.",
    ]
    shared.say(told, "\n".join(lines))


async def _asked(settings: Settings) -> tuple[Size, int]:
    async with visit(settings) as here:
        waiting = sum(lag.records for lag in await here.engines.log.lag() if lag.group == GROUP)
        return await here.engines.textindex.size(), waiting


@index.command()
@data_option
@click.pass_obj
def rebuild(shared: Shared, data: str | None) -> None:
    """Empty the index and fill it again from the log.

    The server may be running: until it is done, searches find what was filled in so far.
    """
    settings, world = shared.settings({"storage.data": data}), World()
    with Progress(world) as show:
        events, size = asyncio.run(_rebuilt(settings, show))
    told = {"events": events, "shared": size.shared, "own": size.own, "bytes": size.bytes}
    shared.say(told, f"Read {events:,} events: {size.shared + size.own:,} documents are found again.")


async def _rebuilt(settings: Settings, show: Progress) -> tuple[int, Size]:
    async with visit(settings) as here:
        return await reindex(here, show), await here.engines.textindex.size()
