"""The masonry: columns of 236 with gutters of 14, nothing that jumps, lists read to their end, few tiles at a time."""

from collections.abc import Callable
from itertools import pairwise

import pytest
from playwright.sync_api import Locator, expect

from tests.journeys.browser.conftest import OpenTab
from tests.support.visitor import Visitor, settled

pytestmark = pytest.mark.browser

Someone = Callable[[str], Visitor]
PLACES = """articles => articles.map((article) => {
  const {x, y, width, height} = article.getBoundingClientRect();
  return [x, y, width, height];
})"""


def long_board(ada: Visitor, count: int) -> str:
    """Make a board of so many pins of one photo, "No 0" to begin with: nothing of it has to be fetched."""
    board = ada.board("Lamps")
    photo = ada.photo(ada.board("Source"), seed=58)["id"]
    for number in range(count):
        ada.ask("POST", f"/v1/boards/{board}/pins", json={"pin_id": photo, "title": f"No {number}"})
    return board


def test_tiles_lie_where_they_will_lie_before_a_picture_is_there(tab: OpenTab, someone: Someone) -> None:
    ada = someone("ada")
    board = ada.board("Lamps")
    for seed in range(7):
        ada.photo(board, seed=50 + seed, **({"title": "A lamp"} if seed % 2 else {}))
    at = tab()
    release = at.hold("**/media/**")
    at.go(f"/board/{board}", pictures=False)
    at.shows(7)
    before = at.tiles().evaluate_all(PLACES)
    assert {round(place[2]) for place in before} == {236}
    lefts = sorted({round(place[0]) for place in before})
    assert {right - left for left, right in pairwise(lefts)} == {250}
    release()
    at.pictures_are_in()
    assert at.tiles().evaluate_all(PLACES) == before


def test_few_tiles_stand_in_the_middle(tab: OpenTab, someone: Someone) -> None:
    ada = someone("ada")
    board = ada.board("Lamps")
    ada.photo(board, seed=59)
    at = tab()
    at.go(f"/board/{board}")
    at.shows(1)
    [[left, _, width, _]] = at.tiles().evaluate_all(PLACES)
    page = at.page.locator("main").bounding_box()
    assert page
    assert abs(left + width / 2 - page["width"] / 2) <= 1


def test_nothing_shifts_while_a_slow_feed_comes_in(tab: OpenTab, someone: Someone) -> None:
    ada, bob = someone("ada"), someone("bob")
    board = ada.board("Lamps")
    for seed in range(3):
        ada.photo(board, seed=140 + seed, title="A lamp")
    bob.follow(ada)
    settled(lambda: len(bob.feed()), lambda count: count == 3)
    at = tab()
    at.sign_in(bob)
    at.context.add_init_script(
        "window.shifts = []; new PerformanceObserver((list) => shifts.push(...list.getEntries().map((e) => e.value)))"
        ".observe({type: 'layout-shift', buffered: true})"
    )
    pictures, feed = at.hold("**/media/**"), at.hold("**/v1/feed*")
    at.go("/", pictures=False)
    expect(at.page.locator(".skeleton")).to_be_visible()
    feed()
    at.shows(3)
    pictures()
    at.pictures_are_in()
    assert sum(at.page.evaluate("shifts")) < 0.01


def test_a_long_board_is_read_to_its_end_and_only_a_part_of_it_is_there(tab: OpenTab, someone: Someone) -> None:
    board = long_board(someone("ada"), 260)
    at = tab()
    at.go(f"/board/{board}")
    end = at.page.get_by_text("260 pins, that is all")

    def look(key: str, at_what: Locator) -> int:
        at.page.keyboard.press(key)
        return at_what.count()

    settled(lambda: look("End", end), lambda count: count == 1)
    settled(lambda: look("End", at.tiles().filter(has_text="No 0")), bool)
    assert at.tiles().count() < 200
    settled(lambda: look("Home", at.tiles().filter(has_text="No 259")), bool)


def test_without_scrolling_a_button_reads_on(tab: OpenTab, someone: Someone) -> None:
    board = long_board(someone("ada"), 55)
    at = tab()
    # A browser in which nothing comes into sight by itself.
    at.context.add_init_script("window.IntersectionObserver = class { observe() {} unobserve() {} disconnect() {} }")
    at.go(f"/board/{board}")
    at.shows(50)
    at.button("Load more").focus()
    at.page.keyboard.press("Enter")
    at.shows(55)
    expect(at.page.get_by_text("55 pins, that is all")).to_be_attached()
