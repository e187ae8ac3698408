"""The router alone: which route is meant, and how it is answered, in failure too."""

import pytest
import structlog
from prometheus_client import REGISTRY

from bowerbird.contracts.problems import Exists, Problem, Unavailable
from bowerbird.edge.http.asgi import Header, Receive, Scope, Send
from bowerbird.edge.http.route import Reply
from bowerbird.edge.http.settings import HttpSettings
from tests.support.edge_client import call
from tests.support.router_place import BEARER, COOKIE, OWN, Place, Thing


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
    for header, version in [(b'"v7-abc"', 7), (b"*", None)]:
        await call(place.router, "PATCH", "/things/1", headers=[BEARER, (b"if-match", header)])
        assert place.context.seen[-1].version == version
    answer = await call(place.router, "PATCH", "/things/1", headers=[BEARER, (b"if-match", b"seven")])
    assert answer.problem() == (400, "invalid", "If-Match")


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
