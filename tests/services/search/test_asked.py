"""What many people search for is suggested to everybody, and what a few do to nobody."""

import asyncio
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bowerbird.base.ids import Id
from bowerbird.contracts.boards import BoardChange
from bowerbird.contracts.problems import Unavailable
from bowerbird.contracts.search import FREQUENT_MAX, QUERY_CHARACTERS_MAX
from bowerbird.ports.log import Offset
from bowerbird.ports.records import EngineUnavailable
from bowerbird.services.search.asked import alike, beginning
from bowerbird.services.search.settings import SearchSettings
from bowerbird.services.search.store import ASKED_CHARACTERS_MAX
from tests.support.house import PASSWORD, by, open_house, settings_with
from tests.support.search_house import Library

MANY = SearchSettings().people_min
DAY_S = 86_400
TYPED = st.text(max_size=250) | st.text(alphabet='ab "-:<>=2026-01saved:by:has:photo東½ﷺ', max_size=80)


async def people(library: Library, count: int) -> list[Id]:
    return [await library.house.person() for _ in range(count)]


async def all_ask(library: Library, who: list[Id], *queries: str) -> None:
    for person in who:
        for query in queries:
            await library.asks(person, query)
    await library.counted()


async def lamps(library: Library, *titles: str) -> Id:
    """Save public photos of these titles; return whose they are."""
    ann = await library.house.person()
    board = await library.board(ann, "Things")
    for title in titles or ("A brass lamp", "Lampshades"):
        await library.pin(ann, board, title)
    await library.office.quiesce()
    return ann


@pytest.mark.parametrize(
    ("query", "written"),
    [
        ("brass lamp", "brass lamp"),
        ("  Brass,  LAMP! ", "brass lamp"),
        ("Crème brûlée", "creme brulee"),
        ("東京 駅", "東京 駅"),
        ("art-deco", "art deco"),
        ("site:nowhere", ""),
        ("lamp by:ada", ""),
        ("lamp site:example.com", ""),
        ("lamp has:photo", ""),
        ("lamp saved:2026", ""),
        ("lamp board:lamps", ""),
        ('"brass lamp"', ""),
        ('old "brass lamp"', ""),
        ("lamp -brass", ""),
        ("one two three four five six", "one two three four five six"),
        ("one two three four five six seven", ""),
        (f"{'x' * 30} {'y' * 29}", f"{'x' * 30} {'y' * 29}"),
        (f"{'x' * 30} {'y' * 30}", ""),
        ("!?", ""),
        ("", ""),
    ],
)
def test_how_a_query_is_written_by_all_who_ask_the_same(query: str, written: str) -> None:
    assert alike(query) == written


@pytest.mark.parametrize(
    ("typed", "begun"),
    [("Br", "br"), ("brass ", "brass "), ("brass  L", "brass l"), ("-br", ""), ("by:ada ", ""), ("  ", "")],
)
def test_how_a_query_begins(typed: str, begun: str) -> None:
    assert beginning(typed) == begun


@given(query=TYPED)
def test_whatever_is_typed_is_within_bounds(query: str) -> None:
    assert len(alike(query)) <= len(beginning(query) or alike(query)) <= ASKED_CHARACTERS_MAX < QUERY_CHARACTERS_MAX


async def test_what_enough_people_ask_is_suggested_and_what_one_fewer_ask_is_not(library: Library) -> None:
    await lamps(library)
    some = await people(library, MANY)
    await all_ask(library, some[1:], "Brass  lamp", "brass")
    assert await library.asked("b") == []
    await all_ask(library, some[:1], "BRASS LAMP!")
    for typed in ("b", "Bra", "brass", "brass ", "brass la"):
        assert await library.asked(typed) == ["brass lamp"]
    for typed in ("", "lamp", "brass lamp", "brass lamps", "brassl", "brass -la", '"brass l"'):
        assert await library.asked(typed) == []


async def test_one_who_asks_a_thousand_times_is_one(library: Library) -> None:
    await lamps(library)
    [ann, *others] = await people(library, MANY - 1)
    await all_ask(library, others, "brass lamp")
    for _ in range(1000):
        await library.asks(ann, "brass lamp")
    await library.counted()
    assert await library.asked("b") == []


async def test_those_of_most_people_come_first_and_what_finds_nothing_in_public_comes_not(library: Library) -> None:
    ann = await lamps(library, "lamp one", "lamp two", "lamp three", "lamp four")
    await library.pin(ann, await library.board(ann, "Secrets", "private"), "A lamp of gold")
    await library.office.quiesce()
    some = await people(library, MANY + 3)
    for more, query in enumerate(("lamp four", "lamp one", "lamp two", "lamp three")):
        await all_ask(library, some[: MANY + more], query)
    assert await library.asked("lam", 10) == ["lamp three", "lamp two", "lamp one"][:FREQUENT_MAX]
    assert await library.asked("lam", 1) == ["lamp three"]
    await all_ask(library, some, "gold", "lamp on", "lmap")
    for typed, wanted in (("gol", []), ("lm", []), ("lamp o", ["lamp one"])):
        assert await library.asked(typed) == wanted


async def test_what_is_found_no_more_is_suggested_no_more(library: Library) -> None:
    ann = await lamps(library)
    await all_ask(library, await people(library, MANY), "brass lamp")
    [frequent] = await library.search.asked("b", 3)
    [found] = frequent.found
    shown = await library.boards.pin(by(ann), found.id)
    await library.boards.change(by(ann), shown.access.board.id, BoardChange(visibility="private"))
    await library.office.quiesce()
    assert await library.asked("b") == []


async def test_with_an_account_goes_what_was_asked_with_it(library: Library) -> None:
    await lamps(library)
    some = await people(library, MANY)
    await all_ask(library, some, "brass lamp")
    await library.asks(some[0], "lampshades")
    await library.house.services.identity.delete_account(by(some[0]), PASSWORD)
    await library.office.quiesce()
    assert await library.asked("b") == []
    await library.counted()
    await all_ask(library, some[1:], "lampshades")
    assert await library.asked("l") == [], "what was noted late counts for nothing"
    await all_ask(library, await people(library, 1), "brass lamp", "lampshades")
    assert await library.asked("b") + await library.asked("l") == ["brass lamp", "lampshades"]


async def test_what_was_asked_long_ago_counts_no_more(tmp_path: Path, present: None) -> None:
    del present
    async with open_house(tmp_path, settings_with(search={"queries_kept_days": 7, "people_min": 2})) as house:
        library = Library(house)
        await lamps(library)
        [ann, bob] = await people(library, 2)
        await all_ask(library, [ann], "brass lamp")
        house.world.pass_s(4 * DAY_S)
        await all_ask(library, [bob], "brass lamp")
        await library.office.quiesce()
        assert await library.asked("b") == ["brass lamp"]
        house.world.pass_s(4 * DAY_S)
        await library.office.quiesce()
        assert await library.asked("b") == []
        await library.asks(ann, "brass lamp", at=house.world.now_us() - 8 * DAY_S * 1_000_000)
        await library.counted()
        assert await library.asked("b") == [], "what comes late is not kept for a moment"


async def test_what_is_told_twice_counts_once_and_where_the_log_is_is_noted_with_it(library: Library) -> None:
    await lamps(library)
    some = await people(library, MANY)
    at = library.house.world.now_us()
    for _ in range(3):
        for person in some[1:]:
            await library.asks(person, "brass lamp", at)
        await library.counted(Offset(0, 41))
    assert await library.asked("b") == []
    assert library.queries.applied is not None
    assert await library.queries.applied() == [Offset(0, 41)]
    await library.counted(Offset(0, 42))
    assert await library.queries.applied() == [Offset(0, 41)], "where nothing was asked, now and then suffices"
    library.house.world.pass_s(61)
    await library.counted(Offset(0, 43))
    assert await library.queries.applied() == [Offset(0, 43)]


@pytest.mark.placements("together")
async def test_what_could_not_be_counted_is_counted_later(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    await lamps(library)
    some = await people(library, MANY)

    async def away(*_arguments: object) -> None:
        await asyncio.sleep(0)
        raise EngineUnavailable("away")

    monkeypatch.setattr(library.house.engines.askings, "note", away)
    for _ in range(2):
        with pytest.raises(Unavailable):
            await all_ask(library, [some.pop()], "brass lamp")
    monkeypatch.undo()
    await all_ask(library, some, "brass lamp")
    assert await library.asked("b") == ["brass lamp"]


async def test_more_than_fits_into_one_call_is_counted(library: Library) -> None:
    await lamps(library)
    some = await people(library, MANY)
    for person in some:
        for number in range(50):
            await library.asks(person, f"thing {number}")
        await library.asks(person, "brass lamp")
    await library.counted()
    assert await library.asked("b") == ["brass lamp"]
