"""Timelines laid anew from the records: what is pulled is laid whole; a home feed is filled when its reader comes."""

from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Final

from bowerbird.base.ids import Id
from bowerbird.contracts.boards import Board, Pin
from bowerbird.services.feed import model
from bowerbird.services.feed.model import Face
from bowerbird.services.feed.settings import FeedSettings
from bowerbird.services.feed.store import BOARD, POSTS, Store

_AT_ONCE: Final = 2_000


class Lists:
    """Lays timelines; boards come before pins."""

    def __init__(self, store: Store, settings: FeedSettings) -> None:
        self._store = store
        self._settings = settings
        self._faces: dict[Id, Face] = {}

    async def boards(self, boards: Iterable[Board]) -> None:
        """Note what every board shows."""
        for board in boards:
            face = self._faces[board.id] = model.face(board)
            await self._store.note_face(board.id, face)

    async def pins(self, pins: Iterable[Pin]) -> None:
        """Put every pin where pulling finds it."""
        rest, bursts = iter(pins), Counter[Id]()
        while some := list(islice(rest, _AT_ONCE)):
            pairs = [(pin.board, candidate) for pin in some if (candidate := model.candidate(pin)) is not None]
            shown = [c for board, c in pairs if self._faces.get(board) is Face.PUBLIC]
            await self._store.keep(sorted((c for _, c in pairs), key=lambda c: c.board), BOARD)
            await self._store.keep(sorted(shown, key=lambda c: c.author), POSTS)
            await self._store.gather(sorted((c for _, c in pairs), key=lambda c: c.board))
            bursts.update(model.burst_of(c, self._settings) for _, c in pairs)
        for burst, count in bursts.items():
            if count > self._settings.burst_pins_max:
                await self._bundle(burst)

    async def _bundle(self, burst: Id) -> None:
        """Let one entry stand for all pins of a burst."""
        pins = await self._store.pins_of_burst(burst)
        entry, ids = model.bundle(pins, self._settings), [pin.pin for pin in pins]
        for start in range(0, len(ids), _AT_ONCE // 4):
            await self._store.forget(BOARD, [entry.board], ids[start : start + _AT_ONCE // 4])
            await self._store.forget(POSTS, [entry.author], ids[start : start + _AT_ONCE // 4])
        await self._store.note_bundle(burst)
        kinds = (BOARD, POSTS) if self._faces.get(entry.board) is Face.PUBLIC else (BOARD,)
        await self._store.keep([entry], *kinds)

    async def authors(self, followers: Mapping[Id, int]) -> None:
        """Choose, by how many follow them, which authors are pulled."""
        if self._settings.policy == "hybrid":
            for author, count in followers.items():
                if count > self._settings.push_followers_max:
                    await self._store.set_pulled(author, pulled=True)

    async def gone(self, people: Iterable[Id]) -> None:
        """End the posts of people who are deleted."""
        for person in people:
            await self._store.close(POSTS, person)
