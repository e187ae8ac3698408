"""The graph port's promises, kept by every adapter behind it, and by none that is broken on purpose."""

import asyncio
from contextlib import suppress
from pathlib import Path

import pytest

from bowerbird.base.ids import Id
from bowerbird.ports.graph import MEMBERS_MAX, Edge, Graph
from tests.ports.suite import Check, Opener, Suite, run
from tests.support.defects import Defect
from tests.support.graph_broken import DEFECTS
from tests.support.views_subject import SQLITE, Subject

SUITE = Suite[Subject]()


def person(number: int) -> Id:
    return Id(number.to_bytes(16, "big"))


ANN, BOB, CAT = person(1), person(2), person(3)


async def members(graph: Graph, map_name: str, of: Id, limit: int = MEMBERS_MAX) -> list[Edge]:
    """Return everybody in a map, page by page."""
    found: list[Edge] = []
    after: Edge | None = None
    while page := await graph.members(map_name, of, after, limit):
        found += page
        after = page[-1]
    return found


@SUITE.check
async def nobody_stands_in_an_empty_map(subject: Subject) -> None:
    for map_name in ("following", "followers"):
        assert await subject.graph.members(map_name, ANN, None, 25) == []
        assert await subject.graph.counts(map_name, [ANN, BOB]) == [0, 0]
        assert await subject.graph.contains(map_name, ANN, [BOB, ANN]) == [False, False]
        assert await subject.graph.counts(map_name, []) == await subject.graph.contains(map_name, ANN, []) == []


@SUITE.check
async def one_who_follows_stands_in_both_maps(subject: Subject) -> None:
    assert await subject.graph.put(ANN, BOB, 10, 1)
    assert await members(subject.graph, "following", ANN) == [Edge(BOB, 10, 1)]
    assert await members(subject.graph, "followers", BOB) == [Edge(ANN, 10, 1)]
    assert await members(subject.graph, "followers", ANN) == await members(subject.graph, "following", BOB) == []
    assert await subject.graph.counts("following", [BOB, ANN, ANN]) == [0, 1, 1]
    assert await subject.graph.counts("followers", [BOB, ANN]) == [1, 0]
    assert await subject.graph.contains("following", ANN, [CAT, BOB, BOB]) == [False, True, True]
    assert await subject.graph.contains("followers", BOB, [ANN, CAT]) == [True, False]
    assert await subject.graph.contains("followers", ANN, [BOB]) == [False]


@SUITE.check
async def the_highest_version_wins_in_any_order(subject: Subject) -> None:
    assert await subject.graph.put(ANN, BOB, 10, 3)
    assert not await subject.graph.put(ANN, BOB, 10, 3)
    assert not await subject.graph.remove(ANN, BOB, 2)
    assert not await subject.graph.remove(ANN, BOB, 3)
    assert await subject.graph.contains("following", ANN, [BOB]) == [True]
    assert await subject.graph.remove(ANN, BOB, 5)
    assert not await subject.graph.remove(ANN, BOB, 5)
    assert not await subject.graph.put(ANN, BOB, 20, 4)
    assert await subject.graph.contains("following", ANN, [BOB]) == [False]
    assert await subject.graph.put(ANN, BOB, 30, 6)
    assert await members(subject.graph, "following", ANN) == [Edge(BOB, 30, 6)]
    assert await subject.graph.put(ANN, BOB, 40, 7)
    assert await members(subject.graph, "followers", BOB) == [Edge(ANN, 40, 7)]
    assert await subject.graph.counts("following", [ANN]) == [1]
    subject.audit()


@SUITE.check
async def a_removal_that_comes_first_is_remembered(subject: Subject) -> None:
    assert await subject.graph.remove(ANN, BOB, 2)
    await subject.reopen()
    assert not await subject.graph.put(ANN, BOB, 10, 1)
    assert await subject.graph.counts("following", [ANN]) == [0]
    assert await members(subject.graph, "followers", BOB) == []
    subject.audit()


@SUITE.check
async def members_come_newest_first_page_by_page(subject: Subject) -> None:
    fans = {number: Edge(person(number), number * 7 % 10, number) for number in range(10, 110)}
    for edge in fans.values():
        await subject.graph.put(edge.person, ANN, edge.at, edge.version)
        await subject.graph.put(ANN, edge.person, edge.at, edge.version)
    expected = sorted(fans.values(), key=lambda edge: (edge.at, edge.person), reverse=True)
    for map_name in ("followers", "following"):
        for limit in (1, 7, 100, MEMBERS_MAX):
            assert await members(subject.graph, map_name, ANN, limit) == expected


@SUITE.check
async def a_page_continues_behind_one_who_is_gone(subject: Subject) -> None:
    for number in range(10, 20):
        await subject.graph.put(person(number), ANN, number, 1)
    page = await subject.graph.members("followers", ANN, None, 5)
    await subject.graph.remove(page[-1].person, ANN, 2)
    await subject.graph.put(CAT, ANN, 99, 1)
    rest = await subject.graph.members("followers", ANN, page[-1], 100)
    assert [edge.at for edge in page + rest] == list(range(19, 9, -1))


@SUITE.check
async def clearing_takes_a_person_out_of_all_maps_for_good(subject: Subject) -> None:
    others = [person(number) for number in range(10, 400)]
    for number, other in enumerate(others):
        await subject.graph.put(other, ANN, number, 1)
        await subject.graph.put(ANN, other, number, 1)
        await subject.graph.put(BOB, other, number, 1)
    for other in others[::3]:
        await subject.graph.remove(ANN, other, 2)
        await subject.graph.remove(other, ANN, 2)
    await subject.graph.clear(ANN)
    await subject.graph.clear(ANN)
    assert not await subject.graph.put(ANN, BOB, 500, 9)
    assert not await subject.graph.put(BOB, ANN, 500, 9)
    await subject.reopen()
    assert not await subject.graph.put(others[0], ANN, 500, 9)
    for map_name in ("following", "followers"):
        assert await members(subject.graph, map_name, ANN) == []
        assert await subject.graph.counts(map_name, [ANN]) == [0]
    assert await subject.graph.counts("following", others) == [0] * len(others)
    assert await subject.graph.counts("followers", others) == [1] * len(others)
    assert len(await members(subject.graph, "following", BOB)) == len(others)
    subject.audit()


@SUITE.check
async def everything_outlives_the_process(subject: Subject) -> None:
    await subject.graph.put(ANN, BOB, 10, 1)
    await subject.graph.put(CAT, BOB, 20, 1)
    await subject.graph.remove(ANN, BOB, 2)
    await subject.reopen()
    assert await members(subject.graph, "followers", BOB) == [Edge(CAT, 20, 1)]
    assert await subject.graph.counts("followers", [BOB]) == [1]


@SUITE.check
async def callers_at_once_lose_nothing(subject: Subject) -> None:
    fans = [person(number) for number in range(100, 400)]
    puts = (subject.graph.put(fan, ANN, 10, version) for fan in fans for version in (1, 3))
    removals = (subject.graph.remove(fan, ANN, 2 + 2 * (place % 2)) for place, fan in enumerate(fans))
    await asyncio.gather(*puts, *removals)
    assert await subject.graph.counts("followers", [ANN]) == [150]
    assert await subject.graph.contains("followers", ANN, fans) == [place % 2 == 0 for place in range(300)]
    subject.audit()


@SUITE.check
async def what_a_cancelled_caller_began_can_be_done_again(subject: Subject) -> None:
    fans = [person(number) for number in range(100, 400)]
    for fan in fans:
        putting = asyncio.ensure_future(subject.graph.put(fan, ANN, 10, 1))
        await asyncio.sleep(0)
        putting.cancel()
        with suppress(asyncio.CancelledError):
            await putting
        await subject.graph.put(fan, ANN, 10, 1)
    assert await subject.graph.counts("followers", [ANN]) == [300]
    clearing = asyncio.ensure_future(subject.graph.clear(ANN))
    await asyncio.sleep(0.001)
    clearing.cancel()
    with suppress(asyncio.CancelledError):
        await clearing
    await subject.graph.clear(ANN)
    assert await subject.graph.counts("following", fans) == [0] * 300
    subject.audit()


@SUITE.check
async def bounds_are_kept(subject: Subject) -> None:
    graph = subject.graph
    refused = [
        graph.members("following", ANN, None, 0),
        graph.members("following", ANN, None, MEMBERS_MAX + 1),
        graph.members("friends", ANN, None, 1),
        graph.counts("friends", [ANN]),
        graph.counts("following", [ANN] * (MEMBERS_MAX + 1)),
        graph.contains("friends", ANN, [ANN]),
        graph.contains("following", ANN, [ANN] * (MEMBERS_MAX + 1)),
        graph.put(ANN, BOB, -1, 1),
        graph.put(ANN, BOB, (1 << 63) - 1, 1),
    ]
    for call in refused:
        with pytest.raises(ValueError, match=r"."):
            await call
    assert await graph.counts("following", [ANN]) == [0]


@SUITE.on(SQLITE)
async def test_graph(opener: Opener[Subject], check: Check[Subject], tmp_path: Path) -> None:
    await run(opener, check, tmp_path)


@pytest.mark.parametrize("defect", DEFECTS.values(), ids=DEFECTS)
async def test_a_broken_adapter_is_caught(defect: Defect[Subject], tmp_path: Path) -> None:
    assert await SUITE.catches(defect.caught_by, defect.opener, tmp_path)
