"""Link rows: one for an address, sealed for nobody in particular, and telling nothing about who else keeps it."""

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from msgspec.json import decode

from bowerbird.base.ids import shard_of
from bowerbird.contracts.caller import system
from bowerbird.contracts.events import LINKS
from bowerbird.contracts.links import Metadata
from bowerbird.contracts.problems import Invalid, Unavailable
from bowerbird.services.links.store import LINK
from tests.support.boards_house import House, as_, open_house, png
from tests.support.web import answer

URL = "https://Example.org/bread?utm_source=x"
SAME = "https://example.org:443/bread#crust"


@pytest.fixture(params=[1, 4])
async def house(tmp_path: Path, present: None, request: pytest.FixtureRequest) -> AsyncGenerator[House]:
    del present
    async with open_house(tmp_path, request.param) as opened:
        yield opened


async def test_one_link_for_all_spellings(house: House) -> None:
    ada, ben = await house.person(), await house.person()
    await house.hear()
    first = await house.links.put(as_(ada), f" {URL} ")
    assert (first.original_url, first.normal, first.version, first.public) == (URL, 1, 1, 0)
    assert await house.links.put(as_(ben), SAME) == first
    assert (await house.links.put(as_(ben), "https://example.org/cake")).id != first.id
    [row] = await house.records.get(LINK, [(first.id,)])
    assert row == first
    assert await house.types() == ["link_saved", "link_saved"]


async def test_link_events_name_nobody(house: House) -> None:
    ada = await house.person()
    await house.hear()
    link = await house.links.put(as_(ada), URL)
    await house.links.shown(as_(ada), link.id)
    saved, changed = await house.hear()
    for event in (saved, changed):
        envelope = event.envelope
        assert (envelope.owner, envelope.actor, envelope.trace, envelope.entity) == (LINKS, None, "", link.id)
        assert shard_of(envelope.id) == shard_of(link.id)
    await house.keys.destroy(ada)
    assert saved.body == link
    assert (await house.keys.get([LINKS]))[0] is not None


async def test_a_bad_address(house: House) -> None:
    with pytest.raises(Invalid) as caught:
        await house.links.put(system(), "bread")
    assert caught.value.field == "url"
    assert caught.value.detail == "an address begins with http:// or https:// and names a host"


async def test_many_at_once_make_one(house: House) -> None:
    links = await asyncio.gather(*(house.links.put(system(), URL) for _ in range(20)))
    assert len({link.id for link in links}) == 1
    assert await house.types() == ["link_saved"]


async def test_a_known_address_waits_as_long_as_a_new_one(house: House) -> None:
    commits = house.records.commits
    await house.links.put(system(), URL)
    new = house.records.commits - commits
    await house.links.put(system(), SAME)
    known = house.records.commits - commits - new
    assert (new, known) == (1, 1)


async def test_what_a_page_says_is_kept(house: House) -> None:
    url = house.page("/bread", "How to bake", png())
    link = await house.links.put(system(), url)
    await house.hear()
    details = await house.links.details(system(), link.id, f"{url}#crust")
    assert (details.title, details.description, details.site) == ("How to bake", "Flour and water", "Bread Weekly")
    assert (details.failure, details.picture) == ("", png())
    now = await house.links.put(system(), url)
    assert (now.title, now.failure, now.version, now.public) == ("How to bake", "", 2, 0)
    assert now.fetched_at is not None
    said = decode(now.metadata, type=Metadata)
    assert (said.description, said.site) == ("Flour and water", "Bread Weekly")
    assert (said.picture_url, said.url) == (f"{url}.png", f"{url}#crust")
    [event] = await house.hear()
    assert (event.envelope.type, event.body) == ("link_changed", now)


async def test_a_failure_takes_nothing_away(house: House) -> None:
    url = house.page("/bread", "How to bake")
    link = await house.links.put(system(), url)
    await house.links.details(system(), link.id, url)
    house.web.raw("/bread", answer(b"gone", {}, status=410))
    details = await house.links.details(system(), link.id, url)
    assert (details.title, details.failure, details.picture) == ("", "bad-answer", b"")
    now = await house.links.put(system(), url)
    assert (now.title, now.failure, now.version) == ("How to bake", "bad-answer", 3)


async def test_too_many_pages_at_once(house: House) -> None:
    house.network.busy = True
    link = await house.links.put(system(), URL)
    with pytest.raises(Unavailable) as caught:
        await house.links.details(system(), link.id, URL)
    assert caught.value.retry_after_s > 0
    assert (await house.links.put(system(), URL)).fetched_at is None


async def test_shown_once_and_for_all(house: House) -> None:
    link = await house.links.put(system(), URL)
    await house.hear()
    await asyncio.gather(*(house.links.shown(system(), link.id) for _ in range(5)))
    assert await house.types() == ["link_changed"]
    now = await house.links.put(system(), SAME)
    assert (now.public, now.version) == (1, 2)


async def test_a_fetch_and_a_showing_at_once_both_count(house: House) -> None:
    url = house.page("/bread", "How to bake")
    link = await house.links.put(system(), url)
    house.records.before_commit.append(lambda: house.links.shown(system(), link.id))
    await house.links.details(system(), link.id, url)
    now = await house.links.put(system(), url)
    assert (now.public, now.title, now.version) == (1, "How to bake", 3)
