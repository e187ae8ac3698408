"""Password hashing: the right password and no other, at the present cost, in a bounded pool."""

import asyncio
from collections.abc import Callable, Generator
from concurrent.futures import Executor, Future
from typing import ParamSpec, TypeVar

import pytest
from argon2 import PasswordHasher, extract_parameters
from argon2.exceptions import VerifyMismatchError
from typing_extensions import override

from bowerbird.base.world import World
from bowerbird.contracts.problems import Unavailable
from bowerbird.services.identity.hasher import Hasher
from bowerbird.services.identity.settings import IdentitySettings

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")

CHEAP = IdentitySettings(hash_memory_kib=8, hash_passes=1, hash_threads_max=1, hash_queue_max=2)


class Held(Executor):
    """Runs nothing until it is let go."""

    def __init__(self) -> None:
        self._waiting: list[Callable[[], None]] = []

    @override
    def submit(
        self, fn: Callable[Arguments, Result], /, *args: Arguments.args, **kwargs: Arguments.kwargs
    ) -> Future[Result]:
        future: Future[Result] = Future()

        def run() -> None:
            if future.set_running_or_notify_cancel():
                future.set_result(fn(*args, **kwargs))

        self._waiting.append(run)
        return future

    def let_go(self) -> None:
        """Run what waits."""
        waiting, self._waiting = self._waiting, []
        for run in waiting:
            run()


@pytest.fixture
def hasher() -> Generator[Hasher]:
    hasher = Hasher(World(), CHEAP)
    yield hasher
    hasher.close()


async def test_the_right_password_matches_and_no_other(hasher: Hasher) -> None:
    kept = await hasher.hash("correct horse")
    assert kept.startswith("$argon2id$")
    assert kept != await hasher.hash("correct horse")
    assert await hasher.matches(kept, "correct horse")
    assert not await hasher.matches(kept, "correct horsf")
    assert not await hasher.matches(kept, "")
    assert not await hasher.matches(kept, "\ud800")


async def test_without_a_hash_nothing_matches(hasher: Hasher) -> None:
    assert not await hasher.matches(None, "correct horse")
    assert not await hasher.matches("not a hash", "correct horse")


async def test_without_a_hash_the_same_work_is_done(hasher: Hasher, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = await hasher.hash("correct horse")
    mismatches: list[str] = []
    verify = PasswordHasher.verify

    def watched(self: PasswordHasher, kept: str, password: bytes) -> bool:
        try:
            return verify(self, kept, password)
        except VerifyMismatchError:
            mismatches.append(kept)
            raise

    monkeypatch.setattr(PasswordHasher, "verify", watched)
    for known in (kept, None):
        assert not await hasher.matches(known, "another password")
    assert len(mismatches) == 2
    assert extract_parameters(mismatches[0]) == extract_parameters(mismatches[1])


async def test_a_hash_of_another_cost_is_outdated(hasher: Hasher) -> None:
    kept = await hasher.hash("correct horse")
    assert not hasher.outdated(kept)
    dearer = Hasher(World(), IdentitySettings(hash_memory_kib=16, hash_passes=1))
    assert dearer.outdated(kept)
    assert await dearer.matches(kept, "correct horse")
    dearer.close()


async def test_more_than_the_queue_holds_is_refused_at_once() -> None:
    held = Held()
    hasher = Hasher(World(), CHEAP, held)
    waiting = [asyncio.create_task(hasher.hash("correct horse")) for _ in range(3)]
    await asyncio.sleep(0)
    with pytest.raises(Unavailable) as refused:
        await hasher.hash("correct horse")
    assert refused.value.retry_after_s == 1
    held.let_go()
    assert len(set(await asyncio.gather(*waiting))) == 3


async def test_whoever_gives_up_leaves_the_queue_when_the_work_is_done() -> None:
    held = Held()
    hasher = Hasher(World(), CHEAP, held)
    waiting = [asyncio.create_task(hasher.hash("correct horse")) for _ in range(3)]
    await asyncio.sleep(0)
    for task in waiting:
        task.cancel()
    assert all(
        isinstance(one, asyncio.CancelledError) for one in await asyncio.gather(*waiting, return_exceptions=True)
    )
    held.let_go()
    again = asyncio.create_task(hasher.hash("correct horse"))
    await asyncio.sleep(0)
    held.let_go()
    assert (await again).startswith("$argon2id$")
