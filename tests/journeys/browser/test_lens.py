"""Lens: a frame over a pin's picture by pointer, finger and keys; a photo of one's own, of which nothing is kept."""

import base64
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, cast

import pytest
from PIL import Image
from playwright.sync_api import Page, Request, expect

from tests.journeys.browser.conftest import OpenTab
from tests.journeys.browser.seeing import (
    CLOCK,
    TRAFFIC_LIGHT,
    alike,
    drawn,
    found_like,
    frame,
    like_it,
    seed_of,
    side_by_side,
)
from tests.journeys.browser.tab import Tab
from tests.journeys.browser.test_phone import FINGER_PX, TOO_SMALL
from tests.journeys.browser.test_saving import hand_over
from tests.support.pictures import encoded
from tests.support.seen_pictures import starry
from tests.support.visitor import Visitor

pytestmark = pytest.mark.browser

Someone = Callable[[str], Visitor]
DEVICES = pytest.mark.parametrize(("phone", "theme"), [(False, "light"), (True, "dark")])
# Chromium does not tell Playwright what a request is made of that sends a Blob.
NOTE_SENT = """() => {
  window.sent = [];
  const send = fetch;
  window.fetch = (request, options) => {
    if (options?.body instanceof Blob) sent.push(options.body);
    return send(request, options);
  };
}"""
FIRST_SENT = "async () => btoa(String.fromCharCode(...new Uint8Array(await sent[0].arrayBuffer())))"
WHOLE = "The whole picture"
SIDE_PX_MAX = 1024
GPS = 0x8825


def scene(ada: Visitor) -> str:
    """Save a picture of a clock and a traffic light, and one of each; return the pin of both."""
    board = ada.board("Street", "private")
    both = ada.picture(board, side_by_side(CLOCK, TRAFFIC_LIGHT), title="Both", alt="Both")["id"]
    clock = ada.picture(board, drawn(CLOCK), title="Our clock")["id"]
    light = ada.picture(board, drawn(TRAFFIC_LIGHT), title="Our light")["id"]
    found_like(ada, both, clock, light)
    return both


def at_pin(tab: OpenTab, ada: Visitor, pin: str, **device: Any) -> Tab:  # noqa: ANN401 - the opener's own
    """Sign in, and open a pin's picture to search in."""
    at = tab(**device)
    at.sign_in(ada)
    at.go(f"/pin/{pin}")
    at.page.get_by_role("link", name="Search in picture").click()
    expect(at.heading("Search in picture")).to_be_visible()
    assert at.path() == f"/lens?pin={pin}"
    return at


def titles(at: Tab) -> list[str]:
    """Return what the pins are called that are like what is framed, likest first."""
    return like_it(at).locator("h2").all_inner_texts()


def corner(at: Tab, name: str) -> tuple[float, float]:
    """Return where a corner of the frame is."""
    box = frame(at).bounding_box()
    assert box
    return box["x"] + ("e" in name) * box["width"], box["y"] + ("s" in name) * box["height"]


def edges(at: Tab) -> tuple[float, float, float, float]:
    """Return the picture's left, upper, right and lower edge."""
    box = at.page.get_by_role("region", name="Picture", exact=True).get_by_role("img").bounding_box()
    assert box
    return box["x"], box["y"], box["x"] + box["width"], box["y"] + box["height"]


def test_a_part_is_framed_by_pointer(tab: OpenTab, someone: Someone) -> None:
    ada = someone("ada")
    at = at_pin(tab, ada, scene(ada))
    mouse = at.page.mouse
    left, top, right, bottom = edges(at)

    def pull(name: str, x: float, y: float) -> None:
        mouse.move(*corner(at, name))
        mouse.down()
        mouse.move(x, y, steps=5)
        mouse.up()

    # Beyond the edges it is held at them.
    pull("nw", left - 200, top - 200)
    pull("se", (left + right) / 2, bottom + 300)
    expect(frame(at)).to_have_attribute("aria-valuetext", "From 0 to 50 percent across, 0 to 100 percent down")
    expect(like_it(at).first).to_contain_text("Our clock")
    expect(at.page.get_by_role("list", name="What it may show").get_by_role("link", name=CLOCK)).to_be_visible()
    # Moved as a whole it keeps its size.
    mouse.move((left * 3 + right) / 4, (top + bottom) / 2)
    mouse.down()
    mouse.move(right + 500, (top + bottom) / 2, steps=5)
    mouse.up()
    expect(frame(at)).to_have_attribute("aria-valuetext", "From 50 to 100 percent across, 0 to 100 percent down")
    expect(like_it(at).first).to_contain_text("Our light")
    label = at.page.get_by_role("list", name="What it may show").get_by_role("link", name=TRAFFIC_LIGHT)
    label.click()
    assert at.path() == "/search?q=traffic+light"
    at.page.go_back()
    # What was framed, and found, is there again.
    expect(frame(at)).to_have_attribute("aria-valuetext", "From 50 to 100 percent across, 0 to 100 percent down")
    expect(like_it(at).first).to_contain_text("Our light")


def test_a_part_is_framed_by_keys(tab: OpenTab, someone: Someone) -> None:
    ada = someone("ada")
    at = at_pin(tab, ada, scene(ada))
    keys = at.page.keyboard
    frame(at).focus()
    expect(frame(at)).to_have_attribute("aria-valuetext", "From 15 to 85 percent across, 15 to 85 percent down")
    for _ in range(20):
        keys.press("ArrowLeft")
        keys.press("Shift+ArrowLeft")
    for _ in range(10):
        keys.press("ArrowUp")
        keys.press("Shift+ArrowDown")
    expect(frame(at)).to_have_attribute("aria-valuetext", "From 0 to 30 percent across, 0 to 90 percent down")
    for _ in range(9):
        keys.press("Shift+ArrowRight")
    expect(like_it(at).first).to_contain_text("Our clock")
    status = at.page.get_by_role("status").filter(has_text="like what is framed")
    expect(status).to_contain_text("From 0 to 48 percent across")
    at.button("Whole picture").click()
    expect(frame(at)).to_have_attribute("aria-valuetext", WHOLE)
    expect(at.page.get_by_role("status").filter(has_text="like the picture")).to_be_visible()
    expect(at.button("Whole picture")).to_have_count(0)


def test_a_part_is_framed_by_a_finger(tab: OpenTab, someone: Someone) -> None:
    ada = someone("ada")
    at = at_pin(tab, ada, scene(ada), phone=True)
    expect(like_it(at).first).to_be_visible()
    left, top, right, bottom = edges(at)
    scrolled = at.page.evaluate("scrollY")
    handle = frame(at).locator("[aria-hidden=true]").first.bounding_box()
    assert handle
    assert min(handle["width"], handle["height"]) >= FINGER_PX
    # Half a fingertip beside the corner is still on it.
    x, y = corner(at, "nw")
    touch(at.page, (x - 15, y - 15), (left - 15, top - 15))
    x, y = corner(at, "se")
    touch(at.page, (x + 15, y + 15), ((left + right) / 2 + 15, bottom + 15))
    expect(frame(at)).to_have_attribute("aria-valuetext", "From 0 to 50 percent across, 0 to 100 percent down")
    expect(like_it(at).first).to_contain_text("Our clock")
    assert at.page.evaluate("scrollY") == scrolled
    # The results stand beneath the picture.
    first = like_it(at).first.bounding_box()
    assert first
    assert first["y"] > bottom


def touch(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Put a finger down, move it, and lift it."""
    send = cast("Callable[[str, Any], None]", page.context.new_cdp_session(page).send)
    (x, y), (to_x, to_y) = start, end
    path = [(x + (to_x - x) * step / 5, y + (to_y - y) * step / 5) for step in range(6)]
    for kind, points in (("touchStart", path[:1]), *(("touchMove", [point]) for point in path[1:]), ("touchEnd", [])):
        send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": px, "y": py} for px, py in points]})


def test_an_older_answer_does_not_take_the_place_of_a_newer(tab: OpenTab, someone: Someone) -> None:
    ada = someone("ada")
    at = at_pin(tab, ada, scene(ada))
    expect(like_it(at).first).to_be_visible()
    release = at.hold("**/v1/lens")
    frame(at).focus()
    at.page.keyboard.press("ArrowLeft")
    # Held back, this one is asked nevertheless.
    with at.page.expect_request("**/v1/lens"):
        at.page.keyboard.press("Shift+ArrowLeft")
    at.button("Whole picture").click()
    with at.page.expect_response("**/v1/lens") as answered:
        release()
    assert answered.value.ok
    expect(at.page.get_by_role("status").filter(has_text="like the picture")).to_be_visible()
    at.complaints = [each for each in at.complaints if "ERR_ABORTED" not in each]


def given(tmp_path: Path, data: bytes, name: str = "shot.jpg") -> Path:
    file = tmp_path / name
    file.write_bytes(data)
    return file


def large_photo(name: str) -> bytes:
    """Return a large photo that says where it was taken."""
    image = Image.open(io.BytesIO(drawn(name))).resize((2000, 1500))
    exif = Image.Exif()
    exif[GPS] = {1: "N", 2: (52.0, 31.0, 0.0)}
    out = io.BytesIO()
    image.save(out, "JPEG", exif=exif)
    assert b"Exif" in out.getvalue()
    return out.getvalue()


def test_a_photo_of_one_s_own(tab: OpenTab, someone: Someone, tmp_path: Path) -> None:
    ada = someone("ada")
    scene(ada)
    at = tab()
    at.sign_in(ada)
    at.page.evaluate(NOTE_SENT)
    sent: list[Request] = []
    at.page.on("request", lambda request: sent.append(request) if request.method == "PUT" else None)
    at.page.get_by_role("link", name="Search with a photo").click()
    expect(at.page.get_by_text("nothing of it is kept")).to_be_visible()
    with at.page.expect_file_chooser() as chooser:
        at.button("Choose a photo").click()
    chooser.value.set_files(given(tmp_path, large_photo(CLOCK)))
    expect(like_it(at).first).to_contain_text("Our clock")
    assert at.path() == "/lens"
    shown = Image.open(io.BytesIO(base64.b64decode(at.page.evaluate(FIRST_SENT))))
    assert max(shown.size) == SIDE_PX_MAX
    assert not shown.getexif()
    # Of each look nothing is kept: for another part it is sent again.
    frame(at).focus()
    at.page.keyboard.press("Shift+ArrowLeft")
    expect(at.page.get_by_role("status").filter(has_text="From 0 to 98 percent across")).to_be_attached()
    looked = [request for request in sent if "/blobs/" in request.url]
    assert len(looked) == 2
    assert len({request.url for request in looked}) == 2


@pytest.mark.parametrize("kind", ["drop", "paste"])
def test_a_photo_that_is_dropped_or_pasted(tab: OpenTab, someone: Someone, kind: str) -> None:
    ada = someone("ada")
    pin = scene(ada)
    at = at_pin(tab, ada, pin)
    expect(like_it(at).first).to_be_visible()
    hand_over(at, kind, drawn(TRAFFIC_LIGHT))
    expect(at.heading("Search with a photo")).to_be_visible()
    expect(like_it(at).first).to_contain_text("Our light")
    hand_over(at, kind, drawn(CLOCK))
    expect(like_it(at).first).to_contain_text("Our clock")
    at.page.go_back()
    expect(at.heading("Search in picture")).to_be_visible()
    # Elsewhere a photo is saved, as ever.
    at.go("/boards")
    hand_over(at, kind, drawn(CLOCK))
    at.dialog("Save")


def test_where_nothing_is_like_it_that_is_said(tab: OpenTab, someone: Someone) -> None:
    ada = someone("ada")
    pin = ada.picture(ada.board("Sky", "private"), encoded(starry(600, 400, 1)), title="A sky")["id"]
    at = tab()
    at.sign_in(ada)
    at.go(f"/lens?pin={pin}")
    expect(at.heading("Nothing is like it")).to_be_visible()
    expect(at.page.get_by_role("status").filter(has_text="Nothing is like what is framed.")).to_be_visible()
    assert at.axe() == []


def test_what_is_no_picture_is_said(tab: OpenTab, someone: Someone, tmp_path: Path) -> None:
    at = tab()
    at.sign_in(someone("ada"))
    at.go("/lens")
    at.page.locator("input[type=file]").first.set_input_files(given(tmp_path, b"no picture", "note.png"))
    expect(at.page.get_by_text("This file cannot be shown as a picture here.")).to_be_visible()
    at.button("Try again").click()
    expect(at.button("Choose a photo")).to_be_visible()


def test_a_stranger_searches_in_public_pictures_alone(tab: OpenTab, someone: Someone) -> None:
    ada = someone("ada")
    board = ada.board("Scenes")
    one, other = (ada.picture(board, picture, title="A scene")["id"] for picture in alike(seed_of(ada))[:2])
    found_like(ada, one, other)
    at = tab()
    at.awaits(404)
    at.go(f"/lens?pin={one}")
    expect(like_it(at).locator(f"[data-pin='{other}']")).to_be_visible()
    at.page.get_by_role("link", name="Search with a photo").click()
    at.page.locator("main").get_by_role("link", name="Sign in").click()
    assert at.path() == "/sign-in?next=%2Flens"
    hidden = ada.picture(ada.board("Mine", "private"), drawn(CLOCK))["id"]
    at.go(f"/lens?pin={hidden}")
    expect(at.heading("There is no such pin")).to_be_visible()


@DEVICES
def test_it_can_be_used_by_all(
    tab: OpenTab, someone: Someone, tmp_path: Path, *, phone: bool, theme: Literal["light", "dark"]
) -> None:
    ada = someone("ada")
    at = at_pin(tab, ada, scene(ada), phone=phone, theme=theme)
    expect(like_it(at).first).to_be_visible()
    checked(at, phone=phone)
    at.go("/lens")
    expect(at.page.get_by_role("button", name="Take a photo")).to_be_visible(visible=phone)
    checked(at, phone=phone)
    at.page.locator("input[type=file]").first.set_input_files(given(tmp_path, drawn(CLOCK)))
    expect(like_it(at).first).to_be_visible()
    checked(at, phone=phone)
    camera = at.page.locator("input[capture]")
    expect(camera).to_have_attribute("accept", "image/*")


def checked(at: Tab, *, phone: bool) -> None:
    assert at.axe() == []
    assert at.overflow() == 0
    expect(at.page.locator("h1")).to_have_count(1)
    if phone:
        assert at.page.evaluate(TOO_SMALL, FINGER_PX) == []
