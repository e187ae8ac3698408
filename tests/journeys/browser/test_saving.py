"""Saving: by drop and by paste, several photos at once, twice the same link, and what is no photo."""

import base64
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.journeys.browser.conftest import OpenTab
from tests.journeys.browser.tab import Tab
from tests.support.pictures import jpeg
from tests.support.visitor import Visitor

pytestmark = pytest.mark.browser

Someone = Callable[[str], Visitor]
# A browser makes such events from what people drag and copy; a script has to put them together.
HAND_OVER = """([kind, data, text]) => {
  const given = new DataTransfer();
  if (data) {
    const bytes = Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
    given.items.add(new File([bytes], 'shot.jpg', {type: 'image/jpeg'}));
  }
  if (text) given.setData('text/plain', text);
  if (kind === 'paste') dispatchEvent(new ClipboardEvent('paste', {clipboardData: given, cancelable: true}));
  else for (const name of ['dragenter', 'dragover', 'drop'])
    document.body.dispatchEvent(new DragEvent(name, {dataTransfer: given, bubbles: true, cancelable: true}));
}"""


def hand_over(tab: Tab, kind: str, data: bytes = b"", text: str = "") -> None:
    tab.page.evaluate(HAND_OVER, [kind, base64.b64encode(data).decode(), text])


def at_board(tab: OpenTab, ada: Visitor) -> tuple[Tab, str]:
    board = ada.board("Lamps")
    at = tab()
    at.sign_in(ada)
    at.go(f"/board/{board}")
    expect(at.heading("Lamps")).to_be_visible()
    return at, board


def test_dropped_and_pasted_photos(tab: OpenTab, someone: Someone) -> None:
    at, _ = at_board(tab, someone("ada"))
    for count, kind in enumerate(("drop", "paste"), start=1):
        hand_over(at, kind, jpeg(100 + count))
        expect(at.dialog("Save").get_by_text("1 photo is ready")).to_be_visible()
        at.button("Save").click()
        at.shows(count)


def test_a_pasted_address(tab: OpenTab, someone: Someone) -> None:
    at, _ = at_board(tab, someone("ada"))
    hand_over(at, "paste", text="https://example.invalid/lamp")
    at.dialog("Save")
    expect(at.field("Address")).to_have_value("https://example.invalid/lamp")
    at.button("Save").click()
    at.shows(1)
    # Once more is said, and changes nothing.
    at.button("Save here").click()
    at.field("Address").fill("https://example.invalid/lamp")
    at.button("Save").click()
    at.says("Lamps has this link already.")
    at.shows(1)


def test_several_photos_with_progress_and_one_that_is_none(tab: OpenTab, someone: Someone, tmp_path: Path) -> None:
    ada = someone("ada")
    at, board = at_board(tab, ada)
    files = [tmp_path / name for name in ("one.jpg", "two.jpg", "none.jpg")]
    files[0].write_bytes(jpeg(111))
    files[1].write_bytes(jpeg(112))
    files[2].write_bytes(b"no photo at all")
    release = at.hold("**/blobs/**")
    at.awaits(422)
    at.button("Save here").click()
    dialog = at.dialog("Save")
    dialog.locator("input[type=file]").set_input_files(files)
    expect(dialog.get_by_role("progressbar")).to_have_count(3)
    expect(dialog.get_by_text("Sending", exact=True)).to_have_count(2)
    expect(dialog.get_by_text("Waiting")).to_have_count(1)
    release()
    expect(dialog.get_by_text("2 photos are ready")).to_be_visible()
    expect(dialog.get_by_role("alert")).to_have_text("The file is not a picture.")
    # Sent again it would still be none.
    expect(dialog.get_by_role("button", name="Try again")).to_have_count(0)
    dialog.get_by_label("Title of one.jpg").fill("One")
    at.button("Save").click()
    expect(dialog.get_by_text("2 photos were saved, the rest could not be.")).to_be_visible()
    dialog.get_by_role("button", name="Cancel").click()
    at.shows(2)
    assert {pin["title"] for pin in ada.ask("GET", f"/v1/boards/{board}/pins")["items"]} == {"One", ""}


def test_a_photo_is_sent_again_when_the_network_is_back(tab: OpenTab, someone: Someone, tmp_path: Path) -> None:
    at, _ = at_board(tab, someone("ada"))
    photo = tmp_path / "one.jpg"
    photo.write_bytes(jpeg(113))
    at.button("Save here").click()
    dialog = at.dialog("Save")
    at.page.route("**/blobs/**", lambda route: route.abort(), times=1)
    dialog.locator("input[type=file]").set_input_files(photo)
    expect(dialog.get_by_role("alert")).to_contain_text("Bowerbird cannot be reached.")
    expect(at.button("Save")).to_be_disabled()
    dialog.get_by_role("button", name="Try again").click()
    expect(dialog.get_by_text("1 photo is ready")).to_be_visible()
    at.button("Save").click()
    at.shows(1)
    at.complaints = [each for each in at.complaints if "net::ERR_FAILED" not in each]


def test_what_is_no_photo_is_named(tab: OpenTab, someone: Someone, tmp_path: Path) -> None:
    at, _ = at_board(tab, someone("ada"))
    notes = tmp_path / "notes.txt"
    notes.write_text("Lamps")
    at.button("Save here").click()
    dialog = at.dialog("Save")
    dialog.locator("input[type=file]").set_input_files(notes)
    expect(dialog.get_by_text("notes.txt is left out: JPEG, PNG, GIF and WebP photos are taken.")).to_be_visible()
    expect(at.field("Address")).to_be_visible()


def test_what_is_no_address_and_no_board_yet(tab: OpenTab, someone: Someone) -> None:
    ada = someone("ada")
    at = tab()
    at.sign_in(ada)
    at.page.get_by_role("button", name="Save something").click()
    at.dialog("Save")
    # Who has no board makes one on the way.
    at.field("Name of the new board").fill("First finds")
    at.button("Make board").click()
    expect(at.field("Board")).to_contain_text("First finds")
    at.field("Address").fill("two words")
    at.button("Save").click()
    expect(at.page.get_by_text("This does not look like a web address.")).to_be_visible()
    expect(at.field("Address")).to_be_focused()
    at.field("Address").fill("example.invalid/find")
    at.button("Save").click()
    at.says("Saved to First finds.")


def test_saving_goes_on_when_the_network_comes_back(tab: OpenTab, someone: Someone) -> None:
    ada = someone("ada")
    at, board = at_board(tab, ada)
    at.button("Save here").click()
    at.dialog("Save")
    at.field("Address").fill("https://example.invalid/lamp")
    # The reply is lost on the way: the server has saved it, the page has not heard.
    at.page.route("**/pins", lambda route: (route.fetch(), route.abort()), times=1)
    at.button("Save").click()
    at.shows(1)
    assert len(ada.ask("GET", f"/v1/boards/{board}/pins")["items"]) == 1
    at.complaints = [each for each in at.complaints if "net::ERR_FAILED" not in each]
