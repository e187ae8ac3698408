"""`bowerbird serve`: start Bowerbird on this machine."""

import asyncio
import sys
from collections.abc import Mapping

import click

from bowerbird.app import demo_account
from bowerbird.app.cli.root import Failure, Shared, data_option
from bowerbird.app.folder import Folder
from bowerbird.app.tree import child_environment, run
from bowerbird.base.processes import Processes
from bowerbird.base.telemetry import configure_logging
from bowerbird.base.world import World
from bowerbird.runtime.supervisor import ChildFailed


@click.command()
@click.option("--host", help="Address to listen on.")
@click.option("--port", type=int, help="TCP port to listen on.")
@data_option
@click.option("--workers", type=int, help="Edge processes; each serves requests on one core.")
@click.option("--demo/--no-demo", default=False, help="Fill an empty Bowerbird with demo content, once it answers.")
@click.pass_obj
def serve(
    shared: Shared, host: str | None, port: int | None, data: str | None, workers: int | None, *, demo: bool
) -> None:
    """Start Bowerbird on this machine.

    One writer, edge workers, and everything that runs behind, until Ctrl-C.
    """
    given: dict[str, object] = {
        "server.host": host,
        "server.port": port,
        "server.workers": workers,
        "storage.data": data,
    }
    settings = shared.settings(given)
    configure_logging(settings.log.level, as_json=settings.log.json)
    env = child_environment(shared.file, given, Folder(settings.storage.data))

    async def behind(address: str) -> None:
        shared.say({"ready": address}, f"\n  Bowerbird answers at {address}\n")
        folder = Folder(settings.storage.data)
        if demo or demo_account.exists(folder):
            told = {"login": demo_account.HANDLE, "password": demo_account.password(folder, World())}
            shared.say({"demo": told}, f"  Demo sign-in: {told['login']}, password {told['password']}\n")
        if demo:
            await _fill(env)

    try:
        asyncio.run(run(settings, env, behind))
    except ChildFailed as error:
        raise Failure(str(error)) from error


async def _fill(env: Mapping[str, str]) -> None:
    """Run `bowerbird demo` beside the server, and end it with the server."""
    argv = (sys.executable, "-c", "from bowerbird.app.cli import main; main()", "demo", "--once", "--plain")
    process = await Processes().start_service(argv, env, ())
    try:
        await process.wait()
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()
