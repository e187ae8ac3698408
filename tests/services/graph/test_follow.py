"""Following: the rows are the truth at once, the map of followers follows."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from bowerbird.base.ids import Id
from bowerbird.contracts.caller import NOBODY, READ, WRITE, system
from bowerbird.contracts.graph import Counts, Relation, Tie
from bowerbird.contracts.problems import Forbidden, Invalid, NotFound, Unauthenticated
from bowerbird.services.graph.settings import GraphSettings
from tests.support.graph_house import GraphHouse, by, open_graph
from tests.support.identity_house import together

STRANGERS = Relation(follows=False, blocked=False)
FOLLOWS = Relation(follows=True, blocked=False)


async def test_a_follow_holds_at_once_for_whoever_made_it(house: GraphHouse) -> None:
    ada, eve, joe = await house.join("ada", "eve", "joe")
    await house.house.happened()
    await house.graph.follow(by(ada), eve)
    now_us = house.house.clock.now_us()
    assert await house.graph.relations(ada, [eve, joe, ada]) == [FOLLOWS, STRANGERS, STRANGERS]
    assert await house.graph.relations(eve, [ada]) == [STRANGERS]
    assert (await house.graph.following(by(ada), ada, None, 10)).items == [Tie(eve, now_us)]
    assert await house.graph.counts(by(ada), [ada]) == [Counts(0, 1)]
    [event] = await house.house.happened()
    assert (event.envelope.type, event.envelope.actor, event.envelope.version) == ("person_followed", ada, 1)
    assert (event.body.follower, event.body.followee, event.body.active) == (ada, eve, 1)
    await house.deliver([event])
    assert (await house.graph.followers(NOBODY, eve, None, 10)).items == [Tie(ada, now_us)]
    assert await house.graph.counts(NOBODY, [eve, ada, joe]) == [Counts(1, 0), Counts(0, 1), Counts(0, 0)]


async def test_following_twice_is_once(house: GraphHouse) -> None:
    ada, eve = await house.join("ada", "eve")
    await house.house.happened()
    await together(*(house.graph.follow(by(ada), eve) for _ in range(10)))
    assert await house.house.types() == ["person_followed"]
    assert await house.graph.counts(by(ada), [ada]) == [Counts(0, 1)]


async def test_unfollowing_and_following_again(house: GraphHouse) -> None:
    ada, eve = await house.join("ada", "eve")
    await house.house.happened()
    await house.graph.follow(by(ada), eve)
    house.house.clock.pass_s(1)
    await house.graph.unfollow(by(ada), eve)
    assert await house.graph.relations(ada, [eve]) == [STRANGERS]
    assert (await house.graph.following(by(ada), ada, None, 10)).items == []
    await house.graph.unfollow(by(ada), eve)
    house.house.clock.pass_s(1)
    await house.graph.follow(by(ada), eve)
    assert (await house.graph.following(by(ada), ada, None, 10)).items == [Tie(eve, house.house.clock.now_us())]
    happened = await house.house.happened()
    assert [(event.envelope.type, event.body.version, event.body.active) for event in happened] == [
        ("person_followed", 1, 1),
        ("person_unfollowed", 2, 0),
        ("person_followed", 3, 1),
    ]
    assert await house.graph.counts(by(ada), [ada]) == [Counts(0, 1)]


async def test_who_cannot_be_followed(house: GraphHouse) -> None:
    ada, gone = await house.join("ada", "gone")
    await house.leave(gone)
    for person in (gone, Id(bytes(16))):
        with pytest.raises(NotFound):
            await house.graph.follow(by(ada), person)
    with pytest.raises(Invalid):
        await house.graph.follow(by(ada), ada)
    await house.graph.unfollow(by(ada), gone)
    assert await house.graph.counts(by(ada), [ada]) == [Counts(0, 0)]


async def test_who_may_follow(house: GraphHouse) -> None:
    ada, eve = await house.join("ada", "eve")
    with pytest.raises(Unauthenticated):
        await house.graph.follow(NOBODY, eve)
    with pytest.raises(Forbidden):
        await house.graph.follow(replace(by(ada), scopes=READ), eve)
    await house.graph.follow(replace(by(ada), scopes=WRITE), eve)
    with pytest.raises(Forbidden):
        await house.graph.following(replace(by(ada), scopes=WRITE), ada, None, 10)


async def test_nobody_follows_more_than_the_settings_allow(tmp_path: Path) -> None:
    async with open_graph(tmp_path, GraphSettings(followees_max=2)) as house:
        ada, *others = await house.join("ada", "eve", "joe", "bob")
        for other in others[:2]:
            await house.graph.follow(by(ada), other)
        with pytest.raises(Invalid):
            await house.graph.follow(by(ada), others[2])
        await house.graph.follow(by(ada), others[0])
        await house.graph.unfollow(by(ada), others[0])
        await house.graph.follow(by(ada), others[2])


async def test_lists_come_in_pages_newest_first(house: GraphHouse) -> None:
    ada, *others = await house.join("ada", *(f"p_{n}" for n in range(12)))
    for n, other in enumerate(others):
        house.house.clock.pass_s(n % 3)
        await house.graph.follow(by(ada), other)
        await house.graph.follow(by(other), ada)
    await house.settle()
    for list_of in (house.graph.following, house.graph.followers):
        seen: list[Tie] = []
        after: bytes | None = None
        while True:
            page = await list_of(NOBODY, ada, after, 5)
            seen += page.items
            after = page.next
            if after is None:
                break
        assert seen == sorted(seen, key=lambda tie: (tie.at, tie.person), reverse=True)
        assert {tie.person for tie in seen} == set(others)
        assert len(seen) == 12
        with pytest.raises(Invalid):
            await list_of(NOBODY, ada, b"\xff", 5)


async def test_lists_of_nobody(house: GraphHouse) -> None:
    [gone] = await house.join("gone")
    await house.leave(gone)
    for person in (gone, Id(bytes(16))):
        for list_of in (house.graph.following, house.graph.followers):
            with pytest.raises(NotFound):
                await list_of(NOBODY, person, None, 10)
            assert (await list_of(system(), person, None, 10)).items == []


async def test_relations_cost_two_reads_and_nothing_for_a_visitor(house: GraphHouse) -> None:
    ada, eve, joe = await house.join("ada", "eve", "joe")
    house.house.records.calls.clear()
    assert await house.graph.relations(None, [ada, eve]) == [STRANGERS, STRANGERS]
    assert await house.graph.relations(ada, []) == []
    assert house.house.records.calls == []
    await house.graph.relations(ada, [eve, joe] * 250)
    assert house.house.records.calls == ["get follow 500", "get block 500"]
    with pytest.raises(Invalid):
        await house.graph.relations(ada, [eve] * 501)
    with pytest.raises(Invalid):
        await house.graph.counts(NOBODY, [eve] * 501)
