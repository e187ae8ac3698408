"""Addresses of pictures: public ones for ever, private ones signed for one viewer and a while.

A signature covers the picture, not its width, so that a page of pins costs one signature a pin.
"""

import hashlib
import hmac
from base64 import urlsafe_b64encode
from typing import Final

from bowerbird.base.ids import Id, from_text, to_text
from bowerbird.base.turning import key_from, start_of
from bowerbird.base.world import World
from bowerbird.contracts.boards import Board, Pin
from bowerbird.contracts.identity import User
from bowerbird.edge.api.resources import Sources

WIDTHS: Final = ("236", "474", "736", "full")
_SIGNATURE_BYTES: Final = 16
_KEY_PERIOD_S: Final = 86_400


class Addresses:
    """Writes addresses and checks their signatures; `key` is any secret that all workers share."""

    def __init__(self, key: bytes, world: World, step_s: int) -> None:
        self._key = hashlib.blake2b(key, digest_size=64, person=b"pictures").digest()
        self._world = world
        self._step_s = step_s

    def expiry_s(self) -> int:
        """Return until when an address made now is good (seconds since 1970): the same for a whole step of time."""
        return (self._world.now_us() // 1_000_000 // self._step_s + 2) * self._step_s

    def of_pin(self, pin: Pin, board: Board, viewer: Id | None) -> Sources:
        """Return where a pin's picture is: for everybody (viewer None; the board is public) or for that viewer."""
        stem = f"/media/{to_text(pin.id)}/{board.generation}/{pin.picture_name}"
        if viewer is None:
            return _sources(stem, "")
        expiry = self.expiry_s()
        return _sources(stem, f"?v={to_text(viewer)}&e={expiry}&s={self._sign(stem, viewer, expiry)}")

    def of_person(self, user: User) -> Sources | None:
        """Return where a profile picture is."""
        if not user.picture_name:
            return None
        return _sources(f"/media/people/{to_text(user.id)}/{user.picture_name}", "")

    def viewer(self, stem: str, viewer: str, expiry: int, signature: str) -> Id | None:
        """Return for whom the address that begins with `stem` was signed; None unless the signature is good, now."""
        try:
            person = from_text(viewer)
        except ValueError:
            return None
        good = hmac.compare_digest(self._sign(stem, person, expiry).encode(), signature.encode(errors="replace"))
        good = good and to_text(person) == viewer
        return person if good and expiry * 1_000_000 > self._world.now_us() else None

    def _sign(self, stem: str, viewer: Id, expiry: int) -> str:
        message = f"{stem}\n{expiry}\n".encode() + viewer
        # The key of the day of the expiry: one that got out is worth nothing when that day is over.
        key = key_from(self._key, start_of(expiry, _KEY_PERIOD_S))
        digest = hashlib.blake2b(message, key=key, digest_size=_SIGNATURE_BYTES).digest()
        return urlsafe_b64encode(digest).rstrip(b"=").decode()


def _sources(stem: str, query: str) -> Sources:
    return Sources(*(f"{stem}/{width}{query}" for width in WIDTHS))
