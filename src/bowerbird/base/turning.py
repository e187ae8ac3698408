"""Keys that turn by themselves: a secret has a key for every period of time, the same in all processes without a word.

A key tells nothing of the secret, nor of the keys of other periods.
"""

import hmac
from functools import lru_cache

_KNOWN_MAX = 64
"""Keys that a process remembers; whoever asks for keys of wild times only makes it compute them, 2 us each."""


def start_of(time_s: int, period_s: int) -> int:
    """Return when the period of a time began, in seconds since 1970, as the time is."""
    return time_s - time_s % period_s


@lru_cache(_KNOWN_MAX)
def key_from(secret: bytes, start_s: int) -> bytes:
    """Return the key, of 32 bytes, of the period that began then."""
    return hmac.digest(secret, b"bowerbird key from %d" % start_s, "sha256")
