"""In the hand: two columns, the bar under the thumb, sheets from below, and nothing too small for a finger."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.journeys.browser.conftest import OpenTab
from tests.support.pages import Page, serving_pages
from tests.support.visitor import Visitor, settled

pytestmark = pytest.mark.browser

Someone = Callable[[str], Visitor]
FINGER_PX = 44
# Links within a text are as high as its lines; what grows by ::after is probed where a finger would land.
TOO_SMALL = """finger => [...document.querySelectorAll('a[href], button, input, select, textarea, summary')]
  .filter((each) => each.checkVisibility() && !each.closest('[inert], .why, .skip, [hidden]'))
  .map((each) => each.matches('label input') ? each.closest('label') : each)
  .filter((each) => getComputedStyle(each).display !== 'inline')
  .filter((each) => {
    const {width, height} = each.closest('.box')?.getBoundingClientRect() ?? each.getBoundingClientRect();
    return Math.min(Math.round(width), Math.round(height)) < finger;
  })
  .map((each) => each.outerHTML.slice(0, 120))"""


def test_two_columns_fill_the_screen(tab: OpenTab, someone: Someone) -> None:
    ada = someone("ada")
    board = ada.board("Lamps")
    for seed in range(4):
        ada.photo(board, seed=40 + seed)
    at = tab(phone=True)
    at.sign_in(ada)
    at.go(f"/board/{board}")
    at.shows(4)
    boxes = [each.bounding_box() for each in at.tiles().all()]
    lefts = {round(box["x"]) for box in boxes if box}
    widths = {round(box["width"]) for box in boxes if box}
    assert len(lefts) == 2
    assert len(widths) == 1
    assert 2 * widths.pop() + 10 >= 390 - 2 * 16


def test_the_bar_leads_everywhere(tab: OpenTab, someone: Someone) -> None:
    ada = someone("ada")
    ada.board("Lamps")
    at = tab(phone=True)
    at.sign_in(ada)
    bar = at.page.get_by_role("navigation", name="Main")
    bar.get_by_role("link", name="Boards").click()
    expect(at.heading("Boards")).to_be_visible()
    bar.get_by_role("link", name="You").click()
    expect(at.heading(ada.handle.title())).to_be_visible()
    bar.get_by_role("button", name="Save").click()
    dialog = at.dialog("Save")
    with serving_pages({"/lamp": Page.titled("A lamp")}) as pages:
        at.field("Address").fill(f"{pages}/lamp")
        dialog.get_by_role("button", name="Save", exact=True).click()
        at.says("Saved to Lamps.")
        at.page.get_by_role("button", name="View").click()
        expect(at.tiles().filter(has_text="A lamp")).to_be_visible()
    bar.get_by_role("link", name="Feed").click()
    expect(at.heading("Your feed is waiting for its first find")).to_be_visible()


def test_everything_is_large_enough_for_a_finger(tab: OpenTab, someone: Someone) -> None:
    ada = someone("ada")
    board = ada.board("Lamps")
    pin = ada.photo(board, seed=45, title="A lamp")["id"]
    at = tab(phone=True)
    for path in ("/", "/sign-in", f"/board/{board}", f"/pin/{pin}"):
        at.go(path)
        expect(at.page.locator("h1").first).to_be_attached()
        assert at.page.evaluate(TOO_SMALL, FINGER_PX) == [], path
    at.sign_in(ada)
    for path in ("/", "/boards", f"/board/{board}", f"/@{ada.handle}", "/settings", "/settings/tokens"):
        at.go(path)
        at.page.wait_for_load_state("networkidle")
        assert at.page.evaluate(TOO_SMALL, FINGER_PX) == [], path
    at.go(f"/board/{board}")
    for button, dialog in (("Save here", "Save"), ("Share", "Share Lamps")):
        at.button(button).click()
        at.dialog(dialog)
        assert at.page.evaluate(TOO_SMALL, FINGER_PX) == [], dialog
        at.page.keyboard.press("Escape")


def test_under_a_finger_the_face_leads_to_the_person_and_the_words_to_the_board(tab: OpenTab, someone: Someone) -> None:
    ada, bob = someone("ada"), someone("bob")
    board = ada.board("Lamps")
    ada.photo(board, seed=46, title="A lamp")
    bob.follow(ada)
    settled(lambda: len(bob.feed()), lambda count: count == 1)
    at = tab(phone=True)
    at.sign_in(bob)
    at.shows(1)
    at.tiles().get_by_text(ada.handle.title()).tap(force=True)
    expect(at.heading("Lamps")).to_be_visible()
    at.page.go_back()
    at.tiles().locator(".avatar").tap(force=True)
    expect(at.heading(ada.handle.title())).to_be_visible()


def test_a_pin_covers_a_narrow_window(tab: OpenTab, someone: Someone) -> None:
    ada = someone("ada")
    board = ada.board("Lamps")
    pin = ada.photo(board, seed=47, title="A lamp", note="A long note. " * 70)["id"]
    # A window of a desktop, whose scrollbars take room.
    at = tab()
    at.page.set_viewport_size({"width": 390, "height": 500})
    at.go(f"/board/{board}")
    page = at.page.locator("main").bounding_box()
    at.page.locator(f"[data-pin='{pin}']").click()
    box = at.dialog("A lamp").bounding_box()
    assert page
    assert box
    assert (box["x"], box["width"]) == (page["x"], page["width"])
