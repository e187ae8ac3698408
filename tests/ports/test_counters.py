"""The counters port's promises, kept by every adapter behind it, and by none that is broken on purpose."""

import asyncio
from dataclasses import dataclass
from math import ceil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bowerbird.ports.counters import KEY_BYTES_MAX, WINDOW_S_MAX, Tally
from tests.ports.suite import Check, Opener, Suite, run
from tests.support.counters_subject import DEFECTS, MEMORY, WINDOWS_MAX, Subject
from tests.support.defects import Defect

SUITE = Suite[Subject]()
KEY = b"sign-in:ann"


@SUITE.check
async def what_is_left_is_granted(subject: Subject) -> None:
    take = subject.counters.take
    assert await take(KEY, 4, 10, 60) == Tally(4, 6, 60)
    assert await take(KEY, 4, 10, 60) == Tally(4, 2, 60)
    assert await take(KEY, 4, 10, 60) == Tally(2, 0, 60)
    assert await take(KEY, 4, 10, 60) == Tally(0, 0, 60)


@SUITE.check
async def keys_do_not_mix(subject: Subject) -> None:
    assert await subject.counters.take(KEY, 10, 10, 60) == Tally(10, 0, 60)
    assert await subject.counters.take(KEY + b"e", 1, 10, 60) == Tally(1, 9, 60)
    assert await subject.counters.take(b"\x00" * KEY_BYTES_MAX, 1, 10, 60) == Tally(1, 9, 60)


@SUITE.check
async def a_window_begins_with_the_first_taking(subject: Subject) -> None:
    subject.pass_s(59)
    assert await subject.counters.take(KEY, 10, 10, 60) == Tally(10, 0, 60)
    subject.pass_s(2)
    assert await subject.counters.take(KEY, 1, 10, 60) == Tally(0, 0, 58)


@SUITE.check
async def a_window_is_over_when_its_time_has_passed(subject: Subject) -> None:
    await subject.counters.take(KEY, 9, 10, 60)
    subject.pass_s(30.5)
    assert await subject.counters.take(KEY, 1, 10, 60) == Tally(1, 0, 30)
    subject.pass_s(29.4)
    assert await subject.counters.take(KEY, 1, 10, 60) == Tally(0, 0, 1)
    subject.pass_s(0.1)
    assert await subject.counters.take(KEY, 3, 10, 60) == Tally(3, 7, 60)


@SUITE.check
async def a_refusal_begins_no_window(subject: Subject) -> None:
    assert await subject.counters.take(KEY, 1, 0, 60) == Tally(0, 0, 0)
    subject.pass_s(30)
    assert await subject.counters.take(KEY, 1, 10, 60) == Tally(1, 9, 60)


@SUITE.check
async def a_window_keeps_its_length_and_a_limit_may_change(subject: Subject) -> None:
    await subject.counters.take(KEY, 5, 10, 60)
    assert await subject.counters.take(KEY, 5, 7, 3600) == Tally(2, 0, 60)
    assert await subject.counters.take(KEY, 1, 3, 60) == Tally(0, 0, 60)
    assert await subject.counters.take(KEY, 1, 20, 60) == Tally(1, 12, 60)


@SUITE.check
async def what_is_given_back_can_be_taken_again(subject: Subject) -> None:
    await subject.counters.take(KEY, 10, 10, 60)
    await subject.counters.give_back(KEY, 3)
    assert await subject.counters.take(KEY, 5, 10, 60) == Tally(3, 0, 60)


@SUITE.check
async def no_more_is_given_back_than_was_taken(subject: Subject) -> None:
    await subject.counters.give_back(KEY, 5)
    await subject.counters.take(KEY, 2, 10, 60)
    await subject.counters.give_back(KEY, 5)
    assert await subject.counters.take(KEY, 99, 10, 60) == Tally(10, 0, 60)
    subject.pass_s(60)
    await subject.counters.give_back(KEY, 5)
    assert await subject.counters.take(KEY, 99, 10, 60) == Tally(10, 0, 60)


@SUITE.check
async def callers_at_once_take_no_more_than_there_is(subject: Subject) -> None:
    tallies = await asyncio.gather(*(subject.counters.take(KEY, 3, 100, 60) for _ in range(50)))
    assert sum(tally.granted for tally in tallies) == 100


@SUITE.check
async def the_oldest_windows_go_first(subject: Subject) -> None:
    keys = [number.to_bytes(2, "big") for number in range(WINDOWS_MAX + 10)]
    for key in keys:
        await subject.counters.take(key, 1, 1, 60)
        await subject.counters.take(keys[0], 1, 1, 60)
        subject.pass_s(0.1)
    kept = keys[-20:]
    assert [(await subject.counters.take(key, 1, 1, 60)).granted for key in kept] == [0] * len(kept)
    assert (await subject.counters.take(keys[1], 1, 1, 60)).granted == 1


@SUITE.check
async def bounds_are_kept(subject: Subject) -> None:
    counters = subject.counters
    refused = [
        counters.take(b"", 1, 1, 60),
        counters.take(b"k" * (KEY_BYTES_MAX + 1), 1, 1, 60),
        counters.take(KEY, 0, 1, 60),
        counters.take(KEY, 1, -1, 60),
        counters.take(KEY, 1, 1, 0),
        counters.take(KEY, 1, 1, WINDOW_S_MAX + 1),
        counters.give_back(KEY, 0),
        counters.give_back(b"", 1),
    ]
    for call in refused:
        with pytest.raises(ValueError, match=r"."):
            await call


@SUITE.on(MEMORY)
async def test_counters(opener: Opener[Subject], check: Check[Subject], tmp_path: Path) -> None:
    await run(opener, check, tmp_path)


@pytest.mark.parametrize("defect", DEFECTS.values(), ids=DEFECTS)
async def test_a_broken_adapter_is_caught(defect: Defect[Subject], tmp_path: Path) -> None:
    assert await SUITE.catches(defect.caught_by, defect.opener, tmp_path)


@dataclass
class Window:
    begun_s: float
    length_s: int
    taken: int


class Model:
    """Windows by key, as one would keep them on paper."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.windows: dict[bytes, Window] = {}

    def take(self, key: bytes, amount: int, limit: int, length_s: int) -> Tally:
        window = self.running(key) or Window(self.now_s, length_s, 0)
        granted = min(amount, max(0, limit - window.taken))
        window.taken += granted
        if granted:
            self.windows[key] = window
        left_s = ceil(window.begun_s + window.length_s - self.now_s) if window.taken else 0
        return Tally(granted, max(0, limit - window.taken), left_s)

    def give_back(self, key: bytes, amount: int) -> None:
        if (window := self.running(key)) is not None:
            window.taken = max(0, window.taken - amount)

    def running(self, key: bytes) -> Window | None:
        window = self.windows.get(key)
        return window if window is not None and self.now_s < window.begun_s + window.length_s else None


keys = st.sampled_from([b"a", b"b"])
amounts = st.integers(1, 4)
takings = st.tuples(keys, amounts, st.integers(0, 6), st.sampled_from([1, 5]))
steps = st.one_of(takings, takings, st.tuples(keys, amounts), st.sampled_from([0.5, 1.0, 4.5]))


@pytest.mark.parametrize("opener", MEMORY.values(), ids=MEMORY)
@given(program=st.lists(steps, max_size=40))
@settings(max_examples=200)
async def test_calls_do_what_they_do_on_paper(
    opener: Opener[Subject], program: list[tuple[bytes, int, int, int] | tuple[bytes, int] | float]
) -> None:
    model = Model()
    async with opener(Path()) as subject:
        for step in program:
            match step:
                case (key, amount, limit, window_s):
                    tally = await subject.counters.take(key, amount, limit, window_s)
                    assert tally == model.take(key, amount, limit, window_s)
                case (key, amount):
                    await subject.counters.give_back(key, amount)
                    model.give_back(key, amount)
                case seconds:
                    subject.pass_s(seconds)
                    model.now_s += seconds
