import pytest

from bowerbird.edge.http.origin import is_own

COOKIE = (b"cookie", b"bowerbird_session=abc")
HOST = (b"host", b"pins.example.org")


@pytest.mark.parametrize("site", [b"same-origin", b"none"])
def test_the_own_page_may_write(site: bytes) -> None:
    assert is_own(dict([COOKIE, HOST, (b"sec-fetch-site", site)]), "")


@pytest.mark.parametrize("site", [b"cross-site", b"same-site", b"", b"Same-Origin, none"])
def test_another_page_may_not_even_with_the_right_origin(site: bytes) -> None:
    own = (b"origin", b"https://pins.example.org")
    assert not is_own(dict([COOKIE, HOST, (b"sec-fetch-site", site), own]), "")


@pytest.mark.parametrize(
    ("origin", "own"),
    [
        (b"https://pins.example.org", True),
        (b"http://pins.example.org", True),
        (b"https://evil.example.org", False),
        (b"https://pins.example.org.evil.net", False),
        (b"https://pins.example.org:8443", False),
        (b"null", False),
        (b"", False),
        (b"ftp://pins.example.org", False),
    ],
)
def test_an_older_browser_names_its_origin(origin: bytes, own: bool) -> None:
    assert is_own(dict([COOKIE, HOST, (b"origin", origin)]), "") is own


def test_a_stated_origin_is_compared_whole() -> None:
    assert is_own(dict([COOKIE, HOST, (b"origin", b"https://pins.example.org")]), "https://pins.example.org")
    assert not is_own(dict([COOKIE, HOST, (b"origin", b"http://pins.example.org")]), "https://pins.example.org")


def test_a_cookie_without_either_is_refused_and_no_cookie_is_nobody() -> None:
    assert not is_own(dict([COOKIE, HOST]), "")
    assert is_own(dict([HOST]), "")
