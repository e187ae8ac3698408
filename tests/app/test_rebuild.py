"""Records and views built from the log alone are those that were there, whatever people did, erasures included."""

import asyncio
import shutil
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from bowerbird.adapters.sqlite.whole import WholeRecords
from bowerbird.app import history
from bowerbird.app.building import Built, build_records, build_views
from bowerbird.app.digest import SCOPE, At, digest
from bowerbird.app.topology import TABLES
from bowerbird.base.ids import Id, shard_of
from bowerbird.contracts import kinds
from bowerbird.contracts.boards import NewPin
from bowerbird.contracts.caller import READ
from bowerbird.contracts.events import CHANGES
from bowerbird.services.boards.store import BOARD, PIN
from bowerbird.services.feed.store import BOARD as LIST
from bowerbird.services.feed.store import POSTS
from bowerbird.services.feed.store import Store as FeedStore
from bowerbird.services.graph.store import FOLLOWS
from bowerbird.services.identity.store import TOKENS, USERS
from tests.support.feed_game import STEPS, Game, Step
from tests.support.house import PASSWORD, House, by, open_house, settings_with
from tests.support.post_office import PostOffice

BURST = 2
LOW = {
    "entries_max": 5,
    "push_followers_max": 1,
    "pull_followers_min": 2,
    "chunk_entries_max": 2,
    "burst_pins_max": BURST,
}
SETTINGS = settings_with(feed=LOW)
DAY_US = 86_400_000_000
NUMBER = st.integers(0, 11)
PLAY = st.lists(st.tuples(st.sampled_from(STEPS), NUMBER, NUMBER, NUMBER), min_size=10, max_size=60)


def ignore(_what: str, _done: int, _total: int) -> None:
    """Hear how far it is."""


async def built(house: House, fresh: Path) -> Built:
    """Build everything in a folder."""
    await asyncio.to_thread(fresh.mkdir)
    built = await build_records(fresh, house.engines.log, house.engines.keys, house.world, ignore)
    await build_views(fresh, house.engines.log, SETTINGS.feed, house.world, ignore)
    return built


async def told(house: House, folder: Path) -> dict[str, str]:
    """Return the digest of a folder's records."""
    records = WholeRecords.open(folder / "core.db", TABLES)
    try:
        gone = await history.erased(house.engines.keys)
        return digest(records, At(house.world.now_us(), 30 * DAY_US, gone))
    finally:
        records.close()


async def laid(house: House, game: Game) -> dict[tuple[str, Id], list[Id]]:
    """Return the pins of every list that feeds are pulled from."""
    store = FeedStore(house.engines.timelines, house.world, SETTINGS.feed)
    places = [*((POSTS, person) for person in game.town.people), *((LIST, board) for board in game.town.boards)]
    return {place: [pin.pin for pin in await store.page(*place, None, 1000)] for place in places}


@pytest.mark.anyio
async def test_everything_that_people_do_is_told_by_the_log(tmp_path: Path) -> None:
    """Each step once, some of them several times, so that none is left to chance."""
    old, fresh = tmp_path / "old", tmp_path / "fresh"
    await asyncio.to_thread(old.mkdir)
    async with open_house(old, SETTINGS, seed=7) as house:
        game = Game(house, Random(7))
        game.town.burst_pins_max = BURST
        await game.open(5, 2)
        for number, kind in enumerate((*dict.fromkeys(STEPS), "block", "share", "save", "move", "follow")):
            await game.step((kind, number, 0 if kind == "leave" else number + 1, number + 2))
        assert len(game.town.people) == 4
        assert game.town.blocks
        await game.office.finish()
        await game.office.quiesce()
        await built(house, fresh)
        assert await told(house, fresh) == await told(house, old)


@pytest.mark.timeout(600)  # it waits for the disk, again and again
@settings(max_examples=15)
@given(steps=PLAY, seed=st.integers(0, 1 << 30))
def test_what_is_built_is_what_was_there(steps: list[Step], seed: int) -> None:
    with TemporaryDirectory() as folder:
        asyncio.run(_play(Path(folder), steps, seed))


async def _play(folder: Path, steps: list[Step], seed: int) -> None:
    old, fresh = folder / "old", folder / "fresh"
    old.mkdir()
    async with open_house(old, SETTINGS, seed=seed) as house:
        game = Game(house, Random(seed))
        game.town.burst_pins_max = BURST
        await game.open(4, 2)
        for step in steps:
            await game.step(step)
        await game.office.finish()
        await game.office.quiesce()
        await game.check_equal()
        await built(house, fresh)
        assert await told(house, fresh) == await told(house, old)
        lists = await laid(house, game)
    for name in ("keys.db", "log.db"):
        shutil.copy(old / name, fresh / name)
    shutil.copytree(old / "blobs", fresh / "blobs")
    async with open_house(fresh, SETTINGS, seed=seed + 1) as house:
        house.world.pass_s(3600)
        assert await laid(house, game) == lists
        assert await house.engines.timelines.applied() == await house.engines.log.end(CHANGES)
        await _goes_on(Game(house, Random(seed)), game)


async def _goes_on(here: Game, before: Game) -> None:
    """Find that feeds are as they were, before and after more is saved."""
    await here.go_on(before)
    await here.check_equal()
    for number in range(6):
        await here.step(("save", number, number, 0))
    await here.office.settle()
    await here.check_equal()


@pytest.mark.anyio
async def test_what_an_erased_person_took_over_does_not_come_back(tmp_path: Path) -> None:
    """A pin that went to a board of somebody on the same shard is that person's: it does not return to who had it."""
    old, fresh = tmp_path / "old", tmp_path / "fresh"
    old.mkdir()
    async with open_house(old, SETTINGS) as house:
        ada, eve = await neighbours(house)
        boards, office = house.services.boards, PostOffice(house, Random(1))
        mine = await boards.create(by(ada), "Mine", "", "public")
        hers = await boards.create(by(eve), "Hers", "", "public")
        await boards.share(by(eve), hers.id, ada, "editor")
        photo = NewPin(upload=await house.photo(ada))
        pin = (await boards.save_pin(by(ada), mine.id, photo)).pin
        [moved] = await boards.move_pins(by(ada), [pin.id], hers.id, copy=False)
        assert moved.now == pin.id
        await office.quiesce()
        await house.services.identity.delete_account(by(eve), PASSWORD)
        await office.settle()
        assert (await built(house, fresh)).erased > 0
        assert pins_in(fresh) == []
        await office.quiesce()
        assert await told(house, fresh) == await told(house, old)


@pytest.mark.anyio
async def test_what_was_ended_for_good_does_not_come_back(tmp_path: Path) -> None:
    """The event of an end names the version that was the last."""
    old, fresh = tmp_path / "old", tmp_path / "fresh"
    old.mkdir()
    async with open_house(old, SETTINGS) as house:
        ada, office = await house.person(), PostOffice(house, Random(1))
        boards, identity = house.services.boards, house.services.identity
        board = await boards.create(by(ada), "Bread", "", "public")
        pin = (await boards.save_pin(by(ada), board.id, NewPin(upload=await house.photo(ada)))).pin
        await boards.delete_pin(by(ada), pin.id)
        await boards.delete(by(ada), board.id)
        signed_in = replace(by(ada), session=house.world.new_id(kinds.SESSION, shard_of(ada)))
        made = await identity.make_token(signed_in, "script", READ, None)
        await identity.revoke_token(signed_in, made.token.id)
        for _ in range(2):
            house.world.pass_s(31 * DAY_US / 1_000_000)
            await office.quiesce()
        await built(house, fresh)
        assert await told(house, fresh) == await told(house, old)
    records = WholeRecords.open(fresh / "core.db", TABLES)
    assert list(records.rows(BOARD)) == list(records.rows(PIN)) == list(records.rows(TOKENS)) == []
    records.close()


@pytest.mark.anyio
async def test_whoever_the_log_says_is_deleted_is_erased_first(tmp_path: Path) -> None:
    """Between the deletion and the end of the key lies a moment in which a process may end, or a copy be made."""
    old, fresh = tmp_path / "old", tmp_path / "fresh"
    old.mkdir()
    async with open_house(old, SETTINGS) as house:
        ada, eve = await house.person(), await house.person()
        await house.services.graph.follow(by(ada), eve)
        await house.services.boards.create(by(eve), "Hers", "", "public")
        await PostOffice(house, Random(1)).settle()
    shutil.copy(old / "keys.db", tmp_path / "keys.db")
    async with open_house(old, SETTINGS) as house:
        await house.services.identity.delete_account(by(eve), PASSWORD)
        await PostOffice(house, Random(1)).settle()
    shutil.copy(tmp_path / "keys.db", old / "keys.db")
    async with open_house(old, SETTINGS) as house:
        assert await house.engines.keys.get([eve]) != [None]
        await built(house, fresh)
        assert await house.engines.keys.get([eve]) == [None]
        records = WholeRecords.open(fresh / "core.db", TABLES)
        assert {row.id for row in records.rows(USERS) if row.deleted_at is None} == {ada}
        assert list(records.rows(BOARD)) == list(records.rows(FOLLOWS)) == []
        records.close()


async def neighbours(house: House) -> tuple[Id, Id]:
    """Return two people on one shard."""
    met: dict[int, Id] = {}
    while True:
        person = await house.person()
        if (other := met.setdefault(shard_of(person), person)) != person:
            return other, person


def pins_in(folder: Path) -> list[Id]:
    """Return the ids of all pins in a folder's records."""
    records = WholeRecords.open(folder / "core.db", TABLES)
    try:
        return [row.id for row in records.rows(PIN)]
    finally:
        records.close()


def test_every_table_is_built_from_the_log_or_said_not_to_be() -> None:
    notes = {"erasure", "departure", "board_departure", "media_departure"}
    assert {table.name for table in TABLES if table.row not in SCOPE} == {"answered", *notes}


@pytest.mark.anyio
async def test_a_digest_tells_which_table_differs(tmp_path: Path) -> None:
    old = tmp_path / "old"
    old.mkdir()
    async with open_house(old, SETTINGS) as house:
        game = Game(house, Random(1))
        game.town.burst_pins_max = BURST
        await game.open(3, 2)
        await game.office.quiesce()
        await built(house, tmp_path / "fresh")
        same = await told(house, old)
        assert same == await told(house, tmp_path / "fresh")
        await game.step(("save", 0, 0, 0))
        now = await told(house, old)
        assert {name for name in now if now[name] != same[name]} == {"board", "pin"}
