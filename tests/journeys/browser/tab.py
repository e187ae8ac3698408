"""A person's browser: a Chromium tab that remembers its complaints, and what people do with it again and again."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

from playwright.sync_api import BrowserContext, ConsoleMessage, Locator, Page, Route, expect

from tests.support.visitor import Visitor, settled

ROOT = Path(__file__).parents[3]
AXE = ROOT / "ui/node_modules/axe-core/axe.min.js"
WATCH_POLICY = "addEventListener('securitypolicyviolation', (event) => console.error('CSP: ' + event.blockedURI))"
STATUS = re.compile(r"the server responded with a status of (\d{3})")
TIMEOUT_MS = 30_000
TABS_MAX = 80

Found = TypeVar("Found")


class Tab:
    """One tab at `base_url`. `complaints`: what the console and the page's errors said, but for refusals awaited.

    One is always awaited: who opens the page asks who they are, and a stranger learns that they are nobody.
    """

    def __init__(self, context: BrowserContext, base_url: str) -> None:
        self.context = context
        self.base_url = base_url
        self.complaints: list[str] = []
        self._awaited: set[str] = set()
        context.set_default_timeout(TIMEOUT_MS)
        context.add_init_script(WATCH_POLICY)
        self.page: Page = context.new_page()
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type not in {"error", "warning"}:
            return
        status = STATUS.search(message.text)
        stranger = status and status[1] == "401" and message.location["url"] == f"{self.base_url}/v1/me"
        if not (stranger or (status and status[1] in self._awaited)):
            self.complaints.append(message.text)

    def awaits(self, *statuses: int) -> None:
        """Say that requests will be refused with these statuses, which the console then may tell."""
        self._awaited.update(str(status) for status in statuses)

    def go(self, path: str, *, pictures: bool = True) -> None:
        """Load an address, as if typed, and wait for its first pictures too, if they are to come."""
        self.page.goto(self.base_url + path, wait_until="load" if pictures else "domcontentloaded")

    def path(self) -> str:
        """Return the path that the address bar shows."""
        return self.page.url.removeprefix(self.base_url)

    def sign_in(self, visitor: Visitor) -> None:
        """Sign in by the form, and arrive at the feed."""
        self.go("/sign-in")
        self.field("Handle or e-mail").fill(visitor.handle)
        self.field("Password").fill(visitor.password)
        self.page.locator("main").get_by_role("button", name="Sign in").click()
        expect(self.page.get_by_role("button", name=re.compile("^You: "))).to_be_visible()

    def field(self, label: str) -> Locator:
        """Return the field of the page, or of the dialog that is open, with that label."""
        return self.front().get_by_label(label, exact=True)

    def button(self, name: str) -> Locator:
        """Return the button of the page, or of the dialog that is open, with that name."""
        return self.front().get_by_role("button", name=name, exact=True)

    def front(self) -> Locator:
        """Return what lies foremost: the dialog that is open, or the page."""
        dialog = self.page.locator("dialog[open]").last
        return dialog if dialog.count() else self.page.locator("body")

    def dialog(self, name: str) -> Locator:
        """Wait for the dialog of that name and return it."""
        found = self.page.get_by_role("dialog", name=name)
        expect(found).to_be_visible()
        return found

    def heading(self, name: str) -> Locator:
        """Return the page's heading of that text."""
        return self.page.get_by_role("heading", name=name, exact=True)

    def says(self, text: str) -> Locator:
        """Wait until a message says that."""
        message = self.page.get_by_role("status", name="Messages").get_by_text(text)
        expect(message).to_be_visible()
        return message

    def tiles(self) -> Locator:
        """Return the pins on the page, without those that are proposed below others."""
        return self.page.locator("main li article:not(section *)")

    def shows(self, count: int) -> None:
        """Wait until so many pins are on the page."""
        expect(self.tiles()).to_have_count(count)

    def pictures_are_in(self) -> None:
        """Wait until every picture on the page has been loaded."""
        # Not by wait_for_function: it would evaluate a string in the page, which the page's policy refuses.
        look = "[...document.querySelectorAll('main img')].every((each) => each.complete && each.naturalWidth > 0)"
        settled(lambda: bool(self.page.evaluate(look)), bool)

    def reloads_until(self, look: Callable[[], Found], good: Callable[[Found], bool]) -> Found:
        """Load the page again and again, as somebody would who waits for news, until what it shows is good."""

        def again() -> Found:
            self.page.reload()
            self.page.wait_for_load_state("networkidle")
            return look()

        return settled(again, good)

    def hold(self, pattern: str) -> Callable[[], None]:
        """Keep requests of a pattern waiting, until what is returned is called."""
        held: list[Route] = []

        def keep(route: Route) -> None:
            held.append(route)

        def release() -> None:
            for route in held:
                route.continue_()
            self.page.unroute(pattern)

        self.page.route(pattern, keep)
        return release

    def press_until(self, key: str, name: str) -> None:
        """Press a key until the focus is on what has that name; fail after many."""
        seen: list[str] = []
        for _ in range(TABS_MAX):
            self.page.keyboard.press(key)
            seen.append(self.focused())
            if seen[-1] == name:
                return
        raise AssertionError(f"{key} never came to {name!r}; it came to {seen}")

    def focused(self) -> str:
        """Return the name of what has the focus, as its label or text gives it."""
        return self.page.evaluate(
            """() => {
              const at = document.activeElement;
              const label = at.labels?.[0]?.innerText;
              const words = (at.getAttribute('aria-label') ?? label ?? at.innerText ?? '').trim();
              return words || at.querySelector('img')?.alt || '';
            }"""
        )

    def axe(self) -> list[str]:
        """Return what axe finds wrong with the page as it is now, of any weight."""
        self.page.evaluate(AXE.read_text())
        found: dict[str, Any] = self.page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        return [
            f"{each['impact']} {each['id']}: {node['html'][:200]} {node['failureSummary']}"
            for each in found["violations"]
            for node in each["nodes"]
        ]

    def counts(self, pattern: str) -> Callable[[], int]:
        """Count the requests whose address contains a text, from now on; what is returned tells how many."""
        asked: list[str] = []
        self.page.on("request", lambda request: asked.append(request.url) if pattern in request.url else None)
        return lambda: len(asked)

    def nodes(self) -> int:
        """Return how many nodes the browser keeps for the page, in it or not, once garbage has been collected."""
        send = cast("Callable[[str], dict[str, int]]", self.context.new_cdp_session(self.page).send)
        send("HeapProfiler.collectGarbage")
        return send("Memory.getDOMCounters")["nodes"]

    def overflow(self) -> int:
        """Return by how many pixels the page is wider than the window."""
        size = self.page.viewport_size
        width: int = self.page.evaluate("document.scrollingElement.scrollWidth")
        return max(0, width - size["width"]) if size else 0
