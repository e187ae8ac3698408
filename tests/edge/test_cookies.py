import pytest
from hypothesis import given
from hypothesis import strategies as st

from bowerbird.edge.http import cookies


@pytest.mark.parametrize(
    ("header", "token"),
    [
        (b"bowerbird_session=abc", "abc"),
        (b"theme=dark; bowerbird_session=abc; x=y", "abc"),
        (b"bowerbird_session=first; bowerbird_session=second", "first"),
        (b"bowerbird_session=a=b", "a=b"),
        (b"xbowerbird_session=abc", None),
        (b"bowerbird_session=", None),
        (b"", None),
    ],
)
def test_the_token_is_found_among_cookies(header: bytes, token: str | None) -> None:
    assert cookies.session_of(header, secure=False) == token
    behind_tls = header.replace(b"bowerbird", b"__Host-bowerbird")
    assert cookies.session_of(behind_tls, secure=True) == token
    assert cookies.session_of(behind_tls, secure=False) is None
    assert cookies.session_of(header, secure=True) is None


def test_a_cookie_is_out_of_reach_of_scripts_and_other_sites() -> None:
    name, value = cookies.set_session("abc", 60, secure=False)
    assert name == b"set-cookie"
    assert value == b"bowerbird_session=abc; Path=/; Max-Age=60; HttpOnly; SameSite=Lax"
    _, value = cookies.set_session("abc", 60, secure=True)
    assert value == b"__Host-bowerbird_session=abc; Path=/; Max-Age=60; HttpOnly; SameSite=Lax; Secure"


def test_no_token_takes_the_cookie_away() -> None:
    assert b"Max-Age=0" in cookies.set_session("", 60, secure=False)[1]


@given(st.binary(max_size=200))
def test_no_bytes_break_the_reader(header: bytes) -> None:
    for secure in (False, True):
        token = cookies.session_of(header, secure=secure)
        assert token is None or token
