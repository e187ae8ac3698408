"""The feed's timelines, in the words of the service; the only file of it that touches ports."""

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import suppress
from typing import Final

from msgspec.structs import replace

from bowerbird.base.ids import Id
from bowerbird.base.world import World
from bowerbird.contracts.feed import Candidate
from bowerbird.ports.log import Offset
from bowerbird.ports.records import EngineUnavailable
from bowerbird.ports.timelines import PAGE_MAX, Entry, Mark, Placed, Timelines
from bowerbird.services.feed.model import Face, Place, Pushed, burst_of, is_bundle, place
from bowerbird.services.feed.settings import FeedSettings

HOME: Final = "home"
POSTS: Final = "posts"
BOARD: Final = "board"
BURST: Final = "burst"
_PULLED: Final = "pulled"
_FACE: Final = "face"
_EVERYBODY: Final = Id(bytes(16))
"""The owner of the one list of authors that are pulled."""
_SEEN_TIMES: Final = 7
"""How often within the time after which somebody is away it is noted that they are not: once a day in a week."""
_AWAY_AT_ONCE: Final = 100
_PAGE: Final = 500
UNLESS_ABSENT: Final = suppress(EngineUnavailable)
"""Around what a page can do without, should the engine be absent."""
_NEVER_US: Final = 1 << 62
"""Later than anything is published."""


class Store:
    """`timelines`: a reader suffices where only pages are read."""

    def __init__(self, timelines: Timelines, world: World, settings: FeedSettings) -> None:
        self._timelines = timelines
        self._world = world
        self._settings = settings
        self._cap = settings.entries_max
        self._chunk = settings.chunk_entries_max
        self._away_after_us = settings.away_after_s * 1_000_000
        self._seen_every_us = self._away_after_us // _SEEN_TIMES

    async def page(self, kind: str, owner: Id, before: Place | None, limit: int) -> list[Candidate]:
        """Return a timeline's next candidates."""
        return [_candidate(entry) for entry in (await self._timelines.page(kind, owner, _below(before), limit)).entries]

    async def pages(self, kind: str, owner: Id) -> AsyncIterator[list[Candidate]]:
        """Yield all candidates of a timeline, newest first, some at a time."""
        before: Place | None = None
        while True:
            page = await self.page(kind, owner, before, _PAGE)
            yield page
            if len(page) < _PAGE:
                return
            before = place(page[-1])

    async def merged(self, kind: str, owners: Sequence[Id], before: Place | None, limit: int) -> list[Candidate]:
        """Return the newest candidates of many timelines together."""
        if not owners:
            return []
        return [_candidate(entry) for entry in await self._timelines.merged(kind, owners, _below(before), limit)]

    async def home(self, reader: Id) -> list[Candidate]:
        """Return all that was pushed to a home feed and is kept there."""
        return await self.page(HOME, reader, None, PAGE_MAX)

    async def keep(self, candidates: Sequence[Candidate], *kinds: str) -> None:
        """Put pins where pulling finds them: POSTS of their authors, BOARD, or both."""
        await self._write(
            [
                Placed(kind, candidate.author if kind == POSTS else candidate.board, _entry(candidate))
                for candidate in candidates
                for kind in kinds
            ],
            None,
        )

    async def pushed(self, reader: Id, before: Place | None, limit: int) -> Pushed:
        """Return the next of what was pushed to a home feed."""
        slice_ = await self._timelines.page(HOME, reader, _mark(before), limit)
        entries = [_candidate(entry) for entry in slice_.entries]
        return Pushed(entries, trimmed=slice_.floor is not None, seen_us=slice_.kept)

    async def open_home(self, reader: Id) -> None:
        """Let what is pushed to a reader be kept from now on."""
        await self._timelines.open(HOME, reader)

    async def seen(self, reader: Id) -> None:
        """Note that a reader, whose home feed is whole, was here now."""
        await self._timelines.keep(HOME, reader, self._world.now_us())

    def seen_lately(self, seen_us: int) -> bool:
        """Return whether that was noted lately enough."""
        return self._world.now_us() - seen_us < self._seen_every_us

    async def away(self) -> list[Id]:
        """Return some readers who were not here for long, or never since their feed was opened."""
        return await self._timelines.kept_before(HOME, self._world.now_us() - self._away_after_us, _AWAY_AT_ONCE)

    async def drop_home(self, reader: Id) -> None:
        """Keep nothing of a reader's home feed: nothing is pushed to it, and it is pulled."""
        await self._timelines.drop(HOME, reader)

    async def gather(self, candidates: Sequence[Candidate]) -> None:
        """Put pins into their bursts."""
        await self._write([Placed(BURST, burst_of(one, self._settings), _entry(one)) for one in candidates], None)

    async def stands_alone(self, one: Candidate) -> bool:
        """Return whether the pins of a pin's burst are not too many to stand one by one."""
        slice_ = await self._timelines.page(BURST, burst_of(one, self._settings), None, 1)
        return slice_.size <= self._settings.burst_pins_max

    async def turns_on(self, one: Candidate) -> bool:
        """Return whether the entry of a pin's burst turns on that pin: it does on those up to the first too many."""
        most = self._settings.burst_pins_max
        older = await self.page(BURST, burst_of(one, self._settings), place(one), most + 1)
        return len(older) <= most

    async def was_bundled(self, one: Candidate) -> bool:
        """Return whether one entry ever stood for a pin's burst."""
        slice_ = await self._timelines.page(BURST, burst_of(one, self._settings), None, 1)
        return slice_.kept is not None

    async def pins_of_burst(self, burst: Id) -> list[Candidate]:
        """Return all pins of a burst, oldest first."""
        return [pin async for page in self.pages(BURST, burst) for pin in page][::-1]

    async def note_bundle(self, burst: Id) -> None:
        """Note that one entry stands for a burst from now on."""
        await self._timelines.open(BURST, burst)
        await self._timelines.keep(BURST, burst, 1)

    async def resolved(self, entries: Sequence[Candidate]) -> list[Candidate]:
        """Return candidates with the newest pin of each burst in the place of its entry, and how many more there are.

        A burst that is no more is left out.
        """
        found: list[Candidate] = []
        for one in entries:
            if not is_bundle(one):
                found.append(one)
            elif newest := (slice_ := await self._timelines.page(BURST, one.pin, None, 1)).entries:
                found.append(replace(one, pin=newest[0].pin, more=slice_.size - 1))
        return found

    async def push(self, readers: Iterable[Id], candidates: Sequence[Candidate]) -> None:
        """Put pins into the home feeds of readers who are not away, but never into their own author's."""
        entries = [_entry(candidate) for candidate in candidates]
        placed: list[Placed] = []
        for reader in readers:
            placed += [Placed(HOME, reader, entry) for entry in entries if entry.author != reader]
            if len(placed) >= self._chunk:
                await self._write(placed, self._cap, only_open=True)
                placed = []
        await self._write(placed, self._cap, only_open=True)

    async def forget(self, kind: str, owners: Sequence[Id], pins: Sequence[Id]) -> None:
        """Take pins out of timelines."""
        for start in range(0, len(owners) if pins else 0, self._chunk):
            await self._timelines.remove(kind, owners[start : start + self._chunk], pins)

    async def close(self, kind: str, owner: Id) -> None:
        """Empty a timeline for ever: its floor rises above all that may still be put."""
        await self._timelines.drop(kind, owner)
        last, least = Entry(_NEVER_US + 1, owner, owner, owner), Entry(_NEVER_US, _EVERYBODY, owner, owner)
        await self._timelines.add([Placed(kind, owner, last), Placed(kind, owner, least)], 1)
        await self._timelines.remove(kind, [owner], [owner])

    async def face(self, board: Id) -> Face | None:
        """Return what a board showed when its pins were last put or taken out as a whole."""
        slice_ = await self._timelines.page(_FACE, board, None, 1)
        return Face(slice_.entries[0].at) if slice_.entries else None

    async def note_face(self, board: Id, face: Face) -> None:
        """Note what a board shows, now that its pins stand accordingly."""
        await self._write([Placed(_FACE, board, Entry(face, board, board, board))], None)

    async def forget_board(self, board: Id) -> None:
        """Forget a board's own timelines."""
        await self._timelines.drop(BOARD, board)
        await self._timelines.drop(_FACE, board)

    async def pulled(self) -> set[Id]:
        """Return the authors that are pulled."""
        return {one.author async for page in self.pages(_PULLED, _EVERYBODY) for one in page}

    async def set_pulled(self, author: Id, *, pulled: bool) -> None:
        """Note how an author's pins reach their followers from now on."""
        if pulled:
            entry = Entry(self._world.now_us(), author, author, author)
            await self._write([Placed(_PULLED, _EVERYBODY, entry)], None)
        else:
            await self._timelines.remove(_PULLED, [_EVERYBODY], [author])

    async def checkpoint(self, offsets: list[Offset]) -> None:
        """Remember, with the data, how far the log has been applied."""
        await self._timelines.add([], None, offsets)

    async def applied(self) -> list[Offset]:
        """Return how far the log has been applied."""
        return await self._timelines.applied()

    async def _write(self, placed: Sequence[Placed], cap: int | None, *, only_open: bool = False) -> None:
        for start in range(0, len(placed), self._chunk):
            await self._timelines.add(placed[start : start + self._chunk], cap, only_open=only_open)


def _entry(candidate: Candidate) -> Entry:
    return Entry(candidate.at, candidate.pin, candidate.board, candidate.author)


def _candidate(entry: Entry) -> Candidate:
    return Candidate(entry.at, entry.pin, entry.board, entry.author)


def _below(before: Place | None) -> Mark:
    """Return where a list of posts is read from: below what stands in it for a moment while it is closed."""
    return Mark(_NEVER_US, _EVERYBODY) if before is None else Mark(before.at, before.pin)


def _mark(place: Place | None) -> Mark | None:
    return None if place is None else Mark(place.at, place.pin)
