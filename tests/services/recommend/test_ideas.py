"""What is proposed to whom, why, and what never is."""

from collections import Counter

import pytest

from bowerbird.base.ids import Id
from bowerbird.contracts.recommend import IDEAS_MAX, Because
from bowerbird.ports.walks import Edge, Found, Walk
from tests.services.recommend.circle import DOGS, Circle, pins_of
from tests.support.house import by
from tests.support.placement import TOGETHER


async def bakery(circle: Circle) -> tuple[Id, Id, list[Id]]:
    """Return ann, her pin of a loaf, and what bob saved beside the same loaf."""
    ann, bob = await circle.people(2)
    loaf = await circle.photo(ann, await circle.board(ann), "loaf")
    _, *beside = await circle.photos(bob, await circle.board(bob), "loaf", "oven", "flour")
    await circle.settle()
    return ann, loaf, beside


async def test_what_people_save_beside_ones_own_is_proposed_because_of_it(circle: Circle) -> None:
    ann, loaf, beside = await bakery(circle)
    found = await circle.ideas(ann)
    assert set(pins_of(found)) == set(beside)
    assert [idea.because for idea in found] == [Because("saved", pin=loaf)] * 2


async def test_nobody_is_shown_what_they_keep_wherever_it_is(circle: Circle) -> None:
    ann, _, [oven, flour] = await bakery(circle)
    await circle.photo(ann, await circle.board(ann, "private"), "oven")
    await circle.settle()
    assert pins_of(await circle.ideas(ann)) == [flour]
    [cat] = await circle.people(1)
    assert {oven, flour} < set(pins_of(await circle.ideas(cat)))


async def test_what_is_hidden_is_hidden_in_every_pin_until_that_is_undone(circle: Circle) -> None:
    ann, _, [oven, flour] = await bakery(circle)
    made = await circle.wish(ann, "hidden", pin=oven)
    assert pins_of(await circle.ideas(ann, 1)) == [flour]
    [cat] = await circle.people(1)
    newer = await circle.photo(cat, await circle.board(cat), "oven")
    await circle.settle()
    assert pins_of(await circle.ideas(ann)) == [flour]
    await circle.recommend.undo(by(ann), made.id)
    assert set(pins_of(await circle.ideas(ann))) == {newer, flour}


async def test_nothing_comes_because_of_a_pin_or_a_board_that_is_not_to_count(circle: Circle) -> None:
    ann, bob = await circle.people(2)
    first, second = await circle.board(ann), await circle.board(ann)
    loaf, bike = await circle.photo(ann, first, "loaf"), await circle.photo(ann, second, "bike")
    await circle.photos(bob, await circle.board(bob), "loaf", "oven")
    await circle.photos(bob, await circle.board(bob), "bike", "bell")
    await circle.settle()

    async def reasons() -> set[Id | None]:
        return {idea.because.pin for idea in await circle.ideas(ann) if idea.because.why == "saved"}

    assert await reasons() == {loaf, bike}
    not_loaf = await circle.wish(ann, "not_pin", pin=loaf)
    assert await reasons() == {bike}
    await circle.wish(ann, "not_board", board=second)
    assert await reasons() == set()
    await circle.recommend.undo(by(ann), not_loaf.id)
    assert await reasons() == {loaf}


async def test_private_saves_lead_their_own_person_alone(circle: Circle) -> None:
    ann, bob, cat, dan = await circle.people(4)
    secret = await circle.board(ann, "private")
    loaf, _ = await circle.photos(ann, secret, "loaf", "bike")
    for name in ("loaf", "bike"):
        board = await circle.board(bob)
        await circle.photos(bob, board, name, f"{name} stand")
    await circle.photo(cat, await circle.board(cat), "loaf stand")
    await circle.photo(dan, await circle.board(dan, "private"), "loaf stand")
    await circle.settle()
    saved = [idea for idea in await circle.ideas(ann) if idea.because.why == "saved"]
    assert await circle.things(*pins_of(saved)) == await circle.things_of("loaf stand", "bike stand")
    assert loaf in {idea.because.pin for idea in saved}
    for other in (cat, dan):
        led = [idea.pin for idea in await circle.ideas(other) if idea.because.why == "saved"]
        assert await circle.things(*led) == await circle.things_of("loaf")


@pytest.mark.placements(TOGETHER)  # what is asked of an engine is seen here
async def test_private_boards_are_gone_along_by_their_own_person_s_walks_alone(
    circle: Circle, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, bob = await circle.people(2)
    secret = await circle.board(ann, "private")
    for person, board in ((ann, secret), (ann, await circle.board(ann)), (bob, await circle.board(bob))):
        await circle.photo(person, board, "loaf")
    await circle.settle()
    asked, walks = list[Walk](), circle.house.engines.walks
    walk = walks.walk

    async def walked(one: Walk) -> Found:
        asked.append(one)
        return await walk(one)

    monkeypatch.setattr(walks, "walk", walked)
    for person in (ann, bob):
        await circle.ideas(person)
    assert [one.own for one in asked] == [[Edge(await circle.thing_of("loaf"), secret)], []]


async def test_of_what_many_keep_the_newest_pin_is_shown_once(circle: Circle) -> None:
    ann, bob, cat = await circle.people(3)
    await circle.photo(ann, await circle.board(ann), "loaf")
    for person in (bob, cat):
        pins = await circle.photos(person, await circle.board(person), "loaf", "oven")
    hidden = await circle.photo(bob, await circle.board(bob, "private"), "oven")
    await circle.settle()
    found = pins_of(await circle.ideas(ann))
    assert found == [pins[-1]]
    assert hidden not in found


async def test_who_keeps_nothing_is_shown_what_many_keep_late_or_ever(circle: Circle) -> None:
    ann, bob, cat = await circle.people(3)
    for person in (bob, cat):
        await circle.photo(person, await circle.board(person), "old favourite")
    await circle.settle()
    circle.house.world.pass_s(90 * 86_400)
    late = [await circle.photo(person, await circle.board(person), "new favourite") for person in (bob, cat)]
    one = await circle.photo(bob, await circle.board(bob), "new")
    await circle.settle()
    for person in (ann, None):
        found = await circle.ideas(person)
        assert [idea.because for idea in found] == [Because("popular")] * 3
        assert pins_of(found)[:2] == [late[-1], one]


async def test_who_keeps_nothing_is_shown_chosen_topics_in_turns_with_the_rest(circle: Circle) -> None:
    ann, bob = await circle.people(2)
    board = await circle.board(bob)
    dogs = await circle.photos(bob, board, *(f"dog/{number}" for number in range(8)))
    others = await circle.photos(bob, board, *(f"thing {number}" for number in range(24)))
    await circle.settle()
    assert set(pins_of(await circle.ideas(ann))) == {*dogs, *others}
    await circle.wish(ann, "interest", topic=DOGS)
    found = await circle.ideas(ann)
    assert len(set(dogs) & set(pins_of(found)[:10])) >= 5
    assert {idea.pin for idea in found if idea.because == Because("topic", topic=DOGS)} <= set(dogs)
    assert all(idea.because == Because("popular") for idea in found if idea.pin in others)


async def test_less_of_a_topic_comes_late_and_more_of_it_early(circle: Circle) -> None:
    ann, bob = await circle.people(2)
    mine, board = await circle.board(ann), await circle.board(bob)
    for name in ("dog/0", "thing 0"):
        await circle.photo(ann, mine, name)
        await circle.photo(bob, board, name)
    dogs = await circle.photos(bob, board, *(f"dog/{number}" for number in range(1, 20)))
    await circle.photos(bob, board, *(f"thing {number}" for number in range(1, 20)))
    await circle.settle()

    async def early() -> int:
        firsts = [pins_of(await circle.ideas(ann))[:15] for _ in range(3)]
        return sum(len(set(dogs) & set(first)) for first in firsts)

    plainly = await early()
    less = await circle.wish(ann, "less", topic=DOGS)
    assert await early() == 0
    assert set(dogs) <= set(pins_of(await circle.ideas(ann)))
    await circle.recommend.undo(by(ann), less.id)
    await circle.wish(ann, "interest", topic=DOGS)
    assert await early() > plainly


async def test_what_was_often_shown_and_never_kept_sinks(circle: Circle) -> None:
    ann, bob = await circle.people(2)
    await circle.photo(ann, await circle.board(ann), "thing 0")
    pins = await circle.photos(bob, await circle.board(bob), *(f"thing {number}" for number in range(30)))
    await circle.settle()
    chosen = pins[7]
    for _ in range(3):
        await circle.see(ann, chosen, 5)
    found = pins_of(await circle.ideas(ann))
    assert found.index(chosen) >= len(found) - 4
    [cat] = await circle.people(1)
    places = [pins_of(await circle.ideas(cat)).index(chosen) for _ in range(5)]
    assert min(places) < len(found) - 4


@pytest.mark.placements(TOGETHER)  # it takes many saves
async def test_enough_ideas_come_and_not_more(circle: Circle) -> None:
    ann, bob = await circle.people(2)
    board = await circle.board(bob)
    for number in range(IDEAS_MAX + 5):
        await circle.photo(bob, board, f"thing {number}")
    await circle.settle()
    assert len(await circle.ideas(ann, 100)) == IDEAS_MAX


@pytest.mark.placements(TOGETHER)  # it takes many saves
async def test_ideas_fit_the_planted_taste(circle: Circle) -> None:
    """Three tastes, six people of each; what a person has not saved of their own taste comes before everything else."""
    tastes = [[f"{taste} {number}" for number in range(12)] for taste in ("bread", "bikes", "birds")]
    people = await circle.people(18)
    for number, person in enumerate(people):
        taste = tastes[number % 3]
        kept = [taste[(number // 3 * 2 + step) % 12] for step in range(8)]
        await circle.photos(person, await circle.board(person), *kept)
        await circle.photo(person, await circle.board(person), tastes[(number + 1) % 3][number % 12])
    await circle.settle()
    names = {await circle.thing_of(name): name for taste in tastes for name in taste}
    first = Counter[bool]()
    for number, person in enumerate(people[:3]):
        for idea in (await circle.ideas(person))[:4]:
            first[names[await circle.thing(idea.pin)] in tastes[number % 3]] += 1
    assert first[True] >= 10
