"""Bursts: what one person saves to one board within an hour, which is one entry of a feed once it is very much.

Up to so many pins stand one by one; beyond that one entry stands for all of them, where the first stands that was too
many. So a feed is a function of which pins there are, and not of when they came; pulling and pushing agree; and the
ten-thousandth pin of an import costs its followers nothing.

Whoever puts a pin into its burst, or takes it out, looks at the burst afterwards and brings the entries about that it
asks for, again and again until it asks for the same afterwards: so whoever comes last knows of all.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bowerbird.base.ids import Id
from bowerbird.contracts.caller import Caller
from bowerbird.contracts.feed import Candidate
from bowerbird.contracts.problems import Unavailable
from bowerbird.services.feed.fill_home import push_to_followers, take_from_followers
from bowerbird.services.feed.kit import Kit, settle
from bowerbird.services.feed.model import Face, Spot, bundle, burst_of, is_bundle
from bowerbird.services.feed.readers import members
from bowerbird.services.feed.spots import face_now, spots
from bowerbird.services.feed.store import BOARD, BURST, HOME, POSTS

_SLACK: Final = 64
"""Of those behind the first that is too many so many may still stand, put there by handlers that ran side by side."""
_STRAYS_MAX: Final = 1_000


@dataclass(frozen=True, slots=True)
class _Stray:
    """A pin that stands elsewhere than in the burst that still held it, if one did, and was taken out with it."""

    spot: Spot
    burst: Id | None = None


async def put(kit: Kit, caller: Caller, spot: Spot, *, stood: bool = False) -> None:
    """Put a pin into its burst, and, should it stand by itself, into lists and feeds; else the burst's entry.

    `stood`: it may stand by itself in some of them, since it comes from elsewhere.
    """
    await _bring_home(kit, caller, await (_fetch if stood else _put)(kit, caller, spot))


async def put_back(kit: Kit, caller: Caller, spot: Spot) -> None:
    """Put a pin that another handler took out too much of, and out of the burst again that it left meanwhile."""
    await _bring_home(kit, caller, [_Stray(spot)])


async def left(kit: Kit, caller: Caller, entry: Candidate) -> None:
    """Take a pin out of its burst, and bring about what the rest asks for."""
    await _bring_home(kit, caller, await _left(kit, caller, entry))


async def _bring_home(kit: Kit, caller: Caller, strays: Sequence[_Stray]) -> None:
    """Put pins where they stand by the records, and those that this brings up, until there are no more.

    Two bursts may hold pins of one another, each found when the other is arranged.
    """
    waiting = list(strays)
    for _ in range(_STRAYS_MAX):
        if not waiting:
            return
        waiting += await _bring_one(kit, caller, waiting.pop())
    raise Unavailable("pins move faster than feeds can follow", retry_after_s=1)


async def _bring_one(kit: Kit, caller: Caller, stray: _Stray) -> list[_Stray]:
    """Put a pin where it stands; return those that this brings up, and itself until it stays.

    It is taken from the burst that held it when it stands again, so that whoever begins anew finds it there.
    """
    entry = stray.spot.entry
    found = await _fetch(kit, caller, stray.spot)
    [now] = await spots(kit, caller, [entry.pin])
    stays = now is not None and now.entry == entry
    if not stays:
        found += await _left(kit, caller, entry)
        await _hide(kit, caller, entry, [entry.pin])
    elif stray.burst is not None:
        await kit.store.forget(BURST, [stray.burst], [entry.pin])
    else:
        return found
    [now] = await spots(kit, caller, [entry.pin])
    return found if now is None else [*found, _Stray(now, None if stays else stray.burst)]


async def _put(kit: Kit, caller: Caller, spot: Spot) -> list[_Stray]:
    await kit.store.gather([spot.entry])
    if await kit.store.stands_alone(spot.entry):
        await _stand(kit, caller, spot)
        if await kit.store.stands_alone(spot.entry):
            return []
    elif not await kit.store.turns_on(spot.entry):
        return []
    return await _arrange(kit, caller, spot.entry)


async def _fetch(kit: Kit, caller: Caller, spot: Spot) -> list[_Stray]:
    """Put a pin that may stand by itself in lists and feeds, out of which it goes should its burst have an entry.

    First out, then in, as far as that can be known before: where it is the burst's newest it would be there twice.
    """
    strays: list[_Stray] = []

    async def attempt() -> bool:
        stood_alone = await kit.store.stands_alone(spot.entry)
        if not stood_alone:
            await _hide(kit, caller, spot.entry, [spot.entry.pin])
        strays.extend(await _put(kit, caller, spot))
        return not stood_alone or await kit.store.stands_alone(spot.entry)

    await settle(attempt)
    return strays


async def _left(kit: Kit, caller: Caller, entry: Candidate) -> list[_Stray]:
    await kit.store.forget(BURST, [burst_of(entry, kit.settings)], [entry.pin])
    if await kit.store.was_bundled(entry) and await kit.store.turns_on(entry):
        return await _arrange(kit, caller, entry)
    return []


async def _stand(kit: Kit, caller: Caller, spot: Spot) -> None:
    """Put a pin into the lists of its board and its author, then into its readers' feeds."""
    entry = spot.entry
    await kit.store.keep([entry], BOARD, *([POSTS] if spot.open else []))
    if spot.open:
        await push_to_followers(kit, caller, entry.author, [entry])
    if spot.live and kit.pushes:
        await kit.store.push(await members(kit.boards, caller, entry.board), [entry])


async def _arrange(kit: Kit, caller: Caller, one: Candidate) -> list[_Stray]:
    """Let the pins of the burst of `one` stand one by one, or one entry for all of them; `one` may stand already.

    Return those that it holds and that stand elsewhere, out of whose lists they were taken as well.
    """
    burst, most = burst_of(one, kit.settings), kit.settings.burst_pins_max
    shown, strays = {one.pin}, dict[Id, _Stray]()

    async def attempt() -> bool:
        pins = await kit.store.pins_of_burst(burst)
        if len(pins) > most:
            await kit.store.note_bundle(burst)
            wanted, others = [bundle(pins, kit.settings)], [pin.pin for pin in pins[: most + _SLACK]]
        else:
            wanted, others = pins, [burst]
        gone = sorted({*others, *shown} - {entry.pin for entry in wanted})
        # First out, then in: rather nothing for a moment than the same twice.
        strays.update((spot.entry.pin, _Stray(spot, burst)) for spot in await _hide(kit, caller, one, gone))
        await _show(kit, caller, one, wanted)
        shown.update(entry.pin for entry in wanted)
        again = await kit.store.pins_of_burst(burst)
        return (again == pins) if len(pins) <= most else again[: most + 1] == pins[: most + 1]

    await settle(attempt)
    return list(strays.values())


async def _show(kit: Kit, caller: Caller, one: Candidate, entries: Sequence[Candidate]) -> None:
    await kit.store.keep(entries, BOARD)
    now = await face_now(kit, caller, one.board)
    if now is Face.PUBLIC:
        await kit.store.keep(entries, POSTS)
        # Where else it is not moved: who is pulled may have stood in feeds, and their burst's entry elsewhere there.
        await take_from_followers(
            kit, caller, one.author, [entry.pin for entry in entries if is_bundle(entry)], stay=()
        )
        await push_to_followers(kit, caller, one.author, entries)
    if now is not Face.AWAY and kit.pushes:
        await kit.store.push(await members(kit.boards, caller, one.board), entries)


async def _hide(kit: Kit, caller: Caller, one: Candidate, ids: Sequence[Id]) -> list[Spot]:
    """Take pins out of the lists and feeds of a board and an author; return those that stand elsewhere by now."""
    await kit.store.forget(BOARD, [one.board], ids)
    await kit.store.forget(POSTS, [one.author], ids)
    if kit.pushes:
        await kit.store.forget(HOME, await members(kit.boards, caller, one.board), ids)
        await take_from_followers(kit, caller, one.author, ids, stay=())
    return [spot for spot in await spots(kit, caller, ids) if spot is not None and spot.entry.board != one.board]
