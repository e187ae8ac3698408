"""In two browsers: from registering to a follower's feed, and out of it again when the board turns private."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.journeys.browser.conftest import OpenTab
from tests.journeys.browser.tab import Tab
from tests.support.pages import Page, serving_pages
from tests.support.pictures import jpeg

pytestmark = pytest.mark.browser


def register(tab: Tab, name: str, handle: str) -> None:
    tab.go("/")
    tab.field("Name").fill(name)
    tab.field("Handle").fill(handle)
    tab.field("E-mail").fill(f"{handle}@example.org")
    tab.field("Password").fill("a long enough secret")
    tab.button("Sign up").click()
    expect(tab.heading("Your feed is waiting for its first find")).to_be_visible()


def make_board(tab: Tab, name: str) -> None:
    tab.button("Make a board").click()
    tab.dialog("Make a board")
    tab.field("Name").fill(name)
    tab.button("Make board").click()
    expect(tab.heading(name)).to_be_visible()


def save_link(tab: Tab, url: str, title: str) -> None:
    tab.button("Save here").click()
    tab.dialog("Save")
    tab.field("Address").fill(url)
    tab.button("Save").click()
    tab.says("Saved to Kitchen ideas.")
    # The pin is there at once; its title and picture come by themselves.
    expect(tab.tiles().filter(has_text=title).locator("img")).to_be_visible()


def save_photo(tab: Tab, file: Path) -> None:
    tab.button("Save here").click()
    dialog = tab.dialog("Save")
    with tab.page.expect_file_chooser() as chooser:
        dialog.get_by_role("button", name="Choose photos").click()
    chooser.value.set_files(file)
    expect(dialog.get_by_text("1 photo is ready")).to_be_visible()
    dialog.get_by_label("Title of table.jpg").fill("My table")
    dialog.get_by_label("Picture in words of table.jpg").fill("A table by a window")
    tab.button("Save").click()
    tab.says("Saved to Kitchen ideas.")


def test_what_one_saves_another_finds_until_the_board_is_private(
    tab: OpenTab, tmp_path: Path, unique: Callable[[str], str]
) -> None:
    ada, bob = tab(), tab()
    photo = tmp_path / "table.jpg"
    photo.write_bytes(jpeg(11, 900, 600))
    register(ada, "Ada Lovelace", unique("ada"))
    make_board(ada, "Kitchen ideas")
    with serving_pages({"/bread": Page.titled("A good loaf", picture="/loaf.jpg")}) as pages:
        save_link(ada, f"{pages}/bread", "A good loaf")
    save_photo(ada, photo)
    ada.shows(2)

    register(bob, "Bob Noyce", unique("bob"))
    bob.field("Handle").fill(f"@{unique('ada')}")
    bob.button("Find").click()
    bob.button("Follow Ada Lovelace").click()
    bob.button("Look at your feed").click()
    bob.reloads_until(bob.tiles().count, lambda count: count == 2)
    newest = bob.tiles().first
    expect(newest).to_contain_text("My table")
    expect(newest).to_contain_text("saved to Kitchen ideas")
    expect(newest.get_by_role("link", name="Ada Lovelace")).to_be_visible()
    expect(newest.get_by_role("img", name="A table by a window")).to_be_visible()
    pictures = [str(each.evaluate("img => img.currentSrc")) for each in bob.tiles().locator("img").all()]
    pictures = [address for address in pictures if "/media/" in address]
    assert len(pictures) >= 2

    ada.button("More for this board").click()
    ada.button("Make private").click()
    ada.says("Private now")
    expect(ada.page.get_by_text("Private", exact=True)).to_be_visible()

    bob.page.reload()
    expect(bob.heading("Your feed is waiting for its first find")).to_be_visible()
    bob.shows(0)
    assert {bob.context.request.get(address).status for address in pictures} == {404}
    bob.awaits(404)
    bob.go(ada.path())
    expect(bob.heading("There is no such board")).to_be_visible()
    # Its owner goes on seeing it, by addresses that are signed.
    ada.page.reload()
    ada.shows(2)
    expect(ada.tiles().first.locator("img").first).to_have_attribute("src", re.compile(r"/236\?v="))


def test_leaving_and_coming_back(tab: OpenTab, unique: Callable[[str], str]) -> None:
    ada = tab()
    handle = unique("ada")
    register(ada, "Ada Lovelace", handle)
    ada.button("You: Ada Lovelace").click()
    ada.button("Sign out").click()
    expect(ada.heading("Begin a collection")).to_be_visible()
    ada.go("/boards")
    expect(ada.heading("Sign in")).to_be_visible()
    ada.awaits(401)
    ada.field("Handle or e-mail").fill(handle)
    ada.field("Password").fill("not my password")
    ada.page.locator("main").get_by_role("button", name="Sign in").click()
    expect(ada.page.get_by_role("alert")).to_contain_text("The name or the password is wrong.")
    ada.field("Password").fill("a long enough secret")
    ada.page.locator("main").get_by_role("button", name="Sign in").click()
    expect(ada.page.get_by_role("button", name="You: Ada Lovelace")).to_be_visible()
