"""A person at the public API: signed in by a token, with the few calls that journeys repeat."""

import time
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import httpx
from typing_extensions import override

from tests.support.pictures import jpeg

Found = TypeVar("Found")
SETTLED_S = 120.0


class Visitor:
    """Somebody who registered at the server under `handle`; every call must succeed unless it says otherwise."""

    def __init__(self, base_url: str, handle: str) -> None:
        self.handle = handle
        self.password = f"{handle} keeps a secret"
        # No connection outlives its answer, so that nobody has to close the client.
        self.http = httpx.Client(base_url=base_url, timeout=30, limits=httpx.Limits(max_keepalive_connections=0))
        made = self._enter()
        self.id: str = made["user"]["id"]
        self.http.cookies.clear()
        self.http.headers["authorization"] = f"Bearer {made['token']}"

    def _enter(self) -> Any:  # noqa: ANN401 - JSON
        """Become signed in, and return what the server says to that."""
        email = f"{self.handle}@example.org"
        new = {"handle": self.handle, "name": self.handle.title(), "email": email, "password": self.password}
        return self.ask("POST", "/v1/users", json=new)

    def send(self, method: str, path: str, **arguments: Any) -> httpx.Response:  # noqa: ANN401 - httpx's own
        """Send a request and return whatever comes back."""
        return self.http.request(method, path, **arguments)

    def ask(self, method: str, path: str, **arguments: Any) -> Any:  # noqa: ANN401 - JSON
        """Send a request that must succeed; return its JSON, None for an empty answer."""
        response = self.send(method, path, **arguments)
        assert response.is_success, f"{method} {path}: {response.status_code} {response.text}"
        return response.json() if response.content else None

    def board(self, name: str, visibility: str = "public") -> str:
        """Make a board and return its id."""
        return self.ask("POST", "/v1/boards", json={"name": name, "visibility": visibility})["id"]

    def begin_upload(self, length: int, mime: str = "image/jpeg") -> dict[str, Any]:
        """Begin an upload of so many bytes, and return its target."""
        return self.ask("POST", "/v1/uploads", json={"mime": mime, "length": length})

    def send_bytes(self, target: Mapping[str, Any], data: bytes) -> httpx.Response:
        """Send the bytes of an upload to its target, and return whatever comes back."""
        url = self.http.base_url.join(target["url"])
        return httpx.request(target["method"], url, content=data, headers=target["headers"], timeout=30)

    def upload(self, data: bytes, mime: str = "image/jpeg") -> str:
        """Upload a picture and return the completed upload's id."""
        target = self.begin_upload(len(data), mime)
        sent = self.send_bytes(target, data)
        assert sent.is_success, sent.text
        self.ask("POST", f"/v1/uploads/{target['id']}/complete")
        return target["id"]

    def photo(self, board: str, seed: int = 0, **texts: str) -> dict[str, Any]:
        """Save a small photo to a board and return the pin."""
        return self.picture(board, jpeg(seed), **texts)

    def picture(self, board: str, data: bytes, **texts: str) -> dict[str, Any]:
        """Save a picture to a board and return the pin."""
        return self.ask("POST", f"/v1/boards/{board}/pins", json={"upload_id": self.upload(data), **texts})

    def look(self, data: bytes) -> dict[str, Any]:
        """Look at a picture by Lens without keeping it, and return what is found."""
        target = self.begin_upload(len(data))
        assert self.send_bytes(target, data).is_success
        return self.ask("POST", "/v1/lens", json={"upload_id": target["id"]})

    def follow(self, other: "Visitor") -> None:
        """Follow somebody."""
        self.ask("PUT", f"/v1/me/following/{other.id}")

    def feed(self, **query: str | int) -> list[dict[str, Any]]:
        """Return the first page of the feed."""
        return self.ask("GET", "/v1/feed", params=query)["items"]

    def feed_pins(self) -> list[str]:
        """Return the ids of the pins on the first page of the feed."""
        return [entry["pin"]["id"] for entry in self.feed()]


class Returning(Visitor):
    """Somebody who has an account already."""

    @override
    def _enter(self) -> Any:
        return self.ask("POST", "/v1/sessions", json={"login": self.handle, "password": self.password})


def settled(look: Callable[[], Found], good: Callable[[Found], bool]) -> Found:
    """Look again and again until what is seen is good; return it, or fail with what was seen last."""
    deadline = time.monotonic() + SETTLED_S
    while True:
        found = look()
        if good(found):
            return found
        assert time.monotonic() < deadline, f"it never settled; last seen: {found}"
        time.sleep(0.05)
