"""Accounts as their owners use them: sessions, passwords, access tokens, profiles, and the end."""

import json
from collections.abc import Callable
from typing import Any

import httpx

from tests.support.pictures import jpeg
from tests.support.server import Server
from tests.support.visitor import Visitor, settled

Someone = Callable[[str], Visitor]


def sign_in(server: Server, login: str, password: str) -> httpx.Response:
    return httpx.post(f"{server.base_url}/v1/sessions", json={"login": login, "password": password}, timeout=30)


def with_token(server: Server, token: str) -> httpx.Client:
    limits = httpx.Limits(max_keepalive_connections=0)
    return httpx.Client(base_url=server.base_url, headers={"authorization": f"Bearer {token}"}, limits=limits)


def test_whoever_registers_is_told_where_they_are(server: Server) -> None:
    new = {"handle": "just_arrived", "name": "A", "email": "just@example.org", "password": "a long enough one"}
    made = httpx.post(f"{server.base_url}/v1/users", json=new, timeout=30)
    assert made.status_code == httpx.codes.CREATED
    assert httpx.get(server.base_url + made.headers["location"]).json()["handle"] == "just_arrived"


def test_unknown_and_wrong_are_answered_alike(server: Server, someone: Someone) -> None:
    ada = someone("ada")
    wrong = sign_in(server, ada.handle, "not her password")
    unknown = sign_in(server, "nobody_at_all", "not her password")
    assert (wrong.status_code, unknown.status_code) == (401, 401)
    assert {**wrong.json(), "request_id": ""} == {**unknown.json(), "request_id": ""}


def test_a_session_signs_in_by_handle_and_by_e_mail_and_ends_at_once_when_revoked(
    server: Server, someone: Someone
) -> None:
    ada = someone("ada")
    other = sign_in(server, ada.handle.upper(), ada.password).json()
    assert sign_in(server, f"{ada.handle}@example.org", ada.password).is_success
    sessions = ada.ask("GET", "/v1/sessions")["items"]
    assert len(sessions) == 3
    assert [each["current"] for each in sessions].count(True) == 1
    with with_token(server, other["token"]) as elsewhere:
        assert elsewhere.get("/v1/me").is_success
        ada.ask("DELETE", f"/v1/sessions/{other['session']['id']}")
        assert elsewhere.get("/v1/me").status_code == httpx.codes.UNAUTHORIZED
    assert ada.ask("GET", "/v1/me")["handle"] == ada.handle
    ada.ask("DELETE", "/v1/sessions/current")
    assert ada.send("GET", "/v1/me").status_code == httpx.codes.UNAUTHORIZED


def test_a_new_password_ends_every_other_session(server: Server, someone: Someone) -> None:
    ada = someone("ada")
    other = sign_in(server, ada.handle, ada.password).json()["token"]
    refused = ada.send("PUT", "/v1/me/password", json={"current": "a wrong one", "new": "another long one"})
    assert (refused.status_code, refused.json()["field"]) == (401, "current")
    ada.ask("PUT", "/v1/me/password", json={"current": ada.password, "new": "another long one"})
    with with_token(server, other) as elsewhere:
        assert elsewhere.get("/v1/me").status_code == httpx.codes.UNAUTHORIZED
    assert ada.ask("GET", "/v1/me")["handle"] == ada.handle
    assert sign_in(server, ada.handle, ada.password).status_code == httpx.codes.UNAUTHORIZED
    assert sign_in(server, ada.handle, "another long one").is_success


def test_a_cookie_is_for_pages_of_the_same_origin_alone(server: Server, someone: Someone) -> None:
    ada = someone("ada")
    answer = sign_in(server, ada.handle, ada.password)
    cookie = answer.headers["set-cookie"]
    assert all(part in cookie for part in ("HttpOnly", "SameSite=Lax", "Path=/"))
    own = {"cookie": cookie.split(";", 1)[0]}
    new = {"name": "By cookie"}
    assert httpx.get(f"{server.base_url}/v1/me", headers=own).is_success
    for origin in ({}, {"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}):
        forged = httpx.post(f"{server.base_url}/v1/boards", headers=own | origin, json=new)
        assert forged.status_code == httpx.codes.FORBIDDEN, origin
    assert httpx.post(f"{server.base_url}/v1/boards", headers=own | {"origin": server.base_url}, json=new).is_success


def test_an_access_token_has_its_scopes_and_ends(server: Server, someone: Someone) -> None:
    ada = someone("ada")
    made = ada.ask("POST", "/v1/me/tokens", json={"name": "reader", "scopes": ["read"]})
    with with_token(server, made["secret"]) as reader:
        assert reader.get("/v1/me").is_success
        assert reader.post("/v1/boards", json={"name": "No"}).status_code == httpx.codes.FORBIDDEN
        assert [each["name"] for each in ada.ask("GET", "/v1/me/tokens")["items"]] == ["reader"]
        ada.ask("DELETE", f"/v1/me/tokens/{made['token']['id']}")
        assert reader.get("/v1/me").status_code == httpx.codes.UNAUTHORIZED
    for time in ("2030-01-01", "9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59", "2020-01-01T00:00:00Z", "z"):
        bad = ada.send("POST", "/v1/me/tokens", json={"name": "x", "scopes": ["read"], "expires_at": time})
        assert (bad.status_code, bad.json()["field"]) == (400, "expires_at"), time
    assert ada.ask("GET", "/v1/me/tokens")["items"] == []
    too_much = ada.send("POST", "/v1/me/tokens", json={"name": "x", "scopes": ["admin"]})
    assert too_much.status_code == httpx.codes.FORBIDDEN


def test_a_profile_is_edited_and_shows_its_picture(server: Server, someone: Someone) -> None:
    ada, bob = someone("ada"), someone("bob")
    upload = ada.upload(jpeg(9))
    me = ada.ask("PATCH", "/v1/me", json={"name": "  Ada L. ", "about": "Sums\nand engines", "picture": upload})
    seen = bob.ask("GET", f"/v1/users/{ada.handle}")
    assert (seen["name"], seen["about"], seen["you"]) == ("Ada L.", "Sums\nand engines", False)
    assert "email" not in seen
    assert httpx.get(server.base_url + seen["picture"]["236"]).is_success
    stale = ada.send("PATCH", "/v1/me", json={"name": "Late"}, headers={"if-match": '"v1"'})
    assert stale.status_code == httpx.codes.PRECONDITION_FAILED
    ada.ask("PATCH", "/v1/me", json={"picture": None}, headers={"if-match": f'"v{me["version"]}"'})
    assert httpx.get(server.base_url + seen["picture"]["236"]).status_code == httpx.codes.NOT_FOUND


def test_a_deleted_account_is_gone_for_everybody_at_once(server: Server, someone: Someone) -> None:
    ada, bob = someone("ada"), someone("bob")
    board, guest = ada.board("Nobody else's"), bob.board("Bob's")
    bob.follow(ada)
    bob.ask("PUT", f"/v1/boards/{guest}/shares/{ada.id}", json={"role": "editor"})
    own, given = ada.photo(board, seed=1), ada.photo(guest, seed=2)
    settled(bob.feed_pins, lambda pins: own["id"] in pins)
    assert ada.send("DELETE", "/v1/me", json={"password": "a guess"}).status_code == httpx.codes.UNAUTHORIZED
    ada.ask("DELETE", "/v1/me", json={"password": ada.password})
    assert ada.send("GET", "/v1/me").status_code == httpx.codes.UNAUTHORIZED
    for path in (f"/v1/users/{ada.handle}", f"/v1/users/{ada.id}", f"/v1/boards/{board}", f"/v1/pins/{own['id']}"):
        assert bob.send("GET", path).status_code == httpx.codes.NOT_FOUND, path
    assert own["id"] not in bob.feed_pins()
    assert httpx.get(server.base_url + own["picture"]["src"]["236"]).status_code == httpx.codes.NOT_FOUND
    kept = settled(lambda: bob.ask("GET", f"/v1/pins/{given['id']}"), lambda pin: pin["saved_by"] is None)
    assert kept["id"] == given["id"]
    assert sign_in(server, ada.handle, ada.password).status_code == httpx.codes.UNAUTHORIZED
    events = settled(
        server.command("--json", "log", "tail", "--lines", "400", "--bodies").stdout.splitlines,
        lambda lines: len(lines) > 5,
    )
    told: list[dict[str, Any]] = [json.loads(line) for line in events if board in line]
    assert {event["type"] for event in told} >= {"board_created", "board_deleted"}
    # What is still readable of her says that something is gone, by its id alone.
    assert all(event["body"] is None or not event["body"].get("name") for event in told)
    assert not any("Nobody else's" in line for line in events)
