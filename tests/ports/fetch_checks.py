"""What every adapter behind the port Fetch promises, as checks against a server that behaves badly."""

import asyncio
import gzip
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bowerbird.ports.fetch import Fetch, Fetched
from tests.ports.suite import Suite
from tests.support.hostile_pictures import encoded, scene
from tests.support.web import Web, answer

PICTURE = encoded(scene(300, 200), "JPEG")
CARD = """<!doctype html><html><head><title>Plain title</title>
<meta property="og:title" content="Sourdough &amp; butter"><meta property="og:site_name" content="The Oven">
<meta property="og:description" content="Slow bread."><meta property="og:image" content="/bread.jpg">
<meta name="description" content="plain description"></head><body><img src="/other.jpg" width=800 height=600></body>"""


@dataclass
class Subject:
    """The port, the same in a `hasty` way, a server at `web.url()` that may be met, and names for lists of addresses.

    The port may meet the server on 127.0.0.1 and anything in 127.0.0.3/32; it has 200 kB for a page, 300 kB for a
    picture, and meets a host twice at once. `hasty` has 1 s for a fetch.
    """

    fetch: Fetch
    hasty: Fetch
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
async def every_way_to_name_a_picture_is_known(subject: Subject) -> None:
    web = subject.web
    web.page("/sub/p.jpg", PICTURE, "image/jpeg")
    linked = '<script type="application/ld+json">{}</script>'
    for n, body in enumerate(
        (
            "<meta name=twitter:image content=sub/p.jpg>",
            "<meta property=og:image:secure_url content=/sub/p.jpg>",
            "<meta itemprop=image content=./sub/p.jpg>",
            "<link rel=image_src href=sub/p.jpg>",
            "<base href=/sub/><img src=p.jpg>",
            "<img src=x.gif width=1 height=1 data-x><img data-src=sub/p.jpg src=data:image/gif;base64,R0lGOD>",
            "<img srcset='small.jpg 200w, sub/p.jpg 1200w, huge.jpg 9000w'><img src=other.jpg width=500 height=400>",
            "<img src=sub/p.jpg height=900><img src=strip.jpg width=2000 height=100><img src=half.jpg width=50%>",
            "<noscript><img src=sub/p.jpg width=900 height=700></noscript><img src=other.jpg>",
            "<video poster=sub/p.jpg></video>",
            linked.format('{"@type": "Recipe", "image": "/sub/p.jpg"}'),
            linked.format('[{"x": 1}, {"@graph": [{"image": [{"url": "sub/p.jpg"}, "other.jpg"]}]}]'),
            linked.format("{broken") + linked.format('{"image": {"url": "sub/p.jpg", "width": 9}}'),
            linked.format('{"image": [null, 7, {"url": 7}, "sub/p.jpg"]}'),
        )
    ):
        got = await subject.get(web.page(f"/{n}", f"<title>x</title>{body}"))
        assert got.picture_url == web.url("/sub/p.jpg"), body


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
    web.page("/Z%C3%BCrich", "<title>Zürich</title>")
    web.moved("/city", "Zürich")
    assert (await subject.get(web.url("/city"))).title == "Zürich"


@suite.check
async def a_name_without_an_address_is_said_so(subject: Subject) -> None:
    assert (await subject.get(f"http://{subject.named([])}/")).failure == "no-such-host"


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
async def nobody_listening_is_unreachable(subject: Subject) -> None:
    with socket.create_server(("127.0.0.3", 0)) as server:
        port = server.getsockname()[1]
    assert (await subject.get(f"http://127.0.0.3:{port}/")).failure == "unreachable"
