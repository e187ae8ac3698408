"""Which server holds which logical shard: ranges that cover all of them."""

from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from operator import itemgetter

from bowerbird.base.ids import SHARDS


@dataclass(frozen=True)
class ShardMap:
    """`ranges`: pairs of a range's first shard and its server's number, ascending; the first range begins at 0."""

    ranges: tuple[tuple[int, int], ...] = ((0, 0),)

    def __post_init__(self) -> None:
        starts = [start for start, _server in self.ranges]
        if not starts or starts[0] != 0 or starts != sorted(set(starts)) or starts[-1] >= SHARDS:
            raise ValueError(f"ranges of shards begin at 0 and ascend to at most {SHARDS - 1}: {starts}")

    @classmethod
    def even(cls, servers: int) -> "ShardMap":
        """Return a map of as many equal ranges as there are servers, numbered from 0."""
        return cls(tuple((server * SHARDS // servers, server) for server in range(servers)))

    @cached_property
    def servers(self) -> tuple[int, ...]:
        """Return the numbers of the servers that hold anything, ascending."""
        return tuple(sorted({server for _start, server in self.ranges}))

    def server_of(self, shard: int) -> int:
        """Return the number of the server that holds a logical shard."""
        return self._by_shard[shard]

    @cached_property
    def _by_shard(self) -> tuple[int, ...]:
        places = [bisect_right(self.ranges, shard, key=itemgetter(0)) - 1 for shard in range(SHARDS)]
        return tuple(self.ranges[place][1] for place in places)
