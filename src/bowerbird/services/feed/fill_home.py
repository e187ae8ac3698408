"""Filling home feeds: with single pins for many readers, from a whole list for one, and taking out without cause."""

from collections.abc import Callable, Collection, Sequence

from bowerbird.base.ids import Id
from bowerbird.contracts.caller import Caller
from bowerbird.contracts.feed import Candidate
from bowerbird.services.feed.kit import Kit
from bowerbird.services.feed.model import Place
from bowerbird.services.feed.readers import followers, follows_of, shared_among
from bowerbird.services.feed.spots import spots
from bowerbird.services.feed.store import HOME


async def push_to_followers(kit: Kit, caller: Caller, author: Id, pins: Sequence[Candidate]) -> None:
    """Push pins to all who follow their author, unless the author is pulled."""
    if not kit.pushes or author in await kit.store.pulled():
        return
    async for readers in followers(kit.graph, caller, author):
        await kit.store.push(readers, pins)


async def take_from_followers(kit: Kit, caller: Caller, author: Id, pins: Sequence[Id], stay: Collection[Id]) -> None:
    """Take pins out of the feeds of all who follow their author, but for those who `stay` for another reason."""
    if not kit.pushes:
        return
    async for readers in followers(kit.graph, caller, author):
        await kit.store.forget(HOME, [reader for reader in readers if reader not in stay], pins)


async def push_page(kit: Kit, reader: Id, kind: str, owner: Id) -> None:
    """Push the newest of a list that are not the reader's own.

    One more than a feed keeps is pushed: trimming it tells that there are older ones to pull.
    """
    room = kit.settings.entries_max + 1
    before: Place | None = None
    while kit.pushes and room > 0:
        pins, _ = await kit.store.page(kind, owner, before, kit.settings.entries_max + 1)
        others = [pin for pin in pins if pin.author != reader][:room]
        await kit.store.push([reader], others)
        room -= len(others)
        if len(pins) <= kit.settings.entries_max:
            return
        before = Place(pins[-1].at, pins[-1].pin)


async def purge(kit: Kit, caller: Caller, reader: Id, suspect: Callable[[Candidate], bool]) -> None:
    """Take those suspects out of a home feed that have no cause to be there any more."""
    suspects = [entry for entry in await kit.store.home(reader) if suspect(entry)]
    kept = {entry.pin for entry in await _with_cause(kit, caller, reader, suspects)}
    gone = [entry for entry in suspects if entry.pin not in kept]
    if gone:
        await kit.store.forget(HOME, [reader], [entry.pin for entry in gone])
        await kit.store.push([reader], await _with_cause(kit, caller, reader, gone))


async def _with_cause(kit: Kit, caller: Caller, reader: Id, entries: Sequence[Candidate]) -> list[Candidate]:
    """Return, as they are now, entries whose author the reader follows, or whose board the reader shares.

    Blocks are left to those who read: they come and go without any event that fills a feed again.
    """
    live = [spot for spot in await spots(kit, caller, [entry.pin for entry in entries]) if spot and spot.live]
    follows = await follows_of(kit.graph, reader, list({spot.entry.author for spot in live if spot.open}))
    shared = await shared_among(kit.boards, reader, list({spot.entry.board for spot in live}))
    return [spot.entry for spot in live if spot.entry.board in shared or (spot.open and spot.entry.author in follows)]
