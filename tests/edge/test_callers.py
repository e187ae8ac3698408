"""Who calls, as the router finds it out: by token or cookie, from which page and address, and how often."""

import pytest

from bowerbird.edge.http.route import Reply
from bowerbird.edge.http.settings import HttpSettings
from tests.support.edge_client import call_json
from tests.support.router_place import ADA, BEARER, COOKIE, OWN, SESSION, Place, Thing


async def test_who_calls_is_known_by_token_or_cookie(place: Place) -> None:
    await place.get("/mine", BEARER)
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
    assert (await place.post("/things", evil, BEARER)).status == 201
    assert (await place.get("/things", COOKIE, evil)).status == 200


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


async def test_a_session_is_set_and_taken_away_by_its_handler(place: Place) -> None:
    place.context.reply = Reply(Thing("a"), token="fresh")
    answer = await call_json(place.router, "POST", "/sign-in", {"name": "a"})
    assert str(answer.header("set-cookie")).startswith("bowerbird_session=fresh; ")
    assert "Secure" not in str(answer.header("set-cookie"))
    place.context.reply = Reply(token="")
    answer = await call_json(place.router, "POST", "/sign-in", {"name": "a"})
    assert "bowerbird_session=;" in str(answer.header("set-cookie"))


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
