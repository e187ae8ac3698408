"""Pictures of things that are known, pictures that are alike, and what people do with them again and again."""

import zlib

from PIL import Image
from playwright.sync_api import Locator

from tests.journeys.browser.tab import Tab
from tests.support.pictures import encoded, part
from tests.support.seen_pictures import KNOWN, SIDE, cluttered
from tests.support.visitor import Visitor, settled

CLOCK, CROSSWORD, TRAFFIC_LIGHT = KNOWN
ALIKE = (1, 0.8, 0.64, 0.51)


def seed_of(person: Visitor) -> int:
    """Return a number that is this person's alone, for pictures that nobody else of the same server has."""
    return zlib.crc32(person.handle.encode())


def alike(seed: int) -> list[bytes]:
    """Return pictures of which each shows a part of the one before: alike, and none the same photograph."""
    whole = encoded(cluttered(600, 450, seed))
    return [part(whole, share) for share in ALIKE]


def drawn(name: str) -> bytes:
    """Return a picture of a thing."""
    return encoded(KNOWN[name][1]())


def side_by_side(left: str, right: str) -> bytes:
    """Return a picture of two things."""
    both = Image.new("RGB", (2 * SIDE, SIDE))
    for place, name in enumerate((left, right)):
        both.paste(KNOWN[name][1](), (place * SIDE, 0))
    return encoded(both)


def found_like(by: Visitor, pin: str, *others: str) -> None:
    """Wait until others are found to be like a pin, by somebody."""

    def look() -> set[str]:
        return {found["id"] for found in by.ask("POST", "/v1/lens", json={"pin_id": pin, "limit": 100})["items"]}

    settled(look, set(others).issubset)


def frame(at: Tab) -> Locator:
    """Return the frame over the picture."""
    return at.page.get_by_role("slider", name="Frame")


def like_it(at: Tab) -> Locator:
    """Return the pins that are like what is framed."""
    return at.page.get_by_role("list", name="Pins like it").get_by_role("article")
