"""More like this: from pin to pin and back, read on to the end, by keys as by pointer, and nothing where nothing is."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Route, expect

from tests.journeys.browser.conftest import OpenTab
from tests.journeys.browser.seeing import alike, found_like, seed_of
from tests.journeys.browser.tab import Tab
from tests.support.pictures import encoded
from tests.support.seen_pictures import starry
from tests.support.visitor import Visitor

pytestmark = pytest.mark.browser

Someone = Callable[[str], Visitor]


class Scene:
    """Pictures that are alike, each somebody else's: who saved the first, to which board; the pins, and their names."""

    def __init__(self, first: Visitor, board: str, pins: list[str], names: list[str]) -> None:
        self.first = first
        self.board = board
        self.pins = pins
        self.names = names


def scene(someone: Someone) -> Scene:
    """Save pictures that are alike."""
    seed = seed_of(someone("ada"))
    people = [someone(name) for name in ("bob", "cid", "dan", "eve")]
    boards = [person.board("Scenes") for person in people]
    names = [f"Scene {seed}.{number}" for number in range(len(people))]
    pins = [
        person.picture(board, picture, title=name, alt=name)["id"]
        for person, board, picture, name in zip(people, boards, alike(seed), names, strict=True)
    ]
    for number, person in enumerate(people):
        found_like(person, pins[number], *(pin for pin in pins if pin != pins[number]))
    return Scene(people[0], boards[0], pins, names)


def related(at: Tab) -> Locator:
    """Return what is like the pin that is open."""
    return at.page.get_by_role("list", name="More like this")


@pytest.mark.parametrize("phone", [False, True])
def test_from_pin_to_pin_and_back(tab: OpenTab, someone: Someone, *, phone: bool) -> None:
    there = scene(someone)
    at = tab(phone=phone)
    at.go(f"/board/{there.board}")
    at.tiles().get_by_role("link", name=there.names[0]).click()
    at.dialog(there.names[0])
    second = related(at).get_by_role("link", name=there.names[1])
    second.scroll_into_view_if_needed()
    scrolled = at.page.locator("div:has(> dialog)").evaluate("over => over.scrollTop")
    second.click()
    at.dialog(there.names[1])
    expect(at.page).to_have_title(f"{there.names[1]} · Bowerbird")
    related(at).get_by_role("link", name=there.names[2]).click()
    at.dialog(there.names[2])
    # Back is one pin back, where it was left, at what had been opened from there.
    at.page.go_back()
    at.page.go_back()
    at.dialog(there.names[0])
    expect(second).to_be_focused()
    assert at.page.locator("div:has(> dialog)").evaluate("over => over.scrollTop") == scrolled
    at.page.go_forward()
    at.dialog(there.names[1])
    # Closing is closing all of them.
    at.button("Close").click()
    expect(at.page.get_by_role("dialog")).to_have_count(0)
    assert at.path() == f"/board/{there.board}"
    expect(at.page).to_have_title("Scenes · Bowerbird")


def test_by_keys(tab: OpenTab, someone: Someone) -> None:
    there = scene(someone)
    at = tab()
    at.go(f"/board/{there.board}")
    at.shows(1)
    at.press_until("Tab", there.names[0])
    at.page.keyboard.press("Enter")
    at.dialog(there.names[0])
    related(at).get_by_role("link", name=there.names[1]).wait_for()
    at.press_until("Tab", there.names[1])
    at.page.keyboard.press("Enter")
    at.dialog(there.names[1])
    assert at.focused() == "Close"
    at.page.keyboard.press("Escape")
    expect(at.page.get_by_role("dialog")).to_have_count(0)
    assert at.focused() == there.names[0]


def test_it_is_read_on_within_the_closeup(tab: OpenTab, someone: Someone) -> None:
    there = scene(someone)
    at = tab()

    def in_small_pages(route: Route) -> None:
        joined = "&" if "?" in route.request.url else "?"
        route.continue_(url=f"{route.request.url}{joined}limit=1")

    at.page.route("**/related**", in_small_pages)
    asked = at.counts("/related")
    at.go(f"/board/{there.board}")
    at.tiles().get_by_role("link", name=there.names[0]).click()
    at.dialog(there.names[0])
    found = related(at).get_by_role("article")
    for name in there.names[1:]:
        expect(found.get_by_role("link", name=name)).to_have_count(1)
    assert asked() >= len(there.pins) - 1


def test_what_is_open_is_saved_from_there(tab: OpenTab, someone: Someone) -> None:
    there = scene(someone)
    bob, name = there.first, there.names[1]
    kept = bob.board("Kept")
    at = tab()
    at.sign_in(bob)
    at.go(f"/pin/{there.pins[0]}")
    tile = related(at).get_by_role("article").filter(has_text=name)
    tile.hover()
    tile.get_by_role("button", name=f"Save {name} to a board of yours").click()
    at.dialog("Save to").get_by_role("button", name="Kept").click()
    at.says("Saved to Kept.")
    assert [pin["title"] for pin in bob.ask("GET", f"/v1/boards/{kept}/pins")["items"]] == [name]


def test_where_nothing_is_like_it_nothing_stands(tab: OpenTab, someone: Someone) -> None:
    ada = someone("ada")
    pin = ada.picture(ada.board("Sky", "private"), encoded(starry(600, 400, 2)), title="A sky")["id"]
    at = tab()
    at.sign_in(ada)
    at.go(f"/pin/{pin}")
    expect(at.heading("A sky")).to_be_visible()
    at.page.wait_for_load_state("networkidle")
    expect(at.page.get_by_role("heading", name="More like this", include_hidden=True)).to_be_hidden()
