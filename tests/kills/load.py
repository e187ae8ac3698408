"""A crowd at work while processes die at random writes; at the end all that was acknowledged is there, once.

Everybody does one thing after another, and sends each again until it is acknowledged, so that it is known at any time
what they have: boards, what is pinned where, and whom they follow.
"""

import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from itertools import count
from random import Random
from typing import Any, Final

import httpx

from tests.kills.operations.base import acknowledged
from tests.kills.tree import Tree
from tests.kills.watch import DEAD, GO_ON, Moment, go_on, kill
from tests.support.pictures import jpeg
from tests.support.visitor import Visitor

PATIENCE_S: Final = 60.0
SETTLED_S: Final = 120.0
SUPERVISORS_SHARE: Final = 0.1
"""Of all deaths, so many are of a supervisor or of the whole tree; those cost a start."""


@dataclass
class Member:
    """Somebody of the crowd. `pins`: the board of each pin, by its title; `private`: boards nobody else sees."""

    visitor: Visitor
    chance: Random
    boards: list[str] = field(default_factory=list[str])
    private: set[str] = field(default_factory=set[str])
    pins: dict[str, str] = field(default_factory=dict[str, str])
    ids: dict[str, str] = field(default_factory=dict[str, str])
    uploads: list[str] = field(default_factory=list[str])
    follows: "list[Member]" = field(default_factory=list["Member"])
    done: Counter[str] = field(default_factory=Counter[str])
    again: int = 0
    worst_s: float = 0.0
    numbers: "count[int]" = field(default_factory=count)
    failure: BaseException | None = None

    def live(self, until: float) -> None:
        """Do one thing after another until then."""
        deeds = [
            (10, self.save),
            (3, self.upload),
            (2, self.begin_board),
            (2, self.delete),
            (2, self.move),
            (1, self.turn),
            (4, self.look),
        ]
        weights = [weight for weight, _ in deeds]
        try:
            self.begin_board()
            self.upload()
            while time.monotonic() < until:
                ((_, deed),) = self.chance.choices(deeds, weights)
                deed()
                self.done[deed.__name__] += 1
        except BaseException as error:  # noqa: BLE001 - the thread of the test raises it
            self.failure = error

    def send(self, method: str, path: str, *gone: int, **arguments: Any) -> httpx.Response:  # noqa: ANN401 - httpx's own
        """Send a request until it is acknowledged; `gone`: what it may also be answered when it was done before."""
        began = time.monotonic()
        headers = {**arguments.pop("headers", {}), "Idempotency-Key": f"{self.visitor.handle}-{next(self.numbers)}"}
        tries = 0
        while True:
            tries += 1
            try:
                response = self.visitor.send(method, path, **arguments, headers=headers)
            except httpx.TransportError:
                response = None
            if response is not None and (acknowledged(response) or (tries > 1 and response.status_code in gone)):
                self.worst_s = max(self.worst_s, time.monotonic() - began)
                return response
            assert response is None or response.status_code in {200, 503}, f"{method} {path}: {response.text}"
            assert time.monotonic() < began + PATIENCE_S, f"{method} {path} is never acknowledged"
            self.again += 1
            time.sleep(0.05)

    def begin_board(self) -> None:
        made = self.send("POST", "/v1/boards", json={"name": f"Board {len(self.boards)}"})
        self.boards.append(made.json()["id"])

    def upload(self) -> None:
        picture = jpeg(self.chance.randrange(1 << 30), 60, 40)
        target = self.send("POST", "/v1/uploads", json={"mime": "image/jpeg", "length": len(picture)}).json()
        self.send("PUT", httpx.URL(target["url"]).raw_path.decode(), 409, content=picture, headers=target["headers"])
        self.send("POST", f"/v1/uploads/{target['id']}/complete")
        self.uploads.append(target["id"])

    def save(self) -> None:
        title = f"{self.visitor.handle} {next(self.numbers)}"
        board = self.chance.choice(self.boards)
        new = {"upload_id": self.chance.choice(self.uploads), "title": title}
        self.ids[title] = self.send("POST", f"/v1/boards/{board}/pins", json=new).json()["id"]
        self.pins[title] = board

    def delete(self) -> None:
        if self.pins:
            title = self.chance.choice(sorted(self.pins))
            self.send("DELETE", f"/v1/pins/{self.ids[title]}", 404)
            del self.pins[title]

    def move(self) -> None:
        if self.pins:
            title, board = self.chance.choice(sorted(self.pins)), self.chance.choice(self.boards)
            moved = self.send("POST", "/v1/pins/move", json={"pins": [self.ids[title]], "board": board})
            self.ids[title], self.pins[title] = moved.json()["items"][0]["now"], board

    def turn(self) -> None:
        board = self.chance.choice(self.boards)
        visibility = "public" if board in self.private else "private"
        self.send("PATCH", f"/v1/boards/{board}", json={"visibility": visibility})
        self.private ^= {board}

    def look(self) -> None:
        """Read the feed, which never shows one thing twice, nor what was not acknowledged or begun."""
        pins = [entry["pin"]["id"] for entry in self.send("GET", "/v1/feed").json()["items"]]
        assert len(pins) == len(set(pins)), pins

    def shown(self) -> dict[str, str]:
        """Return the board of each pin that is on one's boards now, by title; fail at one that is there twice."""
        found: list[tuple[str, str]] = []
        for board in self._all("/v1/boards"):
            pins = self._all(f"/v1/boards/{board['id']}/pins")
            assert len(pins) == board["pins"], f"{board['name']} has {len(pins)} pins, and says {board['pins']}"
            found += [(pin["title"], board["id"]) for pin in pins]
        assert len(found) == len(dict(found)), "a pin is there twice"
        return dict(found)

    def fed(self) -> list[str]:
        """Return the titles in one's feed."""
        return sorted(entry["pin"]["title"] for entry in self._all("/v1/feed"))

    def expected(self) -> list[str]:
        """Return the titles that the feed is to hold once all is settled."""
        return sorted(
            title for other in self.follows for title, board in other.pins.items() if board not in other.private
        )

    def _all(self, path: str) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = []
        cursor = ""
        while cursor is not None:
            page = self.visitor.ask("GET", path, params={"limit": 100, "cursor": cursor})
            items += page["items"]
            cursor = page["next"]
        return items


@dataclass
class Fire:
    """Lets processes die: at random writes whoever writes, and now and then the supervisor, or all of the tree."""

    tree: Tree
    chance: Random
    pause_s: float = 1.5
    deaths: Counter[str] = field(default_factory=Counter[str])
    back_s: list[float] = field(default_factory=list[float])
    _left: int = -1
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _struck: threading.Event = field(default_factory=threading.Event)

    def rule(self, moment: Moment) -> int:
        """Count down to the write at which its process dies."""
        with self._lock:
            if self._left < 0 or not moment.counts:
                return GO_ON
            self._left -= 1
            if self._left >= 0 or moment.process == "supervisor":
                return GO_ON
            kill(moment.pid)
            self.deaths[moment.process] += 1
        self._struck.set()
        return DEAD

    def burn(self, until: float) -> None:
        """Go on until then, and leave a tree that answers."""
        self.tree.rule = self.rule
        while time.monotonic() < until:
            time.sleep(self.pause_s * (0.5 + self.chance.random()))
            began = time.monotonic()
            if self.chance.random() < SUPERVISORS_SHARE:
                self._end_tree()
            else:
                self._strike()
            self.tree.wait_until_ready()
            self.back_s.append(time.monotonic() - began)
        self.tree.rule = go_on

    def _strike(self) -> None:
        self._struck.clear()
        with self._lock:
            self._left = self.chance.randrange(100)
        self._struck.wait(5)

    def _end_tree(self) -> None:
        if self.chance.random() < 0.5:
            self.deaths["everything"] += 1
            self.tree.kill()
        else:
            self.deaths["supervisor"] += 1
            kill(self.tree.process.pid)
            assert self.tree.ended(30), "the tree outlives its supervisor"
        self.tree.start()


def crowd(tree: Tree, people: int, chance: Random) -> list[Member]:
    """Return people each of whom follows some of the others."""
    members = [Member(Visitor(tree.base_url, f"member_{number}"), Random(chance.random())) for number in range(people)]
    for member in members:
        others = [other for other in members if other is not member]
        member.follows = chance.sample(others, min(3, len(others)))
        for other in member.follows:
            member.visitor.follow(other.visitor)
    return members


def under_fire(tree: Tree, seconds: float, people: int, seed: int) -> tuple[list[Member], Fire]:
    """Let a crowd work under fire, and check at the end what each has, and sees."""
    chance = Random(seed)
    members = crowd(tree, people, chance)
    fire = Fire(tree, Random(chance.random()))
    until = time.monotonic() + seconds
    threads = [threading.Thread(target=member.live, args=(until,)) for member in members]
    for thread in threads:
        thread.start()
    fire.burn(until)
    for thread in threads:
        thread.join()
    for member in members:
        if member.failure is not None:
            raise member.failure
    for member in members:
        assert member.shown() == member.pins, member.visitor.handle
    _feeds_settle(members)
    return members, fire


def _feeds_settle(members: list[Member]) -> None:
    until = time.monotonic() + SETTLED_S
    for member in members:
        while (fed := member.fed()) != member.expected():
            assert time.monotonic() < until, (member.visitor.handle, set(fed) ^ set(member.expected()))
            time.sleep(0.2)
