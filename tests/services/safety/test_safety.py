"""Safety: budgets hold across workers, cheaply where they are spent often."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bowerbird.contracts.caller import NOBODY
from bowerbird.contracts.problems import Unavailable
from bowerbird.contracts.safety import Budget, by_address
from bowerbird.services.safety.service import SafetyService
from bowerbird.services.safety.settings import SafetySettings
from tests.support.safety_house import SafetyHouse

EXACT: tuple[Budget, ...] = ("upload", "save", "look", "sign_in", "sign_in_address", "register")
SMALL = SafetySettings(
    read_limit=100,
    write_limit=100,
    upload_limit=5,
    save_limit=5,
    look_limit=5,
    sign_in_limit=5,
    sign_in_address_limit=5,
    register_limit=5,
)


async def allowed(safety: SafetyService, budget: Budget, by: bytes, times: int) -> int:
    spent = [await safety.spend(NOBODY, budget, by) for _ in range(times)]
    return sum(one.allowed for one in spent)


@pytest.mark.parametrize("budget", EXACT)
async def test_an_exact_budget_is_one_for_all_workers(budget: Budget) -> None:
    house = SafetyHouse(SMALL)
    workers = [house.worker() for _ in range(3)]
    assert [await allowed(worker, budget, b"somebody", 2) for worker in workers] == [2, 2, 1]
    assert await allowed(workers[0], budget, b"somebody else", 9) == 5


async def test_the_answer_says_what_is_left_and_when_it_is_full_again() -> None:
    house = SafetyHouse(SMALL)
    safety = house.worker()
    first = await safety.spend(NOBODY, "sign_in", b"a")
    assert (first.allowed, first.limit, first.remaining, first.reset_s) == (True, 5, 4, 900)
    await allowed(safety, "sign_in", b"a", 4)
    house.clock.pass_s(899.5)
    refused = await safety.spend(NOBODY, "sign_in", b"a")
    assert (refused.allowed, refused.limit, refused.remaining, refused.reset_s) == (False, 5, 0, 1)
    house.clock.pass_s(0.5)
    assert await allowed(safety, "sign_in", b"a", 9) == 5


async def test_once_refused_no_more_is_asked_until_the_window_is_over() -> None:
    house = SafetyHouse(SMALL)
    safety = house.worker()
    await allowed(safety, "sign_in", b"a", 5)
    asked = house.counters.takings
    assert await allowed(safety, "sign_in", b"a", 50) == 0
    assert house.counters.takings == asked


async def test_reads_are_counted_by_shares_and_hold_over_workers() -> None:
    house = SafetyHouse(SMALL)
    workers = [house.worker() for _ in range(2)]
    spent = [await allowed(worker, "read", b"a", 200) for worker in workers]
    assert spent == [100, 0]
    assert house.counters.takings <= 21


async def test_many_at_once_take_no_more_than_there_is() -> None:
    house = SafetyHouse(SMALL)
    workers = [house.worker() for _ in range(3)]
    counts = await asyncio.gather(*(allowed(worker, "write", b"a", 10) for worker in workers for _ in range(20)))
    assert sum(counts) <= 100
    # What is not granted is at most one share of each worker that stopped asking.
    assert sum(counts) >= 100 - 3 * 5


async def test_a_budget_of_another_caller_is_another() -> None:
    safety = SafetyHouse(SMALL).worker()
    assert await allowed(safety, "read", b"a", 200) == 100
    assert await allowed(safety, "write", b"a", 200) == 100
    assert await allowed(safety, "read", b"b", 200) == 100


async def test_a_limit_of_nothing_counts_nothing() -> None:
    house = SafetyHouse(SafetySettings(read_limit=0, sign_in_limit=0))
    safety = house.worker()
    assert await allowed(safety, "read", b"a", 500) == 500
    assert await allowed(safety, "sign_in", b"a", 500) == 500
    assert house.counters.takings == 0


async def test_callers_beyond_the_most_are_forgotten_the_oldest_first() -> None:
    house = SafetyHouse(SafetySettings(read_limit=100, local_keys_max=10))
    safety = house.worker()
    for number in range(1000):
        await safety.spend(NOBODY, "read", b"%d" % number)
    asked = house.counters.takings
    for number in range(990, 1000):
        await safety.spend(NOBODY, "read", b"%d" % number)
    assert house.counters.takings == asked
    await safety.spend(NOBODY, "read", b"989")
    assert house.counters.takings == asked + 1


async def test_without_counters_people_read_and_nobody_guesses_passwords() -> None:
    house = SafetyHouse(SMALL)
    safety = house.worker()
    house.counters.away = True
    assert await allowed(safety, "read", b"a", 4) == 4
    for budget in EXACT:
        with pytest.raises(Unavailable) as refused:
            await safety.spend(NOBODY, budget, b"a")
        assert refused.value.retry_after_s == 1
    house.counters.away = False
    house.clock.pass_s(1)
    assert await allowed(safety, "sign_in", b"a", 9) == 5
    assert await allowed(safety, "read", b"a", 200) == 100


async def test_whoever_is_named_at_length_is_told_apart() -> None:
    safety = SafetyHouse(SMALL).worker()
    assert await allowed(safety, "sign_in", b"x" * 5000 + b"a", 9) == 5
    assert await allowed(safety, "sign_in", b"x" * 5000 + b"b", 9) == 5


async def test_most_spends_need_no_engine() -> None:
    house = SafetyHouse(SafetySettings(read_limit=1_000_000))
    assert await allowed(house.worker(), "read", b"a", 20_000) == 20_000
    assert house.counters.takings == 1


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("203.0.113.5", "203.0.113.5", True),
        ("203.0.113.5", "203.0.113.6", False),
        ("203.0.113.5", "::ffff:203.0.113.5", True),
        ("2001:db8::1", "2001:db8::ffff", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("unix", "unix", True),
        ("unix", "", False),
    ],
)
def test_whom_an_address_counts_for(one: str, other: str, same: bool) -> None:
    assert (by_address(one) == by_address(other)) is same


@given(st.text())
def test_any_text_counts_for_somebody(text: str) -> None:
    assert isinstance(by_address(text), bytes)
