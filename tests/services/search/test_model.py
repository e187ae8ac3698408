"""In which order results stand, and what was probably meant."""

from bowerbird.base.ids import Id
from bowerbird.services.search.model import Scored, corrected, ranked
from bowerbird.services.search.parse import parse


def thing(number: int) -> Id:
    return Id(number.to_bytes(16, "big"))


NOBODY = frozenset[Id]()


def test_the_best_comes_first_and_each_once() -> None:
    found = [Scored(thing(1), 1.0, 5), Scored(thing(2), 3.0, 5), Scored(thing(1), 2.0, 5)]
    assert ranked(found, NOBODY) == [thing(2), thing(1)]


def test_of_equals_the_newer_comes_first_and_then_the_order_is_of_ids() -> None:
    found = [Scored(thing(3), 1.0, 5), Scored(thing(2), 1.0, 5), Scored(thing(1), 1.0, 4)]
    assert ranked(found, NOBODY) == [thing(2), thing(3), thing(1)]


def test_what_many_saved_and_what_is_ones_own_is_worth_more() -> None:
    found = [Scored(thing(1), 1.1, 0), Scored(thing(2), 1.0, 0, alike=4), Scored(thing(3), 0.9, 0)]
    assert ranked(found, NOBODY) == [thing(2), thing(1), thing(3)]
    assert ranked(found, frozenset([thing(3)])) == [thing(2), thing(3), thing(1)]


def test_words_are_put_in_the_place_of_others() -> None:
    query = 'Brss "old lmap" -lmap by:ada'
    assert corrected(query, parse(query), {"brss": "brass", "lmap": "lamp"}) == 'brass "old lamp" -lmap by:ada'
    assert corrected(query, parse(query), {}) == ""
    assert corrected(query, parse(query), {"other": "word"}) == ""
