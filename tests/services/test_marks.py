"""A mark that no list of a service wrote is refused by the service itself, whatever the edge lets through."""

from collections.abc import Callable

import msgspec
import pytest

from bowerbird.contracts.problems import Invalid
from bowerbird.services.boards import model as boards
from bowerbird.services.feed import model as feed
from bowerbird.services.graph import model as graph
from bowerbird.services.identity import people

READERS: dict[str, Callable[[bytes], object]] = {
    "boards": boards.read_mark,
    "feed": feed.read_place,
    "graph": graph.read_mark,
    "identity": people.read_mark,
}
PLACES: list[object] = [
    [1 << 63, bytes(16)],
    [-1, bytes(16)],
    [0, bytes(15)],
    [0, bytes(17)],
    [0, "a text"],
    [0.5, bytes(16)],
    [0],
    {},
    None,
]
BAD = [b"", b"\xc1", *map(msgspec.msgpack.encode, PLACES)]


@pytest.mark.parametrize("service", READERS)
def test_a_mark_of_no_list(service: str) -> None:
    for mark in BAD:
        with pytest.raises(Invalid) as refused:
            READERS[service](mark)
        assert refused.value.field == "cursor"
