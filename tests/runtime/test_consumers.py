"""Consumers: in order for one entity, side by side for others, again until done or parked, never past the undone."""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import structlog
from prometheus_client import REGISTRY

from bowerbird.contracts.events import CHANGES, Event
from bowerbird.contracts.problems import Unavailable
from bowerbird.ports.log import Offset
from bowerbird.ports.records import EngineUnavailable
from bowerbird.runtime.consumers import RETRY_FIRST_S, RETRY_LONGEST_S, TRIES_MAX, Group
from tests.support.consumer_bench import GROUP, Bench, Notes, at, group_of, open_bench

WINDOW_MAX = 500


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with open_bench(tmp_path) as bench:
        yield bench


async def test_events_of_one_entity_come_one_after_another_and_others_meanwhile(bench: Bench) -> None:
    ada, ben, notes = await bench.person(), await bench.person(), Notes()
    await bench.tell(ada, ada, ben, ada)
    go = notes.hold(ada, 1)
    async with bench.running(group_of(notes)):
        await bench.until(lambda: notes.done == [(ben, 3)])
        await bench.idle()
        assert notes.begun == [(ada, 1), (ben, 3)]
        go.set()
        await bench.until(lambda: len(notes.done) == 4)
    assert notes.done == [(ben, 3), (ada, 1), (ada, 2), (ada, 4)]


async def test_no_more_entities_are_worked_on_side_by_side_than_the_group_says(bench: Bench) -> None:
    people, notes = [await bench.person() for _ in range(4)], Notes()
    await bench.tell(*people)
    gates = [notes.hold(person, place) for place, person in enumerate(people, 1)]
    async with bench.running(group_of(notes, parallel_max=2)):
        await bench.until(lambda: len(notes.begun) == 2)
        await bench.idle()
        assert notes.begun == [(people[0], 1), (people[1], 2)]
        gates[1].set()
        await bench.until(lambda: len(notes.begun) == 3)
        for gate in gates:
            gate.set()
        await bench.until(lambda: len(notes.done) == 4)


async def test_one_persons_thousands_hold_up_others_by_a_piece_each(bench: Bench) -> None:
    """Five thousand events of one, and then one of each of three others: these are done before the former are."""
    heavy, others, notes = await bench.person(), [await bench.person() for _ in range(3)], Notes()
    things = [await bench.person() for _ in range(100)]
    for start in range(0, 5_000, 1_000):
        await bench.tell_of([things[number % 100] for number in range(start, start + 1_000)], heavy)
    await bench.tell(*others)
    gates = [notes.hold(thing, place) for place, thing in enumerate(things[:8], 1)]
    async with bench.running(group_of(notes)):
        await bench.until(lambda: len(notes.begun) >= 8)
        await bench.until(lambda: {who for who, _ in notes.done} >= {*others})
        assert len(notes.done) == len(others), "half of the places are kept for others"
        for gate in gates:
            gate.set()
        await bench.until(lambda: len(notes.done) == 5_000 + len(others))


async def test_whoever_comes_while_a_long_line_is_worked_through_is_next(bench: Bench) -> None:
    heavy, other, notes = await bench.person(), await bench.person(), Notes()
    things = [await bench.person() for _ in range(50)]
    await bench.tell_of(things * 20, heavy)
    async with bench.running(group_of(notes)):
        await bench.until(lambda: len(notes.done) >= 100)
        await bench.tell(other)
        before = len(notes.done)
        await bench.until(lambda: any(who == other for who, _ in notes.done))
        assert len(notes.done) - before <= 2 * 16
        assert len(notes.done) < 1_000


async def test_what_comes_later_wakes_the_group(bench: Bench) -> None:
    ada, notes = await bench.person(), Notes()
    async with bench.running(group_of(notes)):
        await bench.idle()
        await bench.tell(ada)
        await bench.until(lambda: notes.done == [(ada, 1)])
        await bench.tell(ada)
        await bench.until(lambda: notes.done == [(ada, 1), (ada, 2)])


async def test_a_failing_handler_is_tried_again_after_longer_and_longer_pauses(bench: Bench) -> None:
    ada, notes = await bench.person(), Notes(failures=[RuntimeError("not yet")] * (TRIES_MAX - 1))
    await bench.tell(ada)
    async with bench.running(group_of(notes)):
        await bench.until(lambda: notes.done == [(ada, 1)])
    pauses = [RETRY_FIRST_S * 2**place for place in range(TRIES_MAX - 1)]
    assert len(bench.world.rests) == len(pauses)
    for rest, pause in zip(bench.world.rests, pauses, strict=True):
        assert 0.5 * pause <= rest < 1.5 * pause
    assert await bench.parked() == []


async def test_what_keeps_failing_is_parked_with_its_reason_and_the_group_goes_on(bench: Bench) -> None:
    ada, notes = await bench.person(), Notes(failures=[RuntimeError("never")] * TRIES_MAX)
    await bench.tell(ada, ada)
    async with bench.running(group_of(notes)):
        await bench.until(lambda: notes.done == [(ada, 2)])
        await bench.until(lambda: bench.log.calls[-2:] == ["commit", "poll"] or "commit" in bench.log.calls)
        await bench.idle()
    [(stored, reason)] = await bench.parked()
    assert stored.offset == Offset(0, 0)
    assert reason == "RuntimeError('never')"
    assert await bench.committed() == at(1)


async def test_an_absence_is_waited_for_however_long_and_is_no_failure(bench: Bench) -> None:
    away: list[Exception] = [EngineUnavailable("away"), Unavailable("busy"), ConnectionResetError()]
    ada, notes = await bench.person(), Notes(failures=away * 2 * TRIES_MAX)
    await bench.tell(ada)
    async with bench.running(group_of(notes)):
        await bench.until(lambda: notes.done == [(ada, 1)])
    assert len(bench.world.rests) == len(away) * 2 * TRIES_MAX
    assert 0.5 * RETRY_LONGEST_S <= max(bench.world.rests) < 1.5 * RETRY_LONGEST_S
    assert await bench.parked() == []


async def test_bytes_that_are_no_event_are_parked_at_once(bench: Bench) -> None:
    ada, notes = await bench.person(), Notes()
    await bench.append(ada, b"\xc1 no message at all")
    await bench.append(ada, b"")
    await bench.append(b"", b"\x93\x01\x02\x03")
    await bench.tell(ada)
    async with bench.running(group_of(notes)):
        await bench.until(lambda: notes.done == [(ada, 1)])
        await bench.idle()
    assert {stored.offset.number for stored, _ in await bench.parked()} == {0, 1, 2}
    assert bench.world.rests == []
    assert await bench.committed() == at(3)


async def test_a_body_that_its_key_does_not_open_is_parked_at_once(bench: Bench) -> None:
    ada, notes = await bench.person(), Notes()
    await bench.tell(ada)
    [stored] = await bench.raw.read(CHANGES, [], 10)
    await bench.append(ada, stored.record.data[:-1] + bytes([stored.record.data[-1] ^ 1]))
    async with bench.running(group_of(notes)):
        await bench.until(lambda: notes.done == [(ada, 1)])
        await bench.idle()
    assert [reason for _, reason in await bench.parked()] == ["Unreadable"]
    assert bench.world.rests == []


async def test_types_that_nobody_knows_or_handles_are_passed_over(bench: Bench) -> None:
    ada, notes = await bench.person(), Notes()
    await bench.tell(ada)
    [stored] = await bench.raw.read(CHANGES, [], 10)
    await bench.append(ada, stored.record.data.replace(b"person_followed", b"person_embraced"))
    await bench.tell(ada, type_="person_unfollowed")
    await bench.tell(ada)
    handlers = {"person_followed": notes, "person_embraced": notes}
    async with bench.running(Group(name=GROUP, handlers=handlers)):
        await bench.until(lambda: len(notes.done) == 2)
        await bench.idle()
    assert notes.done == [(ada, 1), (ada, 3)]
    assert await bench.parked() == []
    assert await bench.committed() == at(3)


async def test_what_is_passed_over_while_others_are_committed_is_committed_too(bench: Bench) -> None:
    ada, notes = await bench.person(), Notes()
    gate = bench.log.gates["commit"] = notes.hold(ada, 99)
    async with bench.running(group_of(notes)):
        await bench.tell(ada)
        await bench.until(lambda: "commit" in bench.log.calls)
        await bench.tell(ada, type_="person_unfollowed")
        await bench.idle()
        gate.set()
        await bench.idle()
    assert await bench.committed() == at(1)


async def test_what_an_erased_person_did_is_passed_over_but_for_the_erasure(bench: Bench) -> None:
    ada, ben, notes = await bench.person(), await bench.person(), Notes()
    await bench.tell(ada)
    await bench.tell(ada, type_="user_deleted")
    await bench.tell(ben)
    await bench.keys.destroy(ada)
    async with bench.running(group_of(notes, "person_followed", "user_deleted")):
        await bench.until(lambda: len(notes.done) == 2)
        await bench.idle()
    assert sorted(notes.done, key=lambda told: told[1]) == [(ada, 2), (ben, 3)]
    assert notes.bodies.count(None) == 1
    assert await bench.committed() == at(2)


async def test_an_offset_never_passes_an_event_that_is_not_done(bench: Bench) -> None:
    ada, ben, notes = await bench.person(), await bench.person(), Notes()
    await bench.tell(ben, ada, ben, ben)
    go = notes.hold(ada, 2)
    async with bench.running(group_of(notes)):
        await bench.until(lambda: len(notes.done) == 3)
        await bench.idle()
        assert await bench.committed() == at(0)
    del notes.held[ada, 2]
    async with bench.running(group_of(notes)):
        await bench.until(lambda: len(notes.done) == 6)
        await bench.idle()
    assert notes.done[3:] == [(ada, 2), (ben, 3), (ben, 4)]
    assert await bench.committed() == at(3)
    go.set()


async def test_what_is_passed_over_behind_several_waits_for_the_last_of_them(bench: Bench) -> None:
    ada, ben, notes = await bench.person(), await bench.person(), Notes()
    of_ben, of_ada = notes.hold(ben, 1), notes.hold(ada, 2)
    await bench.tell(ben, ada)
    await bench.tell(ben, type_="person_unfollowed")
    async with bench.running(group_of(notes)):
        await bench.until(lambda: len(notes.begun) == 2)
        of_ben.set()
        await bench.idle()
        assert await bench.committed() == at(0)
        of_ada.set()
        await bench.idle()
        assert await bench.committed() == at(2)


async def test_what_was_done_and_not_committed_is_done_again_after_a_crash(bench: Bench) -> None:
    ada, notes = await bench.person(), Notes()
    await bench.tell(ada)
    bench.log.gates["commit"] = notes.hold(ada, 99)
    async with bench.running(group_of(notes)):
        await bench.until(lambda: "commit" in bench.log.calls)
    del bench.log.gates["commit"]
    async with bench.running(group_of(notes)):
        await bench.until(lambda: len(notes.done) == 2)
        await bench.idle()
    assert notes.done == [(ada, 1)] * 2
    assert await bench.committed() == at(0)


@pytest.mark.parametrize("method", ["committed", "poll", "park", "commit"])
async def test_a_log_that_is_away_for_a_while_loses_nothing(bench: Bench, method: str) -> None:
    """No later event comes to help: what was reached is committed by itself."""
    ada, notes = await bench.person(), Notes()
    await bench.append(ada, b"poison")
    await bench.tell(ada)
    bench.log.away[method] = 10
    async with bench.running(group_of(notes)):
        await bench.until(lambda: notes.done == [(ada, 1)])
        await bench.until(lambda: bench.log.away[method] == 0)
        await bench.idle()
    assert await bench.committed() == at(1)
    assert len(await bench.parked()) == 1


async def test_no_more_is_taken_than_the_window_holds_while_its_first_is_not_done(bench: Bench) -> None:
    ada, ben, notes = await bench.person(), await bench.person(), Notes()
    await bench.tell(ada)
    for _ in range(3):
        await bench.tell(*[ben] * (WINDOW_MAX // 2))
    go = notes.hold(ada, 1)
    async with bench.running(group_of(notes, window_max=WINDOW_MAX)):
        await bench.until(lambda: len(notes.done) == WINDOW_MAX - 1)
        await bench.idle()
        assert bench.log.polled == WINDOW_MAX
        assert await bench.committed() == []
        go.set()
        await bench.until(lambda: len(notes.done) == 1 + 3 * (WINDOW_MAX // 2))
        await bench.idle()
    assert await bench.committed() == at(3 * (WINDOW_MAX // 2))
    assert [version for _, version in notes.done if version > 1] == list(range(2, 2 + 3 * (WINDOW_MAX // 2)))


class Projection:
    """What a group builds, with the offsets that it holds."""

    def __init__(self, held: Sequence[Offset] = ()) -> None:
        self.held = list(held)
        self.kept: list[list[Offset]] = []

    async def checkpoint(self, offsets: list[Offset]) -> None:
        self.kept.append(list(offsets))

    async def applied(self) -> list[Offset]:
        return self.held

    def group(self, notes: Notes) -> Group:
        return Group(name=GROUP, handlers={"person_followed": notes}, checkpoint=self.checkpoint, applied=self.applied)


@pytest.mark.parametrize(
    ("committed", "applied", "again"),
    [
        (3, 3, []),
        (3, 1, [3, 4]),  # an older copy of the projection was put back
        (3, None, [1, 2, 3, 4]),  # the projection was lost
        (1, 3, [3, 4]),  # somebody sent the group back
        (None, 3, [1, 2, 3, 4]),  # to the beginning
        (None, None, [1, 2, 3, 4]),
    ],
)
async def test_a_projection_is_read_from_the_lesser_of_what_is_committed_and_what_it_holds(
    bench: Bench, committed: int | None, applied: int | None, again: list[int]
) -> None:
    ada, notes = await bench.person(), Notes()
    await bench.tell(*[ada] * 4)
    if committed is not None:
        await bench.raw.seek(GROUP, CHANGES, at(committed))
    projection = Projection(() if applied is None else at(applied))
    async with bench.running(projection.group(notes)):
        await bench.until(lambda: len(notes.done) == len(again))
        await bench.idle()
    assert [version for _, version in notes.done] == again
    assert await bench.committed() == at(3)


async def test_a_projection_keeps_its_offsets_before_they_are_committed(bench: Bench) -> None:
    ada, notes, projection = await bench.person(), Notes(), Projection()
    await bench.tell(ada, ada)
    bench.log.away["commit"] = 1
    async with bench.running(projection.group(notes)):
        await bench.until(lambda: len(notes.done) == 2)
        await bench.idle()
    assert projection.kept[-1] == at(1)
    assert len(projection.kept) > bench.log.calls.count("commit") - 1
    assert await bench.committed() == at(1)


async def test_a_group_that_is_sent_back_while_it_runs_handles_everything_again(bench: Bench) -> None:
    ada, notes = await bench.person(), Notes()
    await bench.tell(ada, ada, ada)
    async with bench.running(group_of(notes)):
        await bench.until(lambda: len(notes.done) == 3)
        await bench.idle()
        await bench.raw.seek(GROUP, CHANGES, at(0))
        await bench.tell(ada)
        await bench.until(lambda: len(notes.done) == 6)
        await bench.idle()
    assert [version for _, version in notes.done] == [1, 2, 3, 2, 3, 4]
    assert await bench.committed() == at(3)


async def test_the_delay_is_measured_once_an_event_and_not_when_it_comes_again(bench: Bench) -> None:
    ada, notes = await bench.person(), Notes()
    await bench.tell(ada, ada)
    bench.world.pass_s(2)
    async with bench.running(group_of(notes, name="measured")):
        await bench.until(lambda: len(notes.done) == 2)
        await bench.idle()
        bench.world.pass_s(1000)
        await bench.raw.seek("measured", CHANGES, 0)
        await bench.tell(ada)
        await bench.until(lambda: len(notes.done) == 5)
        await bench.idle()
    assert _sample("delay_seconds_count") == 3
    assert _sample("delay_seconds_sum") == pytest.approx(4, abs=0.01)
    assert _sample("delay_seconds_bucket", le="1.0") == 1
    assert _sample("delay_seconds_bucket", le="2.5") == 3
    assert _sample("events_total", outcome="handled") == 5


async def test_a_handler_works_on_the_trace_of_its_event(bench: Bench) -> None:
    ada = await bench.person()
    bound: list[dict[str, Any]] = []

    async def note(_event: Event[Any]) -> None:
        bound.append(structlog.contextvars.get_contextvars())

    await bench.tell(ada)
    async with bench.running(group_of(note)):
        await bench.until(lambda: len(bound) == 1)
    assert bound == [{"trace": "a trace", "group": GROUP, "event": "person_followed"}]


def _sample(name: str, **labels: str) -> float | None:
    return REGISTRY.get_sample_value(f"bowerbird_consumer_{name}", {"group": "measured", **labels})
