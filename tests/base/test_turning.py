"""Keys turn at the boundaries of their periods, nowhere else, and in every process alike."""

from hypothesis import given
from hypothesis import strategies as st

from bowerbird.base.turning import key_from, start_of

SECRET = bytes(range(32))
times = st.integers(0, 10_000_000_000)
periods = st.integers(1, 100_000_000)


@given(times, periods)
def test_a_time_lies_in_the_period_that_it_names(time_s: int, period_s: int) -> None:
    start_s = start_of(time_s, period_s)
    assert start_s <= time_s < start_s + period_s
    assert start_s % period_s == 0
    assert start_of(start_s, period_s) == start_of(start_s + period_s - 1, period_s) == start_s
    assert start_of(start_s + period_s, period_s) == start_s + period_s


@given(times, times, st.binary(min_size=32, max_size=32))
def test_a_key_is_that_of_its_secret_and_time_alone(one: int, other: int, secret: bytes) -> None:
    assert (key_from(secret, one) == key_from(secret, other)) == (one == other)
    assert (key_from(secret, one) == key_from(SECRET, one)) == (secret == SECRET)
    assert len(key_from(secret, one)) == 32
