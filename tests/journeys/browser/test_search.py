"""Search on the page: what is found and how it is shown, filters, long lists, and what nobody else sees."""

import re
from collections.abc import Callable
from typing import Literal

import pytest
from playwright.sync_api import Route, expect

from tests.journeys.browser.conftest import OpenTab
from tests.journeys.browser.searching import among, box, found, link, options, search
from tests.support.pages import Page, serving_pages
from tests.support.visitor import Visitor, settled

pytestmark = pytest.mark.browser

Someone = Callable[[str], Visitor]
DEVICES = pytest.mark.parametrize(("phone", "theme"), [(False, "light"), (True, "dark")])
WATCH_SHIFTS = (
    "window.shifts = []; new PerformanceObserver((list) => shifts.push(...list.getEntries()"
    ".filter((e) => !e.hadRecentInput).map((e) => e.value))).observe({type: 'layout-shift', buffered: true})"
)


def test_what_is_found_is_marked_where_it_stands(tab: OpenTab, someone: Someone) -> None:
    ada = someone("ada")
    ada.ask("PATCH", "/v1/me", json={"name": "Quokka Keeper", "about": "Has a quokka."})
    board = ada.board("Quokka island")
    ada.photo(board, seed=401, title="A quokka smiling")
    ada.photo(board, seed=402, title="حيوان الجزيرة", note="Where the quokka lives.")
    found(ada, "quokka", 2)
    found(ada, "quokka", 1, "board")
    found(ada, "quokka", 1, "person")
    at = tab()
    at.go(f"/board/{board}")
    search(at, "quokka")
    at.shows(2)
    called, told = at.tiles().filter(has_text="smiling"), at.tiles().filter(has_text="lives")
    expect(called.locator("h2 mark")).to_have_text("quokka")
    expect(called.locator(".excerpt")).to_have_count(0)
    expect(told.locator(".excerpt mark")).to_have_text("quokka")
    assert told.locator("h2").evaluate("h2 => getComputedStyle(h2).direction") == "rtl"
    bottom = at.tiles().evaluate_all("all => Math.max(...all.map((each) => each.getBoundingClientRect().bottom))")
    assert bottom <= at.page.locator("main .grid").evaluate("grid => grid.getBoundingClientRect().bottom")

    among(at, "Boards")
    expect(at.page.get_by_role("link", name="Quokka island").locator("mark")).to_have_text("Quokka")
    among(at, "People")
    row = at.page.get_by_role("list", name="People who were found").get_by_role("listitem")
    expect(row.locator("strong mark")).to_have_text("Quokka")


def test_a_stranger_comes_back_to_what_was_found(tab: OpenTab, someone: Someone) -> None:
    ada, bob = someone("ada"), someone("bob")
    ada.ask("PATCH", "/v1/me", json={"name": "Bandoneon Player"})
    found(ada, "bandoneon", 1, "person")
    at = tab()
    at.go(f"/@{ada.handle}")
    search(at, "bandoneon")
    among(at, "People")
    link(at, "Follow Bandoneon Player").click()
    at.field("Handle or e-mail").fill(bob.handle)
    at.field("Password").fill(bob.password)
    at.page.locator("main").get_by_role("button", name="Sign in").click()
    at.button("Follow Bandoneon Player").click()
    expect(at.button("Following Bandoneon Player")).to_be_visible()
    assert at.path() == "/search?q=bandoneon&type=person"


def test_a_slip_of_the_keyboard_finds_what_is_near(tab: OpenTab, someone: Someone) -> None:
    ada = someone("ada")
    board = ada.board("Instruments")
    ada.photo(board, seed=403, title="A xylophone")
    found(ada, "xylophone", 1)
    at = tab()
    at.go(f"/board/{board}")
    search(at, "xilophone")
    at.shows(1)
    near = at.page.get_by_text("Nothing has these words themselves. These come near.")
    expect(near).to_be_visible()
    link(at, "xylophone").click()
    expect(near).to_have_count(0)
    at.shows(1)
    assert at.path() == "/search?q=xylophone"
    expect(box(at)).to_have_value("xylophone")


def test_nothing_found_shows_ways_on(tab: OpenTab, someone: Someone) -> None:
    ada = someone("ada")
    at = tab()
    at.go(f"/@{ada.handle}")
    search(at, "wubbalub floogle has:photo")
    expect(at.heading("No pin was found")).to_be_visible()
    link(at, "Without filters").click()
    expect(link(at, "Without filters")).to_have_count(0)
    link(at, "Only wubbalub").click()
    expect(link(at, "Only wubbalub")).to_have_count(0)
    link(at, "Among boards").click()
    expect(at.heading("No board was found")).to_be_visible()
    assert at.path() == "/search?q=wubbalub&type=board"


def test_filters_are_put_in_and_taken_out(tab: OpenTab, someone: Someone) -> None:
    ada, bob = someone("ada"), someone("bob")
    garden, shelf = ada.board("Tamarisk garden"), bob.board("Shelf")
    ada.photo(garden, seed=404, title="Tamarisk")
    bob.photo(shelf, seed=405, title="Tamarisk in a pot")
    with serving_pages({"/tamarisk": Page.titled("Tamarisk in the sand")}) as pages:
        page = ada.ask("POST", f"/v1/boards/{garden}/pins", json={"url": f"{pages}/tamarisk"})["id"]
        settled(lambda: ada.ask("GET", f"/v1/pins/{page}")["details"], lambda details: details == "ready")
    found(ada, "tamarisk site:127.0.0.1", 1)
    found(ada, "tamarisk", 3)
    at = tab()
    at.sign_in(ada)
    search(at, "tamarisk")
    at.shows(3)
    at.button("Filters").click()
    for group, filter_, said, count in (
        ("What", "Photos", "Photos", 2),
        ("By", "You", f"By @{ada.handle}", 2),
        ("From", "127.0.0.1", "From 127.0.0.1", 1),
        ("On", "Shelf", "On Shelf", 1),
    ):
        at.page.get_by_role("list", name=group, exact=True).get_by_role("link", name=filter_).click()
        at.shows(count)
        link(at, f"Remove the filter {said}").click()
        at.shows(3)
    at.page.get_by_role("list", name="Saved").get_by_role("link", name="This year").click()
    at.shows(3)
    link(at, "Links").click()
    at.shows(1)
    assert re.fullmatch(r"/search\?q=tamarisk\+saved%3A%3E%3D\d{4}-\d\d-\d\d\+has%3Alink", at.path())
    at.page.go_back()
    at.page.go_back()
    expect(box(at)).to_have_value("tamarisk")
    at.shows(3)
    at.button("How to search").click()
    expect(at.dialog("How to search").get_by_text("by:ada")).to_be_visible()


def test_a_long_list_is_read_to_its_end_and_is_there_on_coming_back(tab: OpenTab, someone: Someone) -> None:
    ada = someone("ada")
    board = ada.board("Airships")
    photo = ada.photo(ada.board("Source"), seed=406)["id"]
    for number in range(60):
        ada.ask("POST", f"/v1/boards/{board}/pins", json={"pin_id": photo, "title": f"Zeppelin {number}"})
    found(ada, "zeppelin", 25)
    every = {"q": "zeppelin", "limit": 100}
    settled(lambda: len(ada.ask("GET", "/v1/search", params=every)["items"]), lambda count: count == 60)
    at = tab()
    at.go(f"/@{ada.handle}")
    search(at, "zeppelin")
    end = at.page.get_by_text("60 pins, that is all")

    def look() -> int:
        at.page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
        return end.count()

    settled(look, lambda count: count == 1)
    at.shows(60)
    titles = at.tiles().locator("h2").all_inner_texts()
    assert sorted(titles) == sorted(f"Zeppelin {number}" for number in range(60))
    last = at.tiles().last.get_by_role("link").first
    last.scroll_into_view_if_needed()
    scrolled = at.page.evaluate("scrollY")
    assert scrolled > 0
    asked = at.counts("/v1/search?")
    last.click()
    expect(at.page.get_by_role("dialog")).to_be_visible()
    at.page.get_by_role("dialog").get_by_role("link", name=ada.handle.title()).click()
    expect(at.heading(ada.handle.title())).to_be_visible()
    at.page.go_back()
    at.page.go_back()
    expect(at.page.get_by_role("dialog")).to_have_count(0)
    at.shows(60)
    assert at.tiles().locator("h2").all_inner_texts() == titles
    assert at.page.evaluate("scrollY") == scrolled
    assert asked() == 0


def test_what_is_private_is_found_by_those_who_may_see_it(tab: OpenTab, someone: Someone) -> None:
    ada, bob = someone("ada"), someone("bob")
    board = ada.board("Ocarina secrets", "private")
    ada.photo(board, seed=407, title="Ocarina of clay")
    found(ada, "ocarina", 1)
    found(ada, "ocarina", 1, "board")
    mine, his, nobody = tab(), tab(), tab()
    mine.sign_in(ada)
    his.sign_in(bob)
    nobody.go(f"/@{ada.handle}")
    search(mine, "ocarina")
    mine.shows(1)
    among(mine, "Boards")
    expect(mine.page.get_by_role("link", name="Ocarina secrets Private")).to_be_visible()
    box(mine).fill("ocar")
    expect(options(mine).first).to_contain_text("Private board")
    for at in (his, nobody):
        box(at).fill("ocar")
        search(at, "ocarina")
        expect(at.heading("No pin was found")).to_be_visible()
        expect(at.page.get_by_text("Did you mean")).to_have_count(0)
        among(at, "Boards")
        expect(at.heading("No board was found")).to_be_visible()
    ada.ask("PATCH", f"/v1/boards/{board}", json={"visibility": "public"})
    found(bob, "ocarina", 1)
    among(his, "Pins")
    his.shows(1)
    ada.ask("PATCH", f"/v1/boards/{board}", json={"visibility": "private"})
    search(his, "ocarina")
    expect(his.heading("No pin was found")).to_be_visible()


def test_a_search_that_fails_waits_to_be_asked_again(tab: OpenTab, someone: Someone) -> None:
    ada = someone("ada")
    board = ada.board("Tools")
    ada.photo(board, seed=409, title="A theodolite")
    found(ada, "theodolite", 1)
    at = tab()
    at.go(f"/board/{board}")
    pattern = "**/v1/search?*"
    refusals: list[Callable[[Route], None]] = [
        lambda route: route.fulfill(status=500, body="{}"),
        lambda route: route.abort(),
    ]
    at.awaits(500)
    for refuse, told in zip(refusals, ("makes no sense", "Are you online?"), strict=True):
        at.page.route(pattern, refuse)
        search(at, "theodolite")
        expect(at.page.get_by_role("alert")).to_contain_text(told)
        at.page.unroute(pattern)
        at.button("Try again").click()
        at.shows(1)
    at.complaints = [each for each in at.complaints if "net::ERR_FAILED" not in each]


def test_nothing_shifts_while_slow_results_come_in(tab: OpenTab, someone: Someone) -> None:
    ada = someone("ada")
    board = ada.board("Tools")
    for seed in range(3):
        ada.photo(board, seed=410 + seed, title="Picture", note="The sextant of the ship.")
    found(ada, "sextant", 3)
    at = tab()
    at.context.add_init_script(WATCH_SHIFTS)
    at.go(f"/board/{board}")
    at.pictures_are_in()
    at.page.evaluate("shifts.length = 0")
    answers = at.hold("**/v1/search?*")
    search(at, "sextant")
    expect(at.page.locator(".skeleton")).to_be_visible()
    answers()
    at.shows(3)
    at.pictures_are_in()
    assert sum(at.page.evaluate("shifts")) < 0.01


@DEVICES
def test_every_form_of_it_is_in_order(
    tab: OpenTab, someone: Someone, *, phone: bool, theme: Literal["light", "dark"]
) -> None:
    ada = someone("ada")
    ada.ask("PATCH", "/v1/me", json={"name": "Glockenspiel Guild"})
    board = ada.board("Glockenspiel hall")
    ada.photo(board, seed=413, title="A bell", note="Of the glockenspiel.")
    for kind in ("pin", "board", "person"):
        found(ada, f"glockenspiel by:{ada.handle}", 1, kind)
    at = tab(phone=phone, theme=theme)
    at.go(f"/board/{board}")
    if phone:
        at.page.get_by_role("link", name="Search").click()
        expect(at.heading("Search")).to_be_visible()
        assert at.axe() == []
    search(at, "glockenspiel")
    at.button("Filters").click()
    for kind in ("Pins", "Boards", "People"):
        among(at, kind)
        at.page.wait_for_load_state("networkidle")
        expect(at.page.locator("main mark").first).to_be_visible()
        assert at.axe() == [], kind
        assert at.overflow() == 0, kind
    at.button("How to search").click()
    at.dialog("How to search")
    assert at.axe() == []
    at.page.keyboard.press("Escape")
    search(at, "wubbalub by:nobody_at_all")
    expect(at.heading("No person was found")).to_be_visible()
    assert at.axe() == []
