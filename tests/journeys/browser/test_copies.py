"""You have this already: said while a photo is saved, and after a link's picture is in; saved anyway, or not."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.journeys.browser.conftest import OpenTab
from tests.journeys.browser.seeing import CLOCK, TRAFFIC_LIGHT, alike, drawn, seed_of
from tests.journeys.browser.tab import Tab
from tests.support.pages import Page, serving_pages
from tests.support.visitor import Visitor, settled

pytestmark = pytest.mark.browser

Someone = Callable[[str], Visitor]
KNOWN = "You have this picture already."


def our_clock(ada: Visitor) -> tuple[str, str]:
    """Save a picture of a clock to a board, and wait until it was seen; return the board and the pin."""
    board = ada.board("Clocks", "private")
    pin = ada.picture(board, drawn(CLOCK), title="Our clock", alt="Our clock")["id"]
    settled(lambda: [found["id"] for found in ada.look(drawn(CLOCK))["items"]], lambda found: pin in found)
    return board, pin


def pins_on(ada: Visitor, board: str) -> list[str]:
    return [pin["title"] for pin in ada.ask("GET", f"/v1/boards/{board}/pins")["items"]]


def save_a_link_to_our_clock(at: Tab) -> None:
    """Save a page whose picture is that of the clock to the board that is open, and wait until it is known."""
    clock = Page(drawn(CLOCK), "image/jpeg")
    with serving_pages({"/clock": Page.titled("A clock", picture="/c.png"), "/c.png": clock}) as pages:
        at.button("Save here").click()
        at.dialog("Save")
        at.field("Address").fill(f"{pages}/clock")
        at.button("Save").click()
        at.says(KNOWN)


@pytest.mark.parametrize("phone", [False, True])
def test_a_photo_that_one_has_is_shown_beside_it(
    tab: OpenTab, someone: Someone, tmp_path: Path, *, phone: bool
) -> None:
    ada = someone("ada")
    board, pin = our_clock(ada)
    again, other = tmp_path / "again.jpg", tmp_path / "other.jpg"
    again.write_bytes(drawn(CLOCK))
    other.write_bytes(drawn(TRAFFIC_LIGHT))
    at = tab(phone=phone)
    at.sign_in(ada)
    at.go(f"/board/{board}")
    at.button("Save here").click()
    dialog = at.dialog("Save")
    dialog.locator("input[type=file]").set_input_files([again, other])
    expect(dialog.get_by_text(KNOWN)).to_have_count(1)
    row = dialog.get_by_role("listitem").filter(has_text=KNOWN)
    expect(row).to_contain_text("again.jpg")
    expect(row.get_by_role("figure")).to_have_count(2)
    expect(row.get_by_role("img", name="Our clock")).to_be_visible()
    link = row.get_by_role("link", name="Our clock")
    assert link.get_attribute("href") == f"/pin/{pin}"
    assert at.axe() == []
    expect(dialog.get_by_role("button", name="Save anyway")).to_be_visible()
    row.get_by_role("button", name="Leave out again.jpg").click()
    expect(dialog.get_by_role("button", name="Save anyway")).to_have_count(0)
    dialog.locator("input[type=file]").set_input_files(again)
    expect(dialog.get_by_text(KNOWN)).to_be_visible()
    dialog.get_by_role("button", name="Save anyway").click()
    at.shows(3)
    assert len(pins_on(ada, board)) == 3


def test_another_s_photo_is_not_told(tab: OpenTab, someone: Someone, tmp_path: Path) -> None:
    ada, bob = someone("ada"), someone("bob")
    photo = alike(seed_of(ada))[0]
    ada.picture(ada.board("Clocks"), photo, title="Hers")
    board = bob.board("Clocks")
    file = tmp_path / "scene.jpg"
    file.write_bytes(photo)
    at = tab()
    at.sign_in(bob)
    at.go(f"/board/{board}")
    at.button("Save here").click()
    dialog = at.dialog("Save")
    with at.page.expect_response("**/copies") as answered:
        dialog.locator("input[type=file]").set_input_files(file)
    assert answered.value.json() == {"items": []}
    expect(dialog.get_by_text("1 photo is ready")).to_be_visible()
    expect(dialog.get_by_text(KNOWN)).to_have_count(0)


def test_a_link_s_picture_that_one_has_is_told_when_it_is_in(tab: OpenTab, someone: Someone) -> None:
    ada = someone("ada")
    board, _ = our_clock(ada)
    at = tab()
    at.sign_in(ada)
    at.go(f"/board/{board}")
    save_a_link_to_our_clock(at)
    at.page.get_by_role("button", name="Compare").click()
    dialog = at.dialog("You have this picture already")
    expect(dialog.get_by_role("figure")).to_have_count(2)
    expect(dialog.get_by_role("link", name="Our clock")).to_be_visible()
    assert at.axe() == []
    at.button("Save anyway").click()
    expect(dialog).to_have_count(0)
    assert pins_on(ada, board) == ["A clock", "Our clock"]


def test_the_new_one_can_be_deleted(tab: OpenTab, someone: Someone) -> None:
    ada = someone("ada")
    board, _ = our_clock(ada)
    at = tab()
    at.sign_in(ada)
    at.go(f"/board/{board}")
    save_a_link_to_our_clock(at)
    at.page.get_by_role("button", name="Compare").click()
    at.button("Delete the new one").click()
    at.says("Deleted.")
    settled(lambda: pins_on(ada, board), lambda titles: titles == ["Our clock"])
