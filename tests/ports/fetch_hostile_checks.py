"""What every adapter behind the port Fetch promises when addresses, sites and pages mean it no good."""

from tests.ports.fetch_checks import PICTURE, Subject, suite
from tests.support.web import answer, bomb, drip, endless, silence


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
    *("%31%32%37.0.0.2", "user@127.0.0.2", "127.0.0.2\t", "\t127.0.0.2", "/127.0.0.2", "n.test@127.0.0.2"),
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
async def other_ports_are_refused(subject: Subject) -> None:
    for port in (22, 25, 6379, 8080, 65_535):
        assert (await subject.get(f"http://93.184.215.14:{port}/")).failure == "port-refused"


@suite.check
async def what_is_no_web_address_is_refused(subject: Subject) -> None:
    for url in (
        *("", "x", "http://", "//n.test/", "n.test", "ftp://n.test/", "file:///etc/passwd", "gopher://n.test/"),
        *("data:text/html,x", "javascript:alert(1)", "http://user:pass@n.test/", "http://user@n.test/"),
        *("http://n.test:0/", "http://n.test:65536/", "http://n.test:x/", "http://n.test:-1/", "http://a b.test/"),
        *(
            "http://n.test\\@127.0.0.2/",
            "http://a\0b.test/",
            "http://\n/",
            "http://[::1",
            "http://[x]/",
            "http://[::1%lo]/",
        ),
        *("http://" + "a" * 300 + ".test/", "http://n.test/" + "a" * 3000, "http://n.test/" + "\u00fc" * 1000),
        *("http://\ud800.test/", "http://a\u202eb.test/", "http//n.test", "http://<n>.test/", "http://n.test\x7f/"),
    ):
        got = await subject.get(url)
        assert got.failure in {"bad-address", "no-such-host"}, f"{url!r} was {got.failure or 'fetched'}"


@suite.check
async def time_is_bounded(subject: Subject) -> None:
    web = subject.web
    for n, handler in enumerate((drip, silence)):
        assert (await subject.hasty.fetch(web.handle(f"/{n}", handler))).failure == "timeout"
    web.handle("/slow.jpg", drip)
    got = await subject.hasty.fetch(web.page("/p", "<title>x</title><meta property=og:image content=/slow.jpg>"))
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
async def the_connection_goes_where_it_was_checked_to_go(subject: Subject) -> None:
    web = subject.web
    web.page("/", "<title>inside</title>")
    name = subject.named(["127.0.0.3"])
    got = await subject.get(f"http://{name}:{web.port}/")
    assert (got.failure, got.title) == ("", "inside")
    assert web.connections == {"127.0.0.3": 1}
    assert web.requests[0].headers["host"] == f"{name}:{web.port}"
