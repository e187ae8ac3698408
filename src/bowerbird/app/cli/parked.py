"""`bowerbird log parked`: events that a group gave up on: what they are, and handing them over again."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeVar

import click

from bowerbird.app import history
from bowerbird.app.cli.envelopes import plain
from bowerbird.app.cli.root import Failure, Shared, data_option
from bowerbird.app.visit import Visit, visit
from bowerbird.base import times
from bowerbird.contracts.problems import Problem
from bowerbird.ports.log import POLL_MAX, Parked
from bowerbird.runtime.consumers import Consumer

_SHOWN_MAX: Final = 200
_UNREADABLE: Final = {"type": "?", "entity": None, "version": None, "at": None, "actor": None, "trace": None}
"""What is known of bytes that are no event."""

Result = TypeVar("Result")

group_option: Final = click.option("--group", help="Only this consumer group's.")


@click.group(invoke_without_command=True)
@group_option
@data_option
@click.pass_context
def parked(ctx: click.Context, group: str | None, data: str | None) -> None:
    """Show events that a group gave up on, and why.

    Nothing is lost: an event stays parked until it is replayed or forgotten. While the group media has parked events,
    pictures that they might show are not deleted.
    """
    if ctx.invoked_subcommand is not None:
        return
    shared: Shared = ctx.obj
    found = _visiting(shared, data, lambda here: here.engines.log.parked(group, _SHOWN_MAX))
    told = [_told(one) for one in found]
    lines = [f"{e['parked_at']}  {e['group']}  {e['offset']}  {e['type']}  {e['reason']}" for e in told]
    shared.say(told, "\n".join(lines) or "Nothing is parked.")


@parked.command()
@click.argument("group")
@click.argument("offset", type=click.IntRange(min=0))
@data_option
@click.pass_obj
def show(shared: Shared, group: str, offset: int, data: str | None) -> None:
    """Show what is known of one: its envelope, and nothing that anybody wrote.

    \b
    Example:  bowerbird log parked show media 4711
    """  # noqa: D301 - the backspace tells click to keep the lines
    told = _told(_visiting(shared, data, lambda here: _find(here, group, offset)))
    width = max(map(len, told))
    shared.say(told, "\n".join(f"{name:{width}}  {'-' if value is None else value}" for name, value in told.items()))


@parked.command()
@click.argument("group")
@click.argument("offsets", type=click.IntRange(min=0), nargs=-1)
@click.option("--all", "all_", is_flag=True, help="All of this group's.")
@data_option
@click.pass_obj
def replay(shared: Shared, group: str, offsets: tuple[int, ...], data: str | None, *, all_: bool) -> None:
    """Hand events over to their group again, here and now; those that fail again stay parked.

    Exits with 1 when one failed.

    \b
    Example:  bowerbird log parked replay media 4711
              bowerbird log parked replay media --all
    """  # noqa: D301 - the backspace tells click to keep the lines
    if bool(offsets) == all_:
        raise click.UsageError("Name offsets, or --all.")
    outcomes = _visiting(shared, data, lambda here: _replay(here, group, offsets))
    lines = [f"{one['offset']}  {one['outcome']}" for one in outcomes]
    shared.say(outcomes, "\n".join(lines) or f"Nothing of {group} is parked.")
    if any(one["failed"] for one in outcomes):
        raise click.exceptions.Exit(1)


@parked.command()
@click.argument("group")
@click.argument("offsets", type=click.IntRange(min=0), nargs=-1, required=True)
@data_option
@click.pass_obj
def forget(shared: Shared, group: str, offsets: tuple[int, ...], data: str | None) -> None:
    """Give up on events for good: what they told their group stays untold."""

    async def run(here: Visit) -> list[int]:
        found = [await _find(here, group, offset) for offset in offsets]
        for one in found:
            await here.engines.log.unpark(one.group, one.topic, one.stored.offset)
        return [one.stored.offset.number for one in found]

    gone = _visiting(shared, data, run)
    shared.say({"group": group, "forgotten": gone}, f"{group} forgets {', '.join(map(str, gone))}.")


async def _replay(here: Visit, group: str, offsets: tuple[int, ...]) -> list[dict[str, Any]]:
    """Replay some, or all; what was handled is parked no longer."""
    served = next((each for each in here.house.groups if each.name == group), None)
    if served is None:
        known = ", ".join(sorted(each.name for each in here.house.groups))
        raise Failure(f"There is no group {group}; there are {known}.")
    consumer = Consumer(served, here.engines.log, here.engines.keys, here.world)
    some = [await _find(here, group, offset) for offset in offsets]
    outcomes: list[dict[str, Any]] = []
    for one in some or await here.engines.log.parked(group, POLL_MAX):
        try:
            outcome, failed = await consumer.replay(one.stored), False
            await here.engines.log.unpark(one.group, one.topic, one.stored.offset)
        except Exception as error:  # noqa: BLE001 - whatever a handler raises is why it is parked
            outcome, failed = f"failed again: {error.detail if isinstance(error, Problem) else repr(error)}", True
        outcomes.append({"offset": one.stored.offset.number, "outcome": outcome, "failed": failed})
    return outcomes


async def _find(here: Visit, group: str, offset: int) -> Parked:
    for one in await here.engines.log.parked(group, POLL_MAX):
        if one.stored.offset.number == offset:
            return one
    raise Failure(f"{group} has not parked {offset}; `bowerbird log parked` shows what is.")


def _told(one: Parked) -> dict[str, Any]:
    envelope = history.envelope(one.stored)
    known = _UNREADABLE if envelope is None else plain(envelope)
    place = {"group": one.group, "topic": one.topic, "offset": one.stored.offset.number}
    parked_at = times.to_text(one.parked_at)
    return {**place, "parked_at": parked_at, **known, "bytes": len(one.stored.record.data), "reason": one.reason}


def _visiting(shared: Shared, data: str | None, work: Callable[[Visit], Awaitable[Result]]) -> Result:
    """Return what is done within the house."""

    async def run() -> Result:
        async with visit(shared.settings({"storage.data": data})) as here:
            return await work(here)

    return asyncio.run(run())
