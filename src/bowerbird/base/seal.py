"""Sealing: authenticated encryption of small bodies under a 32-byte key (AES-256-GCM)."""

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
NONCE_BYTES = 12


class Unreadable(Exception):  # noqa: N818 - it names the state of the body, not a fault of the program
    """The key is not the one, or the bytes were changed."""


def seal(key: bytes, nonce: bytes, body: bytes, bound_to: bytes) -> bytes:
    """Return nonce and ciphertext; `bound_to` must be given again to open. A nonce is used once per key."""
    return nonce + AESGCM(key).encrypt(nonce, body, bound_to)


def unseal(key: bytes, sealed: bytes, bound_to: bytes) -> bytes:
    """Return the body, or raise Unreadable."""
    try:
        return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], bound_to)
    except (InvalidTag, ValueError) as error:
        raise Unreadable from error
