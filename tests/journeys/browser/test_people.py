"""People and oneself: following, blocking, the profile, the password, sessions, tokens, the theme, and the end."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.journeys.browser.conftest import OpenTab
from tests.support.pictures import jpeg
from tests.support.visitor import Visitor, settled

pytestmark = pytest.mark.browser

Someone = Callable[[str], Visitor]


def test_follow_unfollow_block_and_lift(tab: OpenTab, someone: Someone) -> None:
    ada, bob = someone("ada"), someone("bob")
    ada.photo(ada.board("Lamps"), seed=120, title="A lamp")
    name = ada.handle.title()
    at = tab()
    at.sign_in(bob)
    at.go(f"/@{ada.handle}")
    at.button(f"Follow {name}").click()
    expect(at.button(f"Following {name}")).to_be_visible()
    at.page.get_by_role("link", name="Pins", exact=True).click()
    at.shows(1)
    settled(lambda: len(ada.ask("GET", "/v1/users/me/followers")["items"]), lambda count: count == 1)
    at.page.get_by_role("link", name="Followers").click()
    expect(at.page.get_by_role("list", name="followers").get_by_text(f"@{bob.handle}")).to_be_visible()
    at.button(f"Following {name}").click()
    expect(at.button(f"Follow {name}")).to_be_visible()

    at.button(f"More for {name}").click()
    at.button("Block").click()
    at.dialog(f"Block {name}?").get_by_role("button", name="Block", exact=True).click()
    at.says("no longer see each other")
    at.awaits(404)
    at.go(f"/@{ada.handle}")
    expect(at.heading("There is no such person")).to_be_visible()
    at.go("/settings/blocked")
    at.button(f"Unblock {name}").click()
    at.says("see each other again")
    at.go(f"/@{ada.handle}")
    expect(at.heading(name)).to_be_visible()


def test_profile_and_picture(tab: OpenTab, someone: Someone, tmp_path: Path) -> None:
    ada = someone("ada")
    at = tab()
    at.sign_in(ada)
    at.go("/settings")
    at.field("Name").fill("Ada, Countess of Lovelace")
    at.field("About").fill("Numbers and looms.")
    at.button("Save").last.click()
    at.says("Saved.")
    face = tmp_path / "face.jpg"
    face.write_bytes(jpeg(121, 300, 300))
    at.page.locator("input[type=file]").set_input_files(face)
    at.says("That is your picture now.")
    at.go(f"/@{ada.handle}")
    expect(at.heading("Ada, Countess of Lovelace")).to_be_visible()
    expect(at.page.get_by_text("Numbers and looms.")).to_be_visible()
    expect(at.page.locator("main .avatar img")).to_be_visible()
    at.pictures_are_in()


def test_password_and_sessions(tab: OpenTab, someone: Someone) -> None:
    ada = someone("ada")
    at, other = tab(), tab()
    at.sign_in(ada)
    other.sign_in(ada)
    at.go("/settings/security")
    at.awaits(401)
    at.field("Present password").fill("not my password")
    at.field("New password").fill("a wholly new secret")
    at.button("Change password").click()
    expect(at.field("Present password")).to_be_focused()
    at.field("Present password").fill(ada.password)
    at.button("Change password").click()
    at.says("Password changed.")
    expect(at.page.get_by_role("button", name="Sign out")).to_have_count(1)
    other.awaits(401)
    other.go("/boards")
    expect(other.heading("Sign in")).to_be_visible()
    other.says("You were signed out.")


def test_a_token_is_shown_once_and_works_until_it_is_revoked(tab: OpenTab, someone: Someone) -> None:
    ada = someone("ada")
    ada.board("Lamps")
    at = tab()
    at.sign_in(ada)
    at.go("/settings/tokens")
    at.field("What it is for").fill("Backup")
    at.button("Make token").click()
    secret = at.page.locator("code").inner_text()
    shown = {"authorization": f"Bearer {secret}"}
    assert ada.send("GET", "/v1/boards", headers=shown).status_code == 200
    assert ada.send("POST", "/v1/boards", headers=shown, json={"name": "No"}).status_code == 403
    at.page.reload()
    expect(at.button("Revoke Backup")).to_be_visible()
    expect(at.page.locator("code")).to_have_count(0)
    at.button("Revoke Backup").click()
    at.says("Backup no longer opens anything.")
    assert ada.send("GET", "/v1/boards", headers=shown).status_code == 401


def test_the_theme_one_chooses_stays(tab: OpenTab, someone: Someone) -> None:
    at = tab(theme="light")
    at.sign_in(someone("ada"))
    at.go("/settings/appearance")
    paper = "getComputedStyle(document.body).backgroundColor"
    light = at.page.evaluate(paper)
    at.page.get_by_role("radio", name="Dark").check(force=True)
    dark = at.page.evaluate(paper)
    assert dark != light
    at.go("/boards")
    assert at.page.evaluate(paper) == dark
    at.go("/settings/appearance")
    at.page.get_by_role("radio", name="System").check(force=True)
    assert at.page.evaluate(paper) == light


def test_the_end_of_an_account(tab: OpenTab, someone: Someone) -> None:
    ada = someone("ada")
    at = tab()
    at.sign_in(ada)
    at.go("/settings/account")
    at.button("Delete my account…").click()
    at.dialog("Delete your account?")
    at.awaits(401, 404)
    at.field("Password").fill("not my password")
    at.button("Delete for good").click()
    expect(at.field("Password")).to_be_focused()
    at.field("Password").fill(ada.password)
    at.button("Delete for good").click()
    at.says("Your account is gone")
    at.go(f"/@{ada.handle}")
    expect(at.heading("There is no such person")).to_be_visible()
