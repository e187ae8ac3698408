"""What people do with accounts: they come, and go for good."""

import httpx
from typing_extensions import override

from tests.kills.operations.base import Operation, Place
from tests.kills.operations.on_board import Hides


class Register(Operation):
    """Somebody new."""

    # Names whose person did not come to be are kept for a while (identity/claims.py), and free again after that.
    again = frozenset({409})

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        self.handle = f"newcomer_{self.number}"
        self.password = "a long enough password"

    @override
    def act(self) -> httpx.Response:
        email = f"{self.handle}@example.org"
        new = {"handle": self.handle, "name": "New", "email": email, "password": self.password}
        return httpx.post(f"{self.place.base_url}/v1/users", json=new, timeout=30)

    @override
    def seen(self) -> bool:
        signed_in = _sign_in(self.place, self.handle, self.password)
        profile = self.as_stranger(f"/v1/users/{self.handle}").status_code
        assert (signed_in, profile) in {(401, 404), (201, 200)}, (signed_in, profile)
        return signed_in == 201


class DeleteAccount(Hides):
    """Somebody goes for good."""

    again = frozenset({401})

    @override
    def act(self) -> httpx.Response:
        return self.owner.send("DELETE", "/v1/me", json={"password": self.owner.password})

    @override
    def seen(self) -> bool:
        gone = super().seen()
        signed_in = _sign_in(self.place, self.owner.handle, self.owner.password)
        profile = self.other.send("GET", f"/v1/users/{self.owner.id}").status_code
        picture = self.as_stranger(self.picture).status_code
        assert (signed_in, profile, picture) == ((401, 404, 404) if gone else (201, 200, 200)), gone
        return gone


def _sign_in(place: Place, handle: str, password: str) -> int:
    """Return the status that signing in is answered with."""
    login = {"login": handle, "password": password}
    return httpx.post(f"{place.base_url}/v1/sessions", json=login, timeout=30).status_code
