"""The seal on every call between services: who may say on whose behalf something is asked.

A server with a guard carries nothing out, and decodes nothing, that does not bear the seal of somebody who holds the
same key. So a caller context cannot be made up, changed, or put on another method or other arguments. The same sealed
call may be shown again by whoever could listen, which between sockets that know their peers is nobody else, and until
half a minute, by which clocks may differ, after the `deadline_us` of its caller, where that has one. The time that a
call has left is not sealed.
"""

from hashlib import blake2b
from hmac import compare_digest
from typing import Final

SEAL_BYTES: Final = 16
_PERSON: Final = b"bowerbird call"
_KEPT_MAX: Final = 500
_KEPT_BYTES_MAX: Final = 100


class Guard:
    """Makes and checks seals (keyed BLAKE2b) with a key of 16 to 64 bytes, which both sides hold."""

    def __init__(self, key: bytes) -> None:
        if len(key) < SEAL_BYTES:
            raise ValueError("the key of a guard has 16 bytes at least")
        self._blank = blake2b(key=key, digest_size=SEAL_BYTES, person=_PERSON)
        self._begun: dict[str, blake2b] = {}

    def seal(self, method: str, arguments: bytes | memoryview) -> bytes:
        """Return the seal of a call; `arguments` are all of them, the caller first, as they are encoded."""
        mixed = self._begin(method)
        mixed.update(arguments)
        return mixed.digest()

    def is_good(self, method: str, arguments: bytes | memoryview, seal: bytes) -> bool:
        """Return whether the seal is of this call."""
        return compare_digest(self.seal(method, arguments), seal)

    def _begin(self, method: str) -> blake2b:
        """Return the state after the method's name; those of some methods are kept, whoever names them."""
        begun = self._begun.get(method)
        if begun is None:
            name = method.encode()
            begun = self._blank.copy()
            begun.update(b"%d:%b" % (len(name), name))
            if len(self._begun) < _KEPT_MAX and len(name) <= _KEPT_BYTES_MAX:
                self._begun[method] = begun
        return begun.copy()
