"""`bowerbird log`: read the event log, and send a group back in it."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any, Final

import click
import msgspec

from bowerbird.app import history
from bowerbird.app.cli.envelopes import plain
from bowerbird.app.cli.parked import parked
from bowerbird.app.cli.root import Failure, Shared, data_option
from bowerbird.app.sections import Settings
from bowerbird.app.visit import Visit, visit
from bowerbird.base import times
from bowerbird.base.seal import Unreadable
from bowerbird.contracts import events
from bowerbird.ports.log import Offset, Stored

_PAGE = 200
_PAUSE_S = 0.5
_UNREADABLE: Final[dict[str, Any]] = {"type": "?", "entity": "?", "version": None, "actor": None, "trace": None}
"""What is told of bytes that are no event."""


@click.group()
def log() -> None:
    """Read the log of everything that happened."""


log.add_command(parked)


@log.command()
@click.option("--topic", type=click.Choice([events.CHANGES, events.VIEWS]), default=events.CHANGES, show_default=True)
@click.option(
    "--lines",
    type=click.IntRange(min=0),
    default=20,
    show_default=True,
    help="How many of the newest events to begin with.",
)
@click.option("--follow", is_flag=True, help="Go on with new events until Ctrl-C.")
@click.option("--bodies", is_flag=True, help="Open the sealed bodies too (people's private things).")
@data_option
@click.pass_obj
def tail(shared: Shared, topic: str, lines: int, data: str | None, *, follow: bool, bodies: bool) -> None:
    """Print the newest events, oldest first, one a line."""

    async def run() -> None:
        async with visit(shared.settings({"storage.data": data})) as here:
            async for stored in _newest(here, topic, lines, follow=follow):
                event = await _told(here, stored, bodies=bodies)
                click.echo(json.dumps(event) if shared.as_json else _line(event))

    with suppress(KeyboardInterrupt):  # the way to end it
        asyncio.run(run())


@log.command()
@click.option("--group", required=True, help="The consumer group, such as feed.")
@click.option("--from", "since", required=True, help="A time such as 2026-01-31T12:00:00Z, or 'beginning'.")
@data_option
@click.pass_obj
def replay(shared: Shared, group: str, since: str, data: str | None) -> None:
    """Send a consumer group back to a time.

    It handles everything from there again, which changes nothing twice.
    """
    try:
        at = 0 if since == "beginning" else times.from_text(since)
    except ValueError as error:
        raise Failure(f"{since} is no time such as 2026-01-31T12:00:00Z.") from error
    topic = asyncio.run(_replay(shared.settings({"storage.data": data}), group, at))
    shared.say({"group": group, "topic": topic, "from": since}, f"{group} reads {topic} again from {since}.")


async def _replay(settings: Settings, group: str, at: int) -> str:
    """Send a group back in the topic that it reads, and return that."""
    async with visit(settings) as here:
        topics = {each.name: each.topic for each in here.house.groups}
        if group not in topics:
            raise Failure(f"There is no group {group}; there are {', '.join(sorted(topics))}.")
        await here.engines.log.seek(group, topics[group], at)
        return topics[group]


async def _newest(here: Visit, topic: str, count: int, *, follow: bool) -> AsyncIterator[Stored]:
    """Yield the newest `count` events, then, with `follow`, new ones as they come."""
    ends = await here.engines.log.end(topic)
    after = {end.partition: Offset(end.partition, max(-1, end.number - count)) for end in ends}
    while True:
        batch = await here.engines.log.read(topic, list(after.values()), _PAGE)
        for stored in batch:
            yield stored
            after[stored.offset.partition] = stored.offset
        if not batch:
            if not follow:
                return
            await here.world.sleep(_PAUSE_S)


async def _told(here: Visit, stored: Stored, *, bodies: bool) -> dict[str, Any]:
    envelope = history.envelope(stored)
    said = _UNREADABLE if envelope is None else plain(envelope)
    told = {"offset": stored.offset.number, "at": times.to_text(stored.record.at), **said}
    if bodies and envelope is not None:
        told["body"] = await _body(here, envelope)
    return told


async def _body(here: Visit, envelope: events.Envelope) -> object:
    """Return the opened body as plain data, bytes in base64; None when it cannot be opened (any more)."""
    if envelope.type not in events.KINDS:
        return None
    key = (await here.engines.keys.get([envelope.owner]))[0]
    try:
        return None if key is None else msgspec.to_builtins(events.read_body(envelope, key))
    except (Unreadable, msgspec.DecodeError):
        return None


def _line(event: dict[str, Any]) -> str:
    actor = event["actor"] or "-"
    body = f"  {json.dumps(event['body'])}" if "body" in event else ""
    return f"{event['offset']:>8}  {event['at']}  {event['type']:<18}  {event['entity']}  by {actor}{body}"
