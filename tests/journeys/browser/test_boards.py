"""Boards: described, shared and left, many pins taken at once, thrown away and brought back."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.journeys.browser.conftest import OpenTab
from tests.support.visitor import Visitor

pytestmark = pytest.mark.browser

Someone = Callable[[str], Visitor]


def test_sharing_by_handle_and_leaving(tab: OpenTab, someone: Someone) -> None:
    ada, bob = someone("ada"), someone("bob")
    board = ada.board("Just us", "private")
    ada.photo(board, seed=80, title="A lamp")
    at = tab()
    at.sign_in(ada)
    at.go(f"/board/{board}")
    at.button("Share").click()
    at.dialog("Share Just us")
    at.awaits(404)
    at.field("Handle").fill("nobody_at_all")
    at.button("Share").click()
    expect(at.page.get_by_text("There is no such person.")).to_be_visible()
    expect(at.field("Handle")).to_be_focused()
    at.field("Handle").fill(f"@{bob.handle}")
    at.field("May").select_option("edit")
    at.button("Share").click()
    expect(at.field(f"What {bob.handle.title()} may do")).to_have_value("editor")
    at.button("Done").click()
    expect(at.button("with 1 other")).to_be_visible()

    his = tab()
    his.sign_in(bob)
    his.go("/boards/shared")
    his.page.get_by_role("link", name="Just us").click()
    expect(his.button("Save here")).to_be_visible()
    expect(his.button("Share")).to_have_count(0)
    his.button("More for this board").click()
    his.button("Leave this board").click()
    his.says("You left Just us.")
    his.awaits(404)
    his.go(f"/board/{board}")
    expect(his.heading("There is no such board")).to_be_visible()


def test_many_at_once(tab: OpenTab, someone: Someone) -> None:
    ada = someone("ada")
    lamps, rooms = ada.board("Lamps"), ada.board("Rooms")
    for number in range(4):
        ada.photo(lamps, seed=84 + number, title=f"Lamp {number}")
    at = tab()
    at.sign_in(ada)
    at.go(f"/board/{lamps}")
    at.shows(4)
    at.button("Select").click()
    for number in (0, 1, 2):
        at.page.get_by_role("checkbox", name=f"Select Lamp {number}").check(force=True)
    expect(at.page.get_by_text("3 selected")).to_be_visible()
    at.button("Move").click()
    at.dialog("Move to").get_by_role("button", name="Rooms").click()
    at.says("Moved to Rooms.")
    at.shows(1)
    assert len(ada.ask("GET", f"/v1/boards/{rooms}/pins")["items"]) == 3

    at.go(f"/board/{rooms}")
    at.button("Select").click()
    for number in (0, 1):
        at.page.get_by_role("checkbox", name=f"Select Lamp {number}").check(force=True)
    at.button("Delete").click()
    at.says("Deleted 2 pins.")
    at.shows(1)
    at.page.get_by_role("button", name="Undo").click()
    at.shows(3)


def test_what_a_board_has_already_stays_where_it_was(tab: OpenTab, someone: Someone) -> None:
    ada = someone("ada")
    lamps, rooms = ada.board("Lamps"), ada.board("Rooms")
    for name in ("one", "two"):
        ada.ask("POST", f"/v1/boards/{lamps}/pins", json={"url": f"https://{name}.invalid/", "title": name})
    ada.ask("POST", f"/v1/boards/{rooms}/pins", json={"url": "https://one.invalid/", "title": "one"})
    at = tab()
    at.sign_in(ada)
    at.go(f"/board/{lamps}")
    at.button("Select").click()
    for name in ("one", "two"):
        at.page.get_by_role("checkbox", name=f"Select {name}").check(force=True)
    at.button("Move").click()
    dialog = at.dialog("Move to")
    dialog.get_by_role("button", name="Rooms").click()
    expect(dialog.get_by_role("alert")).to_have_text("The board has that link already.")
    at.says("1 of 2 pins: Moved to Rooms.")
    dialog.get_by_role("button", name="Close").click()
    at.shows(1)
    expect(at.tiles()).to_contain_text("one")


def test_rename_delete_and_restore(tab: OpenTab, someone: Someone) -> None:
    ada = someone("ada")
    board = ada.board("Lamps")
    ada.photo(board, seed=90, title="A lamp")
    at = tab()
    at.sign_in(ada)
    at.go(f"/board/{board}")
    at.button("More for this board").click()
    at.button("Edit").click()
    at.dialog("Edit board")
    at.awaits(400)
    at.field("Name").fill("")
    at.button("Save").click()
    expect(at.page.get_by_text("This is needed.")).to_be_visible()
    expect(at.field("Name")).to_be_focused()
    at.field("Name").fill("Lights")
    at.field("Description").fill("Warm ones")
    at.button("Save").click()
    expect(at.heading("Lights")).to_be_visible()
    expect(at.page.get_by_text("Warm ones")).to_be_visible()

    at.button("More for this board").click()
    at.button("Delete").click()
    at.says("Deleted Lights.")
    expect(at.heading("Make your first board")).to_be_visible()
    at.go("/trash")
    at.button("Restore Lights").click()
    at.says("Lights is back.")
    expect(at.heading("Nothing was thrown away")).to_be_visible()
    at.page.get_by_role("button", name="View").click()
    expect(at.heading("Lights")).to_be_visible()
    at.shows(1)
