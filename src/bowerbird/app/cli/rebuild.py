"""`bowerbird rebuild`: records and views made anew from the log."""

import asyncio
from typing import Final

import click

from bowerbird.adapters.sqlite.schema import SchemaChanged
from bowerbird.app.cli.progress import Progress
from bowerbird.app.cli.root import Failure, Shared, data_option
from bowerbird.app.rebuild import Rebuild, Rebuilt
from bowerbird.base.world import World

_POISON_SHOWN: Final = 20


@click.command()
@data_option
@click.option("--compare", is_flag=True, help="Say which tables differ from those that were there; exit with 1 if any.")
@click.option("--dry-run", "dry", is_flag=True, help="Build and compare, but put nothing in place.")
@click.pass_obj
def rebuild(shared: Shared, data: str | None, *, compare: bool, dry: bool) -> None:
    """Build records and views anew from the log and the keys.

    The server must not be running. The old files are kept beside the new ones, until you delete them. Idempotency keys,
    and handles that rest after their account was deleted, are in no log and are forgotten.

    \b
    Example:  bowerbird rebuild --compare --dry-run
    """  # noqa: D301 - the backspace tells click to keep the lines
    settings, world = shared.settings({"storage.data": data}), World()
    try:
        with Progress(world) as show:
            done = asyncio.run(Rebuild(settings, world, show, compare=compare or dry, dry=dry).run())
    except SchemaChanged as error:
        raise Failure(str(error)) from error
    shared.say(_told(done), "\n".join(_lines(done)))
    if done.differ:
        raise click.exceptions.Exit(1)


def _told(done: Rebuilt) -> dict[str, object]:
    return {
        "events": done.built.events,
        "erased": done.built.erased,
        "poison": done.built.poison,
        "undrained": done.undrained or None,
        "differ": done.differ,
        "kept": None if done.kept is None else str(done.kept),
    }


def _lines(done: Rebuilt) -> list[str]:
    lines = [
        f"Built from {done.built.events:,} events, {done.built.erased:,} of them of people whose key is destroyed."
    ]
    if done.built.poison:
        shown = ", ".join(map(str, done.built.poison[:_POISON_SHOWN]))
        lines.append(f"{len(done.built.poison)} could not be read and were left out: {shown}.")
    if done.undrained:
        lines.append(f"What waited in the old outbox is not among them: {done.undrained}")
    if done.differ is not None:
        differ = ", ".join(done.differ)
        lines.append(
            f"These tables differ: {differ}." if differ else "The records say what those said that were there."
        )
    if done.kept is not None:
        lines.append(f"The old files are kept in {done.kept}; delete them once you are content.")
    return lines
