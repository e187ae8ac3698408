"""A disk that is full or fails, as people meet it: what they read goes on, what they write is refused with a reason."""

import errno
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import httpx

from tests.kills.operations.pins import SavePhoto
from tests.kills.tree import Tree
from tests.kills.watch import GO_ON, Moment
from tests.support.pictures import jpeg
from tests.support.visitor import settled

HEALED_S: Final = 5.0
LINES_A_SECOND: Final = 20
"""What a tree in trouble says at most, beside one line for each request that it refused."""

_SENDS: Final = frozenset({"socket", "pipe"})
_PHOTO: Final = jpeg(5, 120, 80)


def failing(where: str, number: int) -> Callable[[Moment], int]:
    """Return the rule of a disk on which whatever changes files that begin with `where` fails with an error."""

    def rule(moment: Moment) -> int:
        return number if moment.counts and moment.on not in _SENDS and moment.on.startswith(where) else GO_ON

    return rule


def fill(disk: Path) -> Path:
    """Take all the room there is on a disk; return the file that has it."""
    filler = disk / "filler"
    descriptor = os.open(filler, os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    for piece in (1 << 20, 1 << 12, 1):
        try:
            while os.write(descriptor, bytes(piece)):
                continue
        except OSError as error:
            assert error.errno == errno.ENOSPC, error  # noqa: PT017 - nothing else ends the loop
    os.close(descriptor)
    return filler


class Scene:
    """Somebody with a photo, and a follower who sees it; an upload begun, and one completed."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.base_url, self.page_url = tree.base_url, ""
        saved = SavePhoto(self)
        assert saved.act().is_success
        saved.check()
        self.owner, self.follower, self.board = saved.owner, saved.follower, saved.board
        (self.pin,) = self.owner.ask("GET", f"/v1/boards/{self.board}/pins")["items"]
        self.target = self.owner.begin_upload(len(_PHOTO))
        self.upload = self.owner.upload(jpeg(saved.number + 1, 120, 80))
        assert self._save_link().is_success
        self.pids = tree.pids()
        self._lines, self._began = self._line_count(), time.monotonic()
        self._refused = 0

    def read(self) -> None:
        """Look at everything; fail when something cannot be seen."""
        for path in ("/v1/feed", f"/v1/boards/{self.board}/pins", f"/v1/pins/{self.pin['id']}", "/v1/me"):
            assert self.follower.send("GET", path).status_code == 200, path
        for path in (self.pin["picture"]["src"]["236"], "/metrics"):
            assert httpx.get(self.base_url + path, timeout=30).status_code == 200, path

    def write(self) -> set[str]:
        """Try to write in every way; return which were refused, each with a clear problem and a time to come back."""
        answers = {
            "board": self.owner.send("POST", "/v1/boards", json={"name": "Another"}),
            "save": self.owner.send("POST", f"/v1/boards/{self.board}/pins", json={"upload_id": self.upload}),
            "link": self._save_link(),
            "begin": self.owner.send("POST", "/v1/uploads", json={"mime": "image/jpeg", "length": len(_PHOTO)}),
            "send": self.owner.send_bytes(self.target, _PHOTO),
            "private": self.owner.send("PATCH", f"/v1/boards/{self.board}", json={"description": "Mine"}),
            "follow": self.owner.send("PUT", f"/v1/me/following/{self.follower.id}"),
            "sign in": self._enter("sessions", login=self.owner.handle, password=self.owner.password),
            "register": self._enter(
                "users",
                handle=f"late_{time.monotonic_ns() % 10**9}",
                name="Late",
                email=f"late{time.monotonic_ns()}@example.org",
                password="a long enough password",
            ),
            "views": self.owner.send(
                "POST", "/v1/views", json={"views": [{"kind": "pin_seen", "pin": self.pin["id"]}]}
            ),
        }
        refused = {name for name, answer in answers.items() if not _done(answer)}
        for name in refused:
            refused_clearly(name, answers[name])
        self._refused += len(answers)
        return refused

    def healed(self) -> float:
        """Return how many seconds it took until everything could be written, and had come to the follower."""
        began = time.monotonic()
        while self.write():
            assert time.monotonic() < began + HEALED_S, f"it does not heal:\n{self.tree.words()}"
            time.sleep(0.1)
        saved = self.owner.ask("POST", f"/v1/boards/{self.board}/pins", json={"upload_id": self.upload})["id"]
        settled(self.follower.feed_pins, lambda pins: saved in pins)
        return time.monotonic() - began

    def nobody_died(self) -> None:
        """Fail when a process is another one than before, or they talked without end."""
        assert self.tree.pids() == self.pids
        lines = self._line_count() - self._lines - self._refused
        assert lines <= LINES_A_SECOND * (1 + time.monotonic() - self._began), self.tree.words()

    def nothing_half(self) -> None:
        """Fail when an upload that was refused left something behind."""
        assert list((self.tree.disk / "blobs" / "tmp").iterdir()) == []

    def _save_link(self) -> httpx.Response:
        url = f"http://127.0.0.1:1/{time.monotonic_ns()}"
        return self.owner.send("POST", f"/v1/boards/{self.board}/pins", json={"url": url})

    def _enter(self, where: str, **fields: str) -> httpx.Response:
        return httpx.post(f"{self.base_url}/v1/{where}", json=fields, timeout=30)

    def _line_count(self) -> int:
        return len(self.tree.log.read_text().splitlines())


def _done(answer: httpx.Response) -> bool:
    """Return whether something was done; an upload may have been done before."""
    return answer.is_success or answer.status_code == 409


def refused_clearly(name: str, answer: httpx.Response) -> None:
    """Fail unless an answer says that it cannot be done now, and when to come back."""
    assert answer.status_code == 503, f"{name}: {answer.status_code} {answer.text}"
    assert answer.headers["content-type"] == "application/problem+json", name
    assert 1 <= int(answer.headers["retry-after"]) <= 60, name
    assert answer.json()["type"] == "/problems/unavailable", name
