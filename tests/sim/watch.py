"""What is watched from within: that no group's offset passes an event that no handler of it has finished."""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from bowerbird.contracts import events
from bowerbird.contracts.events import Event
from bowerbird.ports.keys import Keys
from bowerbird.ports.log import Log, Offset
from bowerbird.runtime.consumers import Group, Handler
from tests.sim.machine import Machine


class Watched:
    """What every group has finished, over all lives of core."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._finished: dict[str, set[bytes]] = {}
        self._looked: dict[str, int] = {}

    def group(self, group: Group) -> Group:
        """Return a group whose handlers say when they are done."""
        finished = self._finished.setdefault(group.name, set())
        handlers: Mapping[str, Handler] = {
            type_: _telling(handler, finished) for type_, handler in group.handlers.items()
        }
        return replace(group, handlers=handlers)

    def log(self, log: Log, keys: Keys, groups: Sequence[Group]) -> Log:
        """Return a log that looks at every offset before it is committed."""
        stand_in: Any = _Looking(self, log, keys, {group.name: group for group in groups})
        return stand_in

    async def look(self, log: Log, keys: Keys, group: Group, offsets: Sequence[Offset]) -> None:
        """Complain of events up to the offsets that the group has not finished, parked, or no handler for.

        What is sealed with a key that was destroyed nobody can handle any more.
        """
        finished = self._finished.setdefault(group.name, set())
        if group.name not in self._looked:
            # Whoever made the town had finished what was committed there.
            committed = await log.committed(group.name, group.topic)
            self._looked[group.name] = max((offset.number for offset in committed), default=-1)
        for offset in offsets:
            done = self._looked[group.name]
            if offset.number <= done:
                continue
            parked = {one.stored.offset.number for one in await log.parked(group.name, 1000)}
            behind = [Offset(offset.partition, done)] if done >= 0 else []
            for stored in await log.read(group.topic, behind, min(1000, offset.number - done)):
                if stored.offset.number in parked:
                    continue
                envelope = events.read_envelope(stored.record.data)
                handled = envelope.id in finished or envelope.type not in group.handlers
                handled = handled or await keys.get([envelope.owner]) == [None]
                if not handled:
                    self._machine.complaints.append(
                        f"{group.name} passes event {stored.offset.number}, {envelope.type}"
                    )
            self._looked[group.name] = offset.number


class _Looking:
    """A log in front of which somebody looks."""

    def __init__(self, watched: Watched, log: Log, keys: Keys, groups: Mapping[str, Group]) -> None:
        self._watched = watched
        self._log = log
        self._keys = keys
        self._groups = groups

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever a log has
        return getattr(self._log, name)

    async def commit(self, group: str, topic: str, offsets: Sequence[Offset]) -> None:
        await self._watched.look(self._log, self._keys, self._groups[group], offsets)
        await self._log.commit(group, topic, offsets)


def _telling(handler: Handler, finished: set[bytes]) -> Handler:
    async def handle(event: Event[Any]) -> None:
        await handler(event)
        finished.add(event.envelope.id)

    return handle
