"""`bowerbird serve`: start Bowerbird on this machine."""

import asyncio

import click

from bowerbird.app.cli.root import Failure, Shared
from bowerbird.app.folder import Folder
from bowerbird.app.settings import SettingsError
from bowerbird.app.tree import child_environment, run
from bowerbird.base.telemetry import configure_logging
from bowerbird.runtime.supervisor import ChildFailed


@click.command()
@click.option("--host", help="Address to listen on.")
@click.option("--port", type=int, help="TCP port to listen on.")
@click.option("--data", help="Folder of all databases, pictures and keys.")
@click.option("--workers", type=int, help="Edge processes; each serves requests on one core.")
@click.option("--demo/--no-demo", default=False, help="Fill an empty Bowerbird with demo content, once it answers.")
@click.pass_obj
def serve(
    shared: Shared, host: str | None, port: int | None, data: str | None, workers: int | None, *, demo: bool
) -> None:
    """Start Bowerbird: one writer, edge workers, and everything that runs behind, until Ctrl-C."""
    given: dict[str, object] = {
        "server.host": host,
        "server.port": port,
        "server.workers": workers,
        "storage.data": data,
    }
    settings = shared.settings(**{name.replace(".", "__"): value for name, value in given.items()})
    configure_logging(settings.log.level, as_json=settings.log.json)
    env = child_environment(shared.file, given, Folder(settings.storage.data))

    def when_ready(address: str) -> None:
        shared.say({"ready": address}, f"\nBowerbird answers at {address}\n")

    try:
        asyncio.run(run(settings, env, when_ready))
    except (SettingsError, ChildFailed) as error:
        raise Failure(str(error)) from error
