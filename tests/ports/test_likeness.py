"""Likeness: the port's promises on OpenCV in its confined hand, on the same code without one, and on broken ones."""

import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from typing_extensions import override

from bowerbird.adapters.vision import alike
from bowerbird.adapters.vision.decode import decode
from bowerbird.adapters.vision.likeness import OpenCvLikeness, argv
from bowerbird.adapters.vision.limits import HAND_BYTES_MAX
from bowerbird.base.processes import Processes
from bowerbird.ports.likeness import Likeness
from bowerbird.ports.pictures import PicturesBusy
from bowerbird.runtime.hands import HandLimits, Hands
from tests.ports.likeness_checks import suite, webp
from tests.ports.suite import Check, Opener, run
from tests.support.seen_pictures import cluttered
from tests.support.vision_hands import AlikeHere, lasting, threads_of

LIMITS = HandLimits(hands_max=1, memory_bytes_max=HAND_BYTES_MAX)


@asynccontextmanager
async def open_hands(_: Path) -> AsyncGenerator[Likeness]:
    async with lasting(argv(), LIMITS) as hands:
        yield OpenCvLikeness(hands)


@asynccontextmanager
async def open_here(_: Path) -> AsyncGenerator[Likeness]:
    yield OpenCvLikeness(AlikeHere())


@suite.on({"opencv": open_hands, "opencv-without-a-hand": open_here})
async def test_likeness(opener: Opener[Likeness], check: Check[Likeness], tmp_path: Path) -> None:
    await run(opener, check, tmp_path)


class NotMirrored(OpenCvLikeness):
    @override
    async def same(self, one: bytes, others: list[bytes]) -> list[int]:
        await super().same(one, others)
        here = alike.points(decode(one))
        return [alike.agreeing(here, alike.points(decode(other))) for other in others]


class Backwards(OpenCvLikeness):
    @override
    async def same(self, one: bytes, others: list[bytes]) -> list[int]:
        return (await super().same(one, others))[::-1]


class Generous(OpenCvLikeness):
    @override
    async def same(self, one: bytes, others: list[bytes]) -> list[int]:
        return [points + 15 for points in await super().same(one, others)]


class Forgetful(OpenCvLikeness):
    @override
    async def same(self, one: bytes, others: list[bytes]) -> list[int]:
        return (await super().same(one, others[:10]))[:10]


@pytest.mark.parametrize(
    ("broken", "name"),
    [
        (NotMirrored, "mirrored_copies_agree"),
        (Backwards, "answers_are_in_the_order_of_the_others"),
        (Generous, "different_pictures_do_not"),
        (Generous, "pictures_without_points_agree_in_none"),
        (Forgetful, "questions_are_bounded"),
    ],
)
async def test_a_broken_adapter_is_caught(broken: type[OpenCvLikeness], name: str, tmp_path: Path) -> None:
    @asynccontextmanager
    async def opener(_: Path) -> AsyncGenerator[Likeness]:
        yield broken(AlikeHere())

    assert await suite.catches(name, opener, tmp_path)


async def test_a_hand_that_matches_is_confined_and_alone() -> None:
    pool = Hands(Processes(), argv(), LIMITS)
    picture = webp(cluttered(300, 200, 1))
    await OpenCvLikeness(pool).same(picture, [picture])
    confinement = pool.status().confinement
    (pid,) = pool.pids()
    threads = threads_of(pid)
    await pool.close()
    assert confinement is not None
    assert "writes no file, starts no process" in confinement.applied
    assert threads == 1


async def test_no_place_in_the_queue_is_busy_not_refused() -> None:
    pool = Hands(Processes(), [sys.executable + "-is-not-here"], HandLimits())
    picture = webp(cluttered(30, 20, 1))
    with pytest.raises(PicturesBusy):
        await OpenCvLikeness(pool).same(picture, [picture])
    await pool.close()
