"""Registering: names are one person's alone, whatever is cut off and whoever is faster."""

import asyncio
from pathlib import Path

import pytest

from bowerbird.base.ids import kind_of, shard_of
from bowerbird.contracts import kinds
from bowerbird.contracts.caller import NOBODY, READ, WRITE, system
from bowerbird.contracts.identity import Device, Registration, SignedIn
from bowerbird.contracts.problems import Exists, Forbidden, Invalid, NotFound, Throttled, Unavailable
from bowerbird.services.identity import model
from bowerbird.services.identity.claims import LEASE_S
from bowerbird.services.identity.settings import IdentitySettings
from bowerbird.services.safety.settings import SafetySettings
from tests.support.identity_house import CHEAP, DEVICE, PASSWORD, House, caller, open_house, registration, together


async def test_whoever_registers_is_signed_in(house: House) -> None:
    joined = await house.join("Ada_L")
    user, session = joined.user, joined.session
    assert (user.handle, user.name, user.role, user.epoch, user.version) == ("ada_l", "Ada_L", "person", 0, 1)
    assert [kind_of(user.id), kind_of(session.id)] == [kinds.USER, kinds.SESSION]
    assert shard_of(user.id) == shard_of(session.id)
    assert (session.client, session.address) == (DEVICE.client, DEVICE.address)
    shown = await house.identity.authenticate(joined.token)
    assert (shown.person, shown.session, shown.scopes, shown.renewed) == (user.id, session.id, READ | WRITE, "")
    assert await house.identity.people(NOBODY, [user.id]) == [user]
    assert await house.identity.email_of(caller(joined)) == "Ada_L@example.org"


async def test_registering_is_one_unit_with_its_events_sealed(house: House) -> None:
    joined = await house.join("ada")
    happened = await house.happened()
    assert [event.envelope.type for event in happened] == ["user_registered", "credential_changed", "session_opened"]
    assert [event.envelope.actor for event in happened] == [joined.user.id] * 3
    assert happened[0].body == joined.user
    assert happened[1].body.email == "ada@example.org"
    assert happened[2].body == joined.session
    assert "commit user+credential+session" in house.records.calls
    for event in happened:
        assert b"ada@" not in event.envelope.body
        assert b"argon2" not in event.envelope.body


async def test_a_taken_name_is_refused_with_its_field(house: House) -> None:
    await house.join("ada")
    with pytest.raises(Exists) as by_handle:
        await house.identity.register(NOBODY, _new("ADA", "other@example.org"), DEVICE)
    with pytest.raises(Exists) as by_email:
        await house.identity.register(NOBODY, _new("other", "ADA@example.ORG"), DEVICE)
    assert [by_handle.value.field, by_email.value.field] == ["handle", "email"]
    assert (await house.join("other")).user.handle == "other"


async def test_one_of_many_gets_a_handle(house: House) -> None:
    workers = [house.worker() for _ in range(4)]
    answers = await together(
        *(workers[n % 4].register(NOBODY, _new("ada", f"{n}@example.org"), DEVICE) for n in range(20))
    )
    winners = [answer for answer in answers if isinstance(answer, SignedIn)]
    assert len(winners) == 1
    assert [answer.field for answer in answers if isinstance(answer, Exists)] == ["handle"] * 19
    assert await house.identity.find(NOBODY, "ada") == winners[0].user.id
    assert [user.handle for user in (await house.identity.everybody(system(), None, 100)).items] == ["ada"]


async def test_one_of_many_gets_an_address_and_the_others_keep_no_name(house: House) -> None:
    answers = await together(
        *(house.identity.register(NOBODY, _new(f"ada_{n}", "ada@example.org"), DEVICE) for n in range(20))
    )
    winners = [answer for answer in answers if isinstance(answer, SignedIn)]
    assert len(winners) == 1
    assert [answer.field for answer in answers if isinstance(answer, Exists)] == ["email"] * 19
    for n in range(20):
        if f"ada_{n}" != winners[0].user.handle:
            await house.join(f"ada_{n}")


@pytest.mark.parametrize("units", range(7))
async def test_a_registration_cut_off_anywhere_is_whole_or_absent(house: House, units: int) -> None:
    house.records.left = units
    [answer] = await together(house.join("ada"))
    house.records.left = None
    # From the third unit on the person is there, and whoever registered is told so.
    assert isinstance(answer, SignedIn if units >= 3 else Unavailable)
    house.clock.pass_s(LEASE_S + 1)
    await _sweep(house)
    if isinstance(answer, SignedIn):
        assert await house.identity.find(NOBODY, "ada") == answer.user.id
        assert (await house.identity.sign_in(NOBODY, "ada@example.org", PASSWORD, DEVICE)).user == answer.user
        assert [user.id for user in (await house.identity.everybody(system(), None, 100)).items] == [answer.user.id]
        with pytest.raises(Exists):
            await house.join("ada")
    else:
        with pytest.raises(NotFound):
            await house.identity.find(NOBODY, "ada")
        assert (await house.join("ada")).user.handle == "ada"


async def test_a_name_is_not_given_away_while_its_lease_lasts(house: House) -> None:
    house.records.left = 2
    await together(house.join("ada"))
    house.records.left = None
    house.clock.pass_s(LEASE_S - 1)
    assert await house.sweeper.sweep_claims() == 0
    with pytest.raises(Exists):
        await house.join("ada")


async def test_whoever_is_slower_than_the_lease_does_not_come_after_all(house: House) -> None:
    async def swept_and_taken() -> None:
        house.clock.pass_s(LEASE_S + 1)
        await _sweep(house)
        await house.join("ada")

    house.records.before["user+credential+session"] = swept_and_taken
    with pytest.raises(Unavailable):
        await house.join("ada")
    [only] = (await house.identity.everybody(system(), None, 100)).items
    assert await house.identity.find(NOBODY, "ada") == only.id
    await _sweep(house)
    assert (await house.identity.sign_in(NOBODY, "ada", PASSWORD, DEVICE)).user == only


async def test_a_sweep_during_the_creation_confirms_what_came(house: House) -> None:
    async def swept() -> None:
        house.clock.pass_s(LEASE_S + 1)
        await _sweep(house)

    house.records.before["listed_user"] = swept
    joined = await house.join("ada")
    assert await house.sweeper.sweep_claims() == 0
    assert await house.identity.find(NOBODY, "ada") == joined.user.id


async def test_a_sweep_that_finds_nobody_and_is_late_lets_nobody_down(house: House) -> None:
    sweeps: list[asyncio.Task[None]] = []
    late = asyncio.Event()

    async def swept() -> None:
        house.clock.pass_s(LEASE_S + 1)
        house.records.before["user"] = created
        sweeps.append(asyncio.create_task(_sweep(house)))
        await late.wait()

    async def created() -> None:
        late.set()
        claim = await house.store().claim(model.claim_id("handle", "ada"))
        assert claim is not None
        while await house.store().user(claim.user) is None:  # noqa: ASYNC110 - a row tells nobody that it came
            await asyncio.sleep(0)

    house.records.before["user+credential+session"] = swept
    joined = await house.join("ada")
    await sweeps[0]
    assert house.records.before == {}
    assert await house.identity.find(NOBODY, "ada") == joined.user.id
    with pytest.raises(Exists):
        await house.join("ada")


async def test_a_sweep_that_is_later_than_a_deletion_keeps_no_name(house: House) -> None:
    house.records.left = 3
    joined = await house.join("ada")
    house.records.left = None
    house.clock.pass_s(LEASE_S + 1)
    house.records.before["claim"] = lambda: house.identity.delete_account(caller(joined), PASSWORD)
    await _sweep(house)
    assert house.records.before == {}
    resting = await house.store().claim(model.claim_id("handle", "ada"))
    assert resting is not None
    assert resting.expires_at is not None


async def test_closed_registration_leaves_it_to_the_house(tmp_path: Path) -> None:
    async with open_house(tmp_path, IdentitySettings(registration_open=False, hash_memory_kib=8)) as house:
        with pytest.raises(Forbidden):
            await house.join("ada")
        made = await house.identity.make_person(system(), registration("ada"), "admin")
        assert made.role == "admin"
        assert await house.types() == ["user_registered", "credential_changed"]
        signed_in = await house.identity.sign_in(NOBODY, "ada", PASSWORD, DEVICE)
        assert (await house.identity.authenticate(signed_in.token)).scopes == 7
        with pytest.raises(Invalid) as role:
            await house.identity.make_person(system(), registration("eve"), "root")
        assert role.value.field == "role"
        with pytest.raises(Forbidden):
            await house.identity.make_person(caller(signed_in), registration("eve"), "admin")


async def test_registrations_are_counted_by_address_across_workers(tmp_path: Path) -> None:
    async with open_house(tmp_path, CHEAP, SafetySettings(register_limit=3)) as house:
        workers = [house.worker(), house.worker()]
        for n in range(3):
            await workers[n % 2].register(NOBODY, registration(f"ada_{n}"), DEVICE)
        with pytest.raises(Throttled) as refused:
            await workers[1].register(NOBODY, registration("ada_3"), DEVICE)
        assert refused.value.retry_after_s == 3600
        elsewhere = Device("Firefox", "203.0.113.6")
        await workers[1].register(NOBODY, registration("ada_3"), elsewhere)
        with pytest.raises(Invalid):
            await workers[1].register(NOBODY, registration("x"), elsewhere)


async def test_what_is_refused_changes_nothing(house: House) -> None:
    with pytest.raises(Invalid):
        await house.join("admin")
    assert not [call for call in house.records.calls if call.startswith("commit")]
    assert await house.types() == []


def _new(handle: str, email: str) -> Registration:
    return Registration(handle=handle, name="Ada", email=email, password=PASSWORD)


async def _sweep(house: House) -> None:
    while await house.sweeper.sweep_claims():
        pass
