"""`bowerbird backup`: a copy of everything, while the server runs."""

import asyncio
from pathlib import Path

import click
from msgspec.structs import asdict

from bowerbird.app.backup import Backup
from bowerbird.app.cli.progress import Progress
from bowerbird.app.cli.root import Shared, data_option
from bowerbird.base.world import World

_MB = 1_000_000


@click.command()
@click.argument("target", type=click.Path(path_type=Path))
@click.option(
    "--since",
    "earlier",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="An earlier backup on the same disk: pictures that it holds take no room again.",
)
@data_option
@click.pass_obj
def backup(shared: Shared, target: Path, earlier: Path | None, data: str | None) -> None:
    """Copy everything into a new folder, or a file NAME.tar, whether the server runs or not.

    The copy is whole, or not there. It holds all that was acknowledged before the time that is printed, the keys among
    it: whoever has it can read everything.

    \b
    Example:  bowerbird backup /backups/2026-01-31 --since /backups/2026-01-30
    """  # noqa: D301 - the backspace tells click to keep the lines
    settings = shared.settings({"storage.data": data})
    with Progress(World()) as show:
        made = asyncio.run(Backup(settings, target, earlier, show).run())
    said = f"{target} holds all that was acknowledged before {made.until}: {made.blobs:,} pictures' files, "
    shared.say(asdict(made), f"{said}{made.bytes / _MB:,.1f} MB.")
