"""The door: HTTP between people and the edges, as requests and answers that take their time and may be lost.

A request goes to any edge that takes work. Whoever hears nothing in time does not know whether it was done; the edge
goes on with it, as a server does that cannot tell who still waits.
"""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from bowerbird.edge.http.asgi import Header, Message
from tests.sim.machine import Machine, SimProcess
from tests.sim.nodes import Node

PATIENCE_S: Final = 4.0
"""How long somebody waits for an answer."""


class NoAnswer(Exception):  # noqa: N818 - it names what happened
    """Nobody can say whether the request was carried out; `sent` is False when it certainly was not."""

    def __init__(self, cause: str, *, sent: bool) -> None:
        super().__init__(cause)
        self.sent = sent


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:  # noqa: ANN401 - JSON is anything
        """Return the decoded body."""
        return json.loads(self.body)

    @property
    def code(self) -> str:
        """Return a problem's code, "" for a success."""
        return "" if self.status < 400 else str(self.json()["type"]).removeprefix("/problems/")


@dataclass(frozen=True)
class Call:
    """A request: `path` with its query behind a question mark."""

    method: str
    path: str
    token: str = ""
    body: bytes = b""
    headers: Sequence[Header] = ()

    def scope(self) -> dict[str, Any]:
        """Return the request as ASGI has it."""
        path, _, query = self.path.partition("?")
        bearer = [(b"authorization", b"Bearer " + self.token.encode())] if self.token else []
        return {
            "type": "http",
            "method": self.method,
            "path": path,
            "query_string": query.encode(),
            "headers": [*self.headers, *bearer, (b"content-length", str(len(self.body)).encode())],
            "client": ("192.0.2.7", 4711),
            "scheme": "http",
        }


@dataclass
class Door:
    """Where people ask. `losing`: the share of requests, and of answers, that are lost now; `slow`: as of wires."""

    machine: Machine
    people: SimProcess
    edges: list[Node] = field(default_factory=list[Node])
    losing: float = 0.0
    slow: int = 1

    def __post_init__(self) -> None:
        self._chance = self.machine.chance.stream("door")

    async def ask(self, call: Call) -> Answer:
        """Send a request and return its answer; NoAnswer. In the people's loop."""
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self.machine.after(self._delay_us(), lambda: self._arrive(call, answer))
        try:
            async with asyncio.timeout(PATIENCE_S):
                return await answer
        except TimeoutError:
            self.machine.trace.count("door: nobody answered in time")
            raise NoAnswer("time ran out", sent=True) from None

    def _delay_us(self) -> int:
        return self._chance.randint(50, 2_000) * self.slow

    def _lost(self, what: str) -> bool:
        lost = self._chance.random() < self.losing
        if lost:
            self.machine.trace.count(f"door: {what} lost")
        return lost

    def _arrive(self, call: Call, answer: asyncio.Future[Answer]) -> None:
        """Hand a request to an edge, if one takes it."""
        ready = [node for node in self.edges if node.ready and node.process.alive]
        if not ready:
            self._tell(answer, NoAnswer("no edge takes it", sent=False))
            return
        if self._lost("requests"):
            return
        node = self._chance.choice(ready)
        node.requests += 1
        node.process.ended.append(lambda: self._cut_off(answer))
        node.process.spawn(self._serve(node, call, answer), "request")

    def _cut_off(self, answer: asyncio.Future[Answer]) -> None:
        """Let whoever waits hear that the edge is gone."""
        if not answer.done():
            self.machine.after(self._delay_us(), lambda: self._tell(answer, NoAnswer("the edge is gone", sent=True)))

    async def _serve(self, node: Node, call: Call, answer: asyncio.Future[Answer]) -> None:
        """Carry out a request in the edge's loop."""
        sent: list[Message] = []
        pieces = [call.body]

        async def receive() -> Message:
            if not pieces:
                await asyncio.get_running_loop().create_future()
            return {"type": "http.request", "body": pieces.pop(), "more_body": False}

        async def send(message: Message) -> None:
            sent.append(message)

        assert node.site is not None
        try:
            await node.site(call.scope(), receive, send)
        finally:
            node.requests -= 1
        if sent and not self._lost("answers"):
            start, *rest = sent
            headers = {key.decode(): value.decode() for key, value in start["headers"]}
            found = Answer(start["status"], headers, b"".join(message.get("body", b"") for message in rest))
            self.machine.after(self._delay_us(), lambda: self._tell(answer, found))

    def _tell(self, answer: asyncio.Future[Answer], outcome: Answer | NoAnswer) -> None:
        if answer.done():
            return
        with self.machine.as_process(self.people):
            if isinstance(outcome, Answer):
                answer.set_result(outcome)
            else:
                answer.set_exception(outcome)
