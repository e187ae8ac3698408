"""Admission on a worker of one core with a clock of its own: what is served, what waits, and what is refused."""

import asyncio
from collections.abc import AsyncGenerator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bowerbird.edge.http.admission import BACKGROUND, LATER, REFUSED_A_TICK_MAX, TICK_S, USUAL, Admission
from bowerbird.edge.http.limiter import FIRST
from bowerbird.edge.http.settings import HttpSettings
from tests.support.one_core import Answered, Clock, Worker

PAGE_S = 0.001
"""What a page costs: the core builds a thousand a second."""
LONG_S = 3.0


@pytest.fixture
async def worker() -> AsyncGenerator[Worker]:
    worker = Worker()
    yield worker
    await worker.stop()


def latency_ms(answers: list[Answered], share: float) -> float:
    """Return the time within which a share of requests was answered."""
    return sorted(one.ended_s - one.arrived_s for one in answers)[int(len(answers) * share)] * 1000


async def test_whoever_comes_while_there_is_room_is_begun_at_once(worker: Worker) -> None:
    for _ in range(20):
        assert await worker.request(PAGE_S)
    assert all(one.began_s is not None and one.began_s - one.arrived_s < PAGE_S for one in worker.answers)
    assert worker.admission.waiting == 0


async def test_many_times_the_load_costs_no_goodput_and_is_over_as_soon_as_it_ends(worker: Worker) -> None:
    """Peak: as many clients as keep the core busy. Then forty times as many, who ask again whatever they are told."""
    for _ in range(50):
        worker.start(worker.client(LONG_S, PAGE_S))
    await worker.clock.run(LONG_S)
    peak = len(worker.served(1, LONG_S)) / (LONG_S - 1)
    began_s, ended_s = LONG_S + 1, LONG_S + 9
    await worker.clock.run(began_s)
    for _ in range(2_000):
        worker.start(worker.client(ended_s, PAGE_S))
    await worker.clock.run(ended_s)
    served = worker.served(began_s + 1, ended_s)
    assert len(served) / (ended_s - began_s - 1) >= 0.95 * peak
    refused = [one for one in worker.answers if one.began_s is None]
    assert len(refused) <= REFUSED_A_TICK_MAX / TICK_S * (ended_s - began_s)
    assert latency_ms(served, 0.5) < 250
    await worker.clock.run(ended_s + 2)
    assert worker.admission.waiting == 0
    assert await worker.request(PAGE_S)
    assert latency_ms(worker.answers[-1:], 0) < 2


async def test_a_turn_of_the_loop_holds_no_more_than_its_target(worker: Worker) -> None:
    for _ in range(2_000):
        worker.start(worker.client(LONG_S, PAGE_S))
    await worker.clock.run(LONG_S)
    target_s = worker.settings.read_target_ms / 1000
    assert worker.admission.limit("read") * PAGE_S <= 1.5 * target_s


async def test_writes_that_wait_elsewhere_are_taken_on_until_they_are_late(worker: Worker) -> None:
    """What waits for the disk costs the core little: a limit that is used grows by one in a round."""
    for _ in range(600):
        worker.start(worker.client(LONG_S, PAGE_S / 20, 0.1, "write"))
    await worker.clock.run(LONG_S)
    assert worker.admission.limit("write") > FIRST + 20


async def test_a_slow_disk_lets_fewer_writes_begin_and_leaves_pages_alone(worker: Worker) -> None:
    for _ in range(200):
        worker.start(worker.client(LONG_S, PAGE_S / 20, 1.0, "write"))
    for _ in range(5):
        worker.start(worker.client(LONG_S, PAGE_S, 0, "read"))
    await worker.clock.run(LONG_S)
    assert worker.admission.limit("write") < FIRST
    pages = [one for one in worker.served(0, LONG_S) if one.ended_s - one.arrived_s < 0.02]
    assert len(pages) >= 0.75 * LONG_S / PAGE_S


@pytest.mark.parametrize(
    ("wait_ms", "expected"),
    [(60_000, ["0 2", "0 4", "1 1", "1 3", "2 0", "2 5"]), (500, ["0 4", "0 2", "1 3", "1 1", "2 5", "2 0"])],
)
async def test_the_more_urgent_goes_first_and_the_first_among_equals_unless_they_waited_long(
    wait_ms: int, expected: list[str]
) -> None:
    """All that there is room for is taken by requests that wait for something; then others come in an odd order."""
    worker = Worker(HttpSettings(wait_ms=wait_ms))
    for _ in range(FIRST):
        worker.start(worker.request(0, 0.5))
    await worker.clock.run(0.1)
    for place, rank in enumerate([BACKGROUND, LATER, USUAL, LATER, USUAL, BACKGROUND]):
        worker.start(worker.request(PAGE_S, rank=rank, name=f"{rank} {place}"))
        await worker.clock.run(worker.clock.now_s + 0.001)
    await worker.clock.run(0.9)
    began = sorted((one for one in worker.answers if one.name), key=lambda one: one.began_s or 0)
    assert [one.name for one in began] == expected
    await worker.stop()


async def test_clients_that_can_all_be_served_within_the_wait_are_all_served(worker: Worker) -> None:
    """Five hundred who ask again at once: each waits for half a second, and nobody for ever."""
    for _ in range(500):
        worker.start(worker.client(LONG_S, PAGE_S))
    await worker.clock.run(LONG_S + 1)
    assert all(one.began_s is not None for one in worker.answers)


async def test_a_full_line_refuses_the_oldest_of_the_least_urgent() -> None:
    worker = Worker(HttpSettings(waiting_max=2))
    for _ in range(FIRST):
        worker.start(worker.request(0, 0.5))
    await worker.clock.run(0.1)
    for place, rank in enumerate([LATER, USUAL, LATER, USUAL]):
        worker.start(worker.request(PAGE_S, rank=rank, name=str(place)))
        await worker.clock.run(worker.clock.now_s + 0.001)
    assert [one.name for one in worker.answers if one.began_s is None] == ["0", "2"]
    await worker.clock.run(0.9)
    assert {one.name for one in worker.answers if one.began_s is not None} == {"", "1", "3"}
    await worker.stop()


async def test_who_waits_too_long_is_refused_and_never_begun() -> None:
    worker = Worker(HttpSettings(wait_ms=200))
    for _ in range(FIRST):
        worker.start(worker.request(0, 10))
    await worker.clock.run(0.1)
    worker.start(worker.request(PAGE_S, name="late"))
    await worker.clock.run(0.1 + 0.2 + 2 * TICK_S)
    assert [one.name for one in worker.answers] == ["late"]
    assert worker.answers[0].began_s is None
    await worker.stop()


async def test_a_request_whose_deadline_passed_while_it_waited_is_not_begun() -> None:
    """Even where so many wait that its refusal had not come yet."""
    worker = Worker(HttpSettings(wait_ms=60_000, timeout_ms=300))
    for _ in range(FIRST):
        worker.start(worker.request(0, 0.5))
    await worker.clock.run(0.1)
    worker.start(worker.request(PAGE_S, name="late"))
    await worker.clock.run(0.7)
    assert [one.began_s for one in worker.answers if one.name] == [None]
    await worker.stop()


async def test_whoever_is_cancelled_while_waiting_takes_no_place(worker: Worker) -> None:
    for _ in range(FIRST):
        worker.start(worker.request(0, 0.5))
    await worker.clock.run(0.1)
    gone = asyncio.create_task(worker.request(PAGE_S, name="gone"))
    await worker.clock.run(0.2)
    gone.cancel()
    await worker.clock.run(1.5)
    assert worker.admission.waiting == 0
    assert all(not one.name for one in worker.answers)
    assert await worker.request(PAGE_S)


@pytest.mark.parametrize("granted", [False, True])
async def test_whoever_is_cancelled_while_waiting_leaves_every_place_to_others(*, granted: bool) -> None:
    admission = Admission(HttpSettings(), Clock())
    turns = [turn for _ in range(FIRST) if (turn := admission.begin("read")) is not None]
    gone = asyncio.create_task(admission.wait("read", USUAL))
    await asyncio.sleep(0)
    if granted:
        turns.pop().end()
        asyncio.get_running_loop().call_soon(gone.cancel)
    else:
        gone.cancel()
    await asyncio.wait([gone])
    assert gone.cancelled()
    for turn in turns:
        turn.end()
    await asyncio.sleep(0)
    assert admission.waiting == 0
    again = [admission.begin("read") for _ in range(FIRST)]
    assert None not in again


async def test_a_slow_client_leaves_its_place_to_others() -> None:
    clock = Clock()
    admission = Admission(HttpSettings(), clock)
    slow = [admission.begin("write") for _ in range(FIRST)]
    assert admission.begin("write") is None
    for turn in slow:
        assert turn is not None
        turn.pause()
    other = admission.begin("write")
    assert other is not None
    clock.work(60)
    for turn in slow:
        assert turn is not None
        turn.go_on()
        turn.end()
    await asyncio.sleep(0)
    assert admission.limit("write") >= FIRST, "the client's time was held against the server"


COSTS = st.floats(0.0001, 0.02)
ARRIVALS = st.lists(
    st.tuples(st.floats(0, 0.05), COSTS, st.sampled_from([0.0, 0.03, 0.4]), st.integers(0, 2), st.booleans()),
    min_size=1,
    max_size=200,
)


@settings(max_examples=60)
@given(arrivals=ARRIVALS)
def test_everybody_is_answered_in_bounded_time_and_no_place_is_lost(
    arrivals: list[tuple[float, float, float, int, bool]],
) -> None:
    asyncio.run(_answer_all(arrivals))


async def _answer_all(arrivals: list[tuple[float, float, float, int, bool]]) -> None:
    worker = Worker(HttpSettings(wait_ms=300, waiting_max=50, read_target_ms=5, write_target_ms=50))
    for after_s, work_s, away_s, rank, writes in arrivals:
        await worker.clock.run(worker.clock.now_s + after_s)
        worker.start(worker.request(work_s, away_s, "write" if writes else "read", rank))
    await worker.clock.run(worker.clock.now_s + 10)
    assert len(worker.answers) == len(arrivals)
    assert worker.admission.waiting == 0
    for one in worker.answers:
        if one.began_s is None:
            assert one.ended_s - one.arrived_s < 5
    assert worker.admission.begin("read") is not None
    assert worker.admission.begin("write") is not None
    await worker.stop()
