"""What follows from the events: the maps, and that nothing of a deleted person stays, in whatever order they come."""

import random
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bowerbird.base.ids import Id
from bowerbird.contracts import kinds
from bowerbird.contracts.caller import NOBODY
from bowerbird.contracts.graph import Counts
from bowerbird.services.graph import departures
from bowerbird.services.graph.consumer import Consumer
from bowerbird.services.graph.settings import GraphSettings
from bowerbird.services.graph.store import Store
from tests.support.graph_house import GraphHouse, by, open_graph

NAMES = ("ada", "eve", "joe")
Act = Literal["follow", "unfollow", "block", "unblock"]
Step = tuple[Act, int, int]

STEPS = st.lists(
    st.tuples(
        st.sampled_from(("follow", "follow", "unfollow", "block", "unblock")),
        st.integers(0, len(NAMES) - 1),
        st.integers(0, len(NAMES) - 1),
    ).filter(lambda step: step[1] != step[2]),
    min_size=1,
    max_size=20,
)


@settings(max_examples=25)
@given(STEPS, st.integers(0, 1 << 32))
async def test_the_maps_are_the_rows_however_events_arrive(steps: list[Step], order: int) -> None:
    with TemporaryDirectory() as folder:
        async with open_graph(Path(folder)) as house:
            people = await house.join(*NAMES)
            following, blocking = await act(house, people, steps)
            happened = [event for event in await house.house.happened() for _ in range(2)]
            random.Random(order).shuffle(happened)
            await house.deliver(happened)
            assert await house.house.happened() == []
            for person in people:
                await check(house, person, following, blocking, people)


async def act(house: GraphHouse, people: list[Id], steps: list[Step]) -> tuple[set[tuple[Id, Id]], set[tuple[Id, Id]]]:
    """Do the steps, and return who follows and who blocks whom by the rules of the contract."""
    following: set[tuple[Id, Id]] = set()
    blocking: set[tuple[Id, Id]] = set()
    for what, one, other in steps:
        pair, back = (people[one], people[other]), (people[other], people[one])
        refused = what == "follow" and bool({pair, back} & blocking)
        if not refused:
            await getattr(house.graph, what)(by(pair[0]), pair[1])
        if what == "follow" and not refused:
            following.add(pair)
        if what == "unfollow":
            following.discard(pair)
        if what == "block":
            blocking.add(pair)
            following -= {pair, back}
        if what == "unblock":
            blocking.discard(pair)
    return following, blocking


async def check(
    house: GraphHouse, person: Id, following: set[tuple[Id, Id]], blocking: set[tuple[Id, Id]], people: list[Id]
) -> None:
    """Compare all that the graph says of a person with what it should."""
    followees = {pair[1] for pair in following if pair[0] == person}
    followers = {pair[0] for pair in following if pair[1] == person}
    assert {tie.person for tie in (await house.graph.following(NOBODY, person, None, 10)).items} == followees
    assert {tie.person for tie in (await house.graph.followers(NOBODY, person, None, 10)).items} == followers
    assert {edge.person for edge in await house.maps.members("following", person, None, 10)} == followees
    assert await house.graph.counts(NOBODY, [person]) == [Counts(len(followers), len(followees))]
    for other, relation in zip(people, await house.graph.relations(person, people), strict=True):
        assert relation.follows == ((person, other) in following)
        assert relation.blocked == bool({(person, other), (other, person)} & blocking)


async def test_the_maps_are_built_again_from_the_log(house: GraphHouse, tmp_path: Path) -> None:
    ada, eve, gone = await house.join("ada", "eve", "gone")
    for follower, followee in ((ada, eve), (eve, ada), (gone, ada), (ada, gone)):
        await house.graph.follow(by(follower), followee)
    await house.graph.unfollow(by(eve), ada)
    await house.leave(gone)
    happened = await house.house.happened()
    await house.deliver(happened)
    await house.settle()
    again = tmp_path / "again"
    again.mkdir()
    async with open_graph(again) as fresh:
        store = Store(house.house.records, house.house.keys, fresh.maps, house.house.clock)
        house.consumer = Consumer(store, house.house.identity, house.house.clock, GraphSettings())
        await house.deliver(happened)
        await house.settle()
        assert [edge.person for edge in await fresh.maps.members("followers", eve, None, 10)] == [ada]
        assert await fresh.maps.members("followers", ada, None, 10) == []


async def test_nothing_of_a_deleted_person_stays(house: GraphHouse) -> None:
    ada, eve, gone = await house.join("ada", "eve", "gone")
    for follower, followee in ((ada, gone), (gone, ada), (ada, eve)):
        await house.graph.follow(by(follower), followee)
    await house.graph.block(by(eve), gone)
    await house.graph.block(by(gone), eve)
    await house.settle()
    await house.leave(gone)
    # Lists leave them out at once, before any event is delivered.
    assert [tie.person for tie in (await house.graph.following(NOBODY, ada, None, 10)).items] == [eve]
    assert (await house.graph.followers(NOBODY, ada, None, 10)).items == []
    assert (await house.graph.blocks(by(eve), None, 10)).items == []
    await house.settle()
    assert await house.store.rows_of(gone, 10) == ([], [])
    assert await house.store.rows_of(eve, 10) == ([], [])
    assert [row.followee for row in (await house.store.rows_of(ada, 10))[0]] == [eve]
    assert await house.graph.counts(NOBODY, [ada, eve, gone]) == [Counts(0, 1), Counts(1, 0), Counts(0, 0)]
    assert await house.store.departed(10) == []
    for map_name in ("followers", "following"):
        assert await house.maps.members(map_name, gone, None, 10) == []


async def test_a_follow_that_is_late_does_not_bring_a_deleted_person_back(house: GraphHouse) -> None:
    ada, gone = await house.join("ada", "gone")
    await house.graph.follow(by(ada), gone)
    late = await house.house.happened()
    await house.leave(gone)
    await house.settle()
    await house.deliver(late)
    await house.settle()
    assert await house.maps.members("followers", gone, None, 10) == []
    assert await house.store.rows_of(ada, 10) == ([], [])
    assert await house.graph.counts(NOBODY, [ada]) == [Counts(0, 0)]


async def test_departures_are_dealt_with_piece_by_piece(house: GraphHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(departures, "_STEPS_AT_ONCE", 1)
    [star] = await house.join("star")
    for n in range(120):
        fan = house.house.clock.new_id(kinds.USER, n)
        await house.maps.put(fan, star, n, 1)
    assert await house.graph.counts(NOBODY, [star]) == [Counts(120, 0)]
    await house.leave(star)
    await house.deliver(await house.house.happened())
    assert await house.graph.counts(NOBODY, [star]) == [Counts(20, 0)]
    assert [await house.consumer.sweep_departures() for _ in range(3)] == [20, 1, 0]
    assert await house.graph.counts(NOBODY, [star]) == [Counts(0, 0)]


async def test_whoever_is_gone_is_followed_by_nobody_as_soon_as_that_is_heard_of(house: GraphHouse) -> None:
    ada, gone = await house.join("ada", "gone")
    await house.graph.follow(by(ada), gone)
    await house.graph.follow(by(gone), ada)
    await house.deliver(await house.house.happened())
    await house.leave(gone)
    heard = await house.house.happened()
    for _ in range(2):
        await house.deliver(heard)
        assert await house.graph.counts(NOBODY, [ada, gone]) == [Counts(0, 0), Counts(0, 0)]
        assert await house.store.departed(10) == [], "but for a last look"
