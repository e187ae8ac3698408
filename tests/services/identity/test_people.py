"""People as others see them: by id, by name, all of them, and as they change their profile."""

from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from bowerbird.base.ids import Id, shard_of, to_text
from bowerbird.contracts import kinds
from bowerbird.contracts.caller import NOBODY, WRITE, Caller, system
from bowerbird.contracts.identity import ProfileChange, SignedIn, User
from bowerbird.contracts.media import Picture, Upload
from bowerbird.contracts.problems import Forbidden, Invalid, NotFound, Refused, Stale, Unauthenticated
from bowerbird.services.media import store as media_tables
from tests.support.identity_house import DEVICE, PASSWORD, House, caller, open_house, registration, together
from tests.support.placement import unsent


async def test_people_come_in_the_order_of_their_ids(house: House) -> None:
    ada, eve, gone = [(await house.join(name)).user for name in ("ada", "eve", "gone")]
    await house.identity.delete_account(caller(await _again(house, "gone")), PASSWORD)
    nobody = Id(bytes(16))
    wanted = [eve.id, nobody, gone.id, ada.id, eve.id]
    assert await house.identity.people(NOBODY, wanted) == [eve, None, None, ada, eve]
    assert await house.identity.people(NOBODY, []) == []
    assert len(await house.identity.people(NOBODY, [ada.id] * 500)) == 500
    with pytest.raises(Invalid):
        await house.identity.people(NOBODY, [ada.id] * 501)
    with pytest.raises(Forbidden):
        await house.identity.people(replace(caller(await _again(house, "ada")), scopes=WRITE), [ada.id])


async def test_what_others_see_holds_no_address_and_no_hash(house: House) -> None:
    joined = await house.join("ada")
    [user] = await house.identity.people(NOBODY, [joined.user.id])
    seen = msgspec.json.encode(user)
    assert b"@" not in seen
    assert b"argon2" not in seen


async def test_a_handle_or_an_id_finds_somebody(house: House) -> None:
    user = (await house.join("ada_l")).user
    for name in ("ada_l", "ADA_L", to_text(user.id), to_text(user.id).upper()):
        assert await house.identity.find(NOBODY, name) == user.id


@pytest.mark.parametrize(
    "name",
    [
        "nobody",
        "",
        "ada_l@example.org",
        "x" * 36,
        "00000000-0000-8000-8000-000000000000",
        "a" * 5000,
        "ada l",
    ],
)
async def test_any_other_name_finds_nobody(house: House, name: str) -> None:
    await house.join("ada_l")
    for asked in (name, *unsent("\ud800")):
        with pytest.raises(NotFound) as refused:
            await house.identity.find(NOBODY, asked)
        assert (refused.value.detail, refused.value.field) == ("there is no such person", "user")


async def test_an_address_that_is_claimed_finds_nobody(house: House) -> None:
    await house.identity.make_person(system(), registration("ada_l"), "person")
    with pytest.raises(NotFound):
        await house.identity.find(NOBODY, "ada_l@example.org")


async def test_everybody_is_listed_once_page_by_page(house: House) -> None:
    joined = [(await house.join(f"ada_{n}")).user for n in range(25)]
    seen: list[User] = []
    after: bytes | None = None
    while True:
        page = await house.identity.everybody(system(), after, 7)
        assert len(page.items) <= 7
        seen += page.items
        after = page.next
        if after is None:
            break
    assert sorted(seen, key=lambda user: user.id) == sorted(joined, key=lambda user: user.id)


async def test_only_administrators_list_everybody(house: House) -> None:
    joined = await house.join("ada")
    with pytest.raises(Forbidden):
        await house.identity.everybody(caller(joined), None, 7)
    with pytest.raises(Unauthenticated):
        await house.identity.everybody(NOBODY, None, 7)
    with pytest.raises(Invalid):
        await house.identity.everybody(system(), b"\xff", 7)
    admin = await house.identity.make_person(system(), registration("root_ada"), "admin")
    signed_in = await _again(house, "root_ada")
    assert admin in (await house.identity.everybody(caller(signed_in), None, 7)).items


async def test_a_profile_changes_in_one_unit_with_its_event(house: House) -> None:
    joined = await house.join("ada")
    await house.happened()
    house.clock.pass_s(1)
    changed = await house.identity.change_profile(caller(joined), ProfileChange(name=" Ada ", about="Of\n numbers"))
    now_us = house.clock.now_us()
    assert changed == replace(joined.user, name="Ada", about="Of\n numbers", version=2, updated_at=now_us)
    assert await house.identity.people(NOBODY, [joined.user.id]) == [changed]
    [event] = await house.happened()
    assert (event.envelope.type, event.envelope.version, event.body) == ("user_changed", 2, changed)
    assert await house.identity.change_profile(caller(joined), ProfileChange(name="Ada")) == changed
    assert await house.types() == []


async def test_a_profile_changed_since_is_stale(house: House) -> None:
    joined = await house.join("ada")
    await house.identity.change_profile(caller(joined), ProfileChange(about="one", version=1))
    with pytest.raises(Stale):
        await house.identity.change_profile(caller(joined), ProfileChange(about="two", version=1))
    changed = await house.identity.change_profile(caller(joined), ProfileChange(about="two", version=2))
    assert (changed.about, changed.version) == ("two", 3)


async def test_changes_at_the_same_time_all_hold(house: House) -> None:
    joined = await house.join("ada")
    house.records.before["user"] = lambda: _renamed(house, caller(joined))
    changed = await house.identity.change_profile(caller(joined), ProfileChange(about="numbers"))
    assert (changed.name, changed.about, changed.version) == ("Countess", "numbers", 3)


async def test_a_revocation_during_a_change_of_profile_holds(house: House) -> None:
    joined = await house.join("ada")
    phone = await _again(house, "ada")

    async def revoked() -> None:
        await house.identity.revoke(caller(joined), phone.session.id)

    house.records.before["user"] = revoked
    await house.identity.change_profile(caller(joined), ProfileChange(about="numbers"))
    [row] = await house.identity.people(NOBODY, [joined.user.id])
    assert row is not None
    assert (row.about, row.epoch) == ("numbers", 1)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (ProfileChange(name=""), "name"),
        (ProfileChange(name="x" * 61), "name"),
        (ProfileChange(name="a\nb"), "name"),
        (ProfileChange(about="x" * 501), "about"),
        (ProfileChange(about="a\x00b"), "about"),
    ],
)
async def test_a_bad_profile_names_the_field(house: House, change: ProfileChange, field: str) -> None:
    joined = await house.join("ada")
    with pytest.raises(Invalid) as refused:
        await house.identity.change_profile(caller(joined), change)
    assert refused.value.field == field


async def test_a_profile_picture_is_a_completed_upload_of_ones_own(tmp_path: Path) -> None:
    async with open_house(tmp_path, more=media_tables.TABLES) as house:
        joined, eve = await house.join("ada"), await house.join("eve")
        upload, begun, picture = await _uploaded(house, joined.user.id)
        changed = await house.identity.change_profile(caller(joined), ProfileChange(picture=upload))
        assert (changed.picture, changed.picture_name) == (picture.id, picture.name)
        changed = await house.identity.change_profile(caller(joined), ProfileChange(name="Ada"))
        assert changed.picture == picture.id
        answers = await together(
            house.identity.change_profile(caller(eve), ProfileChange(picture=upload)),
            house.identity.change_profile(caller(joined), ProfileChange(picture=begun)),
        )
        assert [type(answer) for answer in answers] == [NotFound, Refused]
        assert [answer.field for answer in answers] == ["picture", "picture"]
        changed = await house.identity.change_profile(caller(joined), ProfileChange(picture=None))
        assert (changed.picture, changed.picture_name) == (None, "")


async def _again(house: House, handle: str) -> SignedIn:
    return await house.worker().sign_in(NOBODY, handle, PASSWORD, DEVICE)


async def _renamed(house: House, who: Caller) -> None:
    await house.worker().change_profile(who, ProfileChange(name="Countess"))


async def _uploaded(house: House, owner: Id) -> tuple[Id, Id, Picture]:
    """Put a picture, a completed upload of it and one that is under way, as media keeps them."""
    shard, now_us = shard_of(owner), house.clock.now_us()
    picture = Picture(
        owner=owner,
        id=house.clock.new_id(kinds.MEDIA, shard),
        sha256=b"s" * 32,
        phash=b"p" * 32,
        name="n" * 22,
        width=4,
        height=3,
        color="#ffffff",
        thumbhash="",
        renditions="{}",
        created_at=now_us,
    )
    done, begun = (
        Upload(
            owner=owner,
            id=house.clock.new_id(kinds.UPLOAD, shard),
            mime="image/png",
            length=9,
            state=state,
            media=media,
            created_at=now_us,
            expires_at=None,
        )
        for state, media in (("done", picture.id), ("begun", None))
    )
    uploads, pictures, *_ = media_tables.TABLES
    await house.records.commit([pictures.insert(picture), uploads.insert(done), uploads.insert(begun)])
    return done.id, begun.id, picture
