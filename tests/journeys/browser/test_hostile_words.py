"""Words that would run as scripts, in every text that people and strangers' pages can give: nothing runs, anywhere.

Every page of the page is looked at under its policy, which must have nothing to report. That the alarm rings at all is
shown by putting the same words into a page without a policy, as a careless hand would.
"""

import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast

import pytest
from playwright.sync_api import Browser, BrowserContext, Dialog, Page, expect
from typing_extensions import override

from tests.journeys.browser.conftest import OpenTab
from tests.journeys.browser.tab import Tab
from tests.support.hostile_words import WORDS
from tests.support.pictures import jpeg
from tests.support.server import Server, serving
from tests.support.visitor import Visitor, settled

pytestmark = pytest.mark.browser

SOURCES = {"href", "src", "srcset", "action", "formaction", "srcdoc", "data", "xlink:href", "poster"}
RUNS = re.compile(r"\s*(javascript|vbscript|data:text)", re.IGNORECASE)
PLACES = """() => [...document.querySelectorAll('*')].flatMap((each) =>
  [...each.attributes].map((at) => [each.localName, at.name, at.value]))"""
CARELESS = (
    "<p>{}</p>",
    '<input value="{}">',
    "<input value='{}'>",
    '<a id="go" href="{}">go</a>',
    "<script>const said = '{}'</script>",
    '<script>const said = "{}"</script>',
    "<title>{}</title>",
    "<!-- {} -->",
    "<style>p{{content:'{}'}}</style>",
)
"""What a careless hand puts words into."""
NEVER_HTML = {
    "escaped once",
    "escaped for an address",
    "escaped for JSON",
    "letters that become angles",
    "a template",
    "a style",
}
"""Words that run only where they are unescaped, or evaluated, once more."""


WITHOUT = {"/settings", "/settings/account", "/settings/appearance", "/settings/security", "/@mallory/followers"}
"""Where nobody's words are shown but one's own: what a browser calls itself is told in the page's words."""


class Strangers(BaseHTTPRequestHandler):
    """A site whose pages call themselves by hostile words: /0 by the first of them, and so on."""

    def do_GET(self) -> None:
        index = self.path.strip("/").split("?")[0]
        words = escape(list(WORDS.values())[int(index)]) if index.isdigit() else ""
        picture = index == "p.jpg"
        body = jpeg(7) if picture else PAGE.format(words).encode()
        self.send_response(200)
        self.send_header("Content-Type", "image/jpeg" if picture else "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    @override
    def log_message(self, format: str, *args: Any) -> None:
        return


PAGE = (
    '<title>{0}</title><meta property="og:title" content="{0}"><meta property="og:site_name" content="{0}">'
    '<meta property="og:description" content="{0}"><meta name="description" content="{0}">'
    '<meta property="og:image" content="/p.jpg"><h1>{0}</h1>'
)


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Strangers)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, site: str) -> Iterator[Server]:
    limits = {f"safety_{name}_limit": "0" for name in ("read", "write", "register", "sign_in", "sign_in_address")}
    with serving(
        tmp_path_factory.mktemp("words"), fetch_allowed_hosts=site.removeprefix("http://"), **limits
    ) as server:
        yield server


@dataclass
class Scene:
    """Mallory, who calls everything by such words, and Ada, who has to look at it."""

    ada: Visitor
    mallory: Visitor
    board: str
    boards: list[str]
    pins: list[str]


@pytest.fixture(scope="module")
def scene(server: Server, site: str) -> Iterator[Scene]:
    ada, mallory = Visitor(server.base_url, "ada"), Visitor(server.base_url, "mallory")
    whole = "\n".join(WORDS.values())
    boards, pins = list[str](), list[str]()
    mallory.ask("PATCH", "/v1/me", json={"name": WORDS["an element that fails"], "about": whole[:500]})
    for words in WORDS.values():
        new = {"name": words, "description": whole[:1088], "visibility": "public"}
        boards.append(mallory.ask("POST", "/v1/boards", json=new)["id"])
    for number, words in enumerate(WORDS.values()):
        pins.append(mallory.photo(boards[0], number, title=words, note=whole, alt=words)["id"])
        link = mallory.ask("POST", f"/v1/boards/{boards[1]}/pins", json={"url": f"{site}/{number}?{words}"})
        pins.append(link["pin"]["id"] if "pin" in link else link["id"])
    mallory.ask("PUT", f"/v1/boards/{boards[0]}/shares/ada", json={"role": "editor"})
    ada.follow(mallory)
    _surround(server, ada)
    settled(lambda: ada.ask("GET", f"/v1/pins/{pins[-1]}")["details"], lambda details: details == "ready")
    yield Scene(ada, mallory, boards[0], boards, pins)
    ada.http.close()
    mallory.http.close()


def _surround(server: Server, ada: Visitor) -> None:
    """Let Ada see hostile words where only she looks: in followers, tokens, sessions and the trash."""
    for number, words in enumerate(WORDS.values()):
        follower = Visitor(server.base_url, f"follower_{number}")
        follower.ask("PATCH", "/v1/me", json={"name": words})
        follower.follow(ada)
        if number % 2:
            ada.ask("PUT", f"/v1/me/blocks/{follower.id}")
        else:
            ada.follow(follower)
        follower.http.close()
        ada.ask("POST", "/v1/me/tokens", json={"name": words, "scopes": ["read"]})
        login = {"login": "ada", "password": ada.password}
        agent = words.encode("ascii", "ignore")
        ada.send("POST", "/v1/sessions", json=login, headers={"user-agent": agent, "authorization": ""})
        board = ada.board(words)
        ada.ask("DELETE", f"/v1/pins/{ada.photo(board, 200 + number, title=words)['id']}")
        if number % 2:
            ada.ask("DELETE", f"/v1/boards/{board}")


class Watch:
    """A tab in which an alarm rings when a script of somebody else's runs, or a dialog opens."""

    def __init__(self, tab: Tab) -> None:
        self.tab = tab
        self.rang: list[str] = []
        expose(tab.context, lambda: self.rang.append("a script ran"))
        tab.page.on("dialog", self._answer)

    def _answer(self, dialog: Dialog) -> None:
        self.rang.append(f"a dialog opened: {dialog.message}")
        dialog.dismiss()

    def look(self, path: str) -> None:
        """Open a page, let it come to rest, and find nothing in it that could run; policy reports fail at the end."""
        self.tab.go(path)
        self.tab.page.wait_for_load_state("networkidle")
        self.check(path)

    def check(self, where: str) -> None:
        """Find nothing that ran, and no element or attribute that somebody's words became."""
        assert not self.rang, where
        assert not injected(self.tab.page.evaluate(PLACES)), where


def expose(context: BrowserContext, ring: Callable[[], None]) -> None:
    """Give every page what hostile words call."""
    give = cast("Callable[[str, Callable[[], None]], object]", context.expose_function)
    give("pwned", ring)


def injected(attributes: list[list[str]]) -> list[list[str]]:
    """Return the attributes that run something: none of the page's own does."""
    return [
        [element, name, value]
        for element, name, value in attributes
        if name.startswith("on") or (name in SOURCES and RUNS.match(value)) or (element, value) == ("img", "x")
    ]


@pytest.fixture
def watch(tab: OpenTab, scene: Scene) -> Watch:
    at = tab()
    at.sign_in(scene.ada)
    return Watch(at)


@pytest.mark.parametrize(
    "path",
    [
        *("/", "/boards", "/boards/shared", "/trash", "/search?q=pwned", "/@ada", "/@ada/followers", "/@ada/following"),
        *("/@mallory", "/@mallory/pins", "/@mallory/followers", "/settings", "/settings/security"),
        *("/settings/tokens", "/settings/blocked", "/settings/account", "/settings/appearance"),
    ],
)
def test_a_page_shows_words_and_runs_none(watch: Watch, path: str) -> None:
    watch.look(path)
    shown = watch.tab.page.evaluate("document.body.innerHTML")
    if path not in WITHOUT:
        assert "pwned" in shown, "there was nothing to see"


def test_boards_and_pins_show_words_and_run_none(watch: Watch, scene: Scene) -> None:
    for path in (*(f"/board/{board}" for board in scene.boards[:3]), *(f"/pin/{pin}" for pin in scene.pins[::3])):
        watch.look(path)
        assert "pwned" in watch.tab.page.evaluate("document.body.innerHTML"), path


def test_dialogs_show_words_and_run_none(watch: Watch, scene: Scene) -> None:
    at = watch.tab
    at.awaits(400, 404)
    at.go(f"/board/{scene.board}")
    at.button("Save here").click()
    at.dialog("Save")
    for name, words in WORDS.items():
        files = [{"name": f"{words}.jpg", "mimeType": "image/jpeg", "buffer": jpeg(500)}]
        at.front().locator("input[type=file]").set_input_files(files)  # pyright: ignore[reportArgumentType] - a file
        watch.check(name)
    at.page.keyboard.press("Escape")


@pytest.mark.parametrize("route", ["/sign-in", "/sign-up"])
def test_words_as_the_way_back_lead_nowhere(tab: OpenTab, scene: Scene, route: str) -> None:
    watch = Watch(tab())
    for words in (
        *WORDS.values(),
        "//example.invalid/",
        "/\\example.invalid",
        "https://example.invalid/",
        "/\t/example.invalid",
    ):
        watch.tab.page.goto(f"{watch.tab.base_url}{route}?next={words}")
        watch.check(words)
    watch.tab.page.goto(f"{watch.tab.base_url}/sign-in?next=javascript:pwned()//")
    watch.tab.field("Handle or e-mail").fill(scene.ada.handle)
    watch.tab.field("Password").fill(scene.ada.password)
    watch.tab.page.locator("main").get_by_role("button", name="Sign in").click()
    expect(watch.tab.page.get_by_role("button", name=re.compile("^You: "))).to_be_visible()
    watch.check("signed in")
    assert watch.tab.page.url.startswith(watch.tab.base_url)


ADDRESSES = (
    *("/{}", "/board/{}", "/pin/{}", "/@{}", "/settings/{}", "/#{}", "/?{}", "/docs#{}", "/problems/{}", "/v1/{}"),
    *(
        "/v1/feed?cursor={}",
        "/v1/users/{}",
        "/v1/boards?shared={}",
        "/v1/boards?{}=1",
        "/media/{}/1/x/236",
        "/blobs/{}",
    ),
)


def test_words_in_an_address_run_none(watch: Watch) -> None:
    watch.tab.awaits(400, 401, 403, 404, 405, 414)
    for pattern in ADDRESSES:
        for words in list(WORDS.values())[:12:3]:
            watch.tab.page.goto(watch.tab.base_url + pattern.format(words), wait_until="domcontentloaded")
            watch.check(f"{pattern} {words}")


def test_what_programs_get_is_no_page(watch: Watch, scene: Scene) -> None:
    for path in (
        *("/v1/me", "/v1/feed", "/v1/boards", "/v1/me/tokens", "/v1/sessions", "/v1/me/trash", "/v1/users/mallory"),
        *(f"/v1/pins/{scene.pins[0]}", f"/v1/boards/{scene.boards[0]}", "/openapi.json"),
    ):
        answer = watch.tab.page.goto(watch.tab.base_url + path)
        assert answer is not None
        assert answer.headers["content-type"] == "application/json"
        assert answer.headers["x-content-type-options"] == "nosniff"
        watch.check(path)


@pytest.mark.parametrize("name", [name for name in WORDS if name not in NEVER_HTML])
def test_the_alarm_rings_for_a_careless_page(browser: Browser, name: str) -> None:
    """Without escaping and without a policy each of the words runs, in one of the places where they may be put."""
    context = browser.new_context()
    rang: list[bool] = []
    expose(context, lambda: rang.append(True))
    page = context.new_page()
    assert any(rings(page, rang, form.format(WORDS[name])) for form in CARELESS)
    context.close()


def rings(page: Page, rang: list[bool], html: str) -> bool:
    """Say whether a page of that HTML runs what is not its own, once it is pressed too."""
    page.unroute_all()
    page.route("http://careless.test/**", lambda route: route.fulfill(body=html, content_type="text/html"))
    page.goto("http://careless.test/")
    go = page.locator("#go[href^='javascript' i]")
    if go.count():
        go.click()
    page.wait_for_load_state("networkidle")
    return bool(rang) or bool(injected(page.evaluate(PLACES)))
