"""Bringing all pins of a board before its authors' followers, or out of their sight."""

from collections import defaultdict
from collections.abc import Sequence

from bowerbird.base.ids import Id
from bowerbird.contracts.boards import Board
from bowerbird.contracts.caller import Caller
from bowerbird.contracts.feed import Candidate
from bowerbird.services.feed.bursts import put_back
from bowerbird.services.feed.fill_home import not_standing, push_page, push_to_followers, take_from_followers
from bowerbird.services.feed.kit import Kit, settle
from bowerbird.services.feed.model import Face, face
from bowerbird.services.feed.readers import members
from bowerbird.services.feed.spots import face_now, spots
from bowerbird.services.feed.store import BOARD, HOME, POSTS


async def turn_board(kit: Kit, caller: Caller, told: Board) -> None:
    """Show a board's pins to those who may see it now.

    Nothing is done where both the event and the records tell what was done last, as after a change of the name; an
    event that tells something else in between means that pins may have come and gone meanwhile. Should the board turn
    again while this goes on, its next event finds noted what was done here.
    """
    now = await face_now(kit, caller, told.id)
    if not face(told) == now == await kit.store.face(told.id):
        await _turn(kit, caller, told.id, now)
        await kit.store.note_face(told.id, now)


async def _turn(kit: Kit, caller: Caller, board: Id, now: Face) -> None:
    guests = await members(kit.boards, caller, board)
    if now is Face.AWAY:
        await _hide(kit, caller, board, stay=[], go=guests)
        return
    if now is Face.PUBLIC:
        await _show(kit, caller, board)
    else:
        await _hide(kit, caller, board, stay=guests, go=[])
    for guest in guests:
        await push_page(kit, caller, guest, BOARD, board)


async def _show(kit: Kit, caller: Caller, board: Id) -> None:
    """Put all pins among their authors' posts, and as many as a feed keeps before the followers of each.

    Until the board's list is the same afterwards: pins leave it for their burst's entry, and come back.
    """
    shown: list[Candidate] = []

    async def attempt() -> bool:
        nonlocal shown
        were, shown = shown, [pin async for pins in kit.store.pages(BOARD, board) for pin in pins]
        if shown == were:
            return True
        standing = {pin.pin for pin in shown}
        for author, pins in _by_author(were).items():
            gone = await not_standing(kit, caller, [pin for pin in pins if pin.pin not in standing])
            await kit.store.forget(POSTS, [author], gone)
            await take_from_followers(kit, caller, author, gone, stay=())
        await kit.store.keep(shown, POSTS)
        for author, pins in _by_author(shown).items():
            await push_to_followers(kit, caller, author, pins[: kit.settings.entries_max + 1])
        return False

    await settle(attempt)


def _by_author(pins: Sequence[Candidate]) -> dict[Id, list[Candidate]]:
    found: defaultdict[Id, list[Candidate]] = defaultdict(list)
    for pin in pins:
        found[pin.author].append(pin)
    return found


async def _hide(kit: Kit, caller: Caller, board: Id, *, stay: Sequence[Id], go: Sequence[Id]) -> None:
    """Take all pins from their authors' posts, from the feeds of those who `go`, and of followers who do not stay."""
    async for pins in kit.store.pages(BOARD, board):
        for author, its in _by_author(pins).items():
            ids = [pin.pin for pin in its]
            await kit.store.forget(POSTS, [author], ids)
            await take_from_followers(kit, caller, author, ids, stay)
        await kit.store.forget(HOME, go, [pin.pin for pin in pins])
        for spot in await spots(kit, caller, [pin.pin for pin in pins]):
            if spot is not None and spot.entry.board != board:
                await put_back(kit, caller, spot)
