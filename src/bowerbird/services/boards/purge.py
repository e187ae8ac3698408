"""Purging what the trash has kept long enough: pins by themselves, and boards with all that is on them.

A step is bounded and may be repeated. A board goes last, when nothing on it is left, so that a step that stops half-way
is taken up by the next; before the first of its pins goes it gets a new version, so that nobody restores half a board.
Pictures go by `media`'s own sweep.
"""

from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from bowerbird.base.ids import shard_of
from bowerbird.contracts.boards import Board, Pin
from bowerbird.contracts.caller import system
from bowerbird.services.boards.kit import Kit
from bowerbird.services.boards.outcomes import Changed

PINS_AT_ONCE: Final = 50
"""So many pins with their events stay well within the bytes of a unit."""

_SHARES_AT_ONCE: Final = 100
_BOARDS_AT_ONCE: Final = 10


async def sweep_trash(kit: Kit) -> int:
    """Purge some of what has expired; return how many rows went, 0 when nothing is left."""
    upto_us = kit.world.now_us() - kit.kept_us
    count = await _purge_pins(kit, await kit.store.expired_pins(upto_us, PINS_AT_ONCE))
    for board in await kit.store.expired_boards(upto_us, _BOARDS_AT_ONCE):
        count += await _purge_board(kit, board)
    return count


async def _purge_board(kit: Kit, read: Board) -> int:
    try:
        board = await kit.store.begin_purge(read)
    except Changed:
        return 0
    pins = await kit.store.all_pins_of(board.id, PINS_AT_ONCE)
    if pins:
        return await _purge_pins(kit, pins)
    shares = await kit.store.all_shares_of(board.id, _SHARES_AT_ONCE)
    for share in shares:
        await kit.store.forget_invitation(share.person, board.id)
        await kit.store.purge_share(board.id, share.person)
    if shares:
        return len(shares)
    with suppress(Changed):
        await kit.store.purge_board(system(), board)
        return 1
    return 0


async def _purge_pins(kit: Kit, pins: Sequence[Pin]) -> int:
    """Purge pins, one unit a shard; where one of them has just been restored, the others go with the next step."""
    by_shard: defaultdict[int, list[Pin]] = defaultdict(list)
    for pin in pins:
        by_shard[shard_of(pin.id)].append(pin)
    count = 0
    for some in by_shard.values():
        with suppress(Changed):
            await kit.store.purge_pins(system(), some)
            count += len(some)
    return count
