"""A pin: at its own address, over the grid and alone, edited, moved, copied, deleted and brought back."""

import json
import threading
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.journeys.browser.conftest import OpenTab
from tests.support.pages import Page, serving_pages
from tests.support.visitor import Visitor, settled

pytestmark = pytest.mark.browser

Someone = Callable[[str], Visitor]


def test_back_and_forward_and_anew(tab: OpenTab, someone: Someone) -> None:
    ada = someone("ada")
    board = ada.board("Lamps")
    for seed in range(12):
        ada.photo(board, seed=60 + seed, title=f"Lamp {seed}", alt=f"Lamp {seed}")
    at = tab(phone=True)
    at.go(f"/board/{board}")
    at.shows(12)
    last = at.tiles().get_by_role("link", name="Lamp 0")
    last.scroll_into_view_if_needed()
    scrolled = at.page.evaluate("scrollY")
    assert scrolled > 0
    last.click()
    at.dialog("Lamp 0")
    pin = at.path()
    at.page.go_back()
    expect(at.page.get_by_role("dialog")).to_have_count(0)
    assert at.path() == f"/board/{board}"
    assert at.page.evaluate("scrollY") == scrolled
    at.page.go_forward()
    at.dialog("Lamp 0")
    assert at.path() == pin
    # From within the closeup to a page, and back to the closeup.
    at.page.get_by_role("dialog").get_by_role("link", name=ada.handle.title()).click()
    expect(at.page.get_by_role("heading", name=ada.handle.title(), level=1)).to_be_visible()
    at.page.go_back()
    at.dialog("Lamp 0")
    at.shows(12)
    # Loaded anew it is a page of its own.
    at.page.reload()
    expect(at.page.get_by_role("heading", name="Lamp 0", level=1)).to_be_visible()
    expect(at.page.get_by_role("dialog")).to_have_count(0)


def test_a_link_s_closeup_leads_out_and_is_noted(tab: OpenTab, someone: Someone) -> None:
    ada = someone("ada")
    board = ada.board("Bread")
    with serving_pages({"/bread": Page.titled("A good loaf", picture="/loaf.jpg")}) as pages:
        pin = ada.ask("POST", f"/v1/boards/{board}/pins", json={"url": f"{pages}/bread"})["id"]
        at = tab()
        at.sign_in(ada)
        at.go(f"/pin/{pin}")
        expect(at.heading("A good loaf")).to_be_visible()
        with at.page.expect_request("**/v1/views") as views, at.context.expect_page() as opened:
            at.page.get_by_role("link", name="opens in a new tab").click()
        assert opened.value.url == f"{pages}/bread"
        assert opened.value.evaluate("opener") is None
        noted = json.loads(views.value.post_data or "{}")
        assert {"kind": "link_clicked", "pin": pin} in noted["views"]


def test_a_page_that_cannot_be_read_says_why(tab: OpenTab, someone: Someone) -> None:
    ada = someone("ada")
    board = ada.board("Bread")
    with serving_pages({}) as pages:
        pin = ada.ask("POST", f"/v1/boards/{board}/pins", json={"url": f"{pages}/gone"})["id"]
        settled(lambda: ada.ask("GET", f"/v1/pins/{pin}")["details"], lambda details: details == "failed")
    at = tab()
    at.go(f"/pin/{pin}")
    expect(at.page.get_by_text("The page could not be read: the site answered with an error.")).to_be_visible()


def test_looking_at_pins_leaves_nothing_behind(tab: OpenTab, someone: Someone) -> None:
    ada = someone("ada")
    board = ada.board("Lamps")
    ada.photo(board, seed=77, title="The only lamp", alt="The only lamp")
    at = tab()
    at.go(f"/board/{board}")

    def nodes_after_looking(times: int) -> int:
        for _ in range(times):
            at.tiles().get_by_role("link", name="The only lamp").click()
            expect(at.dialog("The only lamp").get_by_role("img", name="The only lamp")).to_be_visible()
            at.page.keyboard.press("Escape")
            expect(at.page.get_by_role("dialog")).to_have_count(0)
        return at.nodes()

    before = nodes_after_looking(3)
    # A closeup is some sixty nodes: of ten, not one may stay.
    assert nodes_after_looking(10) < before + 60


def test_what_is_gone_meanwhile_leaves_the_board(tab: OpenTab, someone: Someone) -> None:
    ada = someone("ada")
    board = ada.board("Lamps")
    pin = ada.photo(board, seed=75, title="A lamp", alt="A lamp")["id"]
    ada.photo(board, seed=76, title="Another", alt="Another")
    at = tab()
    at.go(f"/board/{board}")
    at.shows(2)
    ada.ask("DELETE", f"/v1/pins/{pin}")
    at.awaits(404)
    at.tiles().get_by_role("link", name="A lamp").click()
    expect(at.heading("There is no such pin")).to_be_visible()
    at.page.keyboard.press("Escape")
    at.shows(1)
    assert at.page.evaluate("document.activeElement.id") == "main"


def test_details_come_into_any_list_by_themselves(tab: OpenTab, someone: Someone) -> None:
    ada = someone("ada")
    board = ada.board("Bread")
    fetchable = threading.Event()
    with serving_pages({"/bread": Page.titled("A good loaf", picture="/loaf.jpg")}, fetchable) as pages:
        ada.ask("POST", f"/v1/boards/{board}/pins", json={"url": f"{pages}/bread"})
        at = tab()
        at.sign_in(ada)
        at.go(f"/@{ada.handle}/pins")
        expect(at.tiles()).to_contain_text("Looking at the page")
        fetchable.set()
        expect(at.tiles()).to_contain_text("A good loaf")


def test_edit_move_copy_delete_and_undo(tab: OpenTab, someone: Someone) -> None:
    ada = someone("ada")
    lamps, rooms = ada.board("Lamps"), ada.board("Rooms")
    ada.photo(lamps, seed=70, title="A lamp", alt="A lamp")
    at = tab()
    at.sign_in(ada)
    at.go(f"/board/{lamps}")
    at.tiles().get_by_role("link", name="A lamp").click()

    at.button("More for this pin").click()
    at.button("Edit").click()
    at.dialog("Edit pin")
    at.field("Title").fill("A warm lamp")
    at.field("Note").fill("For the hall")
    at.button("Save").click()
    closeup = at.dialog("A warm lamp")
    expect(closeup.get_by_text("For the hall")).to_be_visible()

    closeup.get_by_role("button", name="Save", exact=True).click()
    at.dialog("Save to").get_by_role("button", name="Rooms").click()
    at.says("Saved to Rooms.")
    assert len(ada.ask("GET", f"/v1/boards/{rooms}/pins")["items"]) == 1

    closeup.get_by_role("button", name="More for this pin").click()
    closeup.get_by_role("button", name="Delete").click()
    at.says("Deleted.")
    at.shows(0)
    at.page.get_by_role("button", name="Undo").click()
    expect(at.tiles().filter(has_text="A warm lamp")).to_be_visible()

    at.tiles().get_by_role("link", name="A lamp").click()
    at.button("More for this pin").click()
    at.button("Move to another board").click()
    at.dialog("Move to").get_by_role("button", name="Rooms").click()
    at.says("Moved to Rooms.")
    at.shows(0)
    assert len(ada.ask("GET", f"/v1/boards/{rooms}/pins")["items"]) == 2
    at.page.get_by_role("button", name="Undo").click()
    at.shows(1)
    assert len(ada.ask("GET", f"/v1/boards/{rooms}/pins")["items"]) == 1


def test_an_edit_does_not_undo_another_s(tab: OpenTab, someone: Someone) -> None:
    ada = someone("ada")
    board = ada.board("Lamps")
    pin = ada.photo(board, seed=71, title="A lamp")["id"]
    at = tab()
    at.sign_in(ada)
    at.go(f"/pin/{pin}")
    at.button("More for this pin").click()
    at.button("Edit").click()
    at.dialog("Edit pin")
    ada.ask("PATCH", f"/v1/pins/{pin}", json={"note": "Written elsewhere"})
    at.awaits(412)
    at.field("Title").fill("Mine")
    at.button("Save").click()
    expect(at.dialog("Edit pin").get_by_role("alert")).to_be_visible()
    assert ada.ask("GET", f"/v1/pins/{pin}")["title"] == "A lamp"
