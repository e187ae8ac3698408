"""Password hashing in a bounded pool of threads: a hash takes tens of milliseconds, which no event loop has."""

import asyncio
from base64 import b64encode
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from threading import BoundedSemaphore
from typing import Final, TypeVar

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from bowerbird.base.world import World
from bowerbird.contracts.problems import Unavailable
from bowerbird.services.identity.settings import IdentitySettings

_SALT_BYTES: Final = 16
_HASH_BYTES: Final = 32

Result = TypeVar("Result")


class Hasher:
    """Hashes and checks passwords with argon2id at the cost that the settings name.

    `executor` stands in for the pool in a simulation. Whoever makes a hasher closes it.
    """

    def __init__(self, world: World, settings: IdentitySettings, executor: Executor | None = None) -> None:
        self._world = world
        self._executor = executor or ThreadPoolExecutor(settings.hash_threads_max, thread_name_prefix="argon2")
        self._places = BoundedSemaphore(settings.hash_threads_max + settings.hash_queue_max)
        self._argon2 = PasswordHasher(
            time_cost=settings.hash_passes,
            memory_cost=settings.hash_memory_kib,
            parallelism=1,
            hash_len=_HASH_BYTES,
            salt_len=_SALT_BYTES,
            type=Type.ID,
        )
        self._nobodys = _no_hash(world, settings)

    def close(self) -> None:
        """Wait for hashes under way."""
        self._executor.shutdown()

    async def hash(self, password: str) -> str:
        """Return the hash to keep. Unavailable when too many wait."""
        salt = self._world.random_bytes(_SALT_BYTES)
        return await self._run(lambda: self._argon2.hash(_bytes(password), salt=salt))

    async def matches(self, kept: str | None, password: str) -> bool:
        """Return whether a password is the one; without a hash, after the same work, that it is not. Unavailable."""
        return await self._run(lambda: self._check(kept or self._nobodys, password))

    def outdated(self, kept: str) -> bool:
        """Return whether a hash was made at another cost than the settings name now."""
        return self._argon2.check_needs_rehash(kept)

    def _check(self, kept: str, password: str) -> bool:
        try:
            return self._argon2.verify(kept, _bytes(password))
        except (VerificationError, InvalidHashError):
            return False

    async def _run(self, work: Callable[[], Result]) -> Result:
        if not self._places.acquire(blocking=False):
            raise Unavailable("too many people are signing in; try again", retry_after_s=1)
        future: Future[Result] = self._executor.submit(work)
        future.add_done_callback(lambda _done: self._places.release())
        return await asyncio.wrap_future(future)


def _bytes(password: str) -> bytes:
    """Return any text's bytes; half a surrogate pair, which no kept password has, is no reason to fail."""
    return password.encode(errors="surrogatepass")


def _no_hash(world: World, settings: IdentitySettings) -> str:
    """Return what looks like a hash at the present cost and is that of no password: checking it takes the same work."""
    salt, digest = (b64encode(world.random_bytes(count)).rstrip(b"=").decode() for count in (_SALT_BYTES, _HASH_BYTES))
    return f"$argon2id$v=19$m={settings.hash_memory_kib},t={settings.hash_passes},p=1${salt}${digest}"
