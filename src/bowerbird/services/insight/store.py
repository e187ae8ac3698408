"""Views on their way to the log; the only file of insight that touches ports."""

from collections.abc import Sequence

from bowerbird.base.world import World
from bowerbird.contracts.caller import Caller
from bowerbird.contracts.events import VIEWS, outgoing
from bowerbird.contracts.insight import View
from bowerbird.ports.keys import Keys
from bowerbird.ports.log import Log, Record


class Store:
    """Seals views with their viewers' keys and appends them; those of erased people are dropped."""

    def __init__(self, log: Log, keys: Keys, world: World) -> None:
        self._log = log
        self._keys = keys
        self._world = world

    async def append(self, views: Sequence[tuple[Caller, View]]) -> int:
        """Write views to the log; return how many were written."""
        viewers = list({view.viewer for _, view in views})
        keys = dict(zip(viewers, await self._keys.get(viewers), strict=True))
        records: list[Record] = []
        for caller, view in views:
            if (key := keys[view.viewer]) is not None:
                event = outgoing(self._world, caller, view.kind, view, key)
                records.append(Record(key=event.key, data=event.data, at=view.at))
        if records:
            await self._log.append(VIEWS, records)
        return len(records)
