"""What is known of pictures follows their pins, however that is heard; what cannot be seen now is waited for."""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any

import pytest

from bowerbird.base.ids import Id
from bowerbird.contracts import events
from bowerbird.contracts.boards import BoardChange
from bowerbird.contracts.caller import system
from bowerbird.contracts.events import CHANGES, Event
from bowerbird.contracts.problems import Problem, Unavailable
from bowerbird.contracts.vision import Labelled
from bowerbird.ports.log import Offset
from bowerbird.ports.pictures import PictureRefused, PicturesBusy
from bowerbird.ports.rebuild import Fresh
from bowerbird.ports.tables import Delete, Insert
from bowerbird.ports.vectors import Picture
from bowerbird.services.vision.model import PASSED_OVER, Scope, spot_of
from bowerbird.services.vision.rebuild import told
from tests.support.house import PASSWORD, by
from tests.support.post_office import PostOffice
from tests.support.vision_house import Gallery, names, open_gallery

Places = dict[Id, tuple[set[Id], bool]]
"""On which boards a pin is found, and whether everybody finds it."""

TROUBLES: dict[str, Exception | None] = {
    "no model": None,
    "busy": PicturesBusy("as planned"),
    "slow": PictureRefused("too-slow", "as planned"),
}


async def heard(gallery: Gallery) -> list[Event[Any]]:
    """Return all that the log says; events that are sealed for erased people have no body."""
    found, at = list[Event[Any]](), list[Any]()
    while page := await gallery.house.engines.log.read(CHANGES, at, 500):
        at = [page[-1].offset]
        for stored in page:
            envelope = events.read_envelope(stored.record.data)
            [key] = await gallery.house.engines.keys.get([envelope.owner])
            found.append(Event(envelope, None if key is None else events.read_body(envelope, key)))
    return found


async def retold(gallery: Gallery) -> dict[Id, Labelled]:
    """Return the rows as the log says them, whatever the order in which it is read."""
    best = dict[Any, tuple[int, Insert | Delete]]()
    for event in reversed(await heard(gallery)):
        for version, op in told(event, Fresh(0, 0, frozenset())):
            assert isinstance(op, Insert | Delete)
            key = op.values[0] if isinstance(op, Insert) else op.key[0]
            best[key] = max(
                best.get(key, (-1, op)), (version, op), key=lambda one: (one[0], isinstance(one[1], Delete))
            )
    return {key: Labelled(*op.values) for key, (_, op) in best.items() if isinstance(op, Insert)}  # pyright: ignore[reportArgumentType] - the columns of that row


async def standing(gallery: Gallery, boards: list[Id], pins: list[Id]) -> Places:
    """Return where pins are found, by the vectors alone."""
    found = Places()
    for space in await gallery.store.spaces():
        for pin in pins:
            for asked in await gallery.store.asked(space, [pin]):
                public = await gallery.store.nearest(space, asked, Scope(public=True), 200, 0.99)
                on = {
                    board
                    for board in boards
                    for one in await gallery.store.nearest(
                        space, asked, Scope(public=False, boards=(board,)), 200, 0.99
                    )
                    if one.pin == pin
                }
                found[pin] = (on, pin in {one.pin for one in public})
    return found


async def expected(gallery: Gallery, pins: list[Id]) -> Places:
    """Return the same as the records have it."""
    shown = await gallery.boards.pins(system(), pins)
    spots = {pin: spot_of(one) for pin, one in zip(pins, shown, strict=True)}
    return {pin: ({spot.board}, spot.public) for pin, spot in spots.items() if spot is not None}


async def deed(gallery: Gallery, chance: Random, ann: Id, boards: list[Id], pins: list[Id]) -> None:
    """Do something to a pin or a board, if it can be done."""
    act, board, pin = by(ann), chance.choice(boards), chance.choice(pins)
    match chance.choice(["save", "save", "move", "delete", "restore", "turn", "turn", "trash", "untrash"]):
        case "save":
            pins.append(await gallery.pin(ann, board, f"kind{len(pins)}/1".encode()))
        case "move":
            await gallery.boards.move_pins(act, [pin], board, copy=False)
        case "delete":
            await gallery.boards.delete_pin(act, pin)
        case "restore":
            await gallery.boards.restore_pin(act, pin)
        case "turn":
            await gallery.boards.change(act, board, BoardChange(visibility=chance.choice(["public", "private"])))
        case "trash":
            await gallery.boards.delete(act, board)
        case _:
            await gallery.boards.restore(act, board)


@pytest.mark.parametrize("seed", range(12))
async def test_whatever_is_done_and_however_it_is_heard_all_is_found_as_it_is(tmp_path: Path, seed: int) -> None:
    chance = Random(seed)
    async with open_gallery(tmp_path, seed=seed) as gallery:
        gallery.office = PostOffice(gallery.house, chance, {"vision"})
        ann = await gallery.house.person()
        boards = [await gallery.board(ann) for _ in range(3)]
        pins = [await gallery.pin(ann, boards[0], b"kind0/1")]
        for _ in range(60):
            with suppress(Problem):
                await deed(gallery, chance, ann, boards, pins)
            await gallery.office.collect()
            await gallery.office.deliver(chance.randrange(4), again=chance.randrange(3))
            await gallery.office.turn(chance.randrange(30))
            if not chance.randrange(20):
                await gallery.store.again()
        await gallery.office.quiesce()
        assert await standing(gallery, boards, pins) == await expected(gallery, pins)
        rows = {row.pin: row for row in await gallery.rows(*pins) if row is not None}
        assert {*await expected(gallery, pins)} <= {*rows}
        assert await retold(gallery) == rows
        gallery.house.world.pass_s(40 * 86_400)  # and nothing is in the trash any more
        await gallery.office.quiesce()
        left = {row.pin: row for row in await gallery.rows(*pins) if row is not None}
        assert {*left} == {*await standing(gallery, boards, pins)} == {*await expected(gallery, pins)}
        assert await retold(gallery) == left


async def test_vectors_that_are_lost_are_made_again_of_the_log(gallery: Gallery) -> None:
    ann = await gallery.house.person()
    boards = [await gallery.board(ann), await gallery.board(ann, "private")]
    pins = [await gallery.pin(ann, board, f"dog/{at}".encode()) for at, board in enumerate(boards)]
    await gallery.office.quiesce()
    before = await standing(gallery, boards, pins)
    [space] = await gallery.store.spaces()
    await gallery.house.engines.vectors.drop(space.name)
    assert await gallery.store.applied() == []
    await gallery.office.again("vision")
    assert await standing(gallery, boards, pins) == before == await expected(gallery, pins)
    assert await gallery.store.applied() != []


async def test_hearing_the_same_again_looks_at_nothing_and_tells_nothing(gallery: Gallery) -> None:
    ann = await gallery.house.person()
    board = await gallery.board(ann)
    pins = [await gallery.pin(ann, board, data) for data in (b"dog/1", b"blind/1")]
    await gallery.office.quiesce()
    seen, rows, said = len(gallery.eyes.boxes), await gallery.rows(*pins), len(await heard(gallery))
    await gallery.office.again("vision")
    await gallery.office.quiesce()
    assert (len(gallery.eyes.boxes), await gallery.rows(*pins), len(await heard(gallery))) == (seen, rows, said)
    assert [row and (row.model, row.version) for row in rows] == [("eyes-1", 1), (PASSED_OVER, 1)]


@pytest.mark.placements("together")
@pytest.mark.parametrize("trouble", TROUBLES.values(), ids=TROUBLES)
async def test_what_cannot_be_seen_now_is_waited_for_and_what_is_known_is_hidden_at_once(
    gallery: Gallery, trouble: Exception | None
) -> None:
    ann, bob = [await gallery.house.person() for _ in range(2)]
    board = await gallery.board(ann)
    known = await gallery.pin(ann, board, b"dog/1")
    asked = await gallery.pin(bob, await gallery.board(bob), b"dog/9")
    await gallery.office.quiesce()
    gallery.eyes.model, gallery.eyes.trouble = (None if trouble is None else "eyes-1"), trouble
    new = await gallery.pin(ann, board, b"dog/2")
    await gallery.boards.change(by(ann), board, BoardChange(visibility="private"))
    await gallery.office.collect()
    for _ in range(2):
        await gallery.office.deliver(len(gallery.office.waiting))
        await gallery.office.finish()
    assert "vision" in {letter.group for letter in gallery.office.waiting}
    assert await gallery.finds(bob, asked) == []
    with pytest.raises(Unavailable):
        await gallery.look(ann, new)
    assert await gallery.sweep() == 0
    gallery.eyes.model, gallery.eyes.trouble = "eyes-1", None
    await gallery.office.quiesce()
    assert {*await gallery.finds(ann, asked)} == {known, new}


async def test_a_picture_that_no_model_can_read_is_passed_over_for_good(gallery: Gallery) -> None:
    ann = await gallery.house.person()
    board = await gallery.board(ann)
    blind, other = await gallery.pin(ann, board, b"blind/1"), await gallery.pin(ann, board, b"dog/1")
    await gallery.office.quiesce()
    assert gallery.office.waiting == []
    assert [names(each) for each in await gallery.labels(blind, other)] == [[], ["golden retriever"]]


@pytest.mark.placements("together")
async def test_a_board_that_turns_while_a_picture_is_looked_at_is_followed(gallery: Gallery) -> None:
    ann, bob = [await gallery.house.person() for _ in range(2)]
    board = await gallery.board(ann)
    asked = await gallery.pin(bob, await gallery.board(bob), b"dog/9")
    await gallery.office.quiesce()
    pin = await gallery.pin(ann, board, b"dog/1")

    async def turn() -> None:
        await gallery.boards.change(by(ann), board, BoardChange(visibility="private"))
        await gallery.office.collect()
        letters = [letter for letter in gallery.office.waiting if letter.envelope.type == "board_changed"]
        gallery.office.waiting = [letter for letter in gallery.office.waiting if letter not in letters]

    gallery.eyes.before.append(turn)
    await gallery.office.quiesce()
    assert (await gallery.finds(bob, asked), await gallery.finds(ann, asked)) == ([], [pin])


@pytest.mark.placements("together")
@pytest.mark.parametrize("how", ["purged", "erased"])
async def test_nothing_stays_of_what_goes_while_it_is_put(
    gallery: Gallery, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = await gallery.house.person()
    board = await gallery.board(ann)
    pin = await gallery.pin(ann, board, b"dog/1")
    others = PostOffice(gallery.house, Random(0), {"boards", "vision"})
    await others.collect()
    others.waiting = [letter for letter in others.waiting if letter.group == "boards"]

    async def go() -> None:
        """Let all others hear of the end, vision of the pin's too, while its picture is put for its board."""
        if how == "erased":
            await gallery.house.services.identity.delete_account(by(ann), PASSWORD)
        else:
            await gallery.boards.delete_pin(by(ann), pin)
            gallery.house.world.pass_s(40 * 86_400)
        for _ in range(3):
            await others.settle()
            for sweep in gallery.house.wired.sweeps:
                if sweep.name.startswith("boards."):
                    await sweep.step()
            gallery.house.world.pass_s(3600)

    vectors, gone = gallery.house.engines.vectors, list[str]()
    put = vectors.put

    async def put_late(space: str, pictures: Sequence[Picture], applied: Sequence[Offset] = ()) -> None:
        if pictures and not gone:
            gone.append(how)
            await go()
        await put(space, pictures, applied)

    monkeypatch.setattr(vectors, "put", put_late)
    await gallery.boards.change(by(ann), board, BoardChange(name="Renamed"))
    await gallery.office.collect()
    gallery.office.waiting = [one for one in gallery.office.waiting if one.envelope.type == "board_changed"]
    await gallery.office.deliver(1, only="vision")
    await gallery.office.finish()
    assert gone == [how]
    assert await gallery.rows(pin) == [None]
    [space] = await gallery.store.spaces()
    assert await gallery.store.standing(space, [pin]) == set()
