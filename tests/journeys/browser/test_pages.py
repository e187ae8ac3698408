"""Every page, on a desk and in a hand, light and dark: nothing for axe to find, nothing too wide, nothing heavy."""

from collections.abc import Callable
from typing import Literal

import pytest
from playwright.sync_api import Request, expect

from tests.journeys.browser.conftest import OpenTab
from tests.journeys.browser.tab import Tab
from tests.support.visitor import Visitor

pytestmark = pytest.mark.browser

Someone = Callable[[str], Visitor]
SCRIPT_BYTES_MAX = 60_000
DEVICES = pytest.mark.parametrize(("phone", "theme"), [(False, "light"), (True, "dark")])


def check(tab: Tab, where: str) -> None:
    expect(tab.page.locator("h1")).to_have_count(1)
    assert tab.axe() == [], where
    assert tab.overflow() == 0, where


@DEVICES
def test_what_visitors_see(tab: OpenTab, someone: Someone, *, phone: bool, theme: Literal["light", "dark"]) -> None:
    ada = someone("ada")
    board = ada.board("Lamps")
    pin = ada.photo(board, seed=31, title="A lamp")["id"]
    at = tab(phone=phone, theme=theme)
    at.awaits(404)
    person = f"/@{ada.handle}"
    for path in ("/", "/sign-in", "/sign-up", "/lens", f"/board/{board}", f"/pin/{pin}", person, "/nothing"):
        at.go(path)
        expect(at.page.locator("h1").first).to_be_attached()
        check(at, path)


@DEVICES
def test_what_people_see(tab: OpenTab, someone: Someone, *, phone: bool, theme: Literal["light", "dark"]) -> None:
    ada, bob = someone("ada"), someone("bob")
    board = ada.board("Lamps")
    ada.ask("PATCH", f"/v1/boards/{board}", json={"description": "That give a warm light."})
    pin = ada.photo(board, seed=32, title="A lamp", note="For the hall.")["id"]
    ada.photo(board, seed=33)
    gone = ada.photo(board, seed=34)["id"]
    ada.ask("DELETE", f"/v1/pins/{gone}")
    shared = bob.board("Rooms", "private")
    bob.photo(shared, seed=35, title="A room")
    bob.ask("PUT", f"/v1/boards/{shared}/shares/{ada.handle}", json={"role": "editor"})
    bob.follow(ada)
    ada.ask("POST", "/v1/me/tokens", json={"name": "Backup", "scopes": ["read"]})
    at = tab(phone=phone, theme=theme)
    at.sign_in(ada)
    at.reloads_until(at.tiles().count, lambda count: count == 1)
    check(at, "/")
    person = f"/@{ada.handle}"
    for path in (
        "/boards",
        "/boards/shared",
        f"/board/{board}",
        f"/board/{shared}",
        f"/pin/{pin}",
        person,
        f"{person}/pins",
        f"{person}/followers",
        f"{person}/following",
        "/trash",
        "/settings",
        "/settings/appearance",
        "/settings/security",
        "/settings/tokens",
        "/settings/blocked",
        "/settings/account",
    ):
        at.go(path)
        expect(at.page.locator("h1").first).to_be_attached()
        at.page.wait_for_load_state("networkidle")
        check(at, path)


@DEVICES
def test_what_lies_over_the_page(
    tab: OpenTab, someone: Someone, *, phone: bool, theme: Literal["light", "dark"]
) -> None:
    ada = someone("ada")
    board = ada.board("Lamps")
    ada.photo(board, seed=36, title="A lamp", alt="A lamp")
    at = tab(phone=phone, theme=theme)
    at.sign_in(ada)
    assert at.axe() == [], "the empty feed"
    at.go(f"/board/{board}")
    for button, dialog in (("Save here", "Save"), ("Share", "Share Lamps")):
        at.button(button).click()
        at.dialog(dialog)
        at.page.wait_for_load_state("networkidle")
        assert at.axe() == [], dialog
        at.page.keyboard.press("Escape")
    at.button("More for this board").click()
    assert at.axe() == [], "the menu"
    at.button("Edit").click()
    at.dialog("Edit board")
    assert at.axe() == [], "Edit board"
    at.page.keyboard.press("Escape")
    at.button("Select").click()
    at.page.get_by_role("checkbox", name="Select A lamp").check(force=True)
    assert at.axe() == [], "selecting"
    at.button("Copy").click()
    at.dialog("Copy to")
    assert at.axe() == [], "Copy to"
    at.page.keyboard.press("Escape")
    at.button("End selecting").click()
    at.tiles().get_by_role("link", name="A lamp").click()
    at.dialog("A lamp")
    assert at.axe() == [], "the closeup"


def test_the_first_page_is_light(tab: OpenTab) -> None:
    at = tab()
    sizes: list[int] = []

    def weigh(request: Request) -> None:
        if request.resource_type == "script":
            sizes.append(request.sizes()["responseBodySize"])

    at.page.on("requestfinished", weigh)
    at.go("/")
    expect(at.heading("Begin a collection")).to_be_visible()
    at.page.wait_for_load_state("networkidle")
    assert sizes
    assert sum(sizes) < SCRIPT_BYTES_MAX
