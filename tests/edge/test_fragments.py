"""Cached fragments: bounded, and never a way around what may be seen or what was changed."""

from typing import Any

import msgspec
import pytest

from bowerbird.base.ids import Id, to_text
from bowerbird.edge.api import resources
from bowerbird.edge.api.fragments import Fragments
from bowerbird.edge.api.settings import EdgeSettings
from tests.support.edge_client import call
from tests.support.edge_house import House, token_of


def key(number: int) -> tuple[Id, int, int, Id | None, int]:
    return (Id(number.to_bytes(16, "big")), 1, 1, None, 0)


def test_the_least_recently_used_leave_first() -> None:
    fragments = Fragments(2, 1 << 20)
    fragments.put(key(1), b"one")
    fragments.put(key(2), b"two")
    fragments.get(key(1))
    fragments.put(key(3), b"three")
    kept = [fragments.get(key(number)) for number in (1, 2, 3)]
    assert [one and one.data for one in kept] == [b"one", None, b"three"]


def test_bytes_are_bounded_too() -> None:
    fragments = Fragments(1000, 6000)
    for number in range(100):
        fragments.put(key(number), b"x" * 600)
        fragments.put(key(number), b"x" * 600)
    assert sum(fragments.get(key(number)) is not None for number in range(100)) == 5


def test_no_room_keeps_nothing() -> None:
    fragments = Fragments(0, 0)
    fragments.put(key(1), b"one")
    assert fragments.get(key(1)) is None


async def pin_of(house: House, pin: Id, token: str = "") -> Any:  # noqa: ANN401 - JSON is anything
    answer = await call(house.api, "GET", f"/v1/pins/{to_text(pin)}", token=token)
    return answer.json() if answer.status == 200 else answer.status


@pytest.mark.parametrize("settings", [EdgeSettings(), EdgeSettings(fragments_max=0)], ids=["cached", "uncached"])
async def test_a_pin_reads_as_its_type_says(settings: EdgeSettings) -> None:
    house = House(settings)
    ada = house.user("ada")
    board = house.board(ada)
    pin = house.pin(board, ada)
    for _ in range(2):
        answer = await call(house.api, "GET", f"/v1/pins/{to_text(pin.id)}")
        decoded = msgspec.json.decode(answer.body, type=resources.Pin)
        assert msgspec.json.encode(decoded) == answer.body
        assert str(answer.header("etag")).startswith('"v1-')


async def test_a_cached_pin_is_not_shown_to_whom_it_is_hidden_from() -> None:
    house = House()
    ada, ben = house.user("ada"), house.user("ben")
    board = house.board(ada, "private")
    pin = house.pin(board, ada)
    assert (await pin_of(house, pin.id, token_of(ada)))["title"] == pin.title
    assert await pin_of(house, pin.id, token_of(ben)) == 404
    assert await pin_of(house, pin.id) == 404


async def test_a_private_pictures_address_is_the_viewers_own() -> None:
    house = House()
    ada, ben = house.user("ada"), house.user("ben")
    board = house.board(ada, "private")
    house.all.roles[board.id, ben.id] = "viewer"
    pin = house.pin(board, ada)
    sources = [(await pin_of(house, pin.id, token_of(who)))["picture"]["src"]["236"] for who in (ada, ben)]
    assert to_text(ada.id) in sources[0]
    assert to_text(ben.id) in sources[1]


async def test_a_change_shows_at_once() -> None:
    house = House()
    ada = house.user("ada")
    board = house.board(ada)
    pin = house.pin(board, ada)
    before = await pin_of(house, pin.id)
    house.change_pin(pin, title="Grey heron", version=2)
    house.change_board(board, name="Waders")
    house.all.users[ada.id] = msgspec.structs.replace(ada, handle="ada_l", version=2)
    after = await pin_of(house, pin.id)
    assert (before["title"], before["board"]["name"]) == (pin.title, "Herons")
    assert (after["title"], after["board"]["name"], after["saved_by"]["handle"]) == ("Grey heron", "Waders", "ada_l")
    house.change_board(board, generation=2)
    assert "/2/" in (await pin_of(house, pin.id))["picture"]["src"]["full"]


async def test_a_viewers_window_ends_and_the_addresses_change() -> None:
    house = House()
    ada = house.user("ada")
    pin = house.pin(house.board(ada, "private"), ada)
    first = await pin_of(house, pin.id, token_of(ada))
    assert await pin_of(house, pin.id, token_of(ada)) == first
    house.world.us += 900 * 1_000_000
    assert (await pin_of(house, pin.id, token_of(ada)))["picture"] != first["picture"]


async def test_a_pages_tag_tells_every_change_of_it() -> None:
    house = House()
    ada, ben = house.user("ada"), house.user("ben")
    house.all.follows.add((ada.id, ben.id))
    board = house.board(ben)
    pins = [house.pin(board, ben) for _ in range(3)]
    tags: list[object] = []

    async def look() -> None:
        first, again = [await call(house.api, "GET", "/v1/feed", token=token_of(ada)) for _ in range(2)]
        assert msgspec.json.encode(msgspec.json.decode(first.body, type=resources.FeedPage)) == first.body
        assert first.header("etag") == again.header("etag")
        tags.append(first.header("etag"))

    await look()
    house.change_pin(pins[0], title="Grey heron", version=2)
    await look()
    house.change_board(board, name="Waders")
    await look()
    house.all.users[ben.id] = msgspec.structs.replace(ben, handle="ben_l", version=2)
    await look()
    house.change_pin(pins[1], trashed=1, version=2)
    await look()
    assert len(set(tags)) == len(tags)
