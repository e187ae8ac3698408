"""Deleting an account: gone at once, unreadable directly after, wherever it was cut off."""

import pytest
from msgspec.structs import replace

from bowerbird.base.ids import Id
from bowerbird.contracts.caller import NOBODY, READ, system
from bowerbird.contracts.identity import ProfileChange
from bowerbird.contracts.problems import Exists, NotFound, Problem, Unauthenticated
from bowerbird.services.identity import model
from bowerbird.services.identity.store import LISTED
from tests.support.identity_house import DEVICE, PASSWORD, House, caller, registration, together

DAY_S = 86_400


async def rows_of(house: House, user: Id) -> list[object]:
    """Return all that is left of somebody but the mark that there was one."""
    left: list[object] = [await house.store().credential(user)]
    left += [*await house.store().sessions(user), *await house.store().tokens(user)]
    left += await house.records.get(LISTED, [(model.listed(user).bucket, user)])
    return [row for row in left if row is not None]


async def test_who_deletes_their_account_is_gone_at_once(house: House) -> None:
    joined = await house.join("ada")
    phone = await house.identity.sign_in(NOBODY, "ada", PASSWORD, DEVICE)
    made = await house.identity.make_token(caller(joined), "script", READ, None)
    await house.identity.change_profile(caller(joined), ProfileChange(about="Of numbers"))
    other = house.worker()
    await house.identity.delete_account(caller(joined), PASSWORD)
    for token in (joined.token, phone.token, made.secret):
        with pytest.raises(Unauthenticated):
            await other.authenticate(token)
    for login in ("ada", "ada@example.org"):
        with pytest.raises(Unauthenticated):
            await other.sign_in(NOBODY, login, PASSWORD, DEVICE)
    with pytest.raises(NotFound):
        await other.find(NOBODY, "ada")
    assert await other.people(NOBODY, [joined.user.id]) == [None]
    assert (await other.everybody(system(), None, 100)).items == []
    assert await rows_of(house, joined.user.id) == []
    kept = await house.store().user(joined.user.id)
    assert kept is not None
    assert (kept.handle, kept.name, kept.about, kept.picture, kept.picture_name) == ("", "", "", None, "")


async def test_nothing_in_the_log_can_be_read_any_more(house: House) -> None:
    joined = await house.join("ada")
    eve = await house.join("eve")
    await house.identity.make_token(caller(joined), "script", READ, None)
    await house.identity.delete_account(caller(joined), PASSWORD)
    happened = await house.happened()
    assert [event.envelope.type for event in happened if event.envelope.owner == joined.user.id] == [
        "user_registered",
        "credential_changed",
        "session_opened",
        "token_made",
        "session_closed",
        "token_revoked",
        "credential_deleted",
        "user_deleted",
    ]
    assert {event.body for event in happened if event.envelope.owner == joined.user.id} == {None}
    assert None not in [event.body for event in happened if event.envelope.owner == eve.user.id]
    assert await house.keys.get([joined.user.id]) == [None]
    [gone] = [event.envelope for event in happened if event.envelope.type == "user_deleted"]
    assert gone.entity == joined.user.id


async def test_the_address_is_free_at_once_and_the_handle_rests(house: House) -> None:
    joined = await house.join("ada")
    await house.identity.delete_account(caller(joined), PASSWORD)
    with pytest.raises(Exists) as resting:
        await house.join("ada")
    assert resting.value.field == "handle"
    eve = replace(registration("eve"), email="ada@example.org")
    await house.identity.register(NOBODY, eve, DEVICE)
    house.clock.pass_s(90 * DAY_S - 1)
    assert await house.sweeper.sweep_claims() == 0
    house.clock.pass_s(1)
    assert await house.sweeper.sweep_claims() == 1
    with pytest.raises(Exists) as taken:
        await house.join("ada")
    assert taken.value.field == "email"


async def test_a_wrong_password_deletes_nothing(house: House) -> None:
    joined = await house.join("ada")
    with pytest.raises(Unauthenticated) as refused:
        await house.identity.delete_account(caller(joined), "not my password")
    assert refused.value.field == "password"
    assert (await house.identity.authenticate(joined.token)).renewed == ""


@pytest.mark.parametrize("units", range(7))
async def test_a_deletion_cut_off_anywhere_is_finished_or_never_was(house: House, units: int) -> None:
    joined = await house.join("ada")
    house.records.left = units
    [answer] = await together(house.identity.delete_account(caller(joined), PASSWORD))
    house.records.left = None
    assert isinstance(answer, Problem) is (units == 0)
    while await house.sweeper.sweep_erasures():
        pass
    if units:
        assert await house.keys.get([joined.user.id]) == [None]
        assert await rows_of(house, joined.user.id) == []
        assert await house.store().claim(model.claim_id("email", "ada@example.org")) is None
        resting = await house.store().claim(model.claim_id("handle", "ada"))
        assert resting is not None
        assert resting.expires_at == house.clock.now_us() + 90 * DAY_S * 1_000_000
    else:
        assert (await house.identity.authenticate(joined.token)).person == joined.user.id


async def test_a_name_taken_meanwhile_is_not_let_go_by_a_late_sweep(house: House) -> None:
    joined = await house.join("ada")
    house.records.left = 2
    await house.identity.delete_account(caller(joined), PASSWORD)
    house.records.left = None
    eve = replace(registration("eve"), email="ada@example.org")
    await house.identity.register(NOBODY, eve, DEVICE)
    assert await house.sweeper.sweep_erasures() == 1
    assert (await house.identity.sign_in(NOBODY, "ada@example.org", PASSWORD, DEVICE)).user.handle == "eve"


async def test_a_deletion_with_as_many_rows_as_there_can_be_is_one_unit(house: House) -> None:
    joined = await house.join("ada")
    for n in range(99):
        await house.identity.sign_in(NOBODY, "ada", PASSWORD, DEVICE)
        if n < 50:
            await house.identity.make_token(caller(joined), f"script {n}", READ, None)
    await house.identity.delete_account(caller(joined), PASSWORD)
    assert await rows_of(house, joined.user.id) == []
