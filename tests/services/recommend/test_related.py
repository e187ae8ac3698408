"""What is like a pin, and what fits on a board."""

import pytest

from bowerbird.base.ids import Id
from bowerbird.contracts.kinds import PIN
from bowerbird.contracts.problems import NotFound, Unavailable
from bowerbird.contracts.recommend import Because
from bowerbird.ports.records import EngineUnavailable
from tests.services.recommend.circle import DOGS, Circle, pins_of
from tests.support.house import by
from tests.support.placement import TOGETHER


async def away(*_args: object, **_kwargs: object) -> object:
    """Be away."""
    raise EngineUnavailable("away")


async def bread(circle: Circle) -> tuple[Id, list[Id], list[Id]]:
    """Return ann's pin of a loaf, what looks like it, and what bob saved beside it."""
    ann, bob, cat = await circle.people(3)
    loaf = await circle.photo(ann, await circle.board(ann), "loaf/1")
    looks = await circle.photos(cat, await circle.board(cat), "loaf/2", "loaf/3")
    _, *beside = await circle.photos(bob, await circle.board(bob), "loaf/1", "oven", "flour")
    await circle.settle()
    return loaf, looks, beside


async def test_what_looks_like_a_pin_comes_in_turns_with_what_is_saved_beside_it(circle: Circle) -> None:
    loaf, looks, beside = await bread(circle)
    for person in (None, *await circle.people(1)):
        found = await circle.related(person, loaf)
        assert [idea.because for idea in found] == [Because("looks", pin=loaf), Because("beside", pin=loaf)] * 2
        assert (set(pins_of(found)[::2]), set(pins_of(found)[1::2])) == (set(looks), set(beside))


async def test_what_is_kept_or_hidden_is_not_like_anything(circle: Circle) -> None:
    loaf, looks, beside = await bread(circle)
    [dan] = await circle.people(1)
    await circle.photo(dan, await circle.board(dan, "private"), "loaf/2")
    await circle.settle()
    await circle.wish(dan, "hidden", pin=beside[0])
    assert set(pins_of(await circle.related(dan, loaf))) == {looks[1], beside[1]}


@pytest.mark.placements(TOGETHER)  # an engine's absence is told to whoever asks it here
async def test_either_half_stands_in_for_the_other(circle: Circle, monkeypatch: pytest.MonkeyPatch) -> None:
    loaf, looks, beside = await bread(circle)
    with monkeypatch.context() as patch:
        patch.setattr(circle.house.engines.vectors, "nearest", away)
        assert set(pins_of(await circle.related(None, loaf))) == set(beside)
    with monkeypatch.context() as patch:
        patch.setattr(circle.house.engines.walks, "walk", away)
        assert set(pins_of(await circle.related(None, loaf))) == set(looks)
        patch.setattr(circle.house.engines.vectors, "nearest", away)
        with pytest.raises(Unavailable):
            await circle.related(None, loaf)


async def test_a_private_board_leads_those_who_may_see_it_and_nobody_else(circle: Circle) -> None:
    ann, bob, cat, dan = await circle.people(4)
    secret = await circle.board(ann, "private")
    pin, _ = await circle.photos(ann, secret, "loaf", "bike")
    await circle.boards.share(by(ann), secret, cat, "viewer")
    public = await circle.photo(bob, await circle.board(bob), "loaf")
    bell = (await circle.photos(bob, await circle.board(bob), "bike", "bell"))[1]
    await circle.settle()
    for person in (ann, cat):
        assert bell in pins_of(await circle.related(person, pin))
        assert bell in pins_of(await circle.for_board(person, secret))
    for person in (dan, None):
        assert pins_of(await circle.related(person, public)) == []
        with pytest.raises(NotFound):
            await circle.related(person, pin)
        with pytest.raises(NotFound):
            await circle.for_board(person, secret)


async def test_what_looks_so_comes_last_to_who_wants_less_of_it(circle: Circle) -> None:
    ann, bob, cat = await circle.people(3)
    dog = await circle.photo(ann, await circle.board(ann), "dog/0")
    dogs = await circle.photos(cat, await circle.board(cat), "dog/1", "dog/2", "dog/3")
    _, *beside = await circle.photos(bob, await circle.board(bob), "dog/0", "leash", "bowl")
    await circle.settle()
    assert pins_of(await circle.related(bob, dog))[0] in dogs
    await circle.wish(bob, "less", topic=DOGS)
    assert set(pins_of(await circle.related(bob, dog))) == set(dogs)
    await circle.wish(cat, "less", topic=DOGS)
    assert set(pins_of(await circle.related(cat, dog))) == set(beside)
    [dan] = await circle.people(1)
    await circle.wish(dan, "less", topic=DOGS)
    found = pins_of(await circle.related(dan, dog))
    assert (set(found[:2]), set(found[2:])) == (set(beside), set(dogs))


async def test_a_board_is_given_what_is_not_on_it_because_of_it(circle: Circle) -> None:
    ann, bob, eve = await circle.people(3)
    board = await circle.board(ann)
    await circle.boards.share(by(ann), board, eve, "editor")
    [loaf] = await circle.photos(ann, board, "loaf/1")
    await circle.photo(eve, board, "flour")
    _, oven, _ = await circle.photos(bob, await circle.board(bob), "loaf/1", "oven", "flour")
    [like] = await circle.photos(bob, await circle.board(bob), "loaf/2")
    await circle.settle()
    found = await circle.for_board(ann, board)
    assert set(pins_of(found)) == {oven, like}
    assert {idea.because for idea in found} == {Because("board", board=board)}
    await circle.wish(ann, "not_pin", pin=loaf)
    assert like not in pins_of(await circle.for_board(ann, board))


async def test_an_empty_board_is_given_nothing(circle: Circle) -> None:
    ann, bob = await circle.people(2)
    board = await circle.board(ann)
    await circle.photo(bob, await circle.board(bob), "loaf")
    await circle.settle()
    assert await circle.for_board(ann, board) == []


async def test_what_is_not_there_is_not_found(circle: Circle) -> None:
    [ann] = await circle.people(1)
    absent = circle.house.world.new_id(PIN, 1)
    with pytest.raises(NotFound):
        await circle.related(ann, absent)
    with pytest.raises(NotFound):
        await circle.for_board(ann, absent)
