"""What boards do when they hear of changes, their own and others': each handler may run twice, and in any order.

Two groups: "boards" brings about what follows at once, "details" reads strangers' pages, which may take long.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from bowerbird.contracts.boards import Pin, Share
from bowerbird.contracts.caller import Caller, system
from bowerbird.contracts.events import Event
from bowerbird.contracts.graph import Block
from bowerbird.contracts.identity import User
from bowerbird.services.boards.arrive import arrive_in_time
from bowerbird.services.boards.fill_details import fill_details
from bowerbird.services.boards.kit import Kit
from bowerbird.services.boards.leave_house import leave_house, sweep_departures
from bowerbird.services.boards.part_people import part_if_apart, part_people
from bowerbird.services.boards.purge import sweep_trash
from bowerbird.services.boards.share_board import project_share

Handler = Callable[[Event[Any]], Awaitable[None]]


class Consumer:
    """The group "boards", and the service's sweeps. A handler raises only to be called again."""

    def __init__(self, kit: Kit) -> None:
        self._kit = kit

    def handlers(self) -> dict[str, Handler]:
        """Return the handlers by event type."""
        return {
            "pin_moving": self.on_pin_moving,
            "share_changed": self.on_share_changed,
            "block_changed": self.on_block_changed,
            "user_deleted": self.on_user_deleted,
        }

    def sweeps(self) -> dict[str, Callable[[], Awaitable[int]]]:
        """Return the sweeps by name."""
        return {"trash": self.sweep_trash, "departures": self.sweep_departures}

    async def on_pin_moving(self, event: Event[Pin]) -> None:
        """Let in the pin that comes from another shard, or take it away, should the move have stopped."""
        await arrive_in_time(self._kit, _house(event), event.body.id)

    async def on_share_changed(self, event: Event[Share]) -> None:
        """Make the invitation what the share is now, and end a share that met a block, or the guest's end."""
        await project_share(self._kit, event.body.board, event.body.person)
        await part_if_apart(self._kit, _house(event), event.body.board, event.body.person)

    async def on_block_changed(self, event: Event[Block]) -> None:
        """End the shares between the two."""
        block = event.body
        if block.made or block.received:
            await part_people(self._kit, _house(event), block.person, block.other, event.envelope.at)

    async def on_user_deleted(self, event: Event[User]) -> None:
        """Hide what was theirs, and begin to remove it; the body may be unreadable by now."""
        await leave_house(self._kit, event.envelope.entity)

    async def sweep_trash(self) -> int:
        """Purge some of what the trash has kept long enough."""
        return await sweep_trash(self._kit)

    async def sweep_departures(self) -> int:
        """Remove some of what was theirs whose accounts are deleted."""
        return await sweep_departures(self._kit)


class Details:
    """The group "details"."""

    def __init__(self, kit: Kit) -> None:
        self._kit = kit

    def handlers(self) -> dict[str, Handler]:
        """Return the handlers by event type."""
        return {"pin_saved": self.on_pin_saved, "pin_restored": self.on_pin_saved}

    async def on_pin_saved(self, event: Event[Pin]) -> None:
        """Read the page of a pin that waits for it: one new on its shard, or one that waited in the trash."""
        if event.body.link is not None:  # a photo has no page, and never gets one
            await fill_details(self._kit, _house(event), event.body.id)


def _house(event: Event[Any]) -> Caller:
    return system(event.envelope.trace)
