"""Bring graph and saves up to date with the present truth about whatever events told of, some pins at a time.

What leaves, leaves the graph before it leaves the saves, and what comes, comes to the saves before it comes to the
graph. So the graph holds nothing that the saves do not tell of, wherever a crash comes between, and what it lacks then
is told again by the log. A thing leaves a board with the last pin there that holds it.
"""

from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from itertools import islice
from typing import Final

import structlog

from bowerbird.base.ids import Id
from bowerbird.base.telemetry import counter
from bowerbird.contracts.boards import Shown, pages_of_board
from bowerbird.contracts.caller import system
from bowerbird.contracts.problems import Unavailable
from bowerbird.services.recommend.kit import Kit
from bowerbird.services.recommend.model import thing_of
from bowerbird.services.recommend.store import Place, Save
from bowerbird.services.recommend.topics import UNKNOWN, topic_of

_AT_ONCE: Final = 500
_HOLDERS_MAX: Final = 20
SEEN_MAX: Final = 3
"""Of the pins that hold a thing the newest that everybody may see are looked at, and of these so many seen ones."""

_log = structlog.get_logger()
_lost = counter("recommend_things_lost_total", "Pins and boards that could not be taken into what is recommended.")


async def update_pins(kit: Kit, ids: Iterable[Id], gone: Id | None = None) -> None:
    """Make pins what they are now; nobody is said to have saved what somebody saved who is `gone`."""
    rest = iter(ids)
    while some := list(islice(rest, _AT_ONCE)):
        await _in_order(some, lambda part: _update_pins(kit, part, gone))


async def update_board(kit: Kit, board: Id, *, restored: bool) -> None:
    """Make what is on a board what it is now: public, private, gone, or, `restored` from the trash, there again."""
    await _in_order([board], lambda _: _update_board(kit, board, restored=restored))


async def forget_person(kit: Kit, person: Id) -> None:
    """Forget whom an account was that is deleted; what others keep of theirs, nobody saved."""
    async for page in kit.store.pages_of_person(person):
        await update_pins(kit, [save.pin for save in page], gone=person)
    await kit.store.forget(person)


async def _in_order(ids: Sequence[Id], work: Callable[[Sequence[Id]], Awaitable[None]]) -> None:
    """Work on things together; should that fail, one by one, so that one in no order keeps no other from its turn."""
    try:
        await work(ids)
    except Unavailable:
        raise
    except Exception as error:  # noqa: BLE001 - a checkpoint that fails for ever would stop the group
        if len(ids) > 1:
            for id_ in ids:
                await _in_order([id_], work)
            return
        _lost.inc()
        _log.exception("thing_not_recommended", thing=ids[0].hex(), error=repr(error))


async def _update_pins(kit: Kit, ids: Sequence[Id], gone: Id | None) -> None:
    old = {save.pin: save for save in await kit.store.saves(ids) if save is not None}
    new = {save.pin: save for save in await _present(kit, ids, gone)}
    before, after = _places(old.values()), _places(new.values())
    others = await _others(kit, old, before | after)
    closed = {(save.thing, save.board) for save in new.values() if not save.public}
    parting = {place for place in before - after if not others[place] or place in closed}
    coming = list(dict.fromkeys(thing for thing, _ in after))
    leaving = {thing for thing, _ in before}.difference(coming)
    await kit.store.part(parting, [], await _topics(kit, list(leaving), lambda save: save.pin not in old))
    await kit.store.put(list(new.values()), [id_ for id_ in ids if id_ in old and id_ not in new])
    times = {(save.thing, save.board): save.at for save in sorted(new.values(), key=_at) if save.public}
    times |= await _times(kit, {place for place in (before | after) - parting if others[place]})
    await kit.store.join(times, await _topics(kit, coming))


async def _present(kit: Kit, ids: Sequence[Id], gone: Id | None) -> list[Save]:
    """Return the saves that pins are now."""
    there = [one for one in await kit.boards.pins(system(), ids) if one is not None and not _trashed(one)]
    media = [one.pin.media for one in there if one.pin.link is None and one.pin.media is not None]
    pictures = await kit.media.pictures(system(), media) if media else []
    digests = {picture.id: picture.sha256 for picture in pictures if picture is not None}
    found: list[Save] = []
    for one in there:
        pin, board = one.pin, one.access.board
        thing = thing_of(pin, None if pin.media is None else digests.get(pin.media))
        if thing is not None:
            saver = None if pin.saved_by == gone else pin.saved_by
            found.append(Save(pin.id, thing, saver, board.id, pin.created_at, board.visibility == "public"))
    return found


def _at(save: Save) -> int:
    return save.at


def _trashed(shown: Shown) -> bool:
    return bool(shown.pin.trashed or shown.access.board.trashed)


def _places(saves: Iterable[Save]) -> set[Place]:
    """Return where in the graph saves stand."""
    return {(save.thing, save.board) for save in saves if save.public}


async def _others(kit: Kit, old: Mapping[Id, Save], places: Iterable[Place]) -> Counter[Place]:
    """Return how many saves stand at places beside those known of the pins in hand."""
    by_board: defaultdict[Id, list[Id]] = defaultdict(list)
    for thing, board in places:
        by_board[board].append(thing)
    found: Counter[Place] = Counter()
    for board, things in by_board.items():
        found.update({(thing, board): count for thing, count in (await kit.store.on_board(board, things)).items()})
    found.subtract((save.thing, save.board) for save in old.values())
    return found


async def _times(kit: Kit, places: Collection[Place]) -> dict[Place, int]:
    """Return when things were saved last to boards where they stand more than once, which is seldom."""
    found: dict[Place, int] = {}
    for board in {board for _, board in places}:
        missing = {thing for thing, other in places if other == board}
        async for page in kit.store.pages_of_board(board):
            for save in page:
                if save.public and save.thing in missing:
                    missing.discard(save.thing)
                    found[save.thing, board] = save.at
            if not missing:
                break
    return found


def _any(_save: Save) -> bool:
    return True


async def _topics(kit: Kit, things: Sequence[Id], stays: Callable[[Save], bool] = _any) -> dict[Id, int]:
    """Return what things are about: what was seen in the newest pins that everybody may see and that stay."""
    found = await kit.store.holding(things, _HOLDERS_MAX)
    held = [[save.pin for save in saves if stays(save)][:SEEN_MAX] for saves in found]
    topics = await _seen(kit, [pin for pins in held for pin in pins])
    return {
        thing: next((topics[pin] for pin in pins if topics[pin] != UNKNOWN), UNKNOWN)
        for thing, pins in zip(things, held, strict=True)
    }


async def _seen(kit: Kit, pins: Sequence[Id]) -> dict[Id, int]:
    """Return what was seen in each pin."""
    topics: dict[Id, int] = {}
    for start in range(0, len(pins), _AT_ONCE):
        some = pins[start : start + _AT_ONCE]
        labels = await kit.vision.labels(system(), some)
        topics |= {pin: topic_of(seen) for pin, seen in zip(some, labels, strict=True)}
    return topics


async def _update_board(kit: Kit, board: Id, *, restored: bool) -> None:
    access = (await kit.boards.access(system(), [board]))[0]
    if access is None or access.board.trashed:
        await _close(kit, board)
        async for page in kit.store.pages_of_board(board):
            await kit.store.put([], [save.pin for save in page])
        return
    if restored:
        async for page in pages_of_board(kit.boards, system(), board):
            await update_pins(kit, [pin.id for pin in page.items])
    if access.board.visibility == "public":
        await _open(kit, board)
    else:
        await _close(kit, board)


async def _open(kit: Kit, board: Id) -> None:
    """Put all that is on a board into the graph."""
    await kit.store.publish(board, public=True)
    known = set[Id]()
    async for page in kit.store.pages_of_board(board):
        times = {(save.thing, board): save.at for save in reversed(page) if save.thing not in known}
        known.update(save.thing for save in page)
        await kit.store.join(times, await _topics(kit, [thing for thing, _ in times]))


async def _close(kit: Kit, board: Id) -> None:
    """Take all that is on a board out of the graph; where everybody saw nothing of it, there is nothing."""
    async for page in kit.store.pages_of_board(board):
        if things := {save.thing for save in page if save.public}:
            await kit.store.part([], [board], await _topics(kit, list(things), lambda save: save.board != board))
    await kit.store.publish(board, public=False)
