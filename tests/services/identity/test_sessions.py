"""Sessions: a token is checked as things stand now, renewed on the spot, and refused at once when it is revoked."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from bowerbird.contracts.caller import NOBODY
from bowerbird.contracts.problems import Forbidden, NotFound, Throttled, Unauthenticated
from bowerbird.services.safety.settings import SafetySettings
from tests.support.identity_house import CHEAP, DEVICE, PASSWORD, House, caller, open_house, together
from tests.support.placement import APART, TOGETHER, unsent

DAY_S = 86_400


async def refused(house: House, token: str) -> bool:
    try:
        await house.identity.authenticate(token)
    except Unauthenticated:
        return True
    return False


async def test_a_young_token_costs_one_read(house: House) -> None:
    joined = await house.join("ada")
    house.records.calls.clear()
    house.clock.pass_s(599)
    assert (await house.identity.authenticate(joined.token)).renewed == ""
    assert house.records.calls == ["get user 1"]


async def test_an_old_token_is_renewed_on_the_spot(house: House) -> None:
    joined = await house.join("ada")
    await house.happened()
    house.clock.pass_s(600)
    shown = await house.identity.authenticate(joined.token)
    assert (shown.person, shown.session, shown.scopes) == (joined.user.id, joined.session.id, 3)
    assert shown.renewed not in {"", joined.token}
    assert (await house.identity.authenticate(shown.renewed)).renewed == ""
    [event] = await house.happened()
    [row] = await house.identity.sessions(caller(joined))
    assert (event.envelope.type, event.envelope.actor, event.body) == ("session_renewed", joined.user.id, row)
    assert row.seen_at == joined.session.seen_at + 600_000_000
    assert row.expires_at == joined.session.expires_at + 600_000_000
    assert row.version == 2


async def test_many_requests_with_an_old_token_renew_the_session_once(house: House) -> None:
    joined = await house.join("ada")
    await house.happened()
    house.clock.pass_s(600)
    workers = [house.worker() for _ in range(3)]
    answers = await together(*(worker.authenticate(joined.token) for worker in workers for _ in range(5)))
    assert {answer.person for answer in answers} == {joined.user.id}
    assert all(answer.renewed for answer in answers)
    assert await house.types() == ["session_renewed"]
    assert (await house.identity.authenticate(joined.token)).renewed
    assert await house.types() == []


async def test_a_session_ends_thirty_days_after_its_last_renewal(house: House) -> None:
    joined = await house.join("ada")
    house.clock.pass_s(29 * DAY_S)
    renewed = (await house.identity.authenticate(joined.token)).renewed
    house.clock.pass_s(29 * DAY_S)
    renewed = (await house.identity.authenticate(renewed)).renewed
    assert await house.sweeper.sweep_sessions() == 0
    await house.happened()
    house.clock.pass_s(30 * DAY_S)
    assert await refused(house, renewed)
    assert await house.identity.sessions(caller(joined)) == []
    assert await house.sweeper.sweep_sessions() == 1
    assert await house.sweeper.sweep_sessions() == 0
    assert await house.types() == ["session_closed"]
    assert await refused(house, renewed)


async def test_a_revoked_session_is_refused_at_once_and_the_others_go_on(house: House) -> None:
    joined = await house.join("ada")
    phone = await house.identity.sign_in(NOBODY, "ada", PASSWORD, DEVICE)
    other = house.worker()
    await house.happened()
    await house.identity.revoke(caller(joined), phone.session.id)
    with pytest.raises(Unauthenticated):
        await other.authenticate(phone.token)
    shown = await other.authenticate(joined.token)
    assert (shown.session, shown.renewed != "") == (joined.session.id, True)
    assert (await other.authenticate(shown.renewed)).renewed == ""
    happened = await house.happened()
    assert [event.envelope.type for event in happened] == ["session_closed"]
    assert happened[0].body == phone.session
    assert [row.id for row in await house.identity.sessions(caller(joined))] == [joined.session.id]


@pytest.mark.placements(TOGETHER, APART)  # a call that is made twice finds it revoked
async def test_a_session_renewed_while_it_is_revoked_stays_revoked(house: House) -> None:
    joined = await house.join("ada")
    house.clock.pass_s(600)

    async def revoked() -> None:
        await house.worker().revoke(caller(joined), joined.session.id)

    house.records.before["session"] = revoked
    shown = await house.identity.authenticate(joined.token)
    assert await refused(house, shown.renewed)
    assert await house.store().session(joined.user.id, joined.session.id) is None


async def test_signing_out_is_revoking_ones_own(house: House) -> None:
    joined = await house.join("ada")
    await house.identity.revoke(caller(joined), joined.session.id)
    assert await refused(house, joined.token)
    with pytest.raises(NotFound):
        await house.identity.revoke(caller(joined), joined.session.id)


async def test_nobody_revokes_anothers_session(house: House) -> None:
    ada, eve = await house.join("ada"), await house.join("eve")
    with pytest.raises(NotFound):
        await house.identity.revoke(caller(eve), ada.session.id)
    with pytest.raises(Unauthenticated):
        await house.identity.revoke(NOBODY, ada.session.id)
    with pytest.raises(Forbidden):
        await house.identity.revoke(replace(caller(ada), scopes=1), ada.session.id)
    assert not await refused(house, ada.token)


async def test_no_character_of_a_token_can_be_changed(house: House) -> None:
    joined = await house.join("ada")
    for place in range(len(joined.token)):
        changed = chr(ord(joined.token[place]) ^ 1)
        assert await refused(house, joined.token[:place] + changed + joined.token[place + 1 :])
    for other in ("", "bbs1", "bbp_", "bbs1...", joined.token + "=", joined.token[:-1], "é" * 100, *unsent("\ud800")):
        assert await refused(house, other)


async def test_keys_turn_by_themselves_and_nobody_notices(house: House) -> None:
    """Neither whoever comes every day nor whoever comes on the last day of their session; all workers agree."""
    joined = await house.join("ada")
    other = house.worker(CHEAP)
    token, keys = joined.token, set[str]()
    for away_days in (0, 1, 1, 29, 0, 30):
        house.clock.pass_s(away_days * 86_400 - 1 if away_days else 600)
        token = (await house.identity.authenticate(token)).renewed or token
        keys.add(token.split(".")[1])
        assert (await other.authenticate(token)).person == joined.user.id
    assert len(keys) == 5
    with pytest.raises(Unauthenticated):
        await other.authenticate(joined.token)


async def test_a_token_later_than_its_key_shows_its_session(house: House) -> None:
    joined = await house.join("ada")
    quick = house.worker(replace(CHEAP, key_period_s=600, token_good_s=3600))
    house.clock.pass_s(3599 + 600)
    assert (await house.worker(replace(CHEAP, token_good_s=7200)).authenticate(joined.token)).renewed == ""
    assert (await quick.authenticate(joined.token)).renewed


async def test_one_more_generation_ends_every_sign_in(house: House) -> None:
    joined = await house.join("ada")
    later = house.worker(replace(CHEAP, session_generation=1))
    with pytest.raises(Unauthenticated):
        await later.authenticate(joined.token)
    again = await later.sign_in(NOBODY, "ada", PASSWORD, DEVICE)
    assert (await later.authenticate(again.token)).person == joined.user.id


async def test_people_stay_signed_in_while_nothing_can_be_written(house: House) -> None:
    joined = await house.join("ada")
    house.clock.pass_s(600)
    house.records.left = 0
    renewed = (await house.identity.authenticate(joined.token)).renewed
    assert (await house.identity.authenticate(renewed)).renewed == ""


async def test_changing_the_password_closes_every_other_session(house: House) -> None:
    joined = await house.join("ada")
    phone = await house.identity.sign_in(NOBODY, "ada", PASSWORD, DEVICE)
    await house.happened()
    await house.identity.change_password(caller(joined), PASSWORD, "another password")
    assert await house.types() == ["credential_changed", "session_closed"]
    assert await refused(house, phone.token)
    assert (await house.identity.authenticate(joined.token)).session == joined.session.id
    with pytest.raises(Unauthenticated):
        await house.identity.sign_in(NOBODY, "ada", PASSWORD, DEVICE)
    assert await house.identity.sign_in(NOBODY, "ada", "another password", DEVICE)


async def test_only_ones_own_password_changes_it(tmp_path: Path) -> None:
    async with open_house(tmp_path, safety=SafetySettings(sign_in_limit=3)) as house:
        joined = await house.join("ada")
        for _ in range(2):
            with pytest.raises(Unauthenticated) as wrong:
                await house.identity.change_password(caller(joined), "not my password", "another password")
            assert wrong.value.field == "current"
        with pytest.raises(Unauthenticated):
            await house.worker().delete_account(caller(joined), "not my password")
        with pytest.raises(Throttled):
            await house.identity.change_password(caller(joined), PASSWORD, "another password")
        assert not await refused(house, joined.token)
        assert await house.identity.sign_in(NOBODY, "ada", PASSWORD, DEVICE)
