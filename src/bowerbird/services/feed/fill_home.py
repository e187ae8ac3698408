"""Filling home feeds: with single pins for many readers, from a whole list for one, and taking out without cause."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from functools import partial

from bowerbird.base.ids import Id
from bowerbird.contracts.caller import Caller
from bowerbird.contracts.feed import Candidate
from bowerbird.services.feed.kit import Kit, settle
from bowerbird.services.feed.model import Place, place
from bowerbird.services.feed.readers import followers, follows_of, shared_among
from bowerbird.services.feed.spots import standing
from bowerbird.services.feed.store import HOME, Store

Read = Callable[[], Awaitable[list[Candidate]]]


async def ids_of(entries: list[Candidate]) -> list[Id]:
    """Return all."""
    return [one.pin for one in entries]


async def push_to_followers(kit: Kit, caller: Caller, author: Id, pins: Sequence[Candidate]) -> None:
    """Push pins to all who follow their author, unless the author is pulled."""
    if not kit.pushes or author in await kit.store.pulled():
        return
    async for readers in followers(kit.graph, caller, author):
        await kit.store.push(readers, pins)


async def take_from_followers(kit: Kit, caller: Caller, author: Id, pins: Sequence[Id], stay: Collection[Id]) -> None:
    """Take pins out of the feeds of all who follow their author, but for those who `stay` for another reason."""
    if not (kit.pushes and pins):
        return
    async for readers in followers(kit.graph, caller, author):
        await kit.store.forget(HOME, [reader for reader in readers if reader not in stay], pins)


async def push_as_it_is(
    store: Store, readers: Sequence[Id], read: Read, out: Callable[[list[Candidate]], Awaitable[list[Id]]] = ids_of
) -> None:
    """Push what a list holds, until it still holds that afterwards: pins leave it for their burst's entry, and back.

    `out` says which of those that left are taken out of the feeds again.
    """
    pins: list[Candidate] = []

    async def attempt() -> bool:
        nonlocal pins
        were, pins = pins, await read()
        if pins == were:
            return True
        left = {one.pin for one in were} - {one.pin for one in pins}
        await store.forget(HOME, readers, await out([one for one in were if one.pin in left]))
        await store.push(readers, pins)
        return False

    await settle(attempt)


async def not_standing(kit: Kit, caller: Caller, entries: Sequence[Candidate]) -> list[Id]:
    """Return those of some entries that stand nowhere now; one that left a list may stand in another."""
    places = await standing(kit, caller, entries)
    return [one.pin for one, place in zip(entries, places, strict=True) if place is None]


async def push_page(kit: Kit, caller: Caller, reader: Id, kind: str, owner: Id) -> None:
    """Push the newest of a list that are not the reader's own.

    One more than a feed keeps is pushed: trimming it tells that there are older ones to pull.
    """

    async def others() -> list[Candidate]:
        found: list[Candidate] = []
        before: Place | None = None
        while len(found) <= kit.settings.entries_max:
            pins = await kit.store.page(kind, owner, before, kit.settings.entries_max + 1)
            found += [pin for pin in pins if pin.author != reader]
            if len(pins) <= kit.settings.entries_max:
                break
            before = place(pins[-1])
        return found[: kit.settings.entries_max + 1]

    if kit.pushes:
        await push_as_it_is(kit.store, [reader], others, partial(not_standing, kit, caller))


async def purge(kit: Kit, caller: Caller, reader: Id, suspect: Callable[[Candidate], bool]) -> None:
    """Take those suspects out of a home feed that have no cause to be there any more."""
    suspects = [entry for entry in await kit.store.home(reader) if suspect(entry)]
    right = await _with_cause(kit, caller, reader, suspects)
    wrong = [entry for entry in suspects if entry not in right]
    if wrong:
        await kit.store.forget(HOME, [reader], [entry.pin for entry in wrong])
        await push_as_it_is(kit.store, [reader], lambda: _with_cause(kit, caller, reader, wrong))


async def _with_cause(kit: Kit, caller: Caller, reader: Id, entries: Sequence[Candidate]) -> list[Candidate]:
    """Return, as they are now, entries whose author the reader follows, or whose board the reader shares.

    Blocks are left to those who read: they come and go without any event that fills a feed again.
    """
    live = [spot for spot in await standing(kit, caller, entries) if spot and spot.live]
    follows = await follows_of(kit.graph, reader, list({spot.entry.author for spot in live if spot.open}))
    shared = await shared_among(kit.boards, reader, list({spot.entry.board for spot in live}))
    return [spot.entry for spot in live if spot.entry.board in shared or (spot.open and spot.entry.author in follows)]
