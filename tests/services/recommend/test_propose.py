"""People to follow, boards to look at, and topics to choose."""

from bowerbird.services.recommend.topics import TOPICS
from tests.services.recommend.circle import DOGS, Circle, caller
from tests.support.house import by


async def test_those_come_first_who_keep_what_one_likes(circle: Circle) -> None:
    ann, bob, cat, dan = await circle.people(4)
    mine = await circle.photos(ann, await circle.board(ann), "loaf", "oven")
    first = await circle.board(bob)
    await circle.photos(bob, first, "loaf", "oven", "flour")
    second = await circle.board(cat)
    await circle.photos(cat, second, "loaf", "bike")
    secret = await circle.board(dan, "private")
    await circle.photos(dan, secret, "loaf", "oven")
    await circle.settle()
    people = await circle.recommend.people(by(ann), 10)
    assert [one.id for one in people] == [bob, cat]
    assert (set(people[0].pins), people[1].pins[0]) == (set(mine), mine[0])
    boards = await circle.recommend.boards(by(ann), 10)
    assert [one.id for one in boards] == [first, second]
    assert (set(boards[0].pins), boards[1].pins[0]) == (set(mine), mine[0])
    assert [one.id for one in await circle.recommend.people(by(ann), 1)] == [bob]
    assert [one.id for one in await circle.recommend.boards(by(ann), 1)] == [first]


async def test_nobody_is_told_of_anybody_by_what_has_just_gone(circle: Circle) -> None:
    ann, bob, cat, dan = await circle.people(4)
    await circle.photo(ann, await circle.board(ann), "loaf")
    hidden = await circle.board(bob)
    await circle.photo(bob, hidden, "loaf")
    deleted = await circle.photo(cat, await circle.board(cat), "loaf")
    await circle.photo(dan, await circle.board(dan), "loaf")
    await circle.settle()
    assert {one.id for one in await circle.recommend.people(by(ann), 10)} == {bob, cat, dan}
    await circle.show(bob, hidden, "private")
    await circle.boards.delete_pin(by(cat), deleted)
    assert [one.id for one in await circle.recommend.people(by(ann), 10)] == [dan], "whatever was not handled yet"


async def test_nobody_is_told_to_follow_themselves_whom_they_follow_or_who_is_blocked(circle: Circle) -> None:
    ann, bob, cat, dan = await circle.people(4)
    for person in (ann, bob, cat, dan):
        await circle.photo(person, await circle.board(person), "loaf")
    await circle.house.services.graph.follow(by(ann), bob)
    await circle.house.services.graph.block(by(cat), ann)
    await circle.settle()
    assert [one.id for one in await circle.recommend.people(by(ann), 10)] == [dan]


async def test_one_s_own_boards_and_those_one_is_a_member_of_are_not_proposed(circle: Circle) -> None:
    ann, bob = await circle.people(2)
    await circle.photo(ann, await circle.board(ann), "loaf")
    shared, other = await circle.board(bob), await circle.board(bob)
    for board in (shared, other):
        await circle.photo(bob, board, "loaf")
    await circle.boards.share(by(bob), shared, ann, "viewer")
    await circle.settle()
    assert [one.id for one in await circle.recommend.boards(by(ann), 10)] == [other]


async def test_who_keeps_nothing_is_told_of_those_who_keep_what_many_keep(circle: Circle) -> None:
    ann, bob, cat = await circle.people(3)
    boards = [await circle.board(bob), await circle.board(cat)]
    for person, board in zip((bob, cat), boards, strict=True):
        await circle.photo(person, board, "loaf")
    await circle.photo(bob, boards[0], "oven")
    await circle.settle()
    for asker in (ann, None):
        people = await circle.recommend.people(caller(asker), 10)
        assert [(one.id, one.pins) for one in people] == [(bob, []), (cat, [])]
        found = await circle.recommend.boards(caller(asker), 10)
        assert [(one.id, one.pins) for one in found] == [(boards[0], []), (boards[1], [])]


async def test_topics_come_with_public_pins_of_theirs_those_of_most_first(circle: Circle) -> None:
    ann, bob = await circle.people(2)
    board, secret = await circle.board(ann), await circle.board(ann, "private")
    dogs = await circle.photos(ann, board, *(f"dog/{number}" for number in range(3)))
    cat = await circle.photo(ann, board, "cat/1")
    await circle.photos(ann, secret, "dog/9", *(f"cat/{number}" for number in range(5, 10)))
    await circle.settle()
    for person in (None, bob):
        found = await circle.recommend.topics(caller(person))
        assert {topic.id: topic.name for topic in found} == dict(TOPICS)
        assert [set(topic.pins) for topic in found[:2]] == [set(dogs), {cat}]
        assert found[0].id == DOGS
        assert all(topic.pins == [] for topic in found[2:])
    await circle.wish(bob, "hidden", pin=dogs[0])
    assert set((await circle.recommend.topics(by(bob)))[0].pins) == set(dogs[1:])


async def test_topics_are_looked_for_again_after_a_while(circle: Circle) -> None:
    [ann] = await circle.people(1)
    assert not any(topic.pins for topic in await circle.recommend.topics(by(ann)))
    await circle.photo(ann, await circle.board(ann), "dog/1")
    await circle.settle()
    circle.house.world.pass_s(circle.house.services.settings.recommend.topics_kept_s)
    assert [topic.id for topic in await circle.recommend.topics(by(ann)) if topic.pins] == [DOGS]
