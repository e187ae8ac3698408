"""Bring the index up to date with the present truth about whatever events told of, some at a time."""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

import structlog

from bowerbird.base.ids import Id
from bowerbird.base.telemetry import counter
from bowerbird.contracts.boards import Access, Board, Shown, pages_of_board
from bowerbird.contracts.caller import system
from bowerbird.contracts.identity import User
from bowerbird.contracts.paging import LIMIT_MAX, pages
from bowerbird.contracts.problems import Unavailable
from bowerbird.services.search.kit import Kit
from bowerbird.services.search.store import BoardFace, face

_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class Gathering:
    """What index updates work with.

    `unlabelled`: pins that were put without their labels, since vision did not answer, in the order in which they were.
    """

    kit: Kit
    unlabelled: dict[Id, None] = field(default_factory=dict[Id, None])


Update = Callable[[Gathering, Sequence[Id]], Awaitable[None]]

_log = structlog.get_logger()
_lost = counter("search_things_lost_total", "Things that could not be put into the index.", "kind")


async def update(work: Gathering, kind: str, ids: Iterable[Id]) -> None:
    """Bring things of a kind up to date. One that cannot be is left as it was, and logged. Unavailable."""
    rest = iter(ids)
    while some := list(islice(rest, _AT_ONCE)):
        try:
            await _UPDATES[kind](work, some)
        except Unavailable:
            raise
        except Exception:  # noqa: BLE001 - one thing that is in no order must not keep all others from being found
            await _one_by_one(work, kind, some)


async def _one_by_one(work: Gathering, kind: str, ids: Sequence[Id]) -> None:
    for id_ in ids:
        try:
            await _UPDATES[kind](work, [id_])
        except Unavailable:
            raise
        except Exception as error:  # noqa: BLE001 - as above
            _lost.labels(kind).inc()
            _log.exception("thing_not_indexed", kind=kind, thing=id_.hex(), error=repr(error))


async def update_pins(work: Gathering, ids: Sequence[Id]) -> None:
    """Put pins as they are now, and take out those that are gone."""
    there = [one for one in await work.kit.boards.pins(system(), ids) if one is not None]
    await _put_pins(work, there, list({*ids} - {one.pin.id for one in there}))


async def update_labels(work: Gathering, ids: Sequence[Id]) -> None:
    """Put pins as they are now, provided that vision tells what is seen in them."""
    labels = await _labels(work.kit, ids)
    there = [one for one in await work.kit.boards.pins(system(), ids) if one is not None]
    await _put_pins(work, there, list({*ids} - {one.pin.id for one in there}), labels)


async def update_people(work: Gathering, ids: Sequence[Id]) -> None:
    """Put people as they are now; whoever has another name has it on all their pins."""
    noted = await work.kit.store.faces(ids)
    users = await work.kit.identity.people(system(), ids)
    await work.kit.store.remove([id_ for id_, user in zip(ids, users, strict=True) if user is None])
    named: list[tuple[User, bytes]] = []
    for user, old in zip(users, noted, strict=True):
        if user is not None:
            named.append((user, now := face(user.handle, user.name)))
            if now != old:
                await work.kit.store.remove([user.id])  # as with boards
                await _rename_saver(work, user.id)
    await work.kit.store.put_people(named)


async def _rename_saver(work: Gathering, person: Id) -> None:
    async for page in pages(lambda mark: work.kit.boards.pins_of_person(system(), person, mark, LIMIT_MAX)):
        await _put_pins(work, [one for one in page.items if one.pin.saved_by == person], [])


async def update_boards(work: Gathering, ids: Sequence[Id]) -> None:
    """Put boards as they are now; what their pins take from them goes with them, or the pins go."""
    noted = await work.kit.store.faces(ids)
    accesses = await work.kit.boards.access(system(), ids)
    there = [access.board for access in accesses if access is not None and not access.board.trashed]
    known = {board.id for board in there}
    for gone in (id_ for id_ in ids if id_ not in known):
        await work.kit.store.empty_board(gone)
    await work.kit.store.remove([id_ for id_ in ids if id_ not in known])
    faces, owners = dict(zip(ids, noted, strict=True)), await _people(work.kit, (board.owner for board in there))
    put = [(board, owners.get(board.owner), await _refresh(work, board, faces[board.id])) for board in there]
    await work.kit.store.put_boards(put)


async def _refresh(work: Gathering, board: Board, old: bytes | None) -> BoardFace:
    """Put a board's pins where its name, or who may see it, has changed; return what both are now."""
    now = BoardFace(board.name, await _readers(work.kit, board))
    if board.pins and face(*now) != old:
        # It is not noted until all its pins are as they are to be, so that what was begun is begun again.
        await work.kit.store.remove([board.id])
        if now.readers is not None:
            # Until all are theirs alone again, nobody finds them.
            await work.kit.store.empty_board(board.id)
        async for page in _pins_of_board(work.kit, board):
            await _put_pins(work, page, [])
    return now


async def _put_pins(
    work: Gathering, pins: list[Shown], gone: list[Id], labels: Mapping[Id, Sequence[str]] | None = None
) -> None:
    """Put those that are to be found, and take out the others. `labels`: what is seen in them, if it is known."""
    there = [one for one in pins if not one.pin.trashed and not one.access.board.trashed]
    boards = {one.access.board.id: one.access.board for one in pins}
    readers = {id_: await _readers(work.kit, board) for id_, board in boards.items() if not board.trashed}
    savers = await _people(work.kit, (one.pin.saved_by for one in there))
    await _forget_unlike(work.kit, {id_: face(boards[id_].name, who) for id_, who in readers.items()}, boards)
    await _forget_unlike(work.kit, {id_: face(user.handle, user.name) for id_, user in savers.items()}, savers)
    seen = await _labels_if_told(work, [one.pin.id for one in there]) if labels is None else labels
    known = {one.pin.id for one in there}
    await work.kit.store.put_pins(
        [
            (one, savers.get(one.pin.saved_by or Id(b"")), readers[one.access.board.id], seen.get(one.pin.id, ()))
            for one in there
        ],
        [*gone, *(one.pin.id for one in pins if one.pin.id not in known)],
    )


async def _labels_if_told(work: Gathering, pins: Sequence[Id]) -> Mapping[Id, Sequence[str]]:
    """Return what is seen in pins; while vision does not answer, nothing, and note that they are to be put again."""
    try:
        return await _labels(work.kit, pins)
    except Unavailable:
        work.unlabelled.update(dict.fromkeys(pins))
        return {}


async def _labels(kit: Kit, pins: Sequence[Id]) -> Mapping[Id, Sequence[str]]:
    """Return what is seen in pins with enough certainty. Unavailable."""
    least = kit.settings.label_probability_min
    found = await kit.vision.labels(system(), pins) if pins else []
    return {
        pin: [label.name for label in labels if label.probability >= least]
        for pin, labels in zip(pins, found, strict=True)
    }


async def _forget_unlike(kit: Kit, now: dict[Id, bytes], of: Collection[Id]) -> None:
    """Forget boards, or people, that are otherwise than noted, now that a pin is put as they are.

    Their own event comes, and finds nothing noted: it puts all their pins, though they may be as before again by then.
    """
    ids = list(of)
    noted = zip(ids, await kit.store.faces(ids), strict=True)
    await kit.store.remove([id_ for id_, old in noted if old is not None and old != now.get(id_)])


async def _readers(kit: Kit, board: Board) -> tuple[Id, ...] | None:
    """Return who may find what is on a board; None: everybody."""
    if board.visibility == "public":
        return None
    shares = await kit.boards.shares(system(), board.id)
    return (board.owner, *sorted(share.person for share in shares))


async def _people(kit: Kit, ids: Iterable[Id | None]) -> dict[Id, User]:
    wanted = [id_ for id_ in dict.fromkeys(ids) if id_ is not None]
    users = await kit.identity.people(system(), wanted) if wanted else []
    return {user.id: user for user in users if user is not None}


async def _pins_of_board(kit: Kit, board: Board) -> AsyncIterator[list[Shown]]:
    """Yield a board's pins, some at a time; none when it has gone meanwhile, which its own event will tell."""
    async for page in pages_of_board(kit.boards, system(), board.id):
        yield [Shown(pin, Access(page.access.board, "owner")) for pin in page.items]


KINDS: Final = ("person", "board", "pin")
"""The kinds of things, those first whose update updates others."""
LABELS: Final = "labels"
"""Pins that were put without what is seen in them."""
_UPDATES: Final[dict[str, Update]] = {
    "person": update_people,
    "board": update_boards,
    "pin": update_pins,
    LABELS: update_labels,
}
