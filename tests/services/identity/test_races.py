"""Who signs in at the very moment when the password changes, or the account is deleted, is not left signed in."""

import pytest

from bowerbird.contracts.caller import NOBODY, READ
from bowerbird.contracts.problems import Unauthenticated
from tests.support.identity_house import DEVICE, PASSWORD, House, caller

NEW = "another fine password"


async def test_a_sign_in_while_the_password_changes(house: House) -> None:
    ada = await house.join("ada")
    stolen: list[str] = []

    async def sign_in() -> None:
        stolen.append((await house.identity.sign_in(NOBODY, "ada", PASSWORD, DEVICE)).token)

    house.records.before["credential"] = sign_in
    await house.identity.change_password(caller(ada), PASSWORD, NEW)
    with pytest.raises(Unauthenticated):
        await house.identity.authenticate(stolen[0])
    assert [session.id for session in await house.identity.sessions(caller(ada))] == [ada.session.id]
    assert (await house.identity.authenticate(ada.token)).person == ada.user.id


async def test_a_sign_in_and_a_token_while_the_account_is_deleted(house: House) -> None:
    ada = await house.join("ada")

    async def get_in() -> None:
        await house.identity.sign_in(NOBODY, "ada", PASSWORD, DEVICE)
        await house.identity.make_token(caller(ada), "script", READ, None)

    house.records.before["user+credential+erasure+session"] = get_in
    await house.identity.delete_account(caller(ada), PASSWORD)
    assert await house.store().sessions(ada.user.id) == []
    assert await house.store().tokens(ada.user.id) == []
