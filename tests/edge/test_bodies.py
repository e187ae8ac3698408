"""What the router takes in: parameters and bodies of a known shape and size, once where a key says so."""

import asyncio

import pytest

from bowerbird.edge.http import router
from bowerbird.edge.http.asgi import Header, Message, Scope
from bowerbird.edge.http.route import Reply
from bowerbird.edge.http.settings import HttpSettings
from tests.support.edge_client import call
from tests.support.router_place import BEARER, COOKIE, JSON, Filter, Place, Thing


async def test_a_body_must_be_json_and_say_so(place: Place) -> None:
    form = [BEARER, (b"content-type", b"application/x-www-form-urlencoded")]
    answer = await call(place.router, "POST", "/things", headers=form, body=b"name=a")
    assert answer.problem() == (415, "unsupported-type", "Content-Type")
    assert (await place.post("/things", BEARER, body=b'{"name":1}')).problem() == (400, "invalid", "name")
    assert (await place.post("/things", BEARER, body=b"")).problem() == (400, "invalid", "")
    unwanted = await call(place.router, "PATCH", "/things/1", headers=[BEARER], body=b"{}")
    assert unwanted.problem() == (400, "invalid", "")


async def test_parameters_are_checked_even_where_there_are_none(place: Place) -> None:
    assert (await place.get("/open", query=b"x=1")).problem() == (400, "invalid", "x")
    assert (await place.get("/mine", COOKIE, query=b"limit=1&limit=2")).problem() == (400, "invalid", "limit")
    await place.get("/mine", COOKIE, query=b"limit=7")
    assert place.context.seen[-1].query == Filter(7)
    await place.get("/mine", COOKIE)
    assert place.context.seen[-1].query == Filter(25)


async def test_every_size_has_a_bound() -> None:
    place = Place(HttpSettings(body_bytes_max=4096, url_bytes_max=1024, headers_bytes_max=2048, headers_max=16))
    assert (await place.post("/things", BEARER, body=b" " * 4097)).problem() == (413, "too-large", "")
    stated = await place.post("/things", BEARER, (b"content-length", b"5000"), body=b"{}")
    assert stated.problem() == (413, "too-large", "")
    assert (await place.get("/" + "x" * 1024)).problem() == (414, "address-too-long", "")
    assert (await place.get("/open", query=b"x" * 1024)).problem() == (414, "address-too-long", "")
    assert (await place.get("/open", (b"x", b"y" * 2048))).problem() == (431, "headers-too-large", "")
    many = [(b"h%d" % number, b"") for number in range(17)]
    assert (await place.get("/open", *many)).problem() == (431, "headers-too-large", "")


async def test_a_key_makes_a_write_happen_once(place: Place) -> None:
    key = (b"idempotency-key", b"abc")
    await place.post("/things", BEARER, key)
    await place.post("/things", BEARER, key)
    await place.post("/things", BEARER, key, body=b'{"name":"b"}')
    await place.post("/things", BEARER, (b"idempotency-key", b"abd"))
    await place.post("/things", BEARER)
    first, again, other_body, other_key, none = [request.caller.once for request in place.context.seen]
    assert first is not None
    assert other_body is not None
    assert other_key is not None
    assert first == again
    assert first.key == other_body.key
    assert first.request != other_body.request
    assert first.key != other_key.key
    assert none is None
    for bad in (b"", b"a b", b"x" * 256, b"\xff"):
        answer = await place.post("/things", BEARER, (b"idempotency-key", bad))
        assert answer.problem() == (400, "invalid", "Idempotency-Key")


class Sending:
    """A client that sends a body of many pieces, and notes in which order it gets and gives."""

    def __init__(self, pieces: int, *, stuck_after: int = 1 << 30) -> None:
        self.left = pieces
        self.stuck_after = stuck_after
        self.events: list[str] = []
        self.status = 0
        self.headers: list[str] = []

    async def receive(self) -> Message:
        if self.stuck_after == 0:
            await asyncio.Event().wait()
        self.left -= 1
        self.stuck_after -= 1
        self.events.append("gives")
        return {"type": "http.request", "body": b" " * 65_536, "more_body": self.left > 0}

    async def send(self, message: Message) -> None:
        self.status = message.get("status", self.status)
        self.headers.extend(name.decode() for name, _ in message.get("headers", ()))
        self.events.append("gets all" if message.get("body") else "begins" if "status" in message else "ends")

    async def ask(self, place: Place, path: str, *headers: Header, method: str = "POST") -> None:
        scope: Scope = {"type": "http", "method": method, "path": path, "query_string": b"", "scheme": "http"}
        await place.router({**scope, "headers": [JSON, *headers], "client": ("192.0.2.7", 1)}, self.receive, self.send)


LONG = (b"content-length", b"6553600")
PARTS = (b"transfer-encoding", b"chunked")


@pytest.mark.parametrize(
    ("path", "method", "headers", "status"),
    [
        ("/things", "POST", [LONG, BEARER], 413),
        ("/things", "POST", [PARTS, BEARER], 413),
        ("/things", "POST", [LONG], 401),
        ("/nothing", "POST", [LONG], 404),
        ("/things", "DELETE", [PARTS], 405),
        ("/open", "GET", [LONG], 200),
    ],
)
async def test_a_client_that_still_sends_gets_its_answer_before_it_is_cut_off(
    place: Place, path: str, method: str, headers: list[Header], status: int
) -> None:
    client = Sending(100)
    place.context.reply = Reply(Thing("a"))
    await client.ask(place, path, *headers, method=method)
    assert client.status == status
    assert client.left == 0
    # An answer of a stated length would be over with its last byte.
    assert "content-length" not in client.headers
    assert client.events[-1] == "ends"
    assert client.events.index("gets all") < len(client.events) - 50


async def test_what_is_let_pass_has_bounds(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    endless = Sending(1 << 30)
    await endless.ask(place, "/nothing", LONG)
    assert endless.events.count("gives") == 1024
    monkeypatch.setattr(router, "_PASSED_S", 0.01)
    stuck = Sending(100, stuck_after=3)
    await stuck.ask(place, "/nothing", LONG)
    assert stuck.events == ["begins", "gets all", "gives", "gives", "gives", "ends"]


@pytest.mark.parametrize("headers", [[], [(b"content-length", b"0")], [LONG, (b"expect", b"100-continue")]])
async def test_nobody_waits_for_a_body_that_is_not_coming(place: Place, headers: list[Header]) -> None:
    client = Sending(1, stuck_after=0)
    await client.ask(place, "/nothing", *headers)
    assert (client.status, client.events) == (404, ["begins", "gets all"])
