"""Signing in: alike for unknown and wrong, counted for all workers, and never behind a password that was changed."""

from pathlib import Path

import pytest
from argon2 import extract_parameters
from msgspec.structs import replace
from structlog.testing import capture_logs

from bowerbird.base.ids import to_text
from bowerbird.contracts.caller import NOBODY
from bowerbird.contracts.identity import Device
from bowerbird.contracts.problems import Throttled, Unauthenticated
from bowerbird.services.safety.settings import SafetySettings
from tests.support.identity_house import CHEAP, DEVICE, PASSWORD, House, caller, open_house
from tests.support.placement import unsent

WRONG = "correct horse batterz"


async def refusal(house: House, login: str, password: str) -> tuple[object, ...]:
    """Return all that a refused sign-in shows, and what it asked of the engine."""
    house.records.calls.clear()
    given = house.pool.given
    with pytest.raises(Unauthenticated) as refused:
        await house.identity.sign_in(NOBODY, login, password, DEVICE)
    problem = refused.value
    calls = (*house.records.calls, f"hashes {house.pool.given - given}")
    return (problem.args, problem.__cause__, problem.__context__, calls)


@pytest.mark.parametrize("login", ["ada", "ADA", " ada ", "ada@example.org", "Ada@Example.ORG"])
async def test_a_handle_and_an_address_sign_in(house: House, login: str) -> None:
    joined = await house.join("ada")
    signed_in = await house.identity.sign_in(NOBODY, login, PASSWORD, Device("curl", "203.0.113.9"))
    assert signed_in.user == joined.user
    assert signed_in.session.id != joined.session.id
    assert (await house.identity.authenticate(signed_in.token)).session == signed_in.session.id
    assert [row.client for row in await house.identity.sessions(caller(joined))] == ["curl", DEVICE.client]
    events = await house.happened()
    assert (events[-1].envelope.type, events[-1].envelope.actor) == ("session_opened", joined.user.id)
    assert events[-1].body == signed_in.session


async def test_unknown_and_wrong_are_answered_alike_after_the_same_calls(house: House) -> None:
    await house.join("ada")
    gone = await house.join("gone")
    await house.identity.delete_account(caller(gone), PASSWORD)
    logins = ["ada", "ada@example.org", "nobody", "nobody@example.org", "gone", "", "x" * 5000, *unsent("\ud800")]
    assert len({await refusal(house, login, WRONG) for login in logins}) == 1
    *_, calls = await refusal(house, "nobody", PASSWORD)
    assert calls == ("get claim 1", "get user 1", "get credential 1", "hashes 1")


async def test_attempts_at_an_account_are_counted_whether_it_is_there_or_not(tmp_path: Path) -> None:
    async with open_house(tmp_path, safety=SafetySettings(sign_in_limit=4, sign_in_address_limit=0)) as house:
        await house.join("ada")
        workers = [house.identity, house.worker()]
        for login in ("ada", "nobody"):
            for n in range(4):
                with pytest.raises(Unauthenticated):
                    await workers[n % 2].sign_in(NOBODY, login.upper(), WRONG, Device("", f"203.0.113.{n}"))
            answers: list[Throttled] = []
            for worker in workers:
                with pytest.raises(Throttled) as refused:
                    await worker.sign_in(NOBODY, login, PASSWORD, DEVICE)
                answers.append(refused.value)
            assert {(answer.detail, answer.retry_after_s) for answer in answers} == {
                ("too many attempts; wait before the next", 900)
            }
        house.clock.pass_s(900)
        assert await house.identity.sign_in(NOBODY, "ada", PASSWORD, DEVICE)


async def test_attempts_from_an_address_are_counted_over_all_accounts(tmp_path: Path) -> None:
    async with open_house(tmp_path, safety=SafetySettings(sign_in_limit=0, sign_in_address_limit=4)) as house:
        await house.join("ada")
        for n in range(4):
            with pytest.raises(Unauthenticated):
                await house.worker().sign_in(NOBODY, f"nobody_{n}", WRONG, Device("", f"2001:db8::{n}"))
        with pytest.raises(Throttled):
            await house.identity.sign_in(NOBODY, "ada", PASSWORD, Device("", "2001:db8::ffff"))
        assert await house.identity.sign_in(NOBODY, "ada", PASSWORD, DEVICE)


async def test_an_address_that_is_refused_does_not_use_up_an_account(tmp_path: Path) -> None:
    async with open_house(tmp_path, safety=SafetySettings(sign_in_limit=4, sign_in_address_limit=2)) as house:
        await house.join("ada")
        for _ in range(20):
            with pytest.raises((Unauthenticated, Throttled)):
                await house.identity.sign_in(NOBODY, "ada", WRONG, Device("", "203.0.113.66"))
        assert await house.identity.sign_in(NOBODY, "ada", PASSWORD, DEVICE)


async def test_a_throttled_attempt_computes_no_hash(tmp_path: Path) -> None:
    async with open_house(tmp_path, safety=SafetySettings(sign_in_limit=1)) as house:
        with pytest.raises(Unauthenticated):
            await house.identity.sign_in(NOBODY, "ada", WRONG, DEVICE)
        with pytest.raises(Throttled):
            await house.identity.sign_in(NOBODY, "ada", WRONG, DEVICE)
        assert house.pool.given == 1


async def test_a_hash_of_another_cost_is_made_anew_at_sign_in(house: House) -> None:
    joined = await house.join("ada")
    dearer = house.worker(replace(CHEAP, hash_memory_kib=16))
    await house.happened()
    await dearer.sign_in(NOBODY, "ada", PASSWORD, DEVICE)
    assert await house.types() == ["session_opened", "credential_changed"]
    credential = await house.store().credential(joined.user.id)
    assert credential is not None
    assert extract_parameters(credential.password_hash).memory_cost == 16
    await dearer.sign_in(NOBODY, "ada", PASSWORD, DEVICE)
    assert await house.types() == ["session_opened"]
    assert (await house.identity.authenticate(joined.token)).renewed == ""


async def test_the_oldest_session_makes_room_for_the_hundred_and_first(house: House) -> None:
    joined = await house.join("ada")
    for _ in range(99):
        house.clock.pass_s(1)
        await house.identity.sign_in(NOBODY, "ada", PASSWORD, DEVICE)
    assert await house.identity.authenticate(joined.token)
    await house.happened()
    house.clock.pass_s(1)
    last = await house.identity.sign_in(NOBODY, "ada", PASSWORD, DEVICE)
    happened = await house.happened()
    assert [event.envelope.type for event in happened] == ["session_opened", "session_closed"]
    assert happened[1].body == joined.session
    with pytest.raises(Unauthenticated):
        await house.identity.authenticate(joined.token)
    sessions = await house.identity.sessions(caller(last))
    assert len(sessions) == 100
    assert sessions[0] == last.session


async def test_no_session_is_opened_behind_a_changed_password(house: House) -> None:
    joined = await house.join("ada")
    other = house.worker()

    async def changed() -> None:
        await other.change_password(caller(joined), PASSWORD, "another password")

    house.records.before["credential+session"] = changed
    with pytest.raises(Unauthenticated):
        await house.identity.sign_in(NOBODY, "ada", PASSWORD, DEVICE)
    assert [row.id for row in await house.identity.sessions(caller(joined))] == [joined.session.id]


async def test_no_session_is_opened_behind_a_deleted_account(house: House) -> None:
    joined = await house.join("ada")

    async def deleted() -> None:
        await house.worker().delete_account(caller(joined), PASSWORD)

    house.records.before["credential+session"] = deleted
    with pytest.raises(Unauthenticated):
        await house.identity.sign_in(NOBODY, "ada", PASSWORD, DEVICE)
    assert await house.store().sessions(joined.user.id) == []


async def test_every_attempt_is_logged_without_what_was_typed(house: House) -> None:
    joined = await house.join("ada")
    device = Device("curl", "203.0.113.9")
    with capture_logs() as lines:
        await house.identity.sign_in(NOBODY, "ada", PASSWORD, device)
        for login in ("ada", "nobody"):
            with pytest.raises(Unauthenticated):
                await house.identity.sign_in(NOBODY, login, WRONG, device)
    good, *refused = [{name: told for name, told in line.items() if name != "log_level"} for line in lines]
    assert good == {"event": "signed_in", "user": to_text(joined.user.id), "address": device.address}
    assert refused == [{"event": "sign_in_refused", "address": device.address}] * 2
