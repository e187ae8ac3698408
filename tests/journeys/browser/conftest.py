"""A Chromium for each module of journeys, and a tab for each person in them; a tab that complained fails its test."""

import os
from collections.abc import Callable, Iterator
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.journeys.browser.tab import TIMEOUT_MS, Tab
from tests.support.placement import TOGETHER, asked_for
from tests.support.server import Server, serving

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
DESKTOP: dict[str, Any] = {"viewport": {"width": 1440, "height": 900}}

OpenTab = Callable[..., Tab]


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> Iterator[Server]:
    """A server of the browsers' own: everybody signs in by the form, and all from one address."""
    mode = asked_for(pytestconfig) or TOGETHER
    folder = tmp_path_factory.mktemp("browser")
    # Who waits until a picture was seen looks again and again, and topics show their pins as soon as they have any.
    impatient = {"safety_look_limit": "0", "recommend_topics_kept_s": "0"}
    with serving(folder, safety_sign_in_address_limit="0", placement_mode=mode, **impatient) as server:
        yield server


# Not for the whole session: Playwright's loop runs while it is there, and tests with loops of their own come between.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    # On a machine that is busy with other things a page is slow, and not wrong.
    expect.set_options(timeout=TIMEOUT_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def tab(browser: Browser, server: Server) -> Iterator[OpenTab]:
    """Return an opener of tabs, each with cookies of its own; `phone` and `theme` choose the device."""
    tabs: list[Tab] = []

    def open_tab(*, phone: bool = False, theme: Literal["light", "dark"] = "light") -> Tab:
        device = PHONE if phone else DESKTOP
        context = browser.new_context(**device, color_scheme=theme, reduced_motion="reduce", locale="en-GB")
        tabs.append(Tab(context, server.base_url))
        return tabs[-1]

    yield open_tab
    complaints = [complaint for each in tabs for complaint in each.complaints]
    for each in tabs:
        each.context.close()
    assert complaints == []


@pytest.fixture
def unique(request: pytest.FixtureRequest) -> Callable[[str], str]:
    """Return a namer of people: the same handle for the same name within one test, another in every other."""
    mark = f"{abs(hash(request.node.nodeid)) % 10**9:x}"
    return lambda name: f"{name}_{mark}"
