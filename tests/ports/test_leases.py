"""The leases port's promises, kept by every adapter behind it, and by none that is broken on purpose."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bowerbird.ports.leases import NAME_CHARACTERS_MAX, TTL_MS_MAX, Lease
from bowerbird.ports.records import EngineUnavailable
from tests.ports.suite import Check, Opener, Suite, run
from tests.support.defects import Defect
from tests.support.leases_subject import DEFECTS, MEMORY, NAMES_MAX, Subject

SUITE = Suite[Subject]()


async def taken(subject: Subject, name: str, holder: str, ttl_ms: int = 1000) -> Lease:
    """Take a name that must be free, or this holder's."""
    lease = await subject.leases.acquire(name, holder, ttl_ms)
    assert lease is not None
    return lease


@SUITE.check
async def one_owner_at_a_time(subject: Subject) -> None:
    lease = await taken(subject, "relay", "ann")
    assert (lease.name, lease.holder) == ("relay", "ann")
    assert lease.expires_at == subject.clock.now_us() + 1_000_000
    assert await subject.leases.acquire("relay", "bob", 1000) is None
    assert (await taken(subject, "sweep", "bob")).holder == "bob"


@SUITE.check
async def the_holder_renews_under_the_same_fence(subject: Subject) -> None:
    first = await taken(subject, "relay", "ann")
    subject.clock.pass_s(0.9)
    second = await taken(subject, "relay", "ann")
    assert second.fence == first.fence
    assert second.expires_at == first.expires_at + 900_000
    subject.clock.pass_s(0.9)
    assert await subject.leases.acquire("relay", "bob", 1000) is None


@SUITE.check
async def a_name_is_free_when_its_time_is_over(subject: Subject) -> None:
    first = await taken(subject, "relay", "ann")
    subject.clock.pass_s(0.999)
    assert await subject.leases.acquire("relay", "bob", 1000) is None
    subject.clock.pass_s(0.001)
    second = await taken(subject, "relay", "bob")
    assert second.fence > first.fence
    assert await subject.leases.acquire("relay", "ann", 1000) is None


@SUITE.check
async def whoever_was_too_late_owns_anew(subject: Subject) -> None:
    first = await taken(subject, "relay", "ann")
    subject.clock.pass_s(2)
    assert (await taken(subject, "relay", "ann")).fence > first.fence


@SUITE.check
async def a_name_is_free_when_it_was_let_go(subject: Subject) -> None:
    first = await taken(subject, "relay", "ann")
    await subject.leases.release(first)
    await subject.leases.release(first)
    assert (await taken(subject, "relay", "bob")).fence > first.fence


@SUITE.check
async def a_late_release_changes_nothing(subject: Subject) -> None:
    first = await taken(subject, "relay", "ann")
    subject.clock.pass_s(2)
    await taken(subject, "relay", "bob")
    await subject.leases.release(first)
    assert await subject.leases.acquire("relay", "ann", 1000) is None
    subject.clock.pass_s(2)
    await taken(subject, "relay", "ann")
    await subject.leases.release(first)
    assert await subject.leases.acquire("relay", "bob", 1000) is None


@SUITE.check
async def fences_grow_over_a_restart(subject: Subject) -> None:
    fences: list[int] = []
    for number in range(60):
        name = f"name-{number % 3}"
        lease = await taken(subject, name, f"holder-{number}")
        fences.append(lease.fence)
        await subject.leases.release(lease)
        if number % 20 == 19:
            subject.clock.pass_s(1)
            subject.restart()
    assert fences == sorted(set(fences))


@SUITE.check
async def of_many_at_once_one_wins(subject: Subject) -> None:
    leases = await asyncio.gather(*(subject.leases.acquire("relay", f"holder-{one}", 1000) for one in range(50)))
    assert sum(lease is not None for lease in leases) == 1


@SUITE.check
async def no_more_names_are_held_than_fit(subject: Subject) -> None:
    for number in range(NAMES_MAX):
        await taken(subject, f"name-{number}", "ann")
    with pytest.raises(EngineUnavailable):
        await subject.leases.acquire("one-more", "ann", 1000)
    assert await subject.leases.acquire("name-3", "ann", 1000)
    subject.clock.pass_s(2)
    for number in range(NAMES_MAX):
        await taken(subject, f"another-{number}", "ann")


@SUITE.check
async def bounds_are_kept(subject: Subject) -> None:
    long = "n" * (NAME_CHARACTERS_MAX + 1)
    refused = [("", "ann", 1), (long, "ann", 1), ("relay", "", 1), ("relay", long, 1)]
    refused += [("relay", "ann", 0), ("relay", "ann", TTL_MS_MAX + 1)]
    for name, holder, ttl_ms in refused:
        with pytest.raises(ValueError, match=r"."):
            await subject.leases.acquire(name, holder, ttl_ms)
    await taken(subject, long[1:], long[1:], TTL_MS_MAX)


@SUITE.on(MEMORY)
async def test_leases(opener: Opener[Subject], check: Check[Subject], tmp_path: Path) -> None:
    await run(opener, check, tmp_path)


@pytest.mark.parametrize("defect", DEFECTS.values(), ids=DEFECTS)
async def test_a_broken_adapter_is_caught(defect: Defect[Subject], tmp_path: Path) -> None:
    assert await SUITE.catches(defect.caught_by, defect.opener, tmp_path)


@dataclass
class Model:
    """Who has each name, under which fence and until when; and the greatest fence there was."""

    owners: dict[str, Lease]
    greatest_fence: int = 0

    def at(self, name: str, now_us: int) -> Lease | None:
        lease = self.owners.get(name)
        return lease if lease is not None and lease.expires_at > now_us else None


names = st.sampled_from(["a", "b"])
holders = st.sampled_from(["ann", "bob", "cat"])
acquisitions = st.tuples(names, holders, st.sampled_from([1000, 5000]))
steps = st.one_of(acquisitions, acquisitions, acquisitions, st.integers(0, 30), st.sampled_from([0.5, 1.0, 4.5]))


@pytest.mark.parametrize("opener", MEMORY.values(), ids=MEMORY)
@given(program=st.lists(steps, max_size=40))
@settings(max_examples=200)
async def test_calls_do_what_they_do_on_paper(
    opener: Opener[Subject], program: list[tuple[str, str, int] | int | float]
) -> None:
    given_out: list[Lease] = []
    model = Model({})
    async with opener(Path()) as subject:
        for step in program:
            match step:
                case (name, holder, ttl_ms):
                    lease = await subject.leases.acquire(name, holder, ttl_ms)
                    check_answer(model, subject.clock.now_us(), step, lease)
                    given_out += [lease] if lease else []
                case int(number):
                    if given_out:
                        late = given_out[number % len(given_out)]
                        await subject.leases.release(late)
                        if (owner := model.owners.get(late.name)) and owner.fence == late.fence:
                            del model.owners[late.name]
                case float(seconds):
                    subject.clock.pass_s(seconds)


def check_answer(model: Model, now_us: int, asked: tuple[str, str, int], lease: Lease | None) -> None:
    """Assert that an answer is right, and note it."""
    name, holder, ttl_ms = asked
    owner = model.at(name, now_us)
    if owner is not None and owner.holder != holder:
        assert lease is None
        return
    assert lease is not None
    assert (lease.name, lease.holder, lease.expires_at) == (name, holder, now_us + ttl_ms * 1000)
    assert lease.fence == owner.fence if owner else lease.fence > model.greatest_fence
    model.owners[name] = lease
    model.greatest_fence = max(model.greatest_fence, lease.fence)
