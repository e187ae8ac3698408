"""Moving and copying pins to another board.

On one shard a move is one change of one row. To another shard it is three, of which the second decides (see `arrive`).
For the moment between the last two the pin is on neither board, and its old address leads to it already.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from msgspec.structs import replace

from bowerbird.base.ids import Id, ms_of, pack, shard_of
from bowerbird.contracts.boards import Access, Moved, Pin, Shown
from bowerbird.contracts.caller import Caller
from bowerbird.contracts.kinds import PIN
from bowerbird.contracts.problems import Exists, Problem
from bowerbird.services.boards import model
from bowerbird.services.boards.arrive import arrive, arrive_in_time
from bowerbird.services.boards.draft_pin import blank, from_pin, with_picture_of
from bowerbird.services.boards.kit import Kit
from bowerbird.services.boards.outcomes import Changed, Copied, Taken, part_of, settled
from bowerbird.services.boards.save_pin import made_before, put_pin
from bowerbird.services.boards.sight import at_most, reach, visible

PINS_MAX: Final = 100
_TOGETHER: Final = 10
"""How many pins are under way at once."""


async def move_pins(kit: Kit, caller: Caller, pins: Sequence[Id], board: Id, *, copy: bool) -> list[Moved]:
    """Return what became of each pin; they stand on the board in the order given, the first on top."""
    caller.writer()
    at_most(pins, PINS_MAX)
    model.must_edit(await visible(kit, caller, board))
    top_us = kit.world.now_us()
    results: list[Moved] = []
    for start in range(0, len(pins), _TOGETHER):
        some = pins[start : start + _TOGETHER]
        jobs = [_Job(kit, caller, pin, board, top_us - start - place) for place, pin in enumerate(some)]
        results += await asyncio.gather(*(_result(job, copy=copy) for job in jobs))
    return results


@dataclass(frozen=True, slots=True)
class _Job:
    """One pin on its way to a board, where it is to stand at `position`."""

    kit: Kit
    caller: Caller
    pin: Id
    board: Id
    position: int


async def _result(job: _Job, *, copy: bool) -> Moved:
    try:
        return Moved(job.pin, await settled(lambda: _copied(job) if copy else _moved(job)), "")
    except Taken:
        return Moved(job.pin, None, Exists.code)
    except Problem as problem:
        return Moved(job.pin, None, problem.code)


async def _copied(job: _Job) -> Id:
    target = model.must_edit(await visible(job.kit, job.caller, job.board))
    request = part_of(job.caller.once, job.pin)
    first = await job.kit.store.first_result(request, job.board)
    if first is not None:
        return (await made_before(job.kit, job.caller, first)).pin.id
    source = (await _present(job)).pin
    place = replace(blank(job.kit, target.board, job.caller.writer()), position=job.position)
    drawn = await from_pin(job.kit, job.caller, place, source)
    saved = await put_pin(job.kit, job.caller, target, drawn, request)
    if not saved.created:
        raise Taken
    return saved.pin.id


async def _moved(job: _Job) -> Id:
    target = model.must_edit(await visible(job.kit, job.caller, job.board))
    shown = await _present(job)
    model.must_edit(shown.access)
    if shown.pin.board == job.board:
        return shown.pin.id
    if shown.pin.saved_by is not None and shown.pin.saved_by != target.board.owner:
        await job.kit.store.note_saver(shown.pin.saved_by, target.board)
    there = await _on(job, shown.pin, target)
    if shard_of(there.board) == shard_of(shown.pin.board):
        standing = (shown.access, target)
        await job.kit.store.set_pin(job.caller, ["pin_changed"], shown.pin, there, standing)
        return there.id
    return await _moved_far(job, shown, target, there)


async def _moved_far(job: _Job, shown: Shown, target: Access, there: Pin) -> Id:
    old = shown.pin
    far = replace(there, id=_id_there(old, job.board), moved_from=old.id, last_board=None, trashed=1)
    await _announced(job, target, far)
    try:
        await _forward(job, shown, far.id)
    except Changed:
        await arrive(job.kit, job.caller, far.id)
        raise
    await arrive(job.kit, job.caller, far.id)
    return far.id


async def _announced(job: _Job, target: Access, far: Pin) -> None:
    """Put a pin where it is to wait. Taken; Changed when another, or itself, was in its place, which is over now."""
    try:
        await job.kit.store.add_pin(job.caller, target, far)
    except Copied:
        await arrive_in_time(job.kit, job.caller, far.id)
        raise Changed from None
    except Taken:
        holder = None if far.link is None else await job.kit.store.pin_of_link(far.board, far.link)
        if holder is not None and holder.moved_from != far.moved_from and not model.waits(holder):
            raise
        if holder is not None:
            await arrive_in_time(job.kit, job.caller, holder.id)
        raise Changed from None


async def _present(job: _Job) -> Shown:
    shown = await reach(job.kit, job.caller, job.pin)
    if shown.pin.trashed:
        raise model.no_pin()
    return shown


async def _on(job: _Job, old: Pin, target: Access) -> Pin:
    """Return the pin as it stands on another board, its picture the owner's there."""
    board = target.board
    moved = replace(
        old,
        board=board.id,
        last_board=old.board,
        owner=board.owner,
        position=job.position,
        updated_at=job.kit.world.now_us(),
        version=old.version + 1,
    )
    return await with_picture_of(job.kit, job.caller, moved, old)


async def _forward(job: _Job, shown: Shown, there: Id) -> None:
    """Leave nothing of a pin but where it went, provided that it is as it was read."""
    old = shown.pin
    gone = Pin(
        id=old.id,
        board=old.board,
        owner=old.owner,
        saved_by=old.saved_by,
        position=old.position,
        created_at=old.created_at,
        updated_at=job.kit.world.now_us(),
        trashed=1,
        moved_to=there,
        moved_from=old.moved_from,
        version=old.version + 1,
    )
    await job.kit.store.set_pin(job.caller, ["pin_changed", "pin_deleted"], old, gone, (shown.access,))


def _id_there(pin: Pin, board: Id) -> Id:
    """Return the id that a pin of a version gets on a board of another shard, so that it is put there once."""
    digest = sha256(pin.id + board + pin.version.to_bytes(8, "big")).digest()
    return pack(ms_of(pin.id), shard_of(board), PIN, int.from_bytes(digest[:8], "big"))
