"""The page's shell and assets, over ASGI: what is answered where, in which coding, with which guards."""

import gzip
import re
from pathlib import Path

import pytest

from bowerbird.edge.web.assets import BYTES_MAX, read_assets
from bowerbird.edge.web.site import PLACE, Web
from tests.support.edge_client import call

SHELL = b"<!doctype html><title>Bowerbird</title>" + b" " * 600
SCRIPT = b"console.log(1);" * 100
ID = "0198c0de-0000-8abc-80c0-000000000001"
PLACES = Path(__file__).parents[2] / "ui/src/lib/router/places.ts"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A built page: a shell, a hashed script in three codings, and a file without a hash."""
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_bytes(SHELL)
    (tmp_path / "index.html.gz").write_bytes(gzip.compress(SHELL))
    script = tmp_path / "assets" / "index-Abc123.js"
    script.write_bytes(SCRIPT)
    script.with_name(script.name + ".gz").write_bytes(gzip.compress(SCRIPT))
    script.with_name(script.name + ".br").write_bytes(b"brotli's bytes")
    (tmp_path / "mark.svg").write_bytes(b"<svg/>")
    (tmp_path / "notes.txt").write_bytes(b"no part of the page")
    return tmp_path


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/sign-in",
        "/sign-up",
        "/boards",
        "/boards/shared",
        f"/board/{ID}",
        f"/pin/{ID}",
        "/@ada_l",
        "/@ada_l/followers",
        "/settings",
        "/settings/security",
        "/trash",
    ],
)
async def test_every_place_of_the_page_is_answered_with_the_shell(folder: Path, path: str) -> None:
    answer = await call(Web(folder), "GET", path)
    assert (answer.status, answer.body) == (200, SHELL)
    assert answer.header("cache-control") == "no-cache"
    assert answer.header("content-type") == "text/html; charset=utf-8"


@pytest.mark.parametrize("path", ["/nothing", "/pin/x", "/@a", "/boards/x", "/board", "/\x00", "/ä", "//", "/pin/../x"])
async def test_elsewhere_the_shell_says_that_there_is_nothing(folder: Path, path: str) -> None:
    answer = await call(Web(folder), "GET", path)
    assert (answer.status, answer.body) == (404, SHELL)


def test_the_server_knows_every_tab_that_the_page_knows() -> None:
    source = PLACES.read_text()
    for kind, stem in (("PERSON_TABS", "/@ada_l"), ("SETTINGS_TABS", "/settings")):
        found = re.search(rf"{kind} = \[(.*?)\]", source, re.DOTALL)
        assert found
        first, *others = re.findall(r'"([a-z]+)"', found[1])
        assert first
        assert others
        assert all(PLACE.fullmatch(f"{stem}/{tab}") for tab in others)


async def test_the_shell_carries_the_browsers_guards(folder: Path) -> None:
    answer = await call(Web(folder), "GET", "/")
    policy = answer.header("content-security-policy") or ""
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.header("x-content-type-options") == "nosniff"
    assert answer.header("cross-origin-opener-policy") == "same-origin"
    assert answer.header("referrer-policy")
    assert answer.header("permissions-policy")


async def test_a_page_takes_nothing_from_elsewhere_and_sends_nothing_there(folder: Path) -> None:
    """Whatever words get into it."""
    policy = (await call(Web(folder), "GET", "/")).header("content-security-policy") or ""
    sources = {name: set(rest) for name, *rest in (directive.split() for directive in policy.split(";"))}
    assert sources.pop("img-src") == {"'self'", "data:", "blob:"}
    assert {"base-uri", "connect-src", "default-src", "form-action", "frame-ancestors", "script-src"} <= sources.keys()
    assert all(named in ({"'self'"}, {"'none'"}) for named in sources.values())


async def test_an_asset_with_a_hash_is_good_for_ever_and_others_for_a_while(folder: Path) -> None:
    web = Web(folder)
    hashed = await call(web, "GET", "/assets/index-Abc123.js")
    assert (hashed.status, hashed.body) == (200, SCRIPT)
    assert hashed.header("cache-control") == "public, max-age=31536000, immutable"
    assert hashed.header("x-content-type-options") == "nosniff"
    named = await call(web, "GET", "/mark.svg")
    assert named.header("cache-control") == "public, max-age=3600"
    assert named.header("content-type") == "image/svg+xml"


@pytest.mark.parametrize(
    ("accept", "coding"),
    [
        (b"gzip, deflate, br, zstd", "br"),
        (b"GZIP", "gzip"),
        (b"br;q=0, gzip;q=0.5", "gzip"),
        (b"br;q=0.5", "br"),
        (b"gzip;q=0.0", None),
        (b"", None),
    ],
)
async def test_what_was_packed_goes_to_whoever_takes_it(folder: Path, accept: bytes, coding: str | None) -> None:
    answer = await call(Web(folder), "GET", "/assets/index-Abc123.js", headers=[(b"accept-encoding", accept)])
    assert answer.header("content-encoding") == coding
    assert answer.header("vary") == "accept-encoding"
    assert answer.header("content-length") == str(len(answer.body))
    if coding == "gzip":
        assert gzip.decompress(answer.body) == SCRIPT


async def test_what_the_browser_has_is_not_sent_again(folder: Path) -> None:
    web = Web(folder)
    gzipped = [(b"accept-encoding", b"gzip")]
    first = await call(web, "GET", "/", headers=gzipped)
    tag = (first.header("etag") or "").encode()
    again = await call(web, "GET", "/", headers=[*gzipped, (b"if-none-match", tag)])
    assert (again.status, again.body) == (304, b"")
    assert again.header("etag") == first.header("etag")
    assert (await call(web, "GET", "/", headers=[(b"if-none-match", tag)])).status == 200
    assert (await call(web, "GET", "/nothing", headers=[*gzipped, (b"if-none-match", tag)])).status == 404


async def test_head_has_no_body_and_other_methods_are_refused(folder: Path) -> None:
    web = Web(folder)
    head = await call(web, "HEAD", "/")
    assert (head.status, head.body, head.header("content-length")) == (200, b"", str(len(SHELL)))
    refused = await call(web, "POST", "/")
    assert (refused.status, refused.header("allow")) == (405, "GET, HEAD")
    assert refused.header("content-type") == "application/problem+json"
    assert (refused.json()["type"], refused.json()["status"]) == ("/problems/method-not-allowed", 405)


async def test_what_is_no_asset_is_not_there(folder: Path) -> None:
    web = Web(folder)
    for path in ("/assets/gone.js", "/assets/../index.html", "/assets/", "/assets/index-Abc123.js.gz"):
        answer = await call(web, "GET", path)
        assert (answer.status, answer.header("cache-control")) == (404, "no-store")
        assert answer.json()["type"] == "/problems/not-found"
    assert (await call(web, "GET", "/notes.txt")).body == SHELL
    assert (await call(web, "GET", "/index.html")).status == 404


async def test_without_assets_the_page_names_the_command_that_builds_them(tmp_path: Path) -> None:
    answer = await call(Web(tmp_path / "nowhere"), "GET", "/")
    assert answer.status == 503
    assert b"npm run build" in answer.body
    assert answer.header("content-security-policy")


def test_more_than_a_page_can_be_is_refused(tmp_path: Path) -> None:
    with (tmp_path / "index.html").open("wb") as file:
        file.truncate(BYTES_MAX + 1)
    with pytest.raises(ValueError, match="more than"):
        read_assets(tmp_path)
