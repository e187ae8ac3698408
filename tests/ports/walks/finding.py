"""What the walks port promises about what a walk finds."""

import math

import pytest

from bowerbird.base.ids import Id
from bowerbird.ports.walks import (
    FOUND_MAX,
    OWN_MAX,
    QUERY_MAX,
    REASONS_MAX,
    STEPS_MAX,
    Bias,
    Edge,
    Found,
    Saved,
    Walk,
    Wish,
)
from tests.ports.suite import Suite
from tests.ports.walks.scene import TODAY, asked, board, described, found, number, saves, scores, thing
from tests.ports.walks.subject import Subject

FINDING = Suite[Subject]()

# Two islands, and a thing alone on its board.
ISLANDS = [[1, 2, 3], [3, 4, 5], [6, 7], [8]]


@FINDING.check
async def a_walk_finds_what_boards_lead_to_and_nothing_else(subject: Subject) -> None:
    await subject.walks.change(saves(ISLANDS))
    for walks in subject.readers:
        assert await found(walks, 1) == {2, 3, 4, 5}
        assert await found(walks, 6) == {7}
        assert await found(walks, 2, 7) == {1, 3, 4, 5, 6}
        assert await found(walks, 8) == set()


@FINDING.check
async def the_query_is_not_found_and_what_is_unknown_is_passed_over(subject: Subject) -> None:
    for walks in subject.readers:
        assert await walks.walk(asked(1)) == Found([], [], 0)
    await subject.walks.change(saves(ISLANDS))
    for walks in subject.readers:
        assert await walks.walk(asked()) == await walks.walk(asked(99)) == Found([], [], 0)
        assert await found(walks, 99, 1, 2, 3) == {4, 5}


@FINDING.check
async def what_is_near_comes_before_what_is_far(subject: Subject) -> None:
    # A ring, on which all are on as many boards: from 1 it goes both ways.
    await subject.walks.change(saves([[1 + one, 1 + (one + 1) % 12] for one in range(12)]))
    answer = await subject.walks.walk(asked(1))
    assert [{number(one.id) for one in answer.things[:count]} for count in (2, 4)] == [{2, 12}, {2, 12, 3, 11}]
    assert [one.score for one in answer.things] == sorted((one.score for one in answer.things), reverse=True)


@FINDING.check
async def what_is_met_from_several_counts_for_more(subject: Subject) -> None:
    # 3 stands once beside 1 and once beside 2; 4 stands beside 1 alone, three times.
    await subject.walks.change(saves([[1, 3], [1, 4], [1, 4], [1, 4], [2, 3], [2, 5], [2, 6], [2, 7]]))
    answer = await subject.walks.walk(asked(1, 2))
    assert number(answer.things[0].id) == 3


@FINDING.check
async def what_weighs_more_leads_further(subject: Subject) -> None:
    await subject.walks.change(saves([[1, 3], [2, 4]]))
    for heavy, light in ((1, 2), (2, 1)):
        query = [Wish(thing(heavy), 5.0), Wish(thing(light), 1.0)]
        by_thing = scores(await subject.walks.walk(Walk(query=query, seed=1, steps_max=20_000)))
        assert by_thing[heavy + 2] > 2 * by_thing[light + 2]


@FINDING.check
async def a_thing_named_twice_weighs_twice(subject: Subject) -> None:
    await subject.walks.change(saves([[1, 3], [2, 4]]))
    twice = [Wish(thing(1), 2.0), Wish(thing(2)), Wish(thing(1), 3.0)]
    once = [Wish(thing(1), 5.0), Wish(thing(2))]
    first, second = [await subject.walks.walk(Walk(query=query, seed=1)) for query in (twice, once)]
    assert first == second


@FINDING.check
async def every_find_tells_what_led_there_the_most_first(subject: Subject) -> None:
    await subject.walks.change(saves([[1, 9], [1, 9], [2, 9], [2, 30], [3, 9], [3, 31], [3, 32], [4, 9], [4, 5, 6, 7]]))
    query = [Wish(thing(1), 8.0), Wish(thing(2), 4.0), Wish(thing(3), 2.0), Wish(thing(4), 0.01)]
    answer = await subject.walks.walk(Walk(query=query, seed=1, steps_max=50_000))
    because = {number(one.id): [number(reason) for reason in one.because] for one in answer.things}
    assert because[9] == [1, 2, 3]
    assert because[30][0] == 2
    assert all(1 <= len(reasons) <= REASONS_MAX and set(reasons) <= {1, 2, 3, 4} for reasons in because.values())
    alone = await subject.walks.walk(asked(4))
    assert all(one.because == [thing(4)] for one in alone.things)


@FINDING.check
async def boards_are_found_like_things(subject: Subject) -> None:
    await subject.walks.change(saves(ISLANDS))
    answer = await subject.walks.walk(asked(1, boards_max=10))
    assert [number(one.id) for one in answer.boards] == [0, 1]
    assert all(one.because == [thing(1)] for one in answer.boards)
    assert (await subject.walks.walk(asked(1))).boards == []
    cut = await subject.walks.walk(asked(1, boards_max=1, things_max=0))
    assert ([number(one.id) for one in cut.boards], cut.things) == ([0], [])


@FINDING.check
async def the_best_are_returned_and_no_more_than_asked_for(subject: Subject) -> None:
    await subject.walks.change(saves([range(1, 60), range(1, 30)]))
    everything = (await subject.walks.walk(asked(1))).things
    assert len(everything) == 58
    for limit in (0, 1, 10, 58, 100):
        assert (await subject.walks.walk(asked(1, things_max=limit))).things == everything[:limit]


@FINDING.check
async def a_walk_takes_the_steps_it_is_given_and_no_more(subject: Subject) -> None:
    await subject.walks.change(saves([range(1, 40), range(20, 60)]))
    for steps in (1, 7, 100, 30_000):
        for query in ((1,), tuple(range(1, 30))):
            answer = await subject.walks.walk(asked(*query, steps_max=steps))
            assert 0 < answer.steps <= steps
            assert steps < 30_000 or answer.steps > 0.95 * steps


@FINDING.check
async def the_same_seed_finds_the_same(subject: Subject) -> None:
    await subject.walks.change(saves([range(1, 40), range(20, 60), [1, 2, 3]]))
    first = await subject.walks.walk(asked(1, 50, steps_max=500))
    for walks in subject.readers:
        assert await walks.walk(asked(1, 50, steps_max=500)) == first
        assert await walks.walk(asked(1, 50, steps_max=500, seed=2)) != first


@FINDING.check
async def what_fits_a_bias_comes_more_often_and_the_rest_still_comes(subject: Subject) -> None:
    crowd = range(2, 42)
    await subject.walks.change([*saves([[1, *crowd]]), *(described(one, 1 + one % 2, "en") for one in crowd)])
    await subject.walks.change([described(one, 1 + one % 2, "de") for one in range(2, 12)])
    for bias, fits in (
        (Bias(topics=[1]), {one for one in crowd if one % 2 == 0}),
        (Bias(topics=[1, 2], shunned=[2]), {one for one in crowd if one % 2 == 0}),
        (Bias(shunned=[1]), {one for one in crowd if one % 2 == 1}),
        (Bias(languages=["de"]), set(range(2, 12))),
        (Bias(topics=[2], languages=["de", "fr"]), {3, 5, 7, 9, 11}),
    ):
        for walks in subject.readers:
            by_thing = scores(await walks.walk(asked(1, bias=bias)))
            mean = math.fsum(by_thing[one] for one in fits) / len(fits)
            others = [by_thing[one] for one in crowd if one not in fits]
            assert mean > 1.5 * math.fsum(others) / len(others), bias
            assert all(others)


@FINDING.check
async def a_bias_that_nothing_fits_changes_nothing_but_chance(subject: Subject) -> None:
    await subject.walks.change([*saves(ISLANDS), *(described(one, 5, "en") for one in (1, 2, 3, 4))])
    bias = Bias(topics=[9], languages=["de"])
    assert scores(await subject.walks.walk(asked(1, bias=bias))).keys() == {2, 3, 4, 5}


@FINDING.check
async def a_thing_without_a_language_fits_all_and_one_without_a_topic_none(subject: Subject) -> None:
    await subject.walks.change([*saves([[1, 2, 3]]), described(2, 0, "en")])
    by_thing = scores(await subject.walks.walk(asked(1, bias=Bias(languages=["de"]))))
    assert by_thing[3] > 1.5 * by_thing[2]
    await subject.walks.change([described(2, 4, "")])
    by_thing = scores(await subject.walks.walk(asked(1, bias=Bias(topics=[4]))))
    assert by_thing[2] > 1.5 * by_thing[3]


@FINDING.check
async def ones_own_edges_lead_ones_own_walk_alone(subject: Subject) -> None:
    await subject.walks.change(saves(ISLANDS))
    own = [(1, 500), (7, 500), (77, 500), (77, 501), (8, 501)]
    for walks in subject.readers:
        plain = await walks.walk(asked(1))
        assert scores(await walks.walk(asked(1, own=own))).keys() == {2, 3, 4, 5, 6, 7, 8, 77}
        assert scores(await walks.walk(asked(77, own=own))).keys() == {1, 2, 3, 4, 5, 6, 7, 8}
        assert await walks.walk(asked(1)) == plain
        assert await walks.walk(asked(77)) == Found([], [], 0)
        assert await walks.walk(asked(1, own=[(1, 0), (2, 0)])) is not None
    assert (await subject.walks.size()).edges == 9


@FINDING.check
async def the_most_saved_since_a_day_are_popular(subject: Subject) -> None:
    days = [TODAY, TODAY - 10 * 86_400_000_000]
    await subject.walks.change(saves([[1, 2, 3], [1, 2], [1]], days[0]))
    await subject.walks.change([Saved(thing(one), board(on), days[1]) for on in range(10, 15) for one in (3, 4)])
    await subject.walks.change([described(1, 7), described(4, 7, "en"), described(2, 8)])
    for walks in subject.readers:
        lately = [(number(one.id), one.score) for one in await walks.popular(TODAY + 5, 10)]
        assert lately == [(1, 3), (2, 2), (3, 1)]
        ever = [(number(one.id), one.score) for one in await walks.popular(0, 3)]
        assert ever == [(3, 6), (4, 5), (1, 3)]
        assert [number(one.id) for one in await walks.popular(0, 9, Bias(topics=[7]))] == [4, 1]
        assert [number(one.id) for one in await walks.popular(0, 9, Bias(shunned=[7]))] == [3, 2]
        assert await walks.popular(TODAY + 86_400_000_000, 10) == []


@FINDING.check
async def what_breaks_a_bound_is_a_value_error(subject: Subject) -> None:
    await subject.walks.change(saves(ISLANDS))
    for bad in (
        Walk(query=[Wish(thing(1))] * (QUERY_MAX + 1), seed=1),
        Walk(query=[Wish(thing(1), 0.0)], seed=1),
        Walk(query=[Wish(thing(1), math.inf)], seed=1),
        Walk(query=[Wish(Id(b"short"))], seed=1),
        Walk(query=[Wish(thing(1))], seed=-1),
        Walk(query=[], seed=1, own=[Edge(thing(1), board(1))] * (OWN_MAX + 1)),
        Walk(query=[], seed=1, own=[Edge(Id(b"short"), board(1))]),
        Walk(query=[Wish(thing(1))], seed=1, bias=Bias(topics=[1 << 16])),
        Walk(query=[Wish(thing(1))], seed=1, bias=Bias(languages=["English"])),
        Walk(query=[Wish(thing(1))], seed=1, bias=Bias(shunned=[-1])),
        asked(1, steps_max=0),
        asked(1, steps_max=STEPS_MAX + 1),
        asked(1, things_max=FOUND_MAX + 1),
        asked(1, boards_max=-1),
    ):
        with pytest.raises(ValueError, match=r"\w"):
            await subject.walks.walk(bad)
    for limit in (0, FOUND_MAX + 1):
        with pytest.raises(ValueError, match=r"\w"):
            await subject.walks.popular(0, limit)
    with pytest.raises(ValueError, match=r"\w"):
        await subject.walks.popular(-1, 5)
