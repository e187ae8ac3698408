"""Without a mouse: signing in, saving, and looking at a pin."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.journeys.browser.conftest import OpenTab
from tests.support.pages import Page, serving_pages
from tests.support.visitor import Visitor

pytestmark = pytest.mark.browser

Someone = Callable[[str], Visitor]


def test_signing_in_and_saving_by_keys_alone(tab: OpenTab, someone: Someone) -> None:
    ada = someone("ada")
    board = ada.board("Kitchen ideas")
    at = tab()
    keys = at.page.keyboard
    at.go("/sign-in")
    expect(at.field("Handle or e-mail")).to_be_focused()
    keys.type(ada.handle)
    keys.press("Tab")
    keys.type(ada.password)
    keys.press("Enter")
    expect(at.page.get_by_role("button", name="Save", exact=True)).to_be_visible()

    at.press_until("Tab", "Save")
    keys.press("Enter")
    at.dialog("Save")
    expect(at.field("Address")).to_be_focused()
    with serving_pages({"/bread": Page.titled("A good loaf", picture="/loaf.jpg")}) as pages:
        keys.type(f"{pages}/bread")
        keys.press("Enter")
        at.says("Saved to Kitchen ideas.")
        assert at.focused() == "Save"
        assert [pin["url"] for pin in ada.ask("GET", f"/v1/boards/{board}/pins")["items"]] == [f"{pages}/bread"]


def test_the_first_tab_leads_to_the_content(tab: OpenTab, someone: Someone) -> None:
    ada = someone("ada")
    ada.board("Lamps")
    at = tab()
    at.sign_in(ada)
    at.go("/boards")
    expect(at.heading("Boards")).to_be_visible()
    at.page.keyboard.press("Tab")
    assert at.focused() == "To the content"
    at.page.keyboard.press("Enter")
    at.page.keyboard.press("Tab")
    assert at.focused() == "Make a board"


def test_a_pin_opens_over_the_board_and_gives_the_focus_back(tab: OpenTab, someone: Someone) -> None:
    ada = someone("ada")
    board = ada.board("Trees")
    ada.photo(board, seed=21, title="Elm", alt="An elm")
    ada.photo(board, seed=22, title="Oak", alt="An oak")
    at = tab()
    at.sign_in(ada)
    at.go(f"/board/{board}")
    at.shows(2)
    at.press_until("Tab", "An elm")
    at.page.keyboard.press("Enter")
    expect(at.page.get_by_role("dialog").get_by_role("heading", name="Elm")).to_be_visible()
    assert at.path().startswith("/pin/")
    # What lies behind is out of reach.
    at.press_until("Tab", "Close")
    at.page.keyboard.press("Shift+Tab")
    at.page.keyboard.press("Shift+Tab")
    assert "To the content" not in at.focused()
    at.page.keyboard.press("Escape")
    expect(at.page.get_by_role("dialog")).to_have_count(0)
    assert at.path() == f"/board/{board}"
    assert at.focused() == "An elm"


def test_escape_closes_what_is_open_and_no_more(tab: OpenTab, someone: Someone) -> None:
    ada = someone("ada")
    board = ada.board("Trees")
    ada.photo(board, seed=23, title="Elm", alt="An elm")
    at = tab()
    at.sign_in(ada)
    at.go(f"/board/{board}")
    at.tiles().get_by_role("link", name="An elm").click()
    at.button("More for this pin").click()
    at.button("Edit").click()
    at.dialog("Edit pin")
    at.page.keyboard.press("Escape")
    expect(at.page.get_by_role("dialog", name="Edit pin")).to_have_count(0)
    expect(at.page.get_by_role("dialog", name="Elm")).to_be_visible()
    assert at.focused() == "More for this pin"
    at.button("More for this pin").click()
    at.page.keyboard.press("Escape")
    expect(at.button("Edit")).to_have_count(0)
    expect(at.page.get_by_role("dialog", name="Elm")).to_be_visible()
    at.page.keyboard.press("Escape")
    expect(at.page.get_by_role("dialog")).to_have_count(0)
