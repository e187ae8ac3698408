"""Who is there: by the cookie and not by what the page remembers; doors that lead back; what fails is not hammered."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.journeys.browser.conftest import OpenTab
from tests.support.visitor import Visitor

pytestmark = pytest.mark.browser

Someone = Callable[[str], Visitor]


def test_a_cookie_alone_is_enough(tab: OpenTab, someone: Someone) -> None:
    ada = someone("ada")
    at = tab()
    at.sign_in(ada)
    at.page.evaluate("localStorage.clear()")
    at.go("/boards")
    expect(at.heading("Boards")).to_be_visible()
    at.page.evaluate("localStorage.clear()")
    at.go("/sign-in?next=/trash")
    expect(at.heading("Trash")).to_be_visible()


def test_the_page_s_memory_alone_is_not(tab: OpenTab, someone: Someone) -> None:
    at = tab()
    at.sign_in(someone("ada"))
    # Not while the feed is on its way, which would find out first.
    at.page.goto("about:blank")
    at.context.clear_cookies()
    at.awaits(401)
    at.go("/boards")
    expect(at.heading("Sign in")).to_be_visible()
    at.says("You were signed out.")


def test_a_stranger_is_asked_for_once(tab: OpenTab, someone: Someone) -> None:
    ada = someone("ada")
    board = ada.board("Lamps")
    at = tab()
    asked = at.counts("/v1/me")
    at.go(f"/board/{board}")
    expect(at.heading("Lamps")).to_be_visible()
    at.page.get_by_role("link", name=ada.handle.title()).click()
    expect(at.heading(ada.handle.title())).to_be_visible()
    assert asked() == 1


def test_another_tab_s_changes_come_over(tab: OpenTab, someone: Someone) -> None:
    at = tab()
    at.sign_in(someone("ada"))
    at.go("/settings")
    at.field("About").fill("Half a sentence")
    other = at.context.new_page()
    other.goto(at.base_url + "/settings")
    other.get_by_label("Name", exact=True).fill("Ada, Countess of Lovelace")
    other.get_by_role("button", name="Save", exact=True).last.click()
    expect(at.page.get_by_role("button", name="You: Ada, Countess of Lovelace")).to_be_visible()
    # What was typed here is still here.
    expect(at.field("About")).to_have_value("Half a sentence")
    other.get_by_role("button", name="You: Ada, Countess of Lovelace").click()
    other.get_by_role("button", name="Sign out").click()
    expect(at.heading("Sign in")).to_be_visible()


def test_signing_in_leads_back_to_what_was_private(tab: OpenTab, someone: Someone) -> None:
    ada = someone("ada")
    board = ada.board("Just me", "private")
    at = tab()
    at.awaits(404)
    at.go(f"/board/{board}")
    at.page.locator("main").get_by_role("link", name="Sign in").click()
    at.field("Handle or e-mail").fill(ada.handle)
    at.field("Password").fill(ada.password)
    at.page.locator("main").get_by_role("button", name="Sign in").click()
    expect(at.heading("Just me")).to_be_visible()
    assert at.path() == f"/board/{board}"


def test_what_is_not_there_is_asked_for_once(tab: OpenTab, someone: Someone) -> None:
    at = tab()
    at.sign_in(someone("ada"))
    at.awaits(404)
    asked = at.counts("/v1/users/nobody_at_all")
    at.go("/@nobody_at_all")
    expect(at.heading("There is no such person")).to_be_visible()
    at.page.wait_for_load_state("networkidle")
    # The person and their boards.
    assert asked() == 2


def test_a_list_that_cannot_be_had_waits_to_be_asked_again(tab: OpenTab, someone: Someone) -> None:
    ada = someone("ada")
    ada.board("Lamps")
    at = tab()
    at.sign_in(ada)
    at.page.route("**/v1/boards", lambda route: route.fulfill(status=500, body="{}"))
    asked = at.counts("/v1/boards")
    at.awaits(500)
    at.page.get_by_role("link", name="Boards").click()
    expect(at.button("Try again")).to_be_visible()
    assert asked() == 1
    at.page.unroute("**/v1/boards")
    at.button("Try again").click()
    expect(at.page.get_by_role("link", name="Lamps")).to_be_visible()


def test_a_session_that_ends_while_something_is_saved(tab: OpenTab, someone: Someone) -> None:
    ada = someone("ada")
    board = ada.board("Lamps")
    at = tab()
    at.sign_in(ada)
    at.go(f"/board/{board}")
    at.button("Save here").click()
    at.dialog("Save")
    at.field("Address").fill("https://example.invalid/lamp")
    at.page.wait_for_load_state("networkidle")
    at.context.clear_cookies()
    at.awaits(401)
    at.button("Save").click()
    at.says("You were signed out.")
    expect(at.page.get_by_role("dialog")).to_have_count(0)
    at.field("Handle or e-mail").fill(ada.handle)
    at.field("Password").fill(ada.password)
    at.page.locator("main").get_by_role("button", name="Sign in").click()
    expect(at.heading("Lamps")).to_be_visible()


def test_a_stranger_who_wants_to_save_or_follow_comes_back(tab: OpenTab, someone: Someone) -> None:
    ada, bob = someone("ada"), someone("bob")
    pin = ada.photo(ada.board("Lamps"), seed=150, title="A lamp")["id"]
    at = tab()
    at.go(f"/@{ada.handle}")
    at.page.get_by_role("link", name=f"Follow {ada.handle.title()}").click()
    assert at.path() == f"/sign-in?next=%2F%40{ada.handle}"
    at.go(f"/pin/{pin}")
    at.button("Save").click()
    at.field("Handle or e-mail").fill(bob.handle)
    at.field("Password").fill(bob.password)
    at.page.locator("main").get_by_role("button", name="Sign in").click()
    expect(at.heading("A lamp")).to_be_visible()
    assert at.path() == f"/pin/{pin}"
