"""The crowd: sends requests, and keeps the model in step with what was answered, lost, or refused.

Whoever hears nothing tries again some times, and then gives up: what they wrote is in doubt from then on.
"""

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final, Literal, Protocol

from typing_extensions import override

from bowerbird.edge.http.asgi import Header
from tests.sim.door import Answer, Call, Door, NoAnswer
from tests.sim.machine import Machine
from tests.sim.model import Board, Model, Person, Pin, Span
from tests.sim.registers import Register, Write

Request = tuple[str, str, object]
"""Method, path, and what the body is as JSON (None: no body)."""

Outcome = Literal["done", "refused", "doubtful"]
"""What became of a request, as far as its answer tells."""

Judge = Callable[[Answer], Outcome]
"""Hears an answer, takes over what it tells, and says what became of the request."""

_JSON: Final[Header] = (b"content-type", b"application/json")
_TRIES: Final = (1, 1, 2, 4, 6)
_AGAIN: Final = 0.15
"""The share of requests with a key that are sent once more when they were answered."""


class Wrong(Exception):  # noqa: N818 - it names what was found
    """The product broke a promise; `check` says which."""

    def __init__(self, check: str, detail: str) -> None:
        super().__init__(check, detail)
        self.check = check
        self.detail = detail


class Attempt(Protocol):
    """What one request writes, if it is carried out. Of one that is neither nobody knows."""

    def done(self, now_us: int) -> None:
        """Take it as acknowledged."""
        ...

    def refused(self) -> None:
        """Take it as never done."""
        ...


Writes = Callable[[int], Attempt]
"""Begins the writes of one more attempt, at a time."""


@dataclass
class Several(Attempt):
    """Writes of some registers."""

    writes: list[tuple[Register[Any], Write[Any]]] = field(default_factory=list[tuple[Register[Any], Write[Any]]])

    @override
    def done(self, now_us: int) -> None:
        for register, write in self.writes:
            register.done(write, now_us)

    @override
    def refused(self) -> None:
        for register, write in self.writes:
            register.refused(write)


def writing(*pairs: tuple[Register[Any], Any], lazy: Sequence[tuple[Register[Any], Any]] = ()) -> Writes:
    """Write these values, with every attempt anew."""
    return lambda now_us: Several(
        [(register, register.begin(value, now_us)) for register, value in pairs]
        + [(register, register.begin(value, now_us, lazy=True)) for register, value in lazy]
    )


class Making(Attempt):
    """The making of a thing by requests that one key holds together: it is made once, or never.

    While that is in doubt a pin is `unnamed`: it may turn up under an id that nobody has heard.
    """

    def __init__(self, made: Register[bool], key: Header, pin: Pin | None) -> None:
        self.key = key
        self._made = made
        self._pin = pin
        self._write: Write[bool] | None = None
        self._doubtful = 0

    def __call__(self, now_us: int) -> Attempt:
        """Begin one more attempt."""
        self._doubtful += 1
        if self._write is None:
            self._write = self._made.begin(value=True, now_us=now_us)
            self._name(1)
        return self

    @override
    def done(self, now_us: int) -> None:
        if self._write is not None:
            self._made.done(self._write, now_us)
            self._write = None
            self._name(-1)

    @override
    def refused(self) -> None:
        self._doubtful -= 1
        if not self._doubtful and self._write is not None:
            self._made.refused(self._write)
            self._write = None
            self._name(-1)

    def _name(self, change: int) -> None:
        if self._pin is not None:
            self._pin.unnamed += change


class Moving(Several):
    """A pin's way to another board, which may give it another id."""

    def __init__(self, pin: Pin, board: Board, now_us: int) -> None:
        super().__init__([(pin.board, pin.board.begin(board, now_us))])
        self._pin = pin
        pin.unnamed += 1

    @override
    def done(self, now_us: int) -> None:
        super().done(now_us)
        self._pin.unnamed -= 1

    @override
    def refused(self) -> None:
        super().refused()
        self._pin.unnamed -= 1


def outcome(answer: Answer) -> Outcome:
    """Return what a status says of a request."""
    if answer.status == 503:
        return "doubtful"
    return "done" if answer.status < 400 else "refused"


class Crowd:
    """Everybody at the door."""

    def __init__(self, machine: Machine, door: Door, model: Model) -> None:
        self.machine = machine
        self.door = door
        self.model = model
        self._keys = 0

    @property
    def now_us(self) -> int:
        """Return the machine's time."""
        return self.machine.now_us

    def making(self, made: Register[bool], pin: Pin | None = None) -> Making:
        """Return the making of a thing, under a key that nobody used."""
        self._keys += 1
        return Making(made, (b"idempotency-key", b"key-%d" % self._keys), pin)

    async def send(
        self,
        chance: Random,
        person: Person,
        request: Request,
        writes: Writes,
        headers: Sequence[Header] = (),
        judge: Judge = outcome,
    ) -> Answer | None:
        """Send a request that writes, again where that helps; None when its outcome stays unknown.

        Each attempt may be carried out by itself, late too, so each writes by itself, unless a key holds them together.
        """
        for _ in range(chance.choice(_TRIES)):
            attempt = writes(self.now_us)
            try:
                answer = await self.door.ask(_call(person, request, headers))
            except NoAnswer as lost:
                if not lost.sent:
                    attempt.refused()
                await asyncio.sleep(chance.randint(1, 400) / 1e3)
                continue
            if answer.status == 401 and self._may_be_gone(person):
                attempt.refused()
                return None
            self._heed(person, request, answer)
            found = judge(answer)
            if found == "done":
                attempt.done(self.now_us)
            elif found == "refused":
                attempt.refused()
            if found != "doubtful":
                return answer
            await asyncio.sleep(chance.randint(1, 1_500) / 1e3)
        return None

    async def make(
        self, chance: Random, person: Person, request: Request, making: Making, judge: Judge
    ) -> list[Answer]:
        """Send a request that makes a thing, sometimes twice at once, and return what was answered."""
        times = chance.choice((1, 1, 1, 1, 2))
        sent = [self.send(chance, person, request, making, [making.key], judge) for _ in range(times)]
        answers = [answer for answer in await asyncio.gather(*sent) if answer is not None]
        if answers and chance.random() < _AGAIN:
            self.machine.trace.count("key shown again after its answer")
            await asyncio.sleep(chance.randint(1, 2_000) / 1e3)
            again = await self.send(chance, person, request, making, [making.key], judge)
            answers += [] if again is None else [again]
        return answers

    async def put(self, url: str, data: str) -> int:
        """Send a picture's bytes to their target; the status, 0 when nobody answered."""
        try:
            answer = await self.door.ask(Call("PUT", url, "", data.encode(), [(b"content-type", b"image/webp")]))
        except NoAnswer:
            return 0
        return answer.status

    async def read(
        self, viewer: Person | None, path: str, asked: dict[str, Any] | None = None
    ) -> tuple[Answer, Span] | None:
        """Return what a path shows somebody, and when that was read; None when nobody answered.

        What is `asked` goes along as a body.
        """
        began_us = self.now_us
        method, raw = ("GET", b"") if asked is None else ("POST", json.dumps(asked).encode())
        try:
            answer = await self.door.ask(
                Call(method, path, viewer.token if viewer else "", raw, [_JSON] if raw else [])
            )
        except NoAnswer:
            return None
        if answer.status == 401 and viewer is not None and self._may_be_gone(viewer):
            return None
        self._heed(viewer, (method, path, asked), answer)
        return None if answer.status == 503 else (answer, self.span(began_us))

    def _may_be_gone(self, person: Person) -> bool:
        return True in self.now().of(person.gone)

    def _heed(self, person: Person | None, request: Request, answer: Answer) -> None:
        """Take over a renewed token, and refuse answers that nobody may ever get."""
        self.machine.trace.count(f"answered: {request[0]} {answer.status}")
        self.machine.trace.note("answered", person and person.handle, *request, answer.status, answer.body[:200])
        if person is not None:
            person.token = answer.headers.get("renewed-token", person.token)
        if answer.status == 500:
            raise Wrong("internal error", f"{request[:2]}: {answer.body.decode()}")
        if answer.status == 401:
            raise Wrong("session lost", f"{person and person.handle} {request[:2]}")

    def span(self, began_us: int) -> Span:
        """Return the time from a moment until now."""
        return Span(began_us, self.now_us)

    def now(self) -> Span:
        """Return this moment."""
        return self.span(self.now_us)

    def pin_shown(self, shown: dict[str, Any]) -> Pin | None:
        """Return the pin that an answer shows; None when it may be one of several. Wrong."""
        known = self.model.pin_of(shown["id"])
        if known is not None:
            return known
        same = [pin for pin in self.model.pins if pin.title == shown["title"]]
        unsure = [pin for pin in same if pin.unnamed]
        if not unsure:
            raise Wrong("doubled", f"pin {shown['id']} {shown['title']!r}, known as {[pin.ids for pin in same]}")
        if len(unsure) > 1:
            return None
        unsure[0].ids.append(shown["id"])
        return unsure[0]

    def board_shown(self, shown: dict[str, Any]) -> Board:
        """Return the board that an answer shows. Wrong."""
        found = next((board for board in self.model.boards if board.name == shown["name"]), None)
        if found is None:
            raise Wrong("invented", f"board {shown}")
        if found.id and shown["id"] != found.id:
            raise Wrong("doubled", f"board {shown['id']} {found.name}, known as {found.id}")
        found.id = shown["id"]
        return found


def _call(person: Person, request: Request, headers: Sequence[Header]) -> Call:
    method, path, body = request
    raw = b"" if body is None else json.dumps(body).encode()
    return Call(method, path, person.token, raw, [*headers, *([_JSON] if raw else [])])
