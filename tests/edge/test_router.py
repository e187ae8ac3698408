"""The router alone, over a few routes that know no resource."""

import asyncio
from typing import Any

import pytest
import structlog
from msgspec import Struct
from prometheus_client import REGISTRY

from bowerbird.base.ids import Id
from bowerbird.base.world import World
from bowerbird.contracts.caller import Caller
from bowerbird.contracts.identity import Shown
from bowerbird.contracts.problems import Exists, Problem, Unauthenticated, Unavailable
from bowerbird.contracts.safety import Allowance
from bowerbird.edge.http import router
from bowerbird.edge.http.asgi import Header, Message, Receive, Scope, Send
from bowerbird.edge.http.route import AnyRoute, Reply, Request, Route
from bowerbird.edge.http.router import Router
from bowerbird.edge.http.settings import HttpSettings
from tests.support.edge_client import Answer, call, call_json

ADA = Id(b"a" * 16)
SESSION = Id(b"s" * 16)
COOKIE = (b"cookie", b"bowerbird_session=good")
OWN = (b"sec-fetch-site", b"same-origin")
JSON = (b"content-type", b"application/json")


class Thing(Struct, forbid_unknown_fields=True):
    name: str


class Filter(Struct, forbid_unknown_fields=True):
    limit: int = 25


class Context:
    """What the handlers saw, and what they are to do."""

    def __init__(self) -> None:
        self.seen: list[Request[Any, Any]] = []
        self.error: BaseException | None = None
        self.reply: Reply[Any] = Reply()


async def handle(context: Context, request: Request[Any, Any]) -> Reply[Any]:
    context.seen.append(request)
    if context.error is not None:
        raise context.error
    return context.reply


async def wait(context: Context, request: Request[Any, Any]) -> Reply[Any]:
    await World().sleep(60)
    return await handle(context, request)


class Gate:
    """`good` is Ada; `old` is she with a token to renew; `read` and `write` are hers with that scope alone."""

    allowed = True

    def __init__(self) -> None:
        self.spent: list[tuple[Id | None, str, str]] = []
        self.down = False

    async def authenticate(self, token: str) -> Shown:
        if self.down:
            raise Unavailable("identity cannot answer", retry_after_s=3)
        scopes = {"good": 3, "old": 3, "read": 1, "write": 2}.get(token)
        if scopes is None:
            raise Unauthenticated("this token is no good")
        return Shown(ADA, SESSION, scopes, "fresh" if token == "old" else "")

    async def spend(self, caller: Caller, budget: str, address: str) -> Allowance:
        assert caller.trace
        self.spent.append((caller.person, budget, address))
        return Allowance(self.allowed, 100, 41 if self.allowed else 0, 30)


def routes() -> tuple[AnyRoute[Context], ...]:
    return (
        Route(method="GET", path="/open", handler=handle, summary="", tag="", access="open"),
        Route(method="GET", path="/things", handler=handle, summary="", tag="", access="public", budget="read"),
        Route(method="GET", path="/mine", handler=handle, summary="", tag="", query=Filter),
        Route(method="GET", path="/slow", handler=wait, summary="", tag="", access="open"),
        Route(
            method="POST",
            path="/things",
            handler=handle,
            summary="",
            tag="",
            body=Thing,
            status=201,
            access="write",
            once=True,
        ),
        Route(method="PATCH", path="/things/{thing}", handler=handle, summary="", tag="", access="write", matches=True),
        Route(method="POST", path="/sign-in", handler=handle, summary="", tag="", body=Thing, access="public"),
    )


class Place:
    """A router with all that stands around it."""

    def __init__(self, settings: HttpSettings | None = None) -> None:
        self.context = Context()
        self.gate = Gate()
        self.router = Router(routes(), self.context, self.gate, settings or HttpSettings(), World())

    async def get(self, path: str, *headers: tuple[bytes, bytes], query: bytes = b"") -> Answer:
        return await call(self.router, "GET", path, headers=headers, query=query)

    async def post(self, path: str, *headers: tuple[bytes, bytes], body: bytes = b'{"name":"a"}') -> Answer:
        return await call(self.router, "POST", path, headers=[JSON, *headers], body=body)


@pytest.fixture
def place() -> Place:
    return Place()


async def test_an_unknown_address_and_a_wrong_method_are_told_apart(place: Place) -> None:
    for path in ("/nothing", "/things/", "/things\0", "/thingß", "/\ud800"):
        assert (await place.get(path)).problem() == (404, "not-found", "")
    answer = await call(place.router, "DELETE", "/things")
    assert answer.problem() == (405, "method-not-allowed", "")
    assert answer.header("allow") == "GET, HEAD, OPTIONS, POST"


async def test_an_escaped_slash_divides_no_path(place: Place) -> None:
    for raw, status in ((b"/things/1", 405), (b"/things%2F1", 404), (b"/things%2f1", 404), (b"/thing%73/1", 405)):
        answer = await call(place.router, "GET", "/things/1", raw_path=raw)
        assert answer.status == status, raw


async def test_options_lists_the_methods(place: Place) -> None:
    answer = await call(place.router, "OPTIONS", "/things")
    assert (answer.status, answer.body, answer.header("allow")) == (204, b"", "GET, HEAD, OPTIONS, POST")


async def test_head_is_a_get_without_its_body(place: Place) -> None:
    place.context.reply = Reply(Thing("a"))
    got, head = await place.get("/open"), await call(place.router, "HEAD", "/open")
    assert got.body == b'{"name":"a"}'
    assert head.body == b""
    assert head.header("content-length") == got.header("content-length") == "12"
    assert head.header("etag") == got.header("etag")


async def test_a_reader_who_has_it_is_not_sent_it_again(place: Place) -> None:
    place.context.reply = Reply(Thing("a"), version=3)
    tag = (await place.get("/open")).header("etag")
    assert tag is not None
    again = await place.get("/open", (b"if-none-match", tag.encode()))
    assert (again.status, again.body, again.header("etag")) == (304, b"", tag)
    assert again.header("content-length") is None
    place.context.reply = Reply(Thing("b"), version=4)
    assert (await place.get("/open", (b"if-none-match", tag.encode()))).status == 200


async def test_an_edit_carries_the_version_seen(place: Place) -> None:
    bearer = (b"authorization", b"Bearer good")
    for header, version in [(b'"v7-abc"', 7), (b"*", None)]:
        await call(place.router, "PATCH", "/things/1", headers=[bearer, (b"if-match", header)])
        assert place.context.seen[-1].version == version
    answer = await call(place.router, "PATCH", "/things/1", headers=[bearer, (b"if-match", b"seven")])
    assert answer.problem() == (400, "invalid", "If-Match")


async def test_who_calls_is_known_by_token_or_cookie(place: Place) -> None:
    await place.get("/mine", (b"authorization", b"Bearer good"))
    await place.get("/mine", COOKIE)
    await place.get("/things")
    people = [(request.caller.person, request.caller.session) for request in place.context.seen]
    assert people == [(ADA, SESSION), (ADA, SESSION), (None, None)]


@pytest.mark.parametrize("header", [b"Bearer bad", b"Bearer", b"Basic Z29vZA==", b"", b"Bearer \xff\xfe", b"good"])
async def test_a_bad_token_is_refused_everywhere_but_where_nobody_asks(place: Place, header: bytes) -> None:
    for path in ("/mine", "/things"):
        answer = await place.get(path, (b"authorization", header))
        assert answer.problem() == (401, "unauthenticated", "")
        assert answer.header("www-authenticate") == "Bearer"
    assert (await place.get("/open", (b"authorization", header))).status == 200


async def test_a_dead_cookie_makes_a_visitor_and_is_taken_away(place: Place) -> None:
    dead = (b"cookie", b"bowerbird_session=bad")
    visit = await place.get("/things", dead)
    assert visit.status == 200
    assert place.context.seen[-1].caller.person is None
    assert "Max-Age=0" in str(visit.header("set-cookie"))
    assert (await place.get("/mine", dead)).problem() == (401, "unauthenticated", "")
    assert (await place.post("/sign-in", dead, OWN)).status == 200


async def test_a_renewed_token_comes_back_the_way_it_came(place: Place) -> None:
    by_cookie = await place.get("/things", (b"cookie", b"bowerbird_session=old"))
    assert str(by_cookie.header("set-cookie")).startswith("bowerbird_session=fresh; ")
    by_header = await place.get("/things", (b"authorization", b"Bearer old"))
    assert by_header.header("renewed-token") == "fresh"
    assert by_header.header("set-cookie") is None


async def test_scopes_are_asked_for(place: Place) -> None:
    assert (await place.get("/mine", (b"authorization", b"Bearer write"))).problem() == (403, "forbidden", "")
    assert (await place.get("/things", (b"authorization", b"Bearer write"))).problem() == (403, "forbidden", "")
    assert (await place.post("/things", (b"authorization", b"Bearer read"))).problem() == (403, "forbidden", "")
    assert (await place.post("/things")).problem() == (401, "unauthenticated", "")
    assert (await place.get("/mine")).problem() == (401, "unauthenticated", "")


async def test_a_write_by_cookie_needs_the_own_page(place: Place) -> None:
    assert (await place.post("/things", COOKIE, OWN)).status == 201
    assert (await place.post("/things", COOKIE, (b"host", b"b.org"), (b"origin", b"https://b.org"))).status == 201
    assert (await place.post("/things", COOKIE)).problem() == (403, "forbidden", "")
    assert (await place.post("/things", COOKIE, (b"sec-fetch-site", b"cross-site"))).status == 403
    assert (await place.post("/sign-in", (b"origin", b"https://evil.org"), (b"host", b"b.org"))).status == 403
    evil = (b"sec-fetch-site", b"cross-site")
    assert (await place.post("/things", evil, (b"authorization", b"Bearer good"))).status == 201
    assert (await place.get("/things", COOKIE, evil)).status == 200


async def test_a_body_must_be_json_and_say_so(place: Place) -> None:
    bearer = (b"authorization", b"Bearer good")
    form = [bearer, (b"content-type", b"application/x-www-form-urlencoded")]
    answer = await call(place.router, "POST", "/things", headers=form, body=b"name=a")
    assert answer.problem() == (415, "unsupported-type", "Content-Type")
    assert (await place.post("/things", bearer, body=b'{"name":1}')).problem() == (400, "invalid", "name")
    assert (await place.post("/things", bearer, body=b"")).problem() == (400, "invalid", "")
    unwanted = await call(place.router, "PATCH", "/things/1", headers=[bearer], body=b"{}")
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
    bearer = (b"authorization", b"Bearer good")
    assert (await place.post("/things", bearer, body=b" " * 4097)).problem() == (413, "too-large", "")
    stated = await place.post("/things", bearer, (b"content-length", b"5000"), body=b"{}")
    assert stated.problem() == (413, "too-large", "")
    assert (await place.get("/" + "x" * 1024)).problem() == (414, "address-too-long", "")
    assert (await place.get("/open", query=b"x" * 1024)).problem() == (414, "address-too-long", "")
    assert (await place.get("/open", (b"x", b"y" * 2048))).problem() == (431, "headers-too-large", "")
    many = [(b"h%d" % number, b"") for number in range(17)]
    assert (await place.get("/open", *many)).problem() == (431, "headers-too-large", "")


async def test_calls_are_counted_by_person_or_address(place: Place) -> None:
    answer = await place.get("/things")
    assert answer.header("ratelimit-policy") == '"read";q=100'
    assert answer.header("ratelimit") == '"read";r=41;t=30'
    await place.get("/things", COOKIE)
    assert place.gate.spent == [(None, "read", "192.0.2.7"), (ADA, "read", "192.0.2.7")]


async def test_too_many_calls_are_told_when_to_come_back(place: Place) -> None:
    place.gate.allowed = False
    answer = await place.get("/things")
    assert answer.problem() == (429, "throttled", "")
    assert answer.header("retry-after") == "30"
    assert answer.header("ratelimit") == '"read";r=0;t=30'
    assert place.context.seen == []


async def test_the_address_is_what_our_own_proxies_saw() -> None:
    forwarded = (b"x-forwarded-for", b"6.6.6.6, 203.0.113.9, 10.0.0.1")
    for proxies, address in [(0, "192.0.2.7"), (1, "10.0.0.1"), (2, "203.0.113.9"), (8, "6.6.6.6")]:
        place = Place(HttpSettings(proxies=proxies))
        await place.get("/open", forwarded)
        assert place.context.seen[0].address == address
    place = Place(HttpSettings(proxies=1))
    await place.get("/open", (b"x-forwarded-for", b"<script>"))
    assert place.context.seen[0].address == "192.0.2.7"


async def test_a_key_makes_a_write_happen_once(place: Place) -> None:
    bearer, key = (b"authorization", b"Bearer good"), (b"idempotency-key", b"abc")
    await place.post("/things", bearer, key)
    await place.post("/things", bearer, key)
    await place.post("/things", bearer, key, body=b'{"name":"b"}')
    await place.post("/things", bearer, (b"idempotency-key", b"abd"))
    await place.post("/things", bearer)
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
        answer = await place.post("/things", bearer, (b"idempotency-key", bad))
        assert answer.problem() == (400, "invalid", "Idempotency-Key")


async def test_problems_are_told_as_they_are(place: Place) -> None:
    place.context.error = Exists("that name is taken", field="name")
    answer = await place.get("/open")
    assert answer.problem() == (409, "exists", "name")
    assert answer.json()["detail"] == "that name is taken"
    assert answer.header("cache-control") == "no-store"
    place.context.error = Unavailable("the records cannot be read", retry_after_s=2)
    answer = await place.get("/open")
    assert answer.problem() == (503, "unavailable", "")
    assert answer.header("retry-after") == "2"
    place.context.error = None
    place.gate.down = True
    assert (await place.get("/things", COOKIE)).problem() == (503, "unavailable", "")


@pytest.mark.parametrize("error", [KeyError("a secret"), TimeoutError("a secret"), Problem("a secret")])
async def test_a_mistake_shows_nothing_of_itself(place: Place, error: Exception) -> None:
    place.context.error = error
    with structlog.testing.capture_logs() as logs:
        answer = await place.get("/open")
    assert answer.problem()[:2] == (500, "internal")
    if not isinstance(error, Problem):
        assert b"secret" not in answer.body
        assert logs[0]["event"] == "request failed"
        assert logs[0]["exc_info"] is error


async def test_an_answer_that_takes_too_long_is_given_up() -> None:
    place = Place(HttpSettings(timeout_ms=100))
    assert (await place.get("/slow")).problem() == (503, "unavailable", "")


async def test_the_request_id_is_the_clients_own_where_it_is_one(place: Place) -> None:
    answer = await place.get("/open", (b"x-request-id", b"my-own-id-1"))
    assert answer.header("x-request-id") == "my-own-id-1"
    assert place.context.seen[0].caller.trace == "my-own-id-1"
    for bad in (b"short", b"with space in it", b"x" * 65, b"\xff" * 10, b"line\nbreak1"):
        answer = await place.get("/open", (b"x-request-id", bad))
        made = answer.header("x-request-id")
        assert made == place.context.seen[-1].caller.trace
        assert made is not None
        assert len(made) == 16


async def test_answers_are_nobody_elses(place: Place) -> None:
    place.context.reply = Reply(Thing("a"))
    answer = await place.get("/things", COOKIE)
    assert answer.header("cache-control") == "private, no-cache"
    assert answer.header("vary") == "cookie, authorization"
    assert answer.header("x-content-type-options") == "nosniff"
    assert "default-src 'none'" in str(answer.header("content-security-policy"))
    written = await place.post("/things", COOKIE, OWN)
    assert written.header("cache-control") == "no-store"


async def test_a_session_is_set_and_taken_away_by_its_handler(place: Place) -> None:
    place.context.reply = Reply(Thing("a"), token="fresh")
    answer = await call_json(place.router, "POST", "/sign-in", {"name": "a"})
    assert str(answer.header("set-cookie")).startswith("bowerbird_session=fresh; ")
    assert "Secure" not in str(answer.header("set-cookie"))
    place.context.reply = Reply(token="")
    answer = await call_json(place.router, "POST", "/sign-in", {"name": "a"})
    assert "bowerbird_session=;" in str(answer.header("set-cookie"))


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
        ("/things", "POST", [LONG, (b"authorization", b"Bearer good")], 413),
        ("/things", "POST", [PARTS, (b"authorization", b"Bearer good")], 413),
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


HTTPS = (b"x-forwarded-proto", b"https")


@pytest.mark.parametrize(
    ("settings", "headers", "secure"),
    [
        (HttpSettings(tls=True), [], True),
        (HttpSettings(origin="https://b.org"), [], True),
        (HttpSettings(origin="http://b.org"), [], False),
        (HttpSettings(proxies=1), [HTTPS], True),
        (HttpSettings(proxies=2), [(b"x-forwarded-proto", b"HTTPS, http")], True),
        (HttpSettings(proxies=1), [(b"x-forwarded-proto", b"http")], False),
        (HttpSettings(proxies=1), [], False),
        (HttpSettings(), [HTTPS], False),
    ],
)
async def test_behind_tls_a_cookie_is_for_tls_and_this_host_alone(
    settings: HttpSettings, headers: list[tuple[bytes, bytes]], secure: bool
) -> None:
    place = Place(settings)
    place.context.reply = Reply(Thing("a"), token="fresh")
    cookie = str((await place.post("/sign-in", OWN, *headers)).header("set-cookie"))
    name, _, rest = cookie.partition("=")
    assert (name == "__Host-bowerbird_session") is secure
    assert rest.endswith("; Secure") is secure
    assert "; Path=/;" in rest
    assert "Domain" not in rest
    place.context.reply = Reply()
    await place.get("/things", (b"cookie", name.encode() + b"=good"), *headers)
    assert place.context.seen[-1].caller.person == ADA
    other = b"bowerbird_session=good" if secure else b"__Host-bowerbird_session=good"
    await place.get("/things", (b"cookie", other), *headers)
    assert place.context.seen[-1].caller.person is None


async def test_what_is_counted_has_an_end_whatever_methods_are_made_up(place: Place) -> None:
    def counted() -> set[tuple[str, str]]:
        metrics = [metric for metric in REGISTRY.collect() if metric.name == "bowerbird_http_requests"]
        return {(sample.labels["method"], sample.labels["route"]) for metric in metrics for sample in metric.samples}

    before = counted()
    for number in range(50):
        answer = await call(place.router, f"BREW{number}", "/mine")
        assert answer.problem() == (405, "method-not-allowed", "")
    assert len(counted() - before) <= 1
    await call(place.router, "HEAD", "/open")
    assert ("HEAD", "/open") in counted()


async def test_a_stream_answers_conditions_itself(place: Place) -> None:
    async def known(_scope: Scope, _receive: Receive, send: Send, headers: list[Header]) -> None:
        await send({"type": "http.response.start", "status": 304, "headers": [*headers, (b"etag", b'"its own"')]})
        await send({"type": "http.response.body", "body": b""})

    place.context.reply = Reply(stream=known)
    answer = await place.get("/open", (b"if-none-match", b"*"))
    assert (answer.status, answer.header("etag")) == (304, '"its own"')


async def test_a_stream_that_fails_before_its_first_byte_is_still_answered(place: Place) -> None:
    async def broken(*_args: object) -> None:
        raise Unavailable("the blob store cannot answer")

    async def mistaken(*_args: object) -> None:
        raise OSError("a secret path")

    place.context.reply = Reply(stream=broken)
    assert (await place.get("/open")).problem() == (503, "unavailable", "")
    place.context.reply = Reply(stream=mistaken)
    answer = await place.get("/open")
    assert answer.problem() == (500, "internal", "")
    assert b"secret" not in answer.body
