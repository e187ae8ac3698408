"""The limit that finds itself: it grows while answers come in time, shrinks when they are late, in its bounds."""

from hypothesis import given
from hypothesis import strategies as st

from bowerbird.edge.http.limiter import FIRST, LEAST, MOST, Limiter

TARGET_S = 0.1


def used(limiter: Limiter) -> None:
    """Let as many be under way as may."""
    limiter.under_way = int(limiter.limit)


def test_a_limit_that_is_used_grows_by_one_for_a_round_of_answers_in_time() -> None:
    limiter = Limiter(TARGET_S)
    for _ in range(FIRST):
        used(limiter)
        limiter.learn(TARGET_S, 1.0)
    assert FIRST + 0.9 < limiter.limit < FIRST + 1.1


def test_a_limit_that_nobody_uses_does_not_grow() -> None:
    limiter = Limiter(TARGET_S)
    limiter.under_way = FIRST // 2 - 1
    limiter.learn(TARGET_S, 1.0)
    assert limiter.limit == FIRST


def test_late_answers_shrink_it_once_within_a_targets_time() -> None:
    limiter = Limiter(TARGET_S)
    for now_s in (1.0, 1.01, 1.09):
        limiter.learn(TARGET_S * 2, now_s)
    assert limiter.limit == FIRST * 0.9
    limiter.learn(TARGET_S * 2, 1.1)
    assert limiter.limit == FIRST * 0.9 * 0.9


@given(st.lists(st.tuples(st.floats(0, 10), st.floats(0, 1)), max_size=300))
def test_whatever_comes_it_keeps_its_bounds(answers: list[tuple[float, float]]) -> None:
    limiter, now_s = Limiter(TARGET_S), 0.0
    for took_s, passed_s in answers:
        now_s += passed_s
        used(limiter)
        limiter.learn(took_s, now_s)
        assert LEAST <= limiter.limit <= MOST
