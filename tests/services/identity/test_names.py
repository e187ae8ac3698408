"""Names, addresses and passwords: what is kept, and what is refused with the field at fault."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bowerbird.base.ids import SHARDS, pack, shard_of, to_text
from bowerbird.contracts import kinds
from bowerbird.contracts.identity import Registration
from bowerbird.contracts.problems import Invalid
from bowerbird.services.identity import model


def refused(
    field: str, handle: str = "ada", name: str = "Ada", email: str = "a@b.org", password: str = "x" * 10
) -> None:
    with pytest.raises(Invalid) as problem:
        model.registration(Registration(handle=handle, name=name, email=email, password=password))
    assert problem.value.field == field


def test_what_is_kept_is_trimmed_and_normal() -> None:
    given = Registration(
        handle="Ada_L", name="  Ame\u0301lie ", email=" Ada@Example.org ", password=" e\u0301 23456789 "
    )
    kept = model.registration(given)
    assert kept == Registration(
        handle="ada_l", name="Am\u00e9lie", email="Ada@Example.org", password=" \u00e9 23456789 "
    )


@pytest.mark.parametrize("handle", ["ab", "a" * 31, "a-b-c", "a b c", "\u00e4da", "", "ada\n", "\uff41da", "ada.l"])
def test_a_handle_of_another_shape(handle: str) -> None:
    refused("handle", handle=handle)


@pytest.mark.parametrize("handle", ["admin", "API", "me", "login", "media", "v1", "signin", "0123456789abcdef"])
def test_a_reserved_handle(handle: str) -> None:
    refused("handle", handle=handle)


@given(st.binary(min_size=7, max_size=7), st.integers(0, SHARDS - 1))
def test_no_handle_looks_like_an_id(low: bytes, shard: int) -> None:
    text = to_text(pack(1_800_000_000_000, shard, kinds.USER, int.from_bytes(low, "big")))
    for shape in (text, text.replace("-", ""), text.replace("-", "_"), text.replace("-", "")[:30]):
        refused("handle", handle=shape)


@pytest.mark.parametrize("name", ["", "  ", "x" * 61, "a\nb", "a\x00b", "a\ud800"])
def test_a_bad_name(name: str) -> None:
    refused("name", name=name)


@pytest.mark.parametrize("email", ["", "@", "a@", "@b", "a b@c.org", "a@b@c", "a\x00@b.org", "x" * 250 + "@b.org"])
def test_a_bad_address(email: str) -> None:
    refused("email", email=email)


@pytest.mark.parametrize("password", ["", "x" * 9, "x" * 201, "0123456789\n", "0123456789\ud800"])
def test_a_bad_password(password: str) -> None:
    refused("password", password=password)


def test_a_password_that_is_known_to_all() -> None:
    refused("password", handle="ada_lovelace", password="Ada_Lovelace")
    refused("password", email="ada@example.org", password="ADA@example.org")


def test_a_login_names_a_claim_however_it_is_typed() -> None:
    assert model.login_claim(" Ada_L ") == model.claim_id("handle", "ada_l")
    assert model.login_claim("Ada@Example.org") == model.claim_id("email", "ada@example.org")
    assert model.login_claim("e\u0301@b.org") == model.claim_id("email", "\u00e9@b.org")
    assert model.claim_id("handle", "ada") != model.claim_id("email", "ada")


@given(st.text())
def test_any_login_names_a_claim(login: str) -> None:
    assert len(model.login_claim(login)) == 16


@given(st.integers(0, SHARDS - 1))
def test_everybody_is_listed_on_one_of_the_parts(shard: int) -> None:
    listed = model.listed(pack(0, shard, kinds.USER, 0))
    assert listed.bucket in {model.bucket(part) for part in range(model.BUCKETS)}
    assert shard_of(listed.bucket) % (SHARDS // model.BUCKETS) == 0


def test_what_a_session_keeps_of_its_device_is_short_and_printable() -> None:
    assert model.described("a\x00b\nc" + "x" * 500, "1.2.3.4\r\n") == ("abc" + "x" * 197, "1.2.3.4")
