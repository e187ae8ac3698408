"""In which order results stand, which page comes next, and what was probably meant."""

from hypothesis import given
from hypothesis import strategies as st

from bowerbird.base.ids import Id
from bowerbird.contracts.search import RESULTS_MAX
from bowerbird.services.search.model import Mark, Scored, corrected, ranked, read_mark
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


@given(st.lists(st.integers(0, 2000), unique=True, max_size=RESULTS_MAX + 50), st.integers(1, 100), st.randoms())
def test_every_result_comes_once_whatever_becomes_of_the_order(numbers: list[int], limit: int, chance: object) -> None:
    ids, mark, pages = [thing(number) for number in numbers], read_mark(None, 7), list[Id]()
    while True:
        chance.shuffle(ids)  # pyright: ignore[reportUnknownMemberType, reportAttributeAccessIssue] - hypothesis's own
        rest = mark.unseen(ids)
        page, more = rest[:limit], len(rest) > limit
        pages += page
        data = mark.after(page, more=more)
        if data is None:
            break
        mark = read_mark(data, 9)
        assert mark.until == 7
    assert len(pages) == len(set(pages))
    assert len(pages) >= min(len(ids), RESULTS_MAX)


def test_no_mark_is_longer_than_a_cursor_may_be() -> None:
    last = Mark(1 << 60).after([thing(number) for number in range(RESULTS_MAX - 1)], more=True)
    assert last is not None
    assert (len(last) + 16) * 4 / 3 < 2500


def test_words_are_put_in_the_place_of_others() -> None:
    query = 'Brss "old lmap" -lmap by:ada'
    assert corrected(query, parse(query), {"brss": "brass", "lmap": "lamp"}) == 'brass "old lamp" -lmap by:ada'
    assert corrected(query, parse(query), {}) == ""
    assert corrected(query, parse(query), {"other": "word"}) == ""
