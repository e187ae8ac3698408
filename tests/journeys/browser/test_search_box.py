"""The search box: suggestions by keys and by fingers, recent searches, and addresses that are shared."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.journeys.browser.conftest import OpenTab
from tests.journeys.browser.searching import box, found, link, options, search
from tests.journeys.browser.test_phone import FINGER_PX, TOO_SMALL
from tests.support.visitor import Visitor, settled

pytestmark = pytest.mark.browser

Someone = Callable[[str], Visitor]


def test_suggestions_are_chosen_by_keys(tab: OpenTab, someone: Someone) -> None:
    ada = someone("ada")
    ada.ask("PATCH", "/v1/me", json={"name": "Samovar Smith"})
    board = ada.board("Samovar corner")
    ada.photo(board, seed=400, title="Samovar of brass")
    asked = {"q": "samov"}
    settled(lambda: len(ada.ask("GET", "/v1/search/suggestions", params=asked)["items"]), lambda number: number == 3)
    at = tab()
    keys = at.page.keyboard
    at.go(f"/board/{board}")
    expect(at.heading("Samovar corner")).to_be_visible()
    keys.press("/")
    expect(box(at)).to_be_focused()
    expect(box(at)).to_have_attribute("aria-expanded", "false")
    keys.type("samov")
    names = [re.compile(name) for name in ("Samovar corner", "Samovar Smith", "Samovar of brass")]
    expect(options(at)).to_have_text(names)
    expect(box(at)).to_have_attribute("aria-expanded", "true")
    expect(at.page.get_by_role("status").filter(has_text="3 suggestions")).to_be_attached()
    assert at.axe() == []

    keys.press("ArrowDown")
    expect(options(at).nth(0)).to_have_attribute("aria-selected", "true")
    expect(box(at)).to_have_attribute("aria-activedescendant", options(at).nth(0).get_attribute("id") or "")
    keys.press("ArrowUp")
    expect(options(at).nth(2)).to_have_attribute("aria-selected", "true")
    for key, caret in (("Home", 0), ("End", 5)):
        keys.press("ArrowDown")
        keys.press(key)
        assert box(at).get_attribute("aria-activedescendant") is None
        assert box(at).evaluate("input => input.selectionStart") == caret
    keys.press("Escape")
    expect(options(at)).to_have_count(0)
    expect(box(at)).to_have_value("samov")
    keys.press("ArrowDown")
    expect(options(at)).to_have_text(names)
    keys.press("ArrowDown")
    keys.press("ArrowDown")
    keys.press("Enter")
    expect(at.heading("Samovar Smith")).to_be_visible()

    keys.press("/")
    keys.type("samovar")
    expect(options(at)).to_have_text(names)
    keys.press("ArrowUp")
    keys.press("Enter")
    at.shows(1)
    assert at.path() == "/search?q=Samovar+of+brass"
    expect(at.page.locator("main")).to_be_focused()


def test_a_slash_leads_to_the_box_unless_one_types(tab: OpenTab, someone: Someone) -> None:
    at = tab()
    keys = at.page.keyboard
    at.go(f"/@{someone('ada').handle}")
    keys.press("/")
    expect(box(at)).to_be_focused()
    keys.type("a/b")
    expect(box(at)).to_have_value("a/b")
    keys.press("Escape")
    expect(box(at)).to_have_value("")


def test_recent_searches_are_ones_own_and_end_with_the_session(tab: OpenTab, someone: Someone) -> None:
    ada = someone("ada")
    at = tab()
    at.sign_in(ada)
    for number in range(11):
        search(at, f"accordion {number}")
    box(at).fill("")
    expect(options(at)).to_have_text([f"accordion {number}" for number in range(10, 0, -1)])
    assert at.axe() == []
    at.page.keyboard.press("ArrowDown")
    at.page.keyboard.press("Delete")
    expect(options(at).first).to_have_text("accordion 9")
    options(at).last.locator("[data-forget]").click()
    expect(options(at)).to_have_text([f"accordion {number}" for number in range(9, 1, -1)])
    at.page.keyboard.press("ArrowDown")
    at.page.keyboard.press("Enter")
    expect(box(at)).to_have_value("accordion 8")
    at.button(f"You: {ada.handle.title()}").click()
    at.button("Sign out").click()
    expect(at.heading("Begin a collection")).to_be_visible()
    box(at).click()
    expect(options(at)).to_have_count(0)
    assert "accordion" not in at.page.evaluate("JSON.stringify(localStorage)")


def test_in_the_hand(tab: OpenTab, someone: Someone) -> None:
    ada = someone("ada")
    ada.photo(ada.board("Toys"), seed=408, title="A balalaika")
    found(ada, "balalaika", 1)
    at = tab(phone=True)
    at.go(f"/@{ada.handle}")
    at.page.get_by_role("link", name="Search").tap()
    expect(box(at)).to_be_focused()
    at.sign_in(ada)
    at.page.get_by_role("navigation", name="Main").get_by_role("link", name="Search").tap()
    expect(at.heading("Search")).to_be_visible()
    expect(box(at)).to_be_focused()
    box(at).fill("balal")
    options(at).get_by_text("A balalaika").tap()
    at.shows(1)
    expect(box(at)).not_to_be_focused()
    at.button("Filters").tap()
    assert at.page.evaluate(TOO_SMALL, FINGER_PX) == []
    assert at.overflow() == 0
    at.page.go_back()
    expect(at.heading("Recent searches")).to_be_visible()
    assert at.page.evaluate(TOO_SMALL, FINGER_PX) == []
    at.button("Forget A balalaika").tap()
    expect(at.heading("Recent searches")).to_have_count(0)


def test_an_address_is_shared_and_loaded_again(tab: OpenTab, someone: Someone) -> None:
    ada = someone("ada")
    ada.board("Hurdy-gurdy & friends")
    found(ada, "hurdy-gurdy", 1, "board")
    at = tab()
    at.go("/search?q=hurdy-gurdy+%26+friends&type=board")
    board = at.page.get_by_role("link", name="Hurdy-gurdy & friends")
    expect(board).to_be_visible()
    expect(box(at)).to_have_value("hurdy-gurdy & friends")
    expect(link(at, "Boards")).to_have_attribute("aria-current", "page")
    at.page.reload()
    expect(board).to_be_visible()
    at.go("/search")
    expect(at.heading("Search")).to_be_visible()
    assert at.axe() == []
