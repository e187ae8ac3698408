"""Ideas: topics first, then pins with their reasons, tuned and taken back; people and boards; ideas for a board."""

import re
from collections.abc import Callable
from typing import Any, Literal

import pytest
from playwright.sync_api import Locator, expect

from tests.journeys.browser.conftest import OpenTab
from tests.journeys.browser.seeing import CLOCK, drawn, seed_of
from tests.journeys.browser.tab import Tab
from tests.journeys.browser.test_phone import FINGER_PX, TOO_SMALL
from tests.support.visitor import Visitor, settled

pytestmark = pytest.mark.browser

Someone = Callable[[str], Visitor]
DEVICES = pytest.mark.parametrize(("phone", "theme"), [(False, "light"), (True, "dark")])
FINDS = 3


def community(someone: Someone) -> tuple[Visitor, str, list[str]]:
    """Let others save what ada saved beside more of their own.

    Return ada, her board, and what the others' pins are called that nobody but them has.
    """
    ada = someone("ada")
    seed = seed_of(ada)
    board = ada.board("Lamps")
    first = ada.photo(board, seed=seed, title=f"A lamp {seed}")
    titles: list[str] = []
    for name in ("bob", "eve"):
        other = someone(name)
        theirs = other.board(f"Lamps of {name}")
        other.ask("POST", f"/v1/boards/{theirs}/pins", json={"pin_id": first["id"]})
        for number in range(FINDS):
            titles.append(f"Find {number} of {name} {seed}")
            other.photo(theirs, seed=seed_of(other) + number, title=titles[-1], alt=titles[-1])
    settled(lambda: set(titled(ideas_of(ada))), lambda found: len(found & set(titles)) == len(titles))
    return ada, board, titles


def ideas_of(person: Visitor) -> list[dict[str, Any]]:
    """Return what somebody may like."""
    return person.ask("GET", "/v1/ideas", params={"limit": 50})["items"]


def titled(ideas: list[dict[str, Any]]) -> list[str]:
    return [idea["pin"]["title"] for idea in ideas]


def grid(at: Tab) -> Locator:
    """Return the ideas on the page, those before the row of people and boards and those behind it."""
    return at.page.locator("main ul.grid > li")


def idea(at: Tab, title: str) -> Locator:
    return grid(at).filter(has_text=title)


def tune(at: Tab, title: str, choice: str | re.Pattern[str]) -> None:
    at.page.get_by_role("button", name=f"Tune {title}").click()
    at.page.get_by_role("button", name=choice).click()


def at_ideas(tab: OpenTab, person: Visitor, **device: Any) -> Tab:  # noqa: ANN401 - the opener's own
    at = tab(**device)
    at.sign_in(person)
    at.page.get_by_role("navigation", name="Your first page").get_by_role("link", name="Ideas").click()
    assert at.path() == "/ideas"
    return at


def test_an_idea_says_why_it_is_there(tab: OpenTab, someone: Someone) -> None:
    ada, _, titles = community(someone)
    at = at_ideas(tab, ada)
    found = idea(at, titles[0])
    expect(found).to_contain_text("Because you saved A lamp")
    found.get_by_role("link", name=re.compile("^A lamp")).click()
    expect(at.page.get_by_role("dialog", name=re.compile("^A lamp"))).to_be_visible()
    at.page.keyboard.press("Escape")
    at.page.get_by_role("navigation", name="Your first page").get_by_role("link", name="Following").click()
    assert at.path() == "/"


def test_what_is_hidden_goes_and_comes_back(tab: OpenTab, someone: Someone) -> None:
    ada, _, titles = community(someone)
    at = at_ideas(tab, ada)
    expect(idea(at, titles[0])).to_be_visible()
    names = grid(at).locator("h2").all_inner_texts()
    tune(at, titles[0], "Hide this")
    at.says("Hidden.")
    expect(idea(at, titles[0])).to_have_count(0)
    # What had the focus is gone: the next has it.
    assert at.focused() == (names + names[-1:])[names.index(titles[0]) + 1]
    at.page.get_by_role("button", name="Undo").click()
    expect(idea(at, titles[0])).to_be_visible()
    # It is where it was; more may have been read behind it meanwhile.
    assert grid(at).locator("h2").all_inner_texts()[: len(names)] == names
    assert ada.ask("GET", "/v1/me/tunings")["items"] == []
    tune(at, titles[0], "Hide this")
    at.says("Hidden.")
    at.page.reload()
    expect(idea(at, titles[1])).to_be_visible()
    expect(idea(at, titles[0])).to_have_count(0)


def test_by_keys(tab: OpenTab, someone: Someone) -> None:
    ada, _, titles = community(someone)
    at = at_ideas(tab, ada)
    at.page.get_by_role("button", name=f"Tune {titles[0]}").focus()
    for key in ("Enter", "Tab", "Enter"):
        at.page.keyboard.press(key)
    at.says("Hidden.")
    expect(idea(at, titles[0])).to_have_count(0)
    assert ada.ask("GET", "/v1/me/tunings")["items"][0]["wish"] == "hidden"


def test_nothing_because_of_a_pin_and_taken_back_in_the_settings(tab: OpenTab, someone: Someone) -> None:
    ada, _, titles = community(someone)
    at = at_ideas(tab, ada)
    expect(idea(at, titles[0])).to_be_visible()
    tune(at, titles[0], "Not because of this pin")
    at.says("Nothing because of A lamp")
    expect(grid(at).filter(has_text="Because you saved A lamp")).to_have_count(0)
    at.go("/settings/tuning")
    wishes = at.page.get_by_role("list", name="Wishes").get_by_role("listitem")
    expect(wishes).to_have_count(1)
    expect(wishes).to_contain_text("Nothing because of A lamp")
    assert at.axe() == []
    wishes.get_by_role("button", name=re.compile("^Undo: Nothing because of A lamp")).click()
    at.says("Taken back.")
    expect(at.heading("You have wished for nothing yet")).to_be_visible()
    at.go("/ideas")
    expect(idea(at, titles[0])).to_be_visible()


def test_topics_come_first_and_can_be_chosen_later(tab: OpenTab, someone: Someone) -> None:
    ada, ann = someone("ada"), someone("ann")
    ada.picture(ada.board("Clocks"), drawn(CLOCK))
    settled(lambda: ann.ask("GET", "/v1/topics")["items"][0]["cover"], bool)
    at = at_ideas(tab, ann)
    expect(at.heading("What do you like?")).to_be_visible()
    topics = at.page.locator("main li > button[aria-pressed]")
    first, second = topics.nth(0), topics.nth(1)
    name = first.inner_text()
    first.click()
    second.click()
    expect(at.page.get_by_role("status").filter(has_text="2 topics")).to_be_attached()
    second.click()
    expect(first).to_have_attribute("aria-pressed", "true")
    expect(second).to_have_attribute("aria-pressed", "false")
    settled(lambda: len(ann.ask("GET", "/v1/me/tunings")["items"]), lambda count: count == 1)
    at.button("Show ideas").click()
    expect(grid(at).filter(has_text=f"Because you like {name}").first).to_be_visible()
    expect(at.heading("Ideas for you")).to_be_attached()
    at.page.get_by_role("link", name="Topics").click()
    assert at.path() == "/ideas/topics"
    expect(topics.nth(0)).to_have_attribute("aria-pressed", "true")


def test_who_does_not_choose_is_not_asked_again(tab: OpenTab, someone: Someone) -> None:
    community(someone)
    at = at_ideas(tab, someone("ann"))
    at.button("Not now").click()
    expect(grid(at).first).to_contain_text("Popular now")
    at.page.reload()
    expect(grid(at).first).to_contain_text("Popular now")


def test_people_and_boards_are_proposed_between(tab: OpenTab, someone: Someone) -> None:
    ada, _, _ = community(someone)
    at = at_ideas(tab, ada)
    row = at.page.get_by_role("region", name="People and boards")
    name = ada.handle.replace("ada", "bob").title()
    follow = at.page.get_by_role("button", name=f"Follow {name}", exact=True)
    expect(row.get_by_role("listitem").filter(has=follow)).to_contain_text("Because you saved A lamp")
    follow.click()
    expect(at.button(f"Following {name}")).to_be_visible()
    assert [tie["person"]["name"] for tie in ada.ask("GET", "/v1/users/me/following")["items"]] == [name]
    row.get_by_role("link", name=re.compile("Lamps of")).first.click()
    expect(at.page.get_by_role("heading", name=re.compile("^Lamps of"), level=1)).to_be_visible()


@pytest.mark.parametrize("phone", [False, True])
def test_an_idea_for_a_board_is_saved_to_it_at_once(tab: OpenTab, someone: Someone, *, phone: bool) -> None:
    ada, board, titles = community(someone)
    at = tab(phone=phone)
    at.sign_in(ada)
    at.go(f"/board/{board}")
    ideas = at.page.get_by_role("list", name="Ideas for this board")
    wanted = ideas.get_by_role("listitem").filter(has=at.page.get_by_role("heading", name=titles[0]))
    wanted.scroll_into_view_if_needed()
    if not phone:
        wanted.hover()
    wanted.get_by_role("button", name=f"Save {titles[0]} to Lamps").click()
    at.says("Saved to Lamps.")
    expect(wanted).to_have_count(0)
    expect(at.page.get_by_role("list", name="Pins on Lamps").get_by_role("heading", name=titles[0])).to_be_visible()
    assert ada.ask("GET", f"/v1/boards/{board}/pins")["items"][0]["title"] == titles[0]


def test_others_boards_have_no_ideas(tab: OpenTab, someone: Someone) -> None:
    _, board, _ = community(someone)
    at = tab()
    at.go(f"/board/{board}")
    at.shows(1)
    at.page.wait_for_load_state("networkidle")
    expect(at.heading("Ideas for this board")).to_have_count(0)


@DEVICES
def test_all_can_use_them(tab: OpenTab, someone: Someone, *, phone: bool, theme: Literal["light", "dark"]) -> None:
    ada, board, titles = community(someone)
    at = at_ideas(tab, ada, phone=phone, theme=theme)
    expect(idea(at, titles[0])).to_be_visible()
    checked(at, phone=phone)
    at.page.get_by_role("button", name=f"Tune {titles[0]}").click()
    menu = at.button("Hide this").bounding_box()
    width = (at.page.viewport_size or {"width": 0})["width"]
    assert menu
    assert menu["x"] >= 0
    assert menu["x"] + menu["width"] <= width
    checked(at, phone=phone)
    for path in ("/ideas/topics", "/settings/tuning", f"/board/{board}"):
        at.go(path)
        at.page.wait_for_load_state("networkidle")
        checked(at, phone=phone)


def checked(at: Tab, *, phone: bool) -> None:
    expect(at.page.locator("h1")).to_have_count(1)
    assert at.axe() == []
    assert at.overflow() == 0
    if phone:
        assert at.page.evaluate(TOO_SMALL, FINGER_PX) == []
