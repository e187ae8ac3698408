"""Pages that the rules thinned out are filled up from what comes behind them, a bounded number of times."""

from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from bowerbird.contracts.paging import Page

Item = TypeVar("Item")

REFILLS_MAX: Final = 3
"""After that a page stays short."""


async def filled(
    page: Page[Item], further: Callable[[bytes, list[Item]], Awaitable[Page[Item]]], limit: int
) -> Page[Item]:
    """Return a page with what comes behind it, up to a limit; `further` is told where, and what is there already."""
    for _ in range(REFILLS_MAX):
        if page.next is None or len(page.items) >= limit:
            break
        more = await further(page.next, page.items)
        page = Page(page.items + more.items, more.next)
    return page
