"""Blocking: both are invisible to each other, neither follows the other, and no crash or race leaves it half done."""

import pytest

from bowerbird.base.ids import Id
from bowerbird.contracts.caller import NOBODY, system
from bowerbird.contracts.graph import Counts, Relation, Tie
from bowerbird.contracts.problems import Invalid, NotFound, Problem, Unauthenticated
from tests.support.graph_house import GraphHouse, by
from tests.support.identity_house import together

STRANGERS = Relation(follows=False, blocked=False)
BLOCKED = Relation(follows=False, blocked=True)


async def test_a_block_hides_both_and_ends_what_they_followed(house: GraphHouse) -> None:
    ada, eve = await house.join("ada", "eve")
    await house.graph.follow(by(ada), eve)
    await house.graph.follow(by(eve), ada)
    await house.settle()
    await house.graph.block(by(ada), eve)
    for one, other in ((ada, eve), (eve, ada)):
        assert await house.graph.relations(one, [other]) == [BLOCKED]
        with pytest.raises(NotFound):
            await house.graph.follow(by(one), other)
        with pytest.raises(NotFound):
            await house.graph.following(by(one), other, None, 10)
        with pytest.raises(NotFound):
            await house.graph.followers(by(one), other, None, 10)
    assert (await house.graph.blocks(by(ada), None, 10)).items == [Tie(eve, house.house.clock.now_us())]
    assert (await house.graph.blocks(by(eve), None, 10)).items == []
    happened = await house.house.happened()
    assert sorted((event.envelope.type, event.envelope.owner) for event in happened) == sorted(
        [("block_changed", ada), ("person_unfollowed", ada), ("person_unfollowed", eve)]
    )
    # What happened to Eve does not say who did it.
    assert {event.envelope.actor for event in happened if event.envelope.owner == eve} == {None}
    await house.deliver(happened)
    assert await house.graph.counts(NOBODY, [ada, eve]) == [Counts(0, 0), Counts(0, 0)]


async def test_a_block_between_others_leaves_lists_to_everybody_else(house: GraphHouse) -> None:
    ada, eve, joe = await house.join("ada", "eve", "joe")
    for person in (ada, eve):
        await house.graph.follow(by(person), joe)
        await house.graph.follow(by(joe), person)
    await house.settle()
    await house.graph.block(by(ada), eve)
    for list_of in (house.graph.followers, house.graph.following):
        assert {tie.person for tie in (await list_of(by(ada), joe, None, 10)).items} == {ada}
        assert {tie.person for tie in (await list_of(by(eve), joe, None, 10)).items} == {eve}
        assert {tie.person for tie in (await list_of(NOBODY, joe, None, 10)).items} == {ada, eve}
        assert {tie.person for tie in (await list_of(system(), joe, None, 10)).items} == {ada, eve}


async def test_a_block_is_lifted_by_whoever_made_it(house: GraphHouse) -> None:
    ada, eve = await house.join("ada", "eve")
    await house.graph.block(by(ada), eve)
    await house.graph.unblock(by(eve), ada)
    assert await house.graph.relations(eve, [ada]) == [BLOCKED]
    await house.graph.block(by(eve), ada)
    await house.graph.unblock(by(ada), eve)
    for one, other in ((ada, eve), (eve, ada)):
        assert await house.graph.relations(one, [other]) == [BLOCKED]
    await house.graph.unblock(by(eve), ada)
    for one, other in ((ada, eve), (eve, ada)):
        assert await house.graph.relations(one, [other]) == [STRANGERS]
    await house.graph.follow(by(eve), ada)


async def test_who_cannot_be_blocked(house: GraphHouse) -> None:
    ada, gone = await house.join("ada", "gone")
    await house.leave(gone)
    with pytest.raises(Invalid):
        await house.graph.block(by(ada), ada)
    for person in (gone, Id(bytes(16))):
        with pytest.raises(NotFound):
            await house.graph.block(by(ada), person)
        await house.graph.unblock(by(ada), person)
    with pytest.raises(Unauthenticated):
        await house.graph.block(NOBODY, ada)


@pytest.mark.parametrize("lifted", [False, True])
async def test_the_other_side_is_written_after_a_crash(house: GraphHouse, lifted: bool) -> None:
    ada, eve = await house.join("ada", "eve")
    await house.graph.follow(by(eve), ada)
    if lifted:
        await house.graph.block(by(ada), eve)
    change = house.graph.unblock if lifted else house.graph.block
    house.house.records.left = 1
    [answer] = await together(change(by(ada), eve))
    house.house.records.left = None
    assert isinstance(answer, Problem)
    await house.settle()
    for one, other in ((ada, eve), (eve, ada)):
        assert await house.graph.relations(one, [other]) == [STRANGERS if lifted else BLOCKED]
    await change(by(ada), eve)
    assert await house.house.types() == []


async def test_events_of_a_block_may_come_late_twice_and_in_any_order(house: GraphHouse) -> None:
    ada, eve = await house.join("ada", "eve")
    await house.graph.block(by(ada), eve)
    await house.graph.unblock(by(ada), eve)
    first, second = [event for event in await house.house.happened() if event.envelope.type == "block_changed"]
    for order in ([first], [second, first], [first, second, second, first]):
        await house.deliver(order)
        assert await house.graph.relations(eve, [ada]) == [STRANGERS]
    assert await house.house.types() == []
    await house.graph.block(by(ada), eve)
    await house.deliver([second, first])
    assert await house.graph.relations(eve, [ada]) == [BLOCKED]


async def test_a_follow_and_a_block_never_pass_each_other(house: GraphHouse) -> None:
    ada, eve = await house.join("ada", "eve")
    house.house.records.before["block+follow+follow_total+follow_total"] = lambda: house.graph.block(by(ada), eve)
    with pytest.raises(NotFound):
        await house.graph.follow(by(eve), ada)
    await house.graph.unblock(by(ada), eve)

    async def followed_first() -> None:
        row = await house.store.block(ada, eve)
        assert row is not None
        assert row.made == 0
        await house.graph.follow(by(ada), eve)

    house.house.records.before["block+follow"] = followed_first
    await house.graph.block(by(ada), eve)
    assert await house.graph.relations(ada, [eve]) == [BLOCKED]
    assert await house.graph.counts(NOBODY, [ada, eve]) == [Counts(0, 0), Counts(0, 0)]
    assert house.house.records.before == {}


async def test_blocks_both_ways_at_once_both_hold(house: GraphHouse) -> None:
    ada, eve = await house.join("ada", "eve")
    answers = await together(
        *(change for _ in range(5) for change in (house.graph.block(by(ada), eve), house.graph.block(by(eve), ada)))
    )
    assert answers == [None] * 10
    for one, other in ((ada, eve), (eve, ada)):
        row = await house.store.block(one, other)
        assert row is not None
        assert (row.made, row.received) == (1, 1)
