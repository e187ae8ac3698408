"""In the hand: two columns, the bar under the thumb, and sheets that come up from below."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.journeys.browser.conftest import OpenTab
from tests.support.pages import Page, serving_pages
from tests.support.visitor import Visitor

pytestmark = pytest.mark.browser

Someone = Callable[[str], Visitor]


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
