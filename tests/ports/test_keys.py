"""The keys port's promises, kept by every adapter behind it, and by none that is broken on purpose."""

import asyncio
import random
from pathlib import Path

import pytest

from bowerbird.base.ids import Id
from bowerbird.ports.keys import CACHE_TTL_S_MAX
from bowerbird.ports.records import EngineUnavailable
from tests.ports.suite import Check, Opener, Suite, run
from tests.support.keys_subject import DEFECTS, SQLITE, Defect, Subject

SUITE = Suite[Subject]()


def some(subject: Subject, count: int) -> list[Id]:
    """Return new owners."""
    return [subject.world.new_id(1, number % 4096) for number in range(count)]


@SUITE.check
async def a_key_is_made_once(subject: Subject) -> None:
    one, other = some(subject, 2)
    key = await subject.keys.create(one)
    assert len(key) == 32
    assert await subject.keys.create(one) == key
    assert await subject.elsewhere.create(one) == key
    assert await subject.keys.get([one]) == [key]
    assert await subject.elsewhere.get([one]) == [key]
    assert await subject.keys.create(other) != key


@SUITE.check
async def keys_come_in_the_order_of_their_owners(subject: Subject) -> None:
    owners = some(subject, 1_200)
    with_key = dict(zip(owners[::2], await asyncio.gather(*map(subject.keys.create, owners[::2])), strict=True))
    for count in (1, 2, 30, 600, 1_200):
        asked = random.sample(owners, count)
        asked += asked[:3]
        for keys in (subject.keys, subject.elsewhere):
            assert await keys.get(asked) == [with_key.get(owner) for owner in asked]
    assert len(set(with_key.values())) == 600
    assert await subject.keys.get([]) == []


@SUITE.check
async def a_key_is_seen_as_soon_as_it_is_made(subject: Subject) -> None:
    (owner,) = some(subject, 1)
    assert await subject.elsewhere.get([owner]) == [None]
    key = await subject.keys.create(owner)
    assert await subject.elsewhere.get([owner]) == [key]


@SUITE.check
async def many_who_make_a_key_get_the_same(subject: Subject) -> None:
    (owner,) = some(subject, 1)
    made = await asyncio.gather(*(keys.create(owner) for _ in range(50) for keys in (subject.keys, subject.elsewhere)))
    assert len(set(made)) == 1
    assert await subject.keys.get([owner]) == made[:1]


@SUITE.check
async def a_destroyed_key_is_gone_for_ever(subject: Subject) -> None:
    one, other = some(subject, 2)
    await subject.keys.create(one)
    kept = await subject.keys.create(other)
    await subject.keys.get([one, other])
    for _ in range(2):
        await subject.keys.destroy(one)
        assert await subject.keys.get([one, other]) == [None, kept]
        with pytest.raises(ValueError, match="destroyed"):
            await subject.keys.create(one)
        assert await subject.keys.erasures(None, 10) == [one]


@SUITE.check
async def an_owner_without_key_may_be_erased(subject: Subject) -> None:
    (owner,) = some(subject, 1)
    await subject.keys.destroy(owner)
    assert await subject.keys.erasures(None, 10) == [owner]
    with pytest.raises(ValueError, match="destroyed"):
        await subject.keys.create(owner)


@SUITE.check
async def other_processes_forget_within_the_bound(subject: Subject) -> None:
    (owner,) = some(subject, 1)
    key = await subject.keys.create(owner)
    assert await subject.elsewhere.get([owner]) == [key]
    await subject.keys.destroy(owner)
    subject.world.passed_s += CACHE_TTL_S_MAX
    assert await subject.elsewhere.get([owner]) == [None]


@SUITE.check
async def reading_again_does_not_put_off_forgetting(subject: Subject) -> None:
    (owner,) = some(subject, 1)
    key = await subject.keys.create(owner)
    assert await subject.elsewhere.get([owner]) == [key]
    await subject.keys.destroy(owner)
    for _ in range(4):
        subject.world.passed_s += CACHE_TTL_S_MAX / 4
        await subject.elsewhere.get([owner])
    assert await subject.elsewhere.get([owner]) == [None]


@SUITE.check
async def erasures_are_listed_page_by_page(subject: Subject) -> None:
    owners = some(subject, 12)
    for owner in owners:
        await subject.keys.create(owner)
    erased = random.sample(owners, 7)
    for owner in erased:
        await subject.keys.destroy(owner)
    assert await subject.keys.erasures(None, 100) == sorted(erased)
    first = await subject.elsewhere.erasures(None, 3)
    second = await subject.elsewhere.erasures(first[-1], 100)
    assert [*first, *second] == sorted(erased)
    assert await subject.keys.erasures(max(erased), 100) == []


@SUITE.check
async def a_failing_engine_makes_no_keys(subject: Subject) -> None:
    for outage in subject.outages.values():
        one, other = some(subject, 2)
        kept = await subject.keys.create(other)
        async with outage():
            answers = await asyncio.gather(*(subject.keys.create(one) for _ in range(5)), return_exceptions=True)
            assert [type(answer) for answer in answers] == [EngineUnavailable] * 5
            assert await subject.keys.get([one, other]) == [None, kept]
        assert len(await subject.keys.create(one)) == 32


@SUITE.check
async def what_a_failing_engine_did_not_destroy_is_destroyed_by_trying_again(subject: Subject) -> None:
    for outage in subject.outages.values():
        (owner,) = some(subject, 1)
        key = await subject.keys.create(owner)
        async with outage():
            with pytest.raises(EngineUnavailable):
                await subject.keys.destroy(owner)
            assert await subject.keys.get([owner]) in ([key], [None])
        await subject.keys.destroy(owner)
        assert await subject.keys.get([owner]) == [None]
        assert owner in await subject.keys.erasures(None, 10)


@SUITE.on(SQLITE)
async def test_keys(opener: Opener[Subject], check: Check[Subject], tmp_path: Path) -> None:
    await run(opener, check, tmp_path)


@pytest.mark.parametrize("defect", DEFECTS.values(), ids=DEFECTS)
async def test_a_broken_adapter_is_caught(defect: Defect, tmp_path: Path) -> None:
    assert await SUITE.catches(defect.caught_by, defect.opener, tmp_path)
