"""A person's pins: all of them for oneself; for others what is public or shared with them, and no trace of more."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from random import Random

import pytest

from bowerbird.base.ids import Id
from bowerbird.contracts.boards import Board, BoardChange, NewPin, Pin
from bowerbird.contracts.caller import Caller
from bowerbird.contracts.problems import Forbidden, Invalid, NotFound, Problem
from bowerbird.services.boards import person_pins
from tests.support.boards_house import House, as_

URL = "https://example.org/bread"


class Scene:
    """Ada keeps a public and a private board, Ben has boards too, Cid looks on."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.saved = 0

    async def begin(self) -> "Scene":
        self.ada, self.ben, self.cid = [await self.house.person() for _ in range(3)]
        self.public = await self.board(self.ada)
        self.private = await self.board(self.ada, "private")
        return self

    async def board(self, owner: Id, visibility: str = "public") -> Board:
        return await self.house.boards.create(as_(owner), "Bread", "", visibility)

    async def save(self, person: Id, board: Board) -> Id:
        """Save a link, which has no picture yet."""
        self.saved += 1
        return (await self.house.boards.save_pin(as_(person), board.id, NewPin(url=f"{URL}/{self.saved}"))).pin.id

    async def share(self, board: Board, person: Id, role: str = "editor") -> None:
        await self.house.boards.share(as_(board.owner), board.id, person, role)
        await self.house.settle()

    async def seen(self, viewer: Id | None, person: Id, limit: int = 100) -> list[Id]:
        """Return what a viewer finds on all pages of a person."""
        found: list[Id] = []
        mark: bytes | None = None
        while True:
            page = await self.house.boards.pins_of_person(as_(viewer), person, mark, limit)
            assert len(page.items) <= limit
            found += [shown.pin.id for shown in page.items]
            if (mark := page.next) is None:
                return found


@pytest.fixture
async def scene(house: House) -> Scene:
    return await Scene(house).begin()


async def test_oneself_sees_all_of_ones_own(scene: Scene) -> None:
    pins = [await scene.save(scene.ada, board) for board in (scene.public, scene.private, scene.public)]
    assert await scene.seen(scene.ada, scene.ada) == pins[::-1]
    assert await scene.seen(scene.ben, scene.ada) == [pins[2], pins[0]]
    assert await scene.seen(None, scene.ada) == [pins[2], pins[0]]


async def test_what_is_in_the_trash_is_not_there(scene: Scene) -> None:
    gone, kept = await scene.save(scene.ada, scene.public), await scene.save(scene.ada, scene.public)
    await scene.house.boards.delete_pin(as_(scene.ada), gone)
    assert await scene.seen(scene.ada, scene.ada) == [kept]
    await scene.house.boards.restore_pin(as_(scene.ada), gone)
    assert await scene.seen(scene.ada, scene.ada) == [kept, gone]
    await scene.house.boards.delete(as_(scene.ada), scene.public.id)
    assert await scene.seen(scene.ada, scene.ada) == []


async def test_pins_are_theirs_who_saved_them_on_whatever_board(scene: Scene) -> None:
    await scene.share(scene.public, scene.ben)
    await scene.share(scene.private, scene.ben)
    own = await scene.save(scene.ada, scene.public)
    given, secret = await scene.save(scene.ben, scene.public), await scene.save(scene.ben, scene.private)
    assert await scene.seen(scene.ada, scene.ada) == [own]
    assert await scene.seen(scene.ben, scene.ben) == [secret, given]
    assert await scene.seen(scene.ada, scene.ben) == [secret, given]
    assert await scene.seen(scene.cid, scene.ben) == [given]
    await scene.house.boards.unshare(as_(scene.ada), scene.private.id, scene.ben)
    assert await scene.seen(scene.ben, scene.ben) == [given]
    await scene.house.boards.unshare(as_(scene.ada), scene.public.id, scene.ben)
    await scene.house.settle()
    assert await scene.seen(scene.cid, scene.ben) == [given]


async def test_shares_and_turns_hold_for_the_next_read(scene: Scene) -> None:
    open_, hidden = await scene.save(scene.ada, scene.public), await scene.save(scene.ada, scene.private)
    await scene.share(scene.private, scene.cid, "viewer")
    assert await scene.seen(scene.cid, scene.ada) == [hidden, open_]
    await scene.house.boards.unshare(as_(scene.ada), scene.private.id, scene.cid)
    assert await scene.seen(scene.cid, scene.ada) == [open_]
    await scene.house.boards.change(as_(scene.ada), scene.public.id, BoardChange(visibility="private"))
    assert await scene.seen(scene.cid, scene.ada) == []
    assert await scene.seen(scene.ada, scene.ada) == [hidden, open_]


async def test_a_block_hides_all(scene: Scene) -> None:
    await scene.share(scene.public, scene.ben)
    own, given = await scene.save(scene.ada, scene.public), await scene.save(scene.ben, scene.public)
    await scene.house.graph.block(as_(scene.cid), scene.ben)
    assert await scene.seen(scene.cid, scene.ben) == []
    assert await scene.seen(scene.cid, scene.ada) == [own]
    await scene.house.graph.block(as_(scene.ada), scene.cid)
    assert await scene.seen(scene.cid, scene.ada) == []
    assert await scene.seen(None, scene.ben) == [given]


async def test_a_token_without_the_scope_reads_nothing(scene: Scene) -> None:
    with pytest.raises(Forbidden):
        await scene.house.boards.pins_of_person(Caller(person=scene.ada), scene.ada, None, 10)


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 100])
async def test_pages_have_no_gap_and_no_duplicate_while_pins_arrive(scene: Scene, limit: int) -> None:
    boards = [await scene.board(scene.ada) for _ in range(3)]
    pins = [await scene.save(scene.ada, boards[number * number % 3]) for number in range(23)]
    found: list[Id] = []
    mark: bytes | None = None
    while True:
        page = await scene.house.boards.pins_of_person(as_(scene.ada), scene.ada, mark, limit)
        found += [shown.pin.id for shown in page.items]
        await scene.save(scene.ada, boards[len(found) % 3])
        if found:
            # A pin that moves between boards stays where it is in the list.
            await scene.house.boards.move_pins(as_(scene.ada), [pins[0]], boards[len(found) % 3].id, copy=False)
        if (mark := page.next) is None:
            break
    assert found == pins[::-1]


@pytest.mark.parametrize("mark", [b"", b"x", bytes(15), bytes(17)])
async def test_a_mark_of_another_list_is_refused(scene: Scene, mark: bytes) -> None:
    with pytest.raises(Invalid) as refused:
        await scene.house.boards.pins_of_person(as_(scene.ada), scene.ada, mark, 10)
    assert refused.value.field == "cursor"


async def test_behind_many_deleted_pins_a_page_ends_short(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(person_pins, "_READS_MAX", 2)
    monkeypatch.setattr(person_pins, "_MORE", 3)
    other = await scene.board(scene.ada)
    pins = [await scene.save(scene.ada, other if number % 4 == 0 else scene.public) for number in range(40)]
    for number, pin in enumerate(pins):
        if 5 < number < 38 and number % 4:
            await scene.house.boards.delete_pin(as_(scene.ada), pin)
    live = [pin for number, pin in enumerate(pins) if not (5 < number < 38 and number % 4)]
    first = await scene.house.boards.pins_of_person(as_(scene.ada), scene.ada, None, 25)
    assert 0 < len(first.items) < len(live)
    assert first.next is not None
    assert await scene.seen(scene.ada, scene.ada, 25) == live[::-1]


async def test_what_is_hidden_is_no_work(scene: Scene) -> None:
    """Dee, who has nothing to hide, is as much work for a stranger as Ada."""
    dee = await scene.house.person()
    for person, board in ((scene.ada, scene.public), (dee, await scene.board(dee))):
        await scene.save(person, board)
    before = await _reads(scene, dee)
    assert await _reads(scene, scene.ada) == before
    for host in [await scene.house.person() for _ in range(3)]:
        await scene.share(theirs := await scene.board(host, "private"), scene.ada)
        await scene.save(scene.ada, theirs)
        await scene.save(scene.ada, scene.private)
    assert len(await scene.seen(scene.ada, scene.ada)) == 7
    assert await _reads(scene, scene.ada) == before


async def test_empty_boards_are_not_read(scene: Scene) -> None:
    for _ in range(3):
        await scene.board(scene.ada)
    await scene.save(scene.ada, scene.public)
    assert [read for read in await _reads(scene, scene.ada) if read[0].startswith("pin")] == [("pin.saver", 1)]


async def _reads(scene: Scene, person: Id) -> list[tuple[str, int]]:
    scene.house.records.reads.clear()
    assert len(await scene.seen(scene.cid, person)) == 1
    return list(scene.house.records.reads)


async def _do(scene: Scene, chance: Random, people: Sequence[Id], boards: Sequence[Board], pins: Sequence[Id]) -> None:
    """Do something or other, as far as it is allowed."""
    person, board, house = chance.choice(people), chance.choice(boards), scene.house
    pin, caller, owner = chance.choice([*pins, board.id]), as_(person), as_(board.owner)
    role, seen = chance.choice(["viewer", "editor"]), chance.choice(["public", "private"])
    deeds: list[tuple[int, Callable[[], Awaitable[object]]]] = [
        (6, lambda: scene.save(person, board)),
        (4, lambda: house.boards.share(owner, board.id, person, role)),
        (2, lambda: house.boards.unshare(owner, board.id, person)),
        (2, lambda: house.boards.change(owner, board.id, BoardChange(visibility=seen))),
        (2, lambda: house.boards.delete_pin(caller, pin)),
        (2, lambda: house.boards.restore_pin(caller, pin)),
        (2, lambda: house.boards.move_pins(caller, [pin], board.id, copy=False)),
        (2, lambda: house.boards.move_pins(caller, [pin], board.id, copy=True)),
        (1, lambda: house.graph.block(caller, board.owner)),
        (1, lambda: house.graph.unblock(caller, board.owner)),
        (1, lambda: house.boards.delete(owner, board.id)),
    ]
    [(_, deed)] = chance.choices(deeds, [weight for weight, _ in deeds])
    with suppress(Problem):
        await deed()


@pytest.mark.parametrize("seed", range(4))
async def test_it_is_what_one_finds_pin_by_pin(house: House, seed: int) -> None:
    scene, chance = Scene(house), Random(seed)
    people = [await house.person() for _ in range(4)]
    boards = [await scene.board(chance.choice(people), chance.choice(["public", "private"])) for _ in range(8)]
    pins: list[Id] = []
    for _ in range(5):
        for _ in range(25):
            await _do(scene, chance, people, boards, pins)
            await house.settle()
            pins = list({event.body.id: None for event in house.heard if isinstance(event.body, Pin)})
        for person in people:
            for viewer in (*people, None):
                wanted = await _one_by_one(house, viewer, person, pins)
                assert await scene.seen(viewer, person, chance.choice([1, 3, 100])) == wanted
    assert pins


async def _one_by_one(house: House, viewer: Id | None, person: Id, pins: Sequence[Id]) -> list[Id]:
    found: list[Pin] = []
    for pin in pins:
        try:
            shown = (await house.boards.pin(as_(viewer), pin)).pin
        except NotFound:
            continue
        if shown.id == pin and shown.saved_by == person and not await _blocked(house, viewer, person):
            found.append(shown)
    return sorted((pin.id for pin in found), reverse=True)


async def _blocked(house: House, viewer: Id | None, person: Id) -> bool:
    return (await house.graph.blocked(viewer, [person]))[0]
