"""What every adapter behind the port Fetch promises, as checks against a server that behaves badly."""

import asyncio
import gzip
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bowerbird.ports.fetch import Fetch, Fetched
from tests.ports.suite import Suite
from tests.support.hostile_pictures import encoded, scene
from tests.support.web import Web, answer, bomb, drip, endless, silence

PICTURE = encoded(scene(300, 200), "JPEG")
CARD = """<!doctype html><html><head><title>Plain title</title>
<meta property="og:title" content="Sourdough &amp; butter"><meta property="og:site_name" content="The Oven">
<meta property="og:description" content="Slow bread."><meta property="og:image" content="/bread.jpg">
<meta name="description" content="plain description"></head><body><img src="/other.jpg" width=800 height=600></body>"""


@dataclass
class Subject:
    """The port, a server at `web.url()` that may be met, and names for lists of addresses.

    The port may meet the server on 127.0.0.1 and anything in 127.0.0.3/32; it has 1.5 s for a fetch, 200 kB for a page,
    300 kB for a picture, and meets a host twice at once.
    """

    fetch: Fetch
    web: Web
    named: Callable[[Sequence[str]], str]

    async def get(self, url: str) -> Fetched:
        return await self.fetch.fetch(url)


suite = Suite[Subject]()


@suite.check
async def a_page_is_read(subject: Subject) -> None:
    web = subject.web
    web.page("/bread.jpg", PICTURE, "image/jpeg")
    got = await subject.get(web.page("/bread", CARD))
    assert got == Fetched(
        failure="",
        status=200,
        url=web.url("/bread"),
        title="Sourdough & butter",
        description="Slow bread.",
        site="The Oven",
        picture_url=web.url("/bread.jpg"),
        picture=PICTURE,
    )


@suite.check
async def plain_html_is_read_too(subject: Subject) -> None:
    web = subject.web
    web.page("/big.jpg", PICTURE, "image/jpeg")
    got = await subject.get(
        web.page(
            "/",
            "<title> A \n page </title><meta name=Description content='What  it is'>"
            "<img src=logo.png width=900 height=900>"
            "<img src=tiny.gif width=1 height=1><img src=data:image/gif;base64,R0lG><img src=drawing.svg width=2000>"
            "<img src=middle.jpg width=300 height=300><img src=big.jpg width=1200 height=900>",
        )
    )
    assert (got.title, got.description, got.site) == ("A page", "What it is", "127.0.0.1")
    assert got.picture_url == web.url("/big.jpg")


@suite.check
async def a_picture_is_a_page(subject: Subject) -> None:
    for format_ in ("JPEG", "PNG", "GIF", "WEBP"):
        data = encoded(scene(40, 30), format_)
        url = subject.web.page(f"/{format_}", data, "text/html")
        assert await subject.get(url) == Fetched("", 200, url, picture_url=url, picture=data)


@suite.check
async def the_next_picture_is_tried(subject: Subject) -> None:
    web = subject.web
    web.page("/lie.jpg", "<html>no picture</html>", "image/jpeg")
    web.page("/good.jpg", PICTURE, "application/octet-stream")
    body = "".join(f"<meta property=og:image content={name}>" for name in ("gone.jpg", "lie.jpg", "good.jpg"))
    got = await subject.get(web.page("/p", f"<title>x</title>{body}"))
    assert (got.failure, got.picture, got.picture_url) == ("", PICTURE, web.url("/good.jpg"))


@suite.check
async def a_page_without_a_picture_is_a_good_page(subject: Subject) -> None:
    web = subject.web
    got = await subject.get(web.page("/p", "<title>x</title><meta property=og:image content=/gone.jpg>"))
    assert (got.failure, got.title, got.picture, got.picture_url) == ("", "x", b"", "")
    names = "".join(f"<meta property=og:image content=/gone{n}.jpg>" for n in range(50))
    before = len(web.requests)
    await subject.get(web.page("/many", f"<title>x</title>{names}"))
    assert len(web.requests) - before <= 5


@suite.check
async def redirects_are_followed_to_the_end(subject: Subject) -> None:
    web = subject.web
    web.page("/end", "<title>end</title>")
    for n in range(5):
        web.moved(f"/{n}", f"/{n + 1}" if n < 4 else "end", (301, 302, 303, 307, 308)[n])
    got = await subject.get(web.url("/0"))
    assert (got.failure, got.url, got.title) == ("", web.url("/end"), "end")


@suite.check
async def too_many_redirects_are_given_up(subject: Subject) -> None:
    web = subject.web
    web.moved("/loop", "/loop")
    assert (await subject.get(web.url("/loop"))).failure == "too-many-redirects"
    assert len(web.requests) <= 6
    for n in range(9):
        web.moved(f"/{n}", f"/{n + 1}")
    assert (await subject.get(web.url("/0"))).failure == "too-many-redirects"


@suite.check
async def a_redirect_is_checked_like_the_first_address(subject: Subject) -> None:
    web = subject.web
    for n, host in enumerate(("127.0.0.2", "::1", "0.0.0.0")):  # noqa: S104 - met, not bound
        web.moved(f"/{n}", web.url("/secret", host))
        assert (await subject.get(web.url(f"/{n}"))).failure == "not-public"
    for n, to in enumerate(
        ("file:///etc/passwd", "ftp://example.org/", "http://user@example.org/", "javascript:1", "data:,x")
    ):
        web.moved(f"/bad{n}", to)
        assert (await subject.get(web.url(f"/bad{n}"))).failure in {"bad-address", "bad-answer"}
    web.raw("/nowhere", b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n")
    assert (await subject.get(web.url("/nowhere"))).failure == "bad-answer"
    assert set(web.connections) == {"127.0.0.1"}


@suite.check
async def a_picture_is_checked_like_the_first_address(subject: Subject) -> None:
    web = subject.web
    web.page("/secret.jpg", PICTURE, "image/jpeg")
    for host in ("127.0.0.2", "[::1]"):
        url = f"http://{host}:{web.port}/secret.jpg"
        got = await subject.get(web.page("/p", f"<title>x</title><meta property=og:image content={url}>"))
        assert (got.failure, got.title, got.picture) == ("", "x", b"")
    assert set(web.connections) == {"127.0.0.1"}


@suite.check
async def addresses_that_are_not_public_are_never_met(subject: Subject) -> None:
    web = subject.web
    for host in DISGUISES:
        got = await subject.get(f"http://{host}:{web.port}/")
        assert got.failure in {"not-public", "bad-address", "no-such-host"}, f"{host} was {got.failure or 'fetched'}"
        assert (got.status, got.title, got.picture) == (0, "", b"")
    assert not web.connections


DISGUISES = (
    *("127.0.0.2", "127.2", "127.0.2", "0x7f.0.0.2", "0x7f000002", "2130706434", "0177.0.0.2", "017700000002"),
    *("127.0.0.2.", "[::1]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.2]", "[::ffff:7f00:2]", "[::127.0.0.2]"),
    *("[64:ff9b::127.0.0.2]", "[64:ff9b:1::127.0.0.2]", "[2002:7f00:2::1]", "[2001:0:7f00:2::]", "[fe80::1%25lo]"),
    *("[::]", "0.0.0.0", "0", "0x0", "255.255.255.255"),  # noqa: S104 - met, not bound
    *("169.254.169.254", "[fd00:ec2::254]", "10.0.0.1", "192.168.1.1", "172.16.0.1", "100.64.0.1", "198.18.0.1"),
    *("224.0.0.1", "240.0.0.1", "[ff02::1]", "[fc00::1]", "[fe80::1]", "localhost."),
    *("\uff11\uff12\uff17.0.0.2", "127\u30020\u30020\u30022", "\u2460\u2461\u2466.0.0.2"),
)


@suite.check
async def one_bad_address_of_a_name_refuses_all(subject: Subject) -> None:
    for found in (
        ["127.0.0.2"],
        ["93.184.215.14", "127.0.0.2"],
        ["127.0.0.2", "93.184.215.14"],
        ["127.0.0.3", "127.0.0.2"],
        ["2606:2800:21f:cb07:6820:80da:af6b:8b2c", "::1"],
        ["::ffff:127.0.0.2"],
        ["64:ff9b::5db8:d70e"],
    ):
        got = await subject.get(f"http://{subject.named(found)}:{subject.web.port}/")
        assert got.failure == "not-public", f"{found} was {got.failure or 'fetched'}"
    assert not subject.web.connections


@suite.check
async def a_name_without_an_address_is_said_so(subject: Subject) -> None:
    assert (await subject.get(f"http://{subject.named([])}/")).failure == "no-such-host"


@suite.check
async def other_ports_are_refused(subject: Subject) -> None:
    for port in (22, 25, 6379, 8080, 65_535):
        assert (await subject.get(f"http://93.184.215.14:{port}/")).failure == "port-refused"


@suite.check
async def what_is_no_web_address_is_refused(subject: Subject) -> None:
    for url in (
        *("", "x", "http://", "http:///x", "//example.org/", "example.org", "ftp://example.org/", "file:///etc/passwd"),
        *("gopher://example.org/", "data:text/html,x", "javascript:alert(1)", "http://user:pass@example.org/"),
        *("http://user@example.org/", "http://example.org:0/", "http://example.org:65536/", "http://example.org:x/"),
        *(
            "http://exam ple.org/",
            "http://example.org\\@127.0.0.2/",
            "http://a\0b/",
            "http://\n/",
            "http://[::1",
            "http://[x]/",
        ),
        *("http://xn--/", "http://%31%32%37.0.0.2/", "http://" + "a" * 300 + ".org/", "http://x/" + "a" * 3000),
        *("http://\ud800.org/", "http://a..b\u202e.org/", "HTTP//example.org", "http:example.org"),
    ):
        got = await subject.get(url)
        assert got.failure in {"bad-address", "no-such-host"}, f"{url!r} was {got.failure or 'fetched'}"


@suite.check
async def time_is_bounded(subject: Subject) -> None:
    web = subject.web
    for n, handler in enumerate((drip, silence)):
        assert (await subject.get(web.handle(f"/{n}", handler))).failure == "timeout"
    web.handle("/slow.jpg", drip)
    got = await subject.get(web.page("/p", "<title>x</title><meta property=og:image content=/slow.jpg>"))
    assert (got.failure, got.title, got.picture) == ("", "x", b"")


@suite.check
async def bytes_are_bounded(subject: Subject) -> None:
    web = subject.web
    got = await subject.get(web.handle("/page", endless(b"<title>long</title>", "text/html")))
    assert (got.failure, got.title) == ("", "long")
    assert (await subject.get(web.handle("/p.jpg", endless(PICTURE, "image/jpeg")))).failure == "too-large"
    large = web.page("/large.jpg", PICTURE + bytes(300_000), "image/jpeg")
    assert (await subject.get(large)).failure == "too-large"


@suite.check
async def decompressed_bytes_are_bounded(subject: Subject) -> None:
    web = subject.web
    headers = {"Content-Type": "text/html", "Content-Encoding": "gzip"}
    got = await subject.get(web.raw("/page", answer(bomb(64, b"<title>boom</title>"), headers)))
    assert (got.failure, got.title) == ("", "boom")
    assert (await subject.get(web.raw("/p.jpg", answer(bomb(64, PICTURE), headers)))).failure == "too-large"


@suite.check
async def compression_is_undone(subject: Subject) -> None:
    web = subject.web
    data = gzip.compress(b"<title>packed</title>")
    for coding, expected in (("gzip", ""), ("GZIP", ""), ("br", "bad-answer"), ("gzip, gzip", "bad-answer")):
        url = web.raw(
            f"/{coding[:3]}{len(coding)}", answer(data, {"Content-Type": "text/html", "Content-Encoding": coding})
        )
        got = await subject.get(url)
        assert got.failure == expected, coding
        assert got.title == ("" if expected else "packed")
    url = web.raw("/broken", answer(b"\x1f\x8b broken", {"Content-Type": "text/html", "Content-Encoding": "gzip"}))
    assert (await subject.get(url)).failure == "bad-answer"


@suite.check
async def bad_answers_are_survived(subject: Subject) -> None:
    web = subject.web
    html = b"Content-Type: text/html\r\n"
    for n, raw in enumerate(
        (
            b"",
            b"\0" * 2000,
            b"220 mail.example.org ESMTP\r\n",
            b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200_000,
            b"HTTP/1.1 200 OK\r\nX: " + b"y" * 1_000_000 + b"\r\n\r\n",
            b"HTTP/1.1 200 OK\r\n" + html + b"Content-Length: 50\r\n\r\n<title>cut</title>",
            b"HTTP/1.1 200 OK\r\n" + html + b"Content-Length: -5\r\n\r\n<title>x</title>",
            b"HTTP/1.1 200 OK\r\n" + html + b"Content-Length: 5\r\nContent-Length: 9\r\n\r\n<title>x</title>",
            b"HTTP/1.1 200 OK\r\n" + html + b"Transfer-Encoding: chunked\r\n\r\nZZ\r\n<title>x</title>",
            b"HTTP/1.1 999999 OK\r\n\r\n",
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
            b"HTTP/1.1 100 Continue\r\n\r\n" * 100,
        )
    ):
        got = await subject.get(web.raw(f"/{n}", raw))
        assert got.failure == "bad-answer", f"{raw[:60]!r} was {got.failure or 'fetched'}"
    assert (await subject.get(web.page("/after", "<title>after</title>"))).title == "after"


@suite.check
async def statuses_are_told(subject: Subject) -> None:
    web = subject.web
    for status, failure in (
        *((404, "bad-answer"), (410, "bad-answer"), (500, "bad-answer"), (503, "bad-answer")),
        *((401, "refused-by-site"), (403, "refused-by-site"), (429, "refused-by-site"), (451, "refused-by-site")),
    ):
        got = await subject.get(
            web.raw(f"/{status}", answer(b"<title>no</title>", {"Content-Type": "text/html"}, status))
        )
        assert (got.failure, got.status, got.title) == (failure, status, "")


@suite.check
async def what_is_neither_page_nor_picture_is_refused(subject: Subject) -> None:
    web = subject.web
    for n, (mime, body) in enumerate(
        (
            ("application/pdf", b"%PDF-1.7"),
            ("application/json", b'{"title": "x"}'),
            ("text/plain", b"just words"),
            ("video/mp4", b"\0\0\0\x18ftypmp42"),
            ("image/svg+xml", b"<svg xmlns='http://www.w3.org/2000/svg'><title>x</title></svg>"),
            ("image/jpeg", b"no jpeg at all"),
            ("", b"\x7fELF"),
        )
    ):
        assert (await subject.get(web.page(f"/{n}", body, mime))).failure == "not-a-page"
    assert (await subject.get(web.page("/plain", "<!DOCTYPE html><title>html</title>", "text/plain"))).title == "html"


@suite.check
async def every_encoding_is_read(subject: Subject) -> None:
    web = subject.web
    word = "Zürich"
    cyrillic = "Москва"
    for n, (body, mime) in enumerate(
        (
            (f"<title>{word}</title>".encode(), "text/html; charset=utf-8"),
            (f"<title>{word}</title>".encode(), "text/html"),
            (f"<title>{word}</title>".encode("latin-1"), "text/html; charset=ISO-8859-1"),
            (f"<title>{word}</title>".encode("latin-1"), "text/html"),
            (f"<meta charset=latin1><title>{word}</title>".encode("latin-1"), "text/html"),
            (b"\xff\xfe" + f"<title>{word}</title>".encode("utf-16-le"), "text/html"),
            (f"<title>{word}</title>".encode(), "text/html; charset=zip_codec"),
            (f"<title>{word}</title>".encode(), "text/html; charset=idna"),
        )
    ):
        got = await subject.get(web.page(f"/{n}", body, mime))
        assert got.title == word, f"{mime} {body[:40]!r}"
    for codec in ("windows-1251", "koi8-r", "iso-8859-5", "utf-8"):
        body = f'<meta http-equiv="Content-Type" content="text/html; charset={codec}"><title>{cyrillic}</title>'
        assert (await subject.get(web.page(f"/{codec}", body.encode(codec), "text/html"))).title == cyrillic
    assert (
        await subject.get(web.page("/sjis", "<title>東京</title>".encode("shift_jis"), "text/html; charset=x-sjis"))
    ).title == "東京"


@suite.check
async def broken_html_is_survived(subject: Subject) -> None:
    web = subject.web
    for n, body in enumerate(
        (
            b"<title>ok",
            b"<title>ok</title" + b"<" * 1000,
            b"\0<ti\0tle>o\0k</title>\0",
            b"<title>ok</title>" + b"<div>" * 2000,
            b"<title>ok</title>" + b"<b><p><table>" * 2000,
            b"<title>ok</title>" + b"</html></body></p>" * 2000,
            b"<title>ok</title><script type='application/ld+json'>" + b"[" * 50_000 + b"</script>",
            b"<title>ok</title><base href='http://['><img src='http://[' width=900 height=900>",
            b"<title>ok</title><meta property=og:image content=" + b"x" * 50_000 + b">",
            b"<title>\xff\xfe ok \xff</title>",
        )
    ):
        got = await subject.get(web.page(f"/{n}", body))
        assert got.failure == ""
        assert "ok" in got.title


@suite.check
async def texts_are_clean_and_bounded(subject: Subject) -> None:
    web = subject.web
    dirty = "a\x01b\x7f\u202ec\u2028d  e\tf\r\ng e\u0301 \ud83d\ude00"
    body = f"<meta property=og:title content='{dirty}'>".encode("utf-8", "surrogatepass")
    got = await subject.get(web.page("/dirty", body))
    assert got.title.startswith("a b c d e f g é")
    assert got.title.isprintable()
    words = "word " * 1000
    body = (
        f"<title>{words}</title><meta name=description content='{words}'><meta property=og:site_name content='{words}'>"
    )
    got = await subject.get(web.page("/long", body))
    assert (len(got.title), len(got.description), len(got.site)) <= (200, 800, 100)
    assert got.title.endswith("…")
    assert len(got.description) > 700


@suite.check
async def a_site_that_does_not_want_to_be_pinned_is_heeded(subject: Subject) -> None:
    web = subject.web
    web.page("/p.jpg", PICTURE, "image/jpeg")
    body = "<title>mine</title><meta property=og:image content=/p.jpg>"
    wishes: list[tuple[str, dict[str, str]]] = [
        ("<meta name='pinterest' content='nopin' description='sorry'>", {}),
        ("<meta name='robots' content='noindex, noimageindex'>", {}),
        ("", {"X_Robots_Tag": "noimageindex"}),
    ]
    for n, (extra, headers) in enumerate(wishes):
        got = await subject.get(web.page(f"/{n}", body + extra, **headers))
        assert (got.failure, got.title, got.picture) == ("refused-by-site", "mine", b"")
    single = "<title>x</title><img data-pin-nopin=1 src=/p.jpg width=900 height=900>"
    assert (await subject.get(web.page("/single", single))).picture == b""
    got = await subject.get(web.page("/q.jpg", PICTURE, "image/jpeg", X_Robots_Tag="noimageindex"))
    assert (got.failure, got.picture) == ("refused-by-site", b"")
    assert "/p.jpg" not in {request.path for request in web.requests}


@suite.check
async def it_says_who_it_is_and_nothing_about_anyone_else(subject: Subject) -> None:
    web = subject.web
    web.page("/a", "<title>x</title>", Set_Cookie="id=1")
    await subject.get(web.url("/a?q=ü#fragment"))
    await subject.get(web.url("/a"))
    for request in web.requests:
        assert request.headers["user-agent"].startswith("Bowerbird/")
        assert "https://example.org/about" in request.headers["user-agent"]
        assert request.headers["host"] == f"127.0.0.1:{web.port}"
        assert not {"cookie", "referer", "authorization", "x-forwarded-for"} & set(request.headers)
        assert "fragment" not in request.path


@suite.check
async def one_host_is_met_by_few_at_once(subject: Subject) -> None:
    web = subject.web

    async def linger(_: Web, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.02)
        writer.write(answer(b"<title>x</title>", {"Content-Type": "text/html"}))

    urls = [web.handle(f"/{n}", linger) for n in range(8)]
    got = await asyncio.gather(*(subject.get(url) for url in urls))
    assert {g.failure for g in got} == {""}
    assert web.at_once_max <= 2


@suite.check
async def the_connection_goes_where_it_was_checked_to_go(subject: Subject) -> None:
    web = subject.web
    web.page("/", "<title>inside</title>")
    name = subject.named(["127.0.0.3"])
    got = await subject.get(f"http://{name}:{web.port}/")
    assert (got.failure, got.title) == ("", "inside")
    assert web.connections == {"127.0.0.3": 1}
    assert web.requests[0].headers["host"] == f"{name}:{web.port}"


@suite.check
async def nobody_listening_is_unreachable(subject: Subject) -> None:
    with socket.create_server(("127.0.0.3", 0)) as server:
        port = server.getsockname()[1]
    assert (await subject.get(f"http://127.0.0.3:{port}/")).failure == "unreachable"
