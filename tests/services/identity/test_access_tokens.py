"""Personal access tokens: shown once, kept as a hash, never more than their person may, ended at once."""

import pytest
from msgspec.structs import replace

from bowerbird.base.ids import kind_of, shard_of
from bowerbird.contracts import kinds
from bowerbird.contracts.caller import ADMIN, NOBODY, READ, WRITE, Caller, Once, system
from bowerbird.contracts.problems import Forbidden, Invalid, NotFound, Unauthenticated
from bowerbird.services.identity.store import USERS
from tests.support.identity_house import DEVICE, PASSWORD, House, caller, registration


async def test_a_token_proves_its_person_and_scopes(house: House) -> None:
    joined = await house.join("ada")
    await house.happened()
    made = await house.identity.make_token(caller(joined), " my script ", READ, None)
    assert (kind_of(made.token.id), shard_of(made.token.id)) == (kinds.TOKEN, shard_of(joined.user.id))
    assert (made.token.name, made.token.scopes, made.secret[:4]) == ("my script", READ, "bbp_")
    shown = await house.worker().authenticate(made.secret)
    assert (shown.person, shown.session, shown.scopes, shown.renewed) == (joined.user.id, None, READ, "")
    assert await house.identity.tokens(caller(joined)) == [made.token]
    [event] = await house.happened()
    assert (event.envelope.type, event.body) == ("token_made", made.token)


async def test_a_secret_is_kept_nowhere(house: House) -> None:
    joined = await house.join("ada")
    made = await house.identity.make_token(caller(joined), "script", READ, None)
    kept = b"".join(path.read_bytes() for path in house.folder.iterdir() if path.is_file())
    assert made.token.secret_hash in kept
    for secret in (made.secret, made.secret[4:], made.secret[-24:], joined.token, PASSWORD):
        assert secret.encode() not in kept


async def test_no_character_of_a_token_can_be_changed(house: House) -> None:
    joined = await house.join("ada")
    made = await house.identity.make_token(caller(joined), "script", READ, None)
    for place in range(len(made.secret)):
        changed = chr(ord(made.secret[place]) ^ 1)
        with pytest.raises(Unauthenticated):
            await house.identity.authenticate(made.secret[:place] + changed + made.secret[place + 1 :])


async def test_an_ended_token_is_refused_at_once(house: House) -> None:
    joined = await house.join("ada")
    made = await house.identity.make_token(caller(joined), "script", READ | WRITE, None)
    await house.happened()
    await house.worker().revoke_token(caller(joined), made.token.id)
    with pytest.raises(Unauthenticated):
        await house.identity.authenticate(made.secret)
    assert await house.types() == ["token_revoked"]
    with pytest.raises(NotFound):
        await house.identity.revoke_token(caller(joined), made.token.id)


async def test_a_token_ends_when_it_was_to_end(house: House) -> None:
    joined = await house.join("ada")
    ends = house.clock.now_us() + 60_000_000
    made = await house.identity.make_token(caller(joined), "script", READ, ends)
    kept = await house.identity.make_token(caller(joined), "another", READ, None)
    house.clock.pass_s(59)
    assert await house.identity.authenticate(made.secret)
    await house.happened()
    house.clock.pass_s(1)
    with pytest.raises(Unauthenticated):
        await house.identity.authenticate(made.secret)
    assert await house.sweeper.sweep_access_tokens() == 1
    assert await house.sweeper.sweep_access_tokens() == 0
    assert await house.types() == ["token_revoked"]
    assert await house.identity.tokens(caller(joined)) == [kept.token]
    with pytest.raises(Invalid) as past:
        await house.identity.make_token(caller(joined), "script", READ, house.clock.now_us())
    assert past.value.field == "expires_at"


@pytest.mark.parametrize("scopes", [0, 8, -1, 9])
async def test_scopes_that_are_none(house: House, scopes: int) -> None:
    joined = await house.join("ada")
    with pytest.raises(Invalid) as refused:
        await house.identity.make_token(caller(joined), "script", scopes, None)
    assert refused.value.field == "scopes"


async def test_nobody_makes_a_token_of_more_than_they_may(house: House) -> None:
    joined = await house.join("ada")
    with pytest.raises(Forbidden):
        await house.identity.make_token(caller(joined), "script", ADMIN, None)
    made = await house.identity.make_token(caller(joined), "script", READ | WRITE, None)
    shown = await house.identity.authenticate(made.secret)
    by_token = Caller(person=shown.person, scopes=shown.scopes, session=shown.session)
    with pytest.raises(Forbidden):
        await house.identity.make_token(by_token, "another", READ, None)
    with pytest.raises(Forbidden):
        await house.identity.make_token(replace(caller(joined), scopes=READ), "another", READ, None)
    with pytest.raises(Unauthenticated):
        await house.identity.make_token(NOBODY, "another", READ, None)


async def test_an_administrators_token_can_be_one_too(house: House) -> None:
    await house.identity.make_person(system(), registration("ada"), "admin")
    signed_in = await house.identity.sign_in(NOBODY, "ada", PASSWORD, DEVICE)
    made = await house.identity.make_token(caller(signed_in), "script", READ | ADMIN, None)
    assert (await house.identity.authenticate(made.secret)).scopes == READ | ADMIN
    # Nothing in the contract takes a role away yet; when something does, it holds for tokens and sessions at once.
    await house.records.commit([USERS.patch((signed_in.user.id,), {"role": "person"})])
    assert (await house.identity.authenticate(made.secret)).scopes == READ
    assert (await house.identity.authenticate(signed_in.token)).scopes == READ | WRITE


async def test_a_person_has_fifty_at_most(house: House) -> None:
    joined = await house.join("ada")
    for n in range(50):
        await house.identity.make_token(caller(joined), f"script {n}", READ, None)
    with pytest.raises(Invalid):
        await house.identity.make_token(caller(joined), "one more", READ, None)
    tokens = await house.identity.tokens(caller(joined))
    assert [token.name for token in tokens] == [f"script {n}" for n in reversed(range(50))]


async def test_nobody_ends_anothers_token(house: House) -> None:
    ada, eve = await house.join("ada"), await house.join("eve")
    made = await house.identity.make_token(caller(ada), "script", READ, None)
    with pytest.raises(NotFound):
        await house.identity.revoke_token(caller(eve), made.token.id)
    assert await house.identity.authenticate(made.secret)
    assert await house.identity.tokens(caller(eve)) == []


async def test_a_repeated_request_makes_one_token_and_shows_its_secret_once(house: House) -> None:
    joined = await house.join("ada")
    asked = replace(caller(joined), once=Once(b"k" * 32, b"r" * 32))
    first = await house.identity.make_token(asked, "script", READ, None)
    again = await house.worker().make_token(asked, "script", READ, None)
    assert (again.token, again.secret) == (first.token, "")
    assert await house.identity.tokens(caller(joined)) == [first.token]
    with pytest.raises(Invalid) as other:
        await house.identity.make_token(replace(asked, once=Once(b"k" * 32, b"s" * 32)), "other", READ, None)
    assert other.value.field == "Idempotency-Key"
    await house.identity.revoke_token(caller(joined), first.token.id)
    with pytest.raises(NotFound):
        await house.identity.make_token(asked, "script", READ, None)
