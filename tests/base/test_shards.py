"""Every logical shard is on exactly one server, wherever the ranges are cut."""

import pytest

from bowerbird.base.ids import SHARDS
from bowerbird.base.shards import ShardMap


@pytest.mark.parametrize("servers", [1, 2, 3, 4, 7, SHARDS])
def test_even_ranges_differ_by_at_most_one_shard(servers: int) -> None:
    shards = ShardMap.even(servers)
    held = [0] * servers
    for shard in range(SHARDS):
        held[shards.server_of(shard)] += 1
    assert shards.servers == tuple(range(servers))
    assert max(held) - min(held) <= 1


def test_a_server_may_hold_several_ranges() -> None:
    shards = ShardMap(((0, 5), (10, 2), (20, 5)))
    assert [shards.server_of(shard) for shard in (0, 9, 10, 19, 20, SHARDS - 1)] == [5, 5, 2, 2, 5, 5]
    assert shards.servers == (2, 5)


@pytest.mark.parametrize("ranges", [(), ((1, 0),), ((0, 0), (0, 1)), ((0, 0), (9, 1), (5, 2)), ((0, 0), (SHARDS, 1))])
def test_ranges_that_do_not_cover_every_shard_are_refused(ranges: tuple[tuple[int, int], ...]) -> None:
    with pytest.raises(ValueError, match="ranges of shards"):
        ShardMap(ranges)
