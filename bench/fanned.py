"""Whether a pin has come to all who follow its author: asked of views.db itself, beside a server that is running."""

import time
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Final

import httpx
from msgspec import Struct

from bench.data import Person
from bench.servers import Running
from bowerbird.adapters.sqlite.views import ask, open_views_reader
from bowerbird.base.ids import from_text

WAIT_S: Final = 90.0

_HOLDS = """
    SELECT 1 FROM timeline t JOIN entry e ON e.timeline = t.number JOIN post p ON p.id = e.post
    WHERE t.kind = 'home' AND t.owner = ? AND p.pin = ?
"""
_LATEST = "SELECT uses FROM post WHERE author = ? ORDER BY id DESC LIMIT 1"


class Lag(Struct, frozen=True):
    """From sending a save until its answer, and until the last follower's feed held the pin."""

    answered_ms: float
    delivered_ms: float


class Author:
    """Saves pins, and waits for each until it is in the last of its followers' feeds."""

    def __init__(self, data: Path, person: Person, server: Running) -> None:
        self._person = person
        self._reader = open_views_reader(data)
        headers = {"authorization": f"Bearer {server.tokens[person.id]}"}
        self._client = httpx.Client(base_url=f"http://127.0.0.1:{server.port}", headers=headers, timeout=WAIT_S)

    def save(self, stop: Callable[[], bool] = lambda: False) -> Lag:
        """Save once and wait for the last feed, or until it is told to stop: then the lag is that long at least."""
        began = time.perf_counter()
        answer = self._client.post(f"/v1/boards/{self._person.board}/pins", json={"pin_id": self._person.photo})
        answer.raise_for_status()
        told = time.perf_counter()
        pin, last = from_text(answer.json()["id"]), from_text(self._person.last)
        while not ask(self._reader, _HOLDS, (last, pin)):
            if stop():
                break
            assert time.perf_counter() < began + WAIT_S, "the pin never came"
            time.sleep(0.002)
        return Lag((told - began) * 1e3, (time.perf_counter() - began) * 1e3)

    def delivered(self) -> int:
        """Return how many feeds hold the author's latest pin."""
        return int(ask(self._reader, _LATEST, (from_text(self._person.id),))[0][0])

    def close(self) -> None:
        """Close what was opened."""
        self._client.close()
        self._reader.close()


@contextmanager
def saving(data: Path, person: Person, server: Running, pause_s: float = 0) -> Generator[list[Lag]]:
    """Let somebody save one pin after another, each when the last is everywhere; yield what that took, so far."""
    lags: list[Lag] = []
    over = Event()

    def save() -> None:
        author = Author(data, person, server)
        try:
            while not over.wait(pause_s):
                lags.append(author.save(over.is_set))
        finally:
            author.close()

    with ThreadPoolExecutor(1) as thread:
        running = thread.submit(save)
        try:
            yield lags
        finally:
            over.set()
            running.result()
