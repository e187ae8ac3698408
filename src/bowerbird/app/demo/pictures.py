"""Pictures go in: profile pictures and pins, each uploaded and saved as any client would do it, a few at a time."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

from msgspec import Struct

from bowerbird.app.demo import drawn, wanted
from bowerbird.app.demo.api import Told
from bowerbird.app.demo.content import Content
from bowerbird.app.demo.line import Item, Line, Portrait
from bowerbird.app.demo.members import Members
from bowerbird.app.demo.progress import Progress
from bowerbird.app.demo.survey import Survey
from bowerbird.app.demo.wanted import Wanted
from bowerbird.base.sniff import HEAD_BYTES, picture_mime
from bowerbird.edge.api import resources

AT_ONCE: Final = 3
"""Uploads at once: enough to keep the server at work, few enough to leave it room for whoever looks."""
ENOUGH: Final = 120
"""With fewer photos than this, there and to be had, drawn pictures fill in."""

OnReady = Callable[[dict[str, Path]], None]
Gather = Callable[[OnReady], Awaitable[None]]
"""Fetches the sources, and tells for each which photos there are, by their ids."""


class Place(Struct, frozen=True):
    """Whereto pictures go."""

    content: Content
    members: Members
    found: Survey
    progress: Progress

    def is_there(self, one: Wanted) -> bool:
        """Return whether a picture is on its board."""
        return one.title in self.found.boards[one.board.key].pins


async def put_in(place: Place, gather: Gather) -> None:
    """Put in every picture that is missing, fetching photos only when one is."""
    photos = wanted.photos(place.content)
    missing = [one for one in photos if not place.is_there(one)]
    portraits = [Portrait(person) for person in place.content.people if person.handle in place.found.faceless]
    line = Line([*portraits, *missing])
    place.progress.total = len(line)
    async with asyncio.TaskGroup() as group:
        for _ in range(AT_ONCE):
            group.create_task(_work(line, place))
        if missing or portraits:
            await gather(line.arrive)
        few = len(photos) - line.lacking() < ENOUGH
        drawings = [one for one in wanted.drawings(place.content) if not place.is_there(one)] if few else []
        dropped = line.close(drawings)
        place.progress.total += len(drawings) - dropped
        _tell(place.progress, dropped, len(drawings))


async def save_again(place: Place) -> None:
    """Save pins of others to the boards of those who collect them."""
    pins = {title: pin for known in place.found.boards.values() for title, pin in known.pins.items()}
    for person, board in wanted.savers(place.content):
        known = place.found.boards[board.key]
        for title in board.saves:
            if title in pins and title not in known.pins:
                body = {"pin_id": pins[title]}
                await _save(place, person.handle, board.key, title, body)


async def _work(line: Line, place: Place) -> None:
    while (taken := await line.take()) is not None:
        item, path = taken
        try:
            await _put(item, await asyncio.to_thread(_bytes_of, item, path), place)
        except Told as told:
            place.progress.tell(f"{_name(item)} was refused: {told}.")
        place.progress.done += 1


async def _put(item: Item, data: bytes, place: Place) -> None:
    owner = item.person.handle if isinstance(item, Portrait) else item.owner
    upload = await place.members.upload(owner, picture_mime(data[:HEAD_BYTES]), data)
    if isinstance(item, Portrait):
        await place.members.do(owner, "PATCH", "/v1/me", {"picture": upload})
        place.progress.count("profile pictures")
    else:
        body = {"upload_id": upload, "title": item.title, "alt": item.alt, "note": item.note}
        await _save(place, owner, item.board.key, item.title, body)


async def _save(place: Place, owner: str, board: str, title: str, body: dict[str, str]) -> None:
    known = place.found.boards[board]
    saved = await place.members.ask(owner, "POST", f"/v1/boards/{known.id}/pins", resources.Pin, body, once=True)
    known.pins[title] = saved.id
    place.progress.count("pins")


def _bytes_of(item: Item, path: Path | None) -> bytes:
    if path is not None:
        return path.read_bytes()
    if isinstance(item, Portrait):
        return drawn.portrait(item.person.handle)
    return drawn.draw(item.board.motif, item.board.hue, item.drawing)


def _name(item: Item) -> str:
    return f"The picture of @{item.person.handle}" if isinstance(item, Portrait) else f'"{item.title}"'


def _tell(progress: Progress, dropped: int, drawings: int) -> None:
    if dropped:
        progress.tell(f"{dropped} photos were not to be had; run `bowerbird demo` again to try once more.")
    if drawings:
        progress.tell(f"{drawings} drawn pictures stand in, since there are hardly any photos.")
