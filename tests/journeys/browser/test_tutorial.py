"""The tutorial's words are the page's: whatever it sets in italics is the name of something that can be used."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import FilePayload, expect

from tests.journeys.browser.conftest import OpenTab
from tests.journeys.browser.tab import ROOT, Tab
from tests.support.pictures import jpeg
from tests.support.visitor import Visitor

pytestmark = pytest.mark.browser

Someone = Callable[[str], Visitor]
ITALICS = re.compile(r"(?<!\*)\*([^*]+)\*(?!\*)")
# What is shown on the thing or beside it, and what is said of it.
NAMES = """() => [...document.querySelectorAll('a, button, label, option, legend, select, strong')].flatMap((each) => [
  each.innerText, each.getAttribute('aria-label'), each.firstChild?.textContent,
]).filter((name) => name).map((name) => name.trim())"""


def quoted() -> set[str]:
    walk = (ROOT / "docs/tutorial.md").read_text().split("## In the browser")[1].split("## With a program")[0]
    names = {" ".join(name.split()) for name in ITALICS.findall(walk)}
    return names - {"What stands like this"}


def test_every_name_in_the_tutorial_is_on_the_page(tab: OpenTab, someone: Someone) -> None:
    ada, bob = someone("ada"), someone("bob")
    board = ada.board("Lamps")
    gone = ada.photo(board, seed=130)["id"]
    ada.photo(board, seed=131)
    ada.ask("DELETE", f"/v1/pins/{gone}")
    at = tab()
    at.sign_in(ada)
    seen: set[str] = set()

    def look(then: str = "Escape") -> None:
        seen.update(at.page.evaluate(NAMES))
        at.page.keyboard.press(then)

    at.go("/")
    expect(at.field("Handle")).to_be_visible()
    at.button(f"You: {ada.handle.title()}").click()
    look()
    save_a_photo(at, look)
    at.go("/boards")
    at.button("Make a board").click()
    at.dialog("Make a board")
    look()
    at.go(f"/board/{board}")
    at.button("More for this board").click()
    look()
    at.button("Share").click()
    at.dialog("Share Lamps")
    look()
    at.button("Select").click()
    look()
    at.go(f"/@{bob.handle}")
    expect(at.button(f"Follow {bob.handle.title()}")).to_be_visible()
    look()
    at.go("/trash")
    expect(at.page.get_by_role("button", name="Restore")).to_be_visible()
    look()
    assert quoted()
    assert quoted() - seen == set()


def save_a_photo(at: Tab, look: Callable[[], None]) -> None:
    at.page.get_by_role("banner").get_by_role("button", name="Save").click()
    dialog = at.dialog("Save")
    expect(dialog.get_by_label("Board")).to_contain_text("New board…")
    look()
    at.page.get_by_role("banner").get_by_role("button", name="Save").click()
    photo: FilePayload = {"name": "lamp.jpg", "mimeType": "image/jpeg", "buffer": jpeg(132)}
    at.dialog("Save").locator("input[type=file]").set_input_files(photo)
    expect(dialog.get_by_text("1 photo is ready")).to_be_visible()
    look()
