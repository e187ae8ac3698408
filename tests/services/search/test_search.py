"""What is found, by whom, after everything that may happen to it: the service on real engines, in every placement."""

from typing import Any

import pytest
from msgspec import UNSET

from bowerbird.contracts.boards import BoardChange, PinChange
from bowerbird.contracts.caller import NOBODY
from bowerbird.contracts.identity import ProfileChange
from bowerbird.contracts.search import RESULTS_MAX
from bowerbird.ports.log import Offset
from bowerbird.ports.records import EngineUnavailable
from tests.support.house import PASSWORD, by
from tests.support.search_house import Library


async def test_things_are_found_by_their_words(library: Library) -> None:
    ann, bob = [await library.house.person() for _ in range(2)]
    board = await library.board(ann, "Brass things", description="All that shines")
    lamp = await library.pin(ann, board, "A table lamp", note="From the flea market")
    await library.office.quiesce()
    for person in (ann, bob, None):
        for query in ("lamp", "Lamps", "flea", "brass", "table lamp", '"flea market"', "person_1", "tab"):
            assert await library.finds(person, query) == [lamp]
        for query in ("chair", '"lamp table"', "lamp -flea", "", "lamp chair", "-lamp"):
            assert await library.finds(person, query) == []
        assert await library.finds(person, "shines", "board") == [board]
        assert await library.finds(person, "person_1", "person") == [ann]
        assert set(await library.finds(person, "ada", "person")) == {ann, bob}


async def test_private_things_are_found_by_those_who_may_see_them(library: Library) -> None:
    ann, bob, cat = [await library.house.person() for _ in range(3)]
    board = await library.board(ann, "Secrets", "private")
    await library.boards.share(by(ann), board, bob, "viewer")
    pin = await library.pin(ann, board, "A table lamp")
    await library.office.quiesce()
    for person in (ann, bob):
        assert await library.finds(person, "lamp") == [pin]
        assert await library.finds(person, "lamq") == [pin]
        assert await library.finds(person, "secrets", "board") == [board]
    for person in (cat, None):
        assert await library.finds(person, "lamp") == []
        assert await library.finds(person, "secrets", "board") == []
        caller = NOBODY if person is None else by(person)
        assert (await library.search.find(caller, "lamq", "pin", None, 25)).meant == ""
        assert await library.search.suggest(caller, "lam", 10) == []
    assert [one.id for one in await library.search.suggest(by(bob), "secr", 10)] == [board]


async def test_what_is_done_to_a_board_is_done_to_what_is_found(library: Library) -> None:
    ann, bob = [await library.house.person() for _ in range(2)]
    board = await library.board(ann, "Brass things")
    pins = {await library.pin(ann, board, f"Lamp {number}") for number in range(3)}
    await library.office.quiesce()
    assert set(await library.finds(bob, "brass")) == pins

    async def change(**fields: Any) -> None:  # noqa: ANN401 - fields of the change
        await library.boards.change(by(ann), board, BoardChange(**fields))
        await library.office.quiesce()

    await change(name="Copper things")
    assert (await library.finds(bob, "brass"), set(await library.finds(bob, "copper"))) == ([], pins)
    await change(visibility="private")
    assert (await library.finds(bob, "copper"), set(await library.finds(ann, "copper"))) == ([], pins)
    await library.boards.share(by(ann), board, bob, "viewer")
    await library.office.quiesce()
    assert set(await library.finds(bob, "copper")) == pins
    await library.boards.unshare(by(ann), board, bob)
    await library.office.quiesce()
    assert await library.finds(bob, "copper") == []
    await change(visibility="public")
    assert set(await library.finds(bob, "copper")) == pins
    await library.boards.delete(by(ann), board)
    await library.office.quiesce()
    assert await library.finds(ann, "copper") == await library.finds(ann, "copper", "board") == []
    await library.boards.restore(by(ann), board)
    await library.office.quiesce()
    assert set(await library.finds(bob, "copper")) == pins


async def test_what_is_done_to_a_pin_is_done_to_what_is_found(library: Library) -> None:
    ann, bob = [await library.house.person() for _ in range(2)]
    brass, secret = await library.board(ann, "Brass"), await library.board(ann, "Secret", "private")
    pin = await library.pin(ann, brass, "A lamp")
    await library.boards.change_pin(by(ann), pin, PinChange(title="A chair", note=UNSET))
    await library.office.quiesce()
    assert (await library.finds(bob, "lamp"), await library.finds(bob, "chair brass")) == ([], [pin])
    [moved] = await library.boards.move_pins(by(ann), [pin], secret, copy=False)
    assert moved.now is not None
    await library.office.quiesce()
    assert (await library.finds(bob, "chair"), await library.finds(ann, "chair secret")) == ([], [moved.now])
    await library.boards.delete_pin(by(ann), moved.now)
    await library.office.quiesce()
    assert await library.finds(ann, "chair") == []
    await library.boards.restore_pin(by(ann), moved.now)
    await library.office.quiesce()
    assert await library.finds(ann, "chair") == [moved.now]


async def test_who_has_another_name_has_it_on_all_their_pins(library: Library) -> None:
    ann = await library.house.person()
    pins = {await library.pin(ann, await library.board(ann, "Brass"), "A lamp")}
    await library.office.quiesce()
    await library.house.services.identity.change_profile(by(ann), ProfileChange(name="Zora Quill"))
    await library.office.quiesce()
    assert set(await library.finds(None, "quill")) == pins
    assert await library.finds(None, "zora", "person") == [ann]


async def test_with_an_account_goes_what_was_found_of_it(library: Library) -> None:
    ann, bob = [await library.house.person() for _ in range(2)]
    hers, his = await library.board(ann, "Brass"), await library.board(bob, "Copper")
    await library.boards.share(by(bob), his, ann, "editor")
    await library.pin(ann, hers, "A lamp")
    stays = await library.pin(ann, his, "A lamp")
    await library.office.quiesce()
    await library.house.services.identity.delete_account(by(ann), PASSWORD)
    await library.office.quiesce()
    library.house.world.pass_s(3600)
    await library.office.quiesce()
    assert await library.finds(bob, "lamp") == [stays]
    assert await library.finds(bob, "person_1") == await library.finds(bob, "person_1", "person") == []
    assert await library.finds(bob, "brass", "board") == []


async def test_narrowings(library: Library) -> None:
    ann, bob = [await library.house.person() for _ in range(2)]
    brass, copper = await library.board(ann, "Brass lamps"), await library.board(bob, "Copper lamps")
    photo = await library.pin(ann, brass, "One")
    link = await library.link(bob, copper, "https://shop.example.com/lamp", "Two")
    await library.office.quiesce()
    assert await library.finds(None, "by:person_1") == [photo]
    assert await library.finds(None, "by:nobody_here") == []
    assert await library.finds(None, "has:photo") == [photo]
    assert await library.finds(None, "has:link lamps") == [link]
    for site in ("shop.example.com", "example.com", "www.example.com"):
        assert await library.finds(None, f"site:{site}") == [link]
    assert await library.finds(None, "site:ample.com") == []
    assert await library.finds(None, 'board:"brass lamps"') == [photo]
    assert await library.finds(None, "board:lamps two") == [link]
    assert set(await library.finds(None, "saved:>=2027-01-15")) == {photo, link}
    assert await library.finds(None, "saved:<2027-01-15") == await library.finds(None, "saved:2026 one") == []


async def test_slips_are_forgiven_where_nothing_has_the_words(library: Library) -> None:
    ann = await library.house.person()
    board = await library.board(ann, "Things")
    lamp = await library.pin(ann, board, "A lampshade")
    await library.office.quiesce()
    caller = by(ann)
    for query, meant in (
        ("lampshad", ""),
        ("lmapshade", "lampshade"),
        ("shade", ""),
        ("lamp shade", ""),
        ("lampshadd", "lampshade"),
    ):
        results = await library.search.find(caller, query, "pin", None, 25)
        assert ([one.id for one in results.found], results.meant) == ([lamp], meant)
    nothing = await library.search.find(caller, "xyzzy", "pin", None, 25)
    assert (nothing.found, nothing.next, nothing.near, nothing.meant) == ([], None, False, "")


async def test_pages_end_and_what_comes_meanwhile_is_on_none(library: Library) -> None:
    ann = await library.house.person()
    board = await library.board(ann, "Things")
    pins = [await library.pin(ann, board, f"Lamp {number}") for number in range(20)]
    await library.office.quiesce()
    first = await library.search.find(NOBODY, "lamp", "pin", None, 15)
    later = await library.pin(ann, board, "Lamp lamp lamp")
    await library.boards.delete_pin(by(ann), first.found[0].id)
    await library.office.quiesce()
    second = await library.search.find(NOBODY, "lamp", "pin", first.next, 15)
    assert {one.id for one in (*first.found, *second.found)} == set(pins)
    assert len(second.found) == 5
    assert second.next is None
    assert later in await library.finds(None, "lamp")
    assert len(pins) < RESULTS_MAX


async def test_suggestions_begin_as_typed_and_ones_own_come_first(library: Library) -> None:
    ann, bob = [await library.house.person() for _ in range(2)]
    theirs, mine = await library.board(ann, "Brass lamps"), await library.board(bob, "Branches", "private")
    pin = await library.pin(ann, theirs, "A brass bell")
    await library.office.quiesce()
    assert [one.id for one in await library.search.suggest(by(bob), "br", 10)] == [mine, theirs, pin]
    assert [one.id for one in await library.search.suggest(NOBODY, "br", 10)] == [theirs, pin]
    assert [one.id for one in await library.search.suggest(NOBODY, "b", 10)] == [theirs]
    assert [one.id for one in await library.search.suggest(NOBODY, "brass la", 10)] == [theirs]
    assert [one.id for one in await library.search.suggest(NOBODY, "person_1", 10)] == [ann]
    assert await library.search.suggest(NOBODY, "", 10) == await library.search.suggest(NOBODY, "zzz", 10) == []


async def test_an_index_that_begins_anew_finds_the_same(library: Library) -> None:
    ann, bob = [await library.house.person() for _ in range(2)]
    public, private = await library.board(ann, "Brass"), await library.board(ann, "Secret", "private")
    for board in (public, private):
        for number in range(3):
            await library.pin(ann, board, f"Lamp {number}")
    await library.office.quiesce()
    before = [await library.finds(person, "lamp") for person in (ann, bob)]
    index = library.house.engines.textindex
    await index.clear()
    assert await library.finds(ann, "lamp") == []
    await library.office.again("search")
    assert [await library.finds(person, "lamp") for person in (ann, bob)] == before
    assert [offset.partition for offset in await index.applied()] == [Offset(0, 0).partition]


async def test_a_pin_looked_at_while_its_board_was_in_the_trash_comes_back_with_the_board(library: Library) -> None:
    ann = await library.house.person()
    board = await library.board(ann, "Brass")
    pin = await library.pin(ann, board, "A lamp")
    await library.office.quiesce()
    await library.boards.change_pin(by(ann), pin, PinChange(note="From the market"))
    await library.boards.delete(by(ann), board)
    await library.hear("pin_changed")
    assert await library.finds(ann, "lamp") == []
    await library.boards.restore(by(ann), board)
    await library.office.quiesce()
    assert await library.finds(None, "lamp market") == [pin]
    assert await library.finds(None, "brass", "board") == [board]


async def test_what_was_begun_for_a_board_is_begun_again_though_the_board_is_as_before(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = await library.house.person()
    board = await library.board(ann, "Brass")
    pin = await library.pin(ann, board, "A lamp")
    await library.office.quiesce()
    index = library.house.engines.textindex
    drop = index.drop

    async def drop_and_fail(tag: str) -> None:
        await drop(tag)
        monkeypatch.undo()
        await library.boards.change(by(ann), board, BoardChange(visibility="public"))
        raise EngineUnavailable("the index is away")

    monkeypatch.setattr(index, "drop", drop_and_fail)
    await library.boards.change(by(ann), board, BoardChange(visibility="private"))
    await library.office.quiesce()
    assert await library.finds(None, "lamp") == [pin]
    assert await library.finds(None, "brass", "board") == [board]


async def test_a_pin_put_while_its_board_was_otherwise_follows_the_board_back(library: Library) -> None:
    ann = await library.house.person()
    board = await library.board(ann, "Brass")
    pin = await library.pin(ann, board, "A lamp")
    await library.office.quiesce()
    for visibility, name in (("private", "Brass"), ("public", "Copper")):
        await library.boards.change_pin(by(ann), pin, PinChange(note=f"Looked at while it was {visibility}"))
        await library.boards.change(by(ann), board, BoardChange(visibility=visibility, name=name))
        await library.hear("pin_changed")
        await library.boards.change(by(ann), board, BoardChange(visibility="public", name="Brass"))
        await library.office.quiesce()
        assert await library.finds(None, f"lamp {visibility} brass") == [pin]
        assert await library.finds(ann, "copper") == []
        assert await library.finds(None, "brass", "board") == [board]
