"""The rules of docs/decisions/0006: which spellings are one address, and that no rule ever changes what is meant."""

import pytest
from ada_url import URL
from hypothesis import example, given
from hypothesis import strategies as st

from bowerbird.base.ids import kind_of
from bowerbird.contracts.kinds import LINK
from bowerbird.services.links.model import NORMAL, URL_MAX, link_of, normalise

SAME = [
    ("HTTP://Example.ORG/Bread", "http://example.org/Bread"),
    ("https://example.org", "https://example.org/"),
    ("https://example.org:443/a", "https://example.org/a"),
    ("http://example.org:80/a", "http://example.org/a"),
    ("https://example.org./a", "https://example.org/a"),
    ("https://example.org/a/./b/../c", "https://example.org/a/c"),
    ("https://example.org/a/%2e%2E/c", "https://example.org/c"),
    ("https://example.org/%7eada/%c3%a4", "https://example.org/~ada/%C3%A4"),
    ("https://example.org/ä?q=ö", "https://example.org/%C3%A4?q=%C3%B6"),
    ("https://bücher.example/", "https://xn--bcher-kva.example/"),
    ("https://example.org/a?", "https://example.org/a"),
    ("https://example.org/a#part-2", "https://example.org/a"),
    ("https://example.org/a#:~:text=bread", "https://example.org/a"),
    ("https://example.org/#!/bread/%7e1", "https://example.org/#!/bread/~1"),
    ("https://example.org/a?utm_source=x&utm_campaign=y", "https://example.org/a"),
    ("https://example.org/a?b=1&UTM_Source=x&c=2", "https://example.org/a?b=1&c=2"),
    ("https://example.org/a?fbclid=x&b=1", "https://example.org/a?b=1"),
    ("https://example.org/a?b=1&gclid=x", "https://example.org/a?b=1"),
    ("https://example.org/a?utm%5fsource=x", "https://example.org/a"),
    ("http://0x7f.1/", "http://127.0.0.1/"),
    ("http://[::1]:80/", "http://[::1]/"),
    ("https:\\\\example.org\\a", "https://example.org/a"),
]

DIFFERENT = [
    ("http://example.org/", "https://example.org/"),
    ("https://example.org/a", "https://example.org/a/"),
    ("https://example.org/a", "https://example.org/A"),
    ("https://www.example.org/", "https://example.org/"),
    ("https://example.org/?a=1&b=2", "https://example.org/?b=2&a=1"),
    ("https://example.org/?a=1", "https://example.org/?a=1&a=1"),
    ("https://example.org/?a=", "https://example.org/?a"),
    ("https://example.org/?q=a+b", "https://example.org/?q=a%2Bb"),
    ("https://example.org/a%2Fb", "https://example.org/a/b"),
    ("https://example.org/%252e", "https://example.org/%2e"),
    ("https://example.org/?gclid2=x", "https://example.org/"),
    ("https://example.org/?id=utm_source", "https://example.org/"),
    ("https://example.org:8443/", "https://example.org/"),
    ("https://example.org/#!/a", "https://example.org/#!/b"),
]

REFUSED = [
    "",
    "bread",
    "example.org/bread",
    "//example.org/bread",
    "ftp://example.org/",
    "javascript:alert(1)",
    "data:text/html,hello",
    "file:///etc/passwd",
    "http://",
    "http:///",
    "https://.example.org/",
    "https://example..org/",
    "https://example.org../",
    "https://ada@example.org/",
    "https://ada:secret@example.org/",
    "https://example.org:99999/",
    "https://exa mple.org/",
    "https://example.org/\x00",
    "https://example.org/a\nb",
    "https://example.org/a\tb",
    "https://example.org/\ud800",
    "https://example.org/" + "a" * URL_MAX,
]


@pytest.mark.parametrize(("given_url", "normal"), SAME)
def test_spellings_of_one_address(given_url: str, normal: str) -> None:
    assert normalise(given_url) == normal


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_different_pages_stay_different(one: str, other: str) -> None:
    assert normalise(one) != normalise(other)


@pytest.mark.parametrize("url", REFUSED)
def test_what_is_no_web_address_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"^\w"):
        normalise(url)


def test_the_longest_address() -> None:
    url = "https://example.org/".ljust(URL_MAX, "a")
    assert len(normalise(url)) == URL_MAX


HOSTS = st.from_regex(r"[a-zA-Z0-9]{1,8}(\.[a-zA-Zü]{1,6}){0,3}\.?", fullmatch=True)
PARTS = st.text(st.characters(codec="utf-8"), max_size=12) | st.from_regex(
    r"(%[0-9a-fA-F]{2}|[./~_&=+#?;:@!-]|[a-z]){0,12}", fullmatch=True
)
URLS = st.builds(
    "{}://{}{}/{}?{}#{}".format,
    st.sampled_from(["http", "https", "HTTPS"]),
    HOSTS,
    st.sampled_from(["", ":80", ":443", ":8080"]),
    PARTS,
    PARTS | st.sampled_from(["utm_source=1", "a=1&utm_medium=2&b=3", "&", "fbclid"]),
    PARTS,
)


def _normal(url: str) -> str | None:
    try:
        return normalise(url)
    except ValueError:
        return None


@given(URLS | st.text(max_size=60))
@example("http://1.2.3./")
@example("https://example.org/%2E%2E%2Fa")
@example("https://example.org/?&utm_a=1&")
def test_normalising_again_changes_nothing(url: str) -> None:
    normal = _normal(url)
    if normal is not None:
        assert normalise(normal) == normal


@given(URLS)
def test_scheme_host_and_port_are_those_a_browser_would_open(url: str) -> None:
    normal = _normal(url)
    if normal is None:
        return
    meant, ours = URL(url), URL(normal)
    assert (ours.protocol, ours.port) == (meant.protocol, meant.port)
    assert ours.hostname == meant.hostname.removesuffix(".")
    assert normal.isascii()


@given(URLS)
def test_path_and_kept_parameters_decode_to_the_same_octets(url: str) -> None:
    normal = _normal(url)
    if normal is None:
        return
    meant, ours = URL(url), URL(normal)
    assert _octets(ours.pathname) == _octets(meant.pathname)
    kept = [_octets(part) for part in ours.search.removeprefix("?").split("&")] if ours.search else []
    given_parts = iter([_octets(part) for part in meant.search.removeprefix("?").split("&")])
    assert all(part in given_parts for part in kept)


def _octets(part: str) -> bytes:
    """Decode the unreserved alone: the rest may mean something else encoded than bare."""
    out, rest = "", part
    while rest:
        code = rest[1:3]
        if rest[0] == "%" and len(code) == 2 and all(c in "0123456789abcdefABCDEF" for c in code):
            letter = chr(int(code, 16))
            out += letter if letter.isascii() and (letter.isalnum() or letter in "-._~") else f"%{code.upper()}"
            rest = rest[3:]
        else:
            out, rest = out + rest[0], rest[1:]
    return out.encode()


@given(URLS)
def test_a_link_is_known_by_its_hash(url: str) -> None:
    normal = _normal(url)
    if normal is None:
        return
    link = link_of(url, 7)
    again = link_of(normal, 8)
    assert (link.id, link.url_hash) == (again.id, again.url_hash)
    assert link.original_url == url
    assert kind_of(link.id) == LINK
    assert link.normal == NORMAL
    assert len(link.url_hash) == 43


def test_the_ids_of_rules_version_1_stay_what_they_are() -> None:
    link = link_of("https://Example.org:443/bread?utm_source=x#crust", 0)  # SHA-256 of https://example.org/bread
    assert link.url_hash == "IHwsLHEsgE2QqMJvtP5QysCjjv3HpMzVxUB46dgdUzM"
