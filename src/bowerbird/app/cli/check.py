"""`bowerbird check`: whether the data are sound."""

import asyncio

import click
from msgspec.structs import asdict

from bowerbird.adapters.sqlite.soundness import Finding
from bowerbird.app.check import Check
from bowerbird.app.cli.progress import Progress
from bowerbird.app.cli.root import Shared, data_option
from bowerbird.base.world import World


@click.command()
@click.option("--blobs", is_flag=True, help="Read every picture's files whole, instead of looking at some.")
@click.option("--events", is_flag=True, help="Open every event of the log, which shows changed bytes in it.")
@data_option
@click.pass_obj
def check(shared: Shared, data: str | None, *, blobs: bool, events: bool) -> None:
    """Find out whether the data are sound, whether the server runs or not.

    Every database's pages and indexes, what holds between its rows, the log's order, people's keys and names, and the
    pictures' files. Says what is damaged, by database, table and row, and exits with 1.

    \b
    Example:  bowerbird check --blobs --events
    """  # noqa: D301 - the backspace tells click to keep the lines
    settings = shared.settings({"storage.data": data})
    with Progress(World()) as show:
        found = asyncio.run(Check(settings, show, blobs=blobs, events=events).run())
    shared.say([asdict(finding) for finding in found], "\n".join(map(_line, found)) or "Everything is sound.")
    if found:
        raise click.exceptions.Exit(1)


def _line(finding: Finding) -> str:
    where = " ".join(part for part in (finding.file, finding.table, finding.row) if part)
    return f"{where}: {finding.what}" if where else finding.what
