"""What the log says of the graph's rows: follows with how many there are, and both sides of blocks."""

from collections.abc import Iterator
from typing import Any, Final

from bowerbird.contracts.events import Event
from bowerbird.contracts.graph import Block, Follow
from bowerbird.ports.rebuild import Count, Fresh, Told
from bowerbird.services.graph.store import BLOCKS, FOLLOWS, TOTALS, Total

COUNTS: Final = (Count(TOTALS, "following", FOLLOWS, "follower", {"active": 1}),)


def told(event: Event[Any], fresh: Fresh) -> Iterator[Told]:
    """Yield what an event says of rows; ties with somebody deleted are none."""
    envelope, version = event.envelope, event.envelope.version
    match event.body:
        case Follow() as follow if follow.followee not in fresh.gone:
            yield version, FOLLOWS.insert(follow)
            yield 0, TOTALS.insert(Total(follow.follower, 0))
        case Block() as block if block.other not in fresh.gone:
            yield version, BLOCKS.insert(block)
            # The other side has a row of its own, which is blank until that person blocks too.
            blank = Block(block.other, block.person, made=0, received=0, version=0, created_at=envelope.at)
            yield 0, BLOCKS.insert(blank)
            put = {"received": block.made, "received_version": block.version}
            yield version, BLOCKS.patch((block.other, block.person), put)
            yield 0, BLOCKS.patch((block.person, block.other), {"received": 0, "received_version": 0})
        case _:
            pass
