"""`bowerbird restore`: a data folder made from a backup."""

import asyncio
from pathlib import Path

import click
from msgspec.structs import asdict

from bowerbird.app.cli.progress import Progress
from bowerbird.app.cli.root import Shared
from bowerbird.app.restore import Restore
from bowerbird.base.world import World


@click.command()
@click.argument("backup", type=click.Path(exists=True, path_type=Path))
@click.option("--data", required=True, help="The data folder to make; it must not be there, or be empty.")
@click.pass_obj
def restore(shared: Shared, backup: Path, data: str) -> None:
    """Make a data folder from a backup.

    Every file is checked. People whose deletion the backup knows are erased first. Then start the server on the folder;
    raise identity.session_generation in its settings, if sign-ins that ended since the backup must not come back.

    \b
    Example:  bowerbird restore /backups/2026-01-31 --data ./data
    """  # noqa: D301 - the backspace tells click to keep the lines
    settings, world = shared.settings({"storage.data": data}), World()
    with Progress(world) as show:
        made = asyncio.run(Restore(backup, settings, world, show).run())
    shared.say(
        asdict(made), f"{data} holds what was acknowledged before {made.until}: `bowerbird serve --data {data}`."
    )
