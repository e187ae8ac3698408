"""Ways to make a server call where it must not, by class: addresses in every form, names, redirects, pictures."""

from collections.abc import Iterator, Mapping
from typing import Final

from msgspec import Struct

from tests.security.reach.island import PUBLIC, Ask, Told
from tests.security.reach.nameserver import Name

V4, V6 = PUBLIC
PRIVATE: Final = "10.1.2.3"
INSIDE: Final = "fd12:3456::1"
NOT_MET: Final = frozenset({"not-public", "bad-address", "no-such-host"})


class Case(Struct, frozen=True):
    """An ask, how many connections to public addresses it may lead to, and what must come of it."""

    ask: Ask
    hops: int
    failures: frozenset[str]


def typed(*hosts: str, failures: frozenset[str] = NOT_MET) -> list[Case]:
    """Return a case for each host, in the place where an address has it."""
    return [Case(Ask(f"http://{host}/", {}, {}), 0, failures) for host in hosts]


def urls(failure: str, *addresses: str) -> list[Case]:
    """Return a case for each address, met with one failure."""
    return [Case(Ask(address, {}, {}), 0, frozenset({failure})) for address in addresses]


def named(*names: Name, hops: int = 0, failures: frozenset[str] = frozenset({"not-public"})) -> list[Case]:
    """Return a case for each way in which a name may answer."""
    return [Case(Ask("http://n.test/", {"n.test": name}, {}), hops, failures) for name in names]


def moved(to: str, status: int = 302) -> str:
    """Return an answer that points elsewhere."""
    return f"HTTP/1.1 {status} Moved\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n"


def page(body: str, **headers: str) -> str:
    """Return an answer that is a page."""
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n{lines}Content-Length: {len(body)}\r\n\r\n{body}"


ZONE: Final = {
    "public.test": Name(v4=((V4,),)),
    "other.test": Name(v6=((V6,),)),
    "inside.test": Name(v4=((PRIVATE,),)),
    "turncoat.test": Name(v4=((V4,), (PRIVATE,))),
}


def chain(answers: Mapping[str, str], hops: int, *failures: str, begin: str = "http://public.test/") -> Case:
    """Return a case of answers that lead on, from one to the next."""
    return Case(Ask(begin, ZONE, answers), hops, frozenset(failures))


def led(failure: str, *targets: str) -> list[Case]:
    """Return a case for each target to which a public page points."""
    return [chain({"/": moved(to)}, 1, failure) for to in targets]


def pictured(*markups: str) -> list[Case]:
    """Return a case for each page that names a picture where it must not be fetched; the page itself is good."""
    return [chain({"/": page(f"<title>p</title>{markup}")}, 1, "") for markup in markups]


NUMBERS: Final = (
    *("2130706433", "0x7f000001", "0X7F000001", "017700000001", "127.1", "127.0.1", "0x7f.1", "0177.0.0.1"),
    *("0x7f.0x0.0x0.0x1", "127.0.0x1", "00177.0.0.1", "127.000.000.001", "127.0.0.1.", "0", "0x0", "00"),
    *("10.66051", "167838211", "0xa9fea9fe", "2852039166", "0251.0376.0251.0376", "169.16689662", "0xa9.254.0251.0376"),
    *("4294967295", "3232235777", "[0:0:0:0:0:0:0:1]", "[::0001]", "[0000:0000:0000:0000:0000:0000:0000:0001]"),
    *("[::ffff:2130706433]", "127.0.0.256", "256.256.256.256", "4294967297", "0x100000001", "127.0.0.1.1", "1e3"),
)
LETTERS: Final = (
    *(
        "\uff11\uff12\uff17.0.0.1",
        "\u2460\u2461\u2466.\u24ea.\u24ea.\u2460",
        "127\u30020\u30020\u30021",
        "127\uff610\uff610\uff611",
    ),
    *("127\uff0e0\uff0e0\uff0e1", "127.0.0.1\u00ad", "127\u200b.0.0.1", "\U0001d7cf\U0001d7d0\U0001d7d5.0.0.1"),
    *(
        "\u00b9\u00b2\u2077.0.0.1",
        "\uff4cocalhost",
        "\u24c1\u24c4calhost",
        "local\u00adhost",
        "LOCALHOST",
        "loc\u0430lhost",
    ),
    *("%6c%6f%63alhost", "%31%32%37.0.0.1", "127%2e0%2e0%2e1", "%EF%BC%91%EF%BC%92%EF%BC%97.0.0.1", "0\uff587f.1"),
    *("xn--0tsa1f.0.0.1", "127.0.0.\u0661", "127.0.0.\u0967", "[\uff1a\uff1a\uff11]", "[::\uff11]"),
)
WITHIN: Final = (
    *("[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::ffff:a9fe:a9fe]", "[0:0:0:0:0:ffff:127.0.0.1]", "[::ffff:10.0.0.1]"),
    *("[::127.0.0.1]", "[::7f00:1]", "[::10.0.0.1]", "[::ffff:0:127.0.0.1]", "[::ffff:0:7f00:1]"),
    *("[64:ff9b::127.0.0.1]", "[64:ff9b::a9fe:a9fe]", "[64:ff9b:1::7f00:1]", "[64:ff9b:1:ffff::10.0.0.1]"),
    *(
        "[2002:7f00:1::]",
        "[2002:a00:1::1]",
        "[2002:a9fe:a9fe::1]",
        "[2001:0:7f00:1::]",
        "[2001:0:4136:e378:0:0:80ff:fffe]",
    ),
    *(f"[::ffff:{V4}]", f"[64:ff9b::{V4}]", "[2002:5db8:d70e::1]"),
)
_META: Final = ("metadata.google.internal", "metadata", "instance-data", "instance-data.ec2.internal", "metadata.test")


def _metadata() -> Iterator[Case]:
    for name in _META:
        zone = {name: Name(v4=(("169.254.169.254",),), v6=(("fd00:ec2::254",),))}
        yield Case(Ask(f"http://{name}/latest/meta-data/", zone, {}), 0, frozenset({"not-public"}))


def _authority() -> Iterator[Case]:
    bad = ("http://a@127.0.0.1/", f"http://{V4}@127.0.0.1/", "http://public.test:80@127.0.0.1/", "http://@127.0.0.1:x/")
    bad += (
        "http://public.test%40127.0.0.1/",
        "http://:p@127.0.0.1/",
        "http://public.test:pw@127.0.0.1:80/",
        "http://[::1",
    )
    for address in (*bad, f"http://{V4}%00.127.0.0.1/", "http://127.0.0.1:65537/"):
        yield Case(Ask(address, ZONE, {}), 0, frozenset({"bad-address"}))
    for address in (
        *("http:127.0.0.1/", "http:/127.0.0.1/", "http:///127.0.0.1/", "http:\\\\127.0.0.1\\", "HTTP://127.0.0.1"),
        *("http://127.0.0.1#@public.test/", "http://127.0.0.1?@public.test/", "http://127.0.0.1\\@public.test/"),
        *("http://127.0.0.1/@public.test", "http://127.0.0.1:80/", "http://127.0.0.1:00080/", "http://127.0.0.1:/"),
        *("ht\ntp://127.0.0.1/", "\x01 http://127.0.0.1/ \x1f", "http://127.0\t.0.1/", "http://@127.0.0.1/"),
    ):
        yield Case(Ask(address, ZONE, {}), 0, frozenset({"not-public"}))


def _names() -> Iterator[Case]:
    private = ("127.0.0.1", "10.0.0.1", "169.254.169.254", "192.168.0.1", "100.64.0.1", "0.0.0.0")  # noqa: S104 - judged
    yield from named(*(Name(v4=((each,),)) for each in private))
    yield from named(
        *(Name(v6=((each,),)) for each in ("::1", INSIDE, "fe80::1", "::ffff:127.0.0.1", "64:ff9b::a00:1"))
    )
    mixes = (((V4, PRIVATE), ()), ((PRIVATE, V4), ()), ((V4,), (INSIDE,)), ((PRIVATE,), (V6,)), ((V4,), (V6, "::1")))
    yield from named(*(Name(v4=(v4,), v6=(v6,)) for v4, v6 in mixes))
    yield from named(Name(v4=((*(f"93.184.215.{n}" for n in range(1, 20)), "127.0.0.1"),)))
    nothing = frozenset({"no-such-host"})
    yield from named(Name(), Name(v4=((),)), Name(stands_for="n.test"), failures=nothing)
    for end in (
        Name(v4=((PRIVATE,),)),
        Name(v6=((INSIDE,),)),
        Name(v4=((V4,),), v6=((INSIDE,),)),
        Name(stands_for="inside.test"),
    ):
        zone = {**ZONE, "n.test": Name(stands_for="public.cname.test"), "public.cname.test": end}
        yield Case(Ask("http://n.test/", zone, {}), 0, frozenset({"not-public"}))


def _rebinding() -> Iterator[Case]:
    """Yield names that change their mind: between judging and meeting, between redirects, between page and picture."""
    yield from named(Name(v4=((V4,), ("127.0.0.1",))), Name(v6=((V6,), ("::1",))), hops=1, failures=frozenset({""}))
    yield from named(Name(v4=((V4,), ()), v6=((), ("::1",))), hops=1, failures=frozenset({""}))
    yield from named(Name(v4=(("127.0.0.1",), (V4,))), Name(v4=((V4, PRIVATE), (V4,))))
    again = ("/again", "http://turncoat.test/again", "//turncoat.test/again", "https://turncoat.test/again", "?again")
    for to in again:
        yield chain({"/": moved(to)}, 1, "not-public", begin="http://turncoat.test/")
    for source in ("/p.jpg", "http://turncoat.test/p.jpg", "http://turncoat.test./p.jpg"):
        markup = page(f"<title>p</title><meta property=og:image content={source}>")
        yield chain({"/": markup}, 1, "", begin="http://turncoat.test/")
    turned = {**ZONE, "n.test": Name(stands_for="turncoat.test")}
    yield Case(Ask("http://n.test/", turned, {"/": moved("/again")}), 1, frozenset({"not-public"}))


def _redirects() -> Iterator[Case]:
    yield from _one_step()
    yield from _steps()
    yield from _elsewhere()


def _one_step() -> Iterator[Case]:
    inside = (
        "http://127.0.0.1/",
        "http://inside.test/",
        "http://10.0.0.1/",
        "http://[::1]/",
        "http://0x7f.1/",
        "//127.0.0.1/",
    )
    yield from led("not-public", *inside, "/\\127.0.0.1/", "\\\\inside.test", "https://inside.test/", "///127.0.0.1/")
    yield from led(
        "not-public", "http://169.254.169.254/latest/meta-data/", "http://[::ffff:7f00:1]/", "http:\\\\127.1"
    )
    yield from led(
        "bad-address", "file:///etc/passwd", "ftp://public.test/", "gopher://127.0.0.1:6379/_x", "data:text/html,x"
    )
    yield from led(
        "bad-address", "http://u:p@public.test/", "http://public.test@127.0.0.1/", "javascript:1", "http://[/"
    )
    yield from led("port-refused", "http://public.test:22/", "http://public.test:6379/", "https://public.test:8080/")
    for status in (301, 302, 303, 307, 308):
        yield chain({"/": moved("http://inside.test/", status)}, 1, "not-public")


def _steps() -> Iterator[Case]:
    tls = "https://public.test/in"
    yield chain({"/": moved(tls), "/in": moved("https://inside.test/")}, 2, "not-public")
    yield chain({"/": moved(tls), "/in": moved("http://127.0.0.1/")}, 2, "not-public")
    yield chain({"/": moved("https://other.test/in"), "/in": moved("//inside.test")}, 2, "not-public")
    yield chain(
        {"/": moved(tls), "/in": moved("https://other.test/on"), "/on": moved("//inside.test")}, 3, "not-public"
    )
    yield chain({"/": moved("/")}, 6, "too-many-redirects")
    yield chain({"/": moved("https://public.test/")}, 6, "too-many-redirects")
    yield chain({"/": moved("/1"), **{f"/{n}": moved(f"/{n + 1}") for n in range(1, 9)}}, 6, "too-many-redirects")
    five = {f"/{n}": moved(f"/{n + 1}") for n in range(1, 5)}
    yield chain({"/": moved("/1"), **five, "/5": moved("http://inside.test/")}, 6, "too-many-redirects")


def _elsewhere() -> Iterator[Case]:
    """Yield what names another address and is no redirect."""
    elsewhere = {
        "Refresh": "0; url=http://127.0.0.1/",
        "Location": "http://127.0.0.1/",
        "Content-Location": "http://10.0.0.1/",
    }
    for name, value in elsewhere.items():
        yield chain({"/": page("<title>stays</title>", **{name: value})}, 1, "")
    meta = (
        "<title>stays</title><meta http-equiv=refresh content='0; url=http://127.0.0.1/'><base href=http://127.0.0.1/>"
    )
    yield chain({"/": page(meta)}, 1, "")


def _pictures() -> Iterator[Case]:
    inside = (
        "http://127.0.0.1/p.jpg",
        "http://inside.test/p.jpg",
        "http://[::1]/p.jpg",
        "//2130706433/p.jpg",
        "http://inside.test:22/",
    )
    yield from pictured(*(f"<meta property=og:image content='{source}'>" for source in inside))
    yield from pictured(*(f"<img width=900 height=900 src='{source}'>" for source in inside))
    yield from pictured("<base href=http://127.0.0.1/><img width=900 height=900 src=p.jpg>")
    yield from pictured(
        "<link rel=image_src href=http://10.0.0.1/p.jpg><meta name=twitter:image content=http://127.1/p.jpg>"
    )
    yield from pictured("<img srcset='http://127.0.0.1/p.jpg 900w'><video poster=http://127.0.0.1/p.jpg></video>")
    yield from pictured('<script type=\'application/ld+json\'>{"image": "http://127.0.0.1/p.jpg"}</script>')
    yield from pictured(
        "<meta property=og:image content=file:///etc/passwd><meta property=og:image content=ftp://127.1/p.jpg>"
    )
    lead = {
        "/": page("<title>p</title><meta property=og:image content=/p.jpg>"),
        "/p.jpg": moved("http://inside.test/p.jpg"),
    }
    yield chain(lead, 2, "")


CLASSES: Final[dict[str, list[Case]]] = {
    "this machine": typed("127.0.0.1", "127.0.0.2", "127.255.255.254", "localhost", "localhost.", "[::1]"),
    "private networks": typed(
        "10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.254", "192.168.0.1", "192.168.255.1"
    ),
    "no address at all": typed("0.0.0.0", "0.1.2.3", "[::]", "0.255.255.255"),  # noqa: S104 - judged, not bound
    "carrier-grade NAT": typed("100.64.0.1", "100.127.255.254", "100.100.100.200"),
    "link-local, and what clouds answer on": [
        *typed("169.254.0.1", "169.254.169.254", "169.254.170.2", "[fe80::1]", "[fe80::a9fe:a9fe]", "168.63.129.16"),
        *typed("192.0.0.192", "[fd00:ec2::254]", "[fd20:ce::254]"),
        *_metadata(),
    ],
    "multicast, broadcast, reserved": typed(
        "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255", "[ff02::1]", "[ff0e::1]"
    ),
    "documentation, benchmarks, relays": [
        *typed("192.0.2.1", "198.51.100.1", "203.0.113.1", "198.18.0.1", "198.19.255.1", "192.0.0.1", "192.88.99.1"),
        *typed("192.31.196.1", "192.52.193.1", "192.175.48.1", "[2001:db8::1]", "[3fff::1]", "[2001:2::1]", "[100::1]"),
        *typed("[2001:10::1]", "[2001:20::1]", "[3ffe::1]", "[5f00::1]", "[2620:4f:8000::1]", "[4000::1]"),
    ],
    "unique-local and site-local": typed("[fc00::1]", "[fd12:3456:789a::1]", "[fdff::1]", "[fec0::1]", "[feff::1]"),
    "IPv4 within IPv6": typed(*WITHIN),
    "numbers in disguise": typed(*NUMBERS),
    "letters in disguise": typed(*LETTERS),
    "zone ids": typed("[fe80::1%25lo]", "[fe80::1%lo]", "[::1%25lo]", f"[{V6}%25lo]", f"[{V6}%251]", f"[{V6}%lo]"),
    "users, ports and slashes around a host": list(_authority()),
    "ports": urls(
        "port-refused", *(f"http://{host}:{port}/" for host in (V4, f"[{V6}]") for port in (22, 25, 2375, 6379, 8080))
    ),
    "schemes": urls(
        "bad-address",
        *(
            "file:///etc/passwd",
            "file://127.0.0.1/",
            "ftp://127.0.0.1/",
            f"ftp://{V4}/",
            "gopher://127.0.0.1:6379/_INFO",
        ),
        *(
            "dict://127.0.0.1:6379/info",
            "ldap://127.0.0.1/",
            "data:text/html,x",
            "javascript:alert(1)",
            "ws://127.0.0.1/",
        ),
        *("jar:http://127.0.0.1!/", "netdoc:///etc/passwd", "unix:/run/x", f"wss://{V4}/", "view-source:http://127.1/"),
    ),
    "names": list(_names()),
    "names that change their mind": list(_rebinding()),
    "redirects": list(_redirects()),
    "pictures of a page": list(_pictures()),
}
"""Every class, with its cases."""

WELCOME: Final = [
    Case(Ask(f"http://{V4}/", {}, {}), 1, frozenset({""})),
    Case(Ask(f"http://[{V6}]/", {}, {}), 1, frozenset({""})),
    *(
        Case(Ask(f"{scheme}://{host}/", ZONE, {}), 1, frozenset({""}))
        for scheme in ("http", "https")
        for host in ("public.test", "other.test")
    ),
    chain({}, 1, "", begin="http://public.test\\@127.0.0.1:25@x/"),
    chain({"/": moved("/1"), **{f"/{n}": moved(f"/{n + 1}") for n in range(1, 5)}}, 6, ""),
    *named(Name(v4=((V4,),), v6=((V6,),)), hops=1, failures=frozenset({""})),
]
"""What must be met all the same, or the rest shows nothing."""


def wrong(case: Case, told: Told) -> str:
    """Return what is wrong with what came of a case, "" for nothing."""
    met = [address for address, _ in told.met]
    if any(address not in PUBLIC for address in met):
        return f"{case.ask.url} met {met}"
    if told.opened != case.hops or len(met) != case.hops:
        return f"{case.ask.url} began {told.opened} connections, not {case.hops}; met were {told.met}"
    if told.failure not in case.failures:
        return f"{case.ask.url} ended with {told.failure!r}, not {sorted(case.failures)}"
    return ""
