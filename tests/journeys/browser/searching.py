"""What people do with search on the page again and again."""

from playwright.sync_api import Locator, expect

from tests.journeys.browser.tab import Tab
from tests.support.visitor import Visitor, settled


def found(by: Visitor, query: str, count: int, kind: str = "pin") -> None:
    """Wait until somebody finds so many things by a query."""
    ask = {"q": query, "type": kind}
    settled(lambda: len(by.ask("GET", "/v1/search", params=ask)["items"]), lambda number: number == count)


def box(at: Tab) -> Locator:
    """Return the search box."""
    return at.page.get_by_role("combobox", name="Search")


def options(at: Tab) -> Locator:
    """Return what stands under the search box."""
    return at.page.get_by_role("option")


def search(at: Tab, query: str) -> None:
    """Search by the box, and arrive at what was found."""
    box(at).fill(query)
    box(at).press("Enter")
    expect(at.page).to_have_title(f"{query} · Search · Bowerbird")


def among(at: Tab, kind: str) -> None:
    """Look among things of a kind."""
    at.page.get_by_role("navigation", name="What to find").get_by_role("link", name=kind).click()


def link(at: Tab, name: str) -> Locator:
    """Return the link of the page itself with that name."""
    return at.page.locator("main").get_by_role("link", name=name, exact=True)
