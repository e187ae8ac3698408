"""What a view becomes in the log: an event of its own, readable with its viewer's key alone."""

from typing import get_args

import pytest

from bowerbird.base.ids import kind_of, shard_of
from bowerbird.base.seal import Unreadable
from bowerbird.contracts import kinds
from bowerbird.contracts.events import CHANGES, read_body
from bowerbird.contracts.insight import VIEWS_MAX, ViewKind
from bowerbird.contracts.problems import Invalid
from bowerbird.services.insight.service import BATCH_MAX
from tests.support.insight_house import InsightHouse, by, lost, written

KINDS: tuple[ViewKind, ...] = get_args(ViewKind)


@pytest.mark.parametrize("kind", KINDS)
async def test_each_kind_is_an_event_about_its_viewer(house: InsightHouse, kind: ViewKind) -> None:
    ada, insight = await house.person(shard=4000), house.service()
    view = house.view(ada, kind, things=3)
    house.world.pass_s(60)
    await insight.seen(by(ada, trace="a-request"), [view])
    await insight.flush()
    [stored] = await house.stored()
    event = await house.opened(stored)
    assert event.body == view
    told = event.envelope
    assert (told.type, told.entity, told.owner, told.actor) == (kind, ada, ada, ada)
    assert (told.schema, told.version, told.trace) == (1, 0, "a-request")
    assert (kind_of(told.id), shard_of(told.id)) == (kinds.EVENT, 4000)
    assert (stored.record.key, stored.record.at) == (ada, view.at)
    assert await house.stored(CHANGES) == []


async def test_a_view_is_sealed_with_its_viewers_key_and_no_other(house: InsightHouse) -> None:
    ada, ben, insight = await house.person(), await house.person(), house.service()
    views = [house.view(ada), house.view(ben)]
    for view in views:
        await insight.seen(by(view.viewer), [view])
    await insight.flush()
    stored = await house.stored()
    assert [event.body for event in [await house.opened(one) for one in stored]] == views
    mine, other = [(await house.opened(one)).envelope for one in stored]
    [key] = await house.keys.get([ada])
    assert key is not None
    assert read_body(mine, key) == views[0]
    with pytest.raises(Unreadable):
        read_body(other, key)
    for view, one in zip(views, stored, strict=True):
        assert view.things[0] not in one.record.data


async def test_views_of_erased_people_are_not_written_and_those_of_others_are(house: InsightHouse) -> None:
    ada, ben, insight = await house.person(), await house.person(), house.service()
    before = lost("erased"), written()
    await house.see(insight, ada, 2)
    kept = await house.see(insight, ben, 1)
    await house.see(insight, ada, 1)
    await house.keys.destroy(ada)
    await insight.flush()
    assert await house.logged() == kept
    assert (lost("erased"), written()) == (before[0] + 3, before[1] + 1)


async def test_views_of_an_erased_person_alone_are_no_trouble(house: InsightHouse) -> None:
    ada, insight, before = await house.person(), house.service(), lost("log")
    await house.see(insight, ada, 1)
    await house.keys.destroy(ada)
    await insight.flush()
    assert await house.stored() == []
    assert lost("log") == before


async def test_more_than_a_batch_is_written_in_order_and_once(house: InsightHouse) -> None:
    ada, insight, before = await house.person(), house.service(), written()
    views = await house.see(insight, ada, 2 * BATCH_MAX + 1)
    await insight.flush()
    assert await house.logged() == views
    await insight.flush()
    assert len(await house.stored()) == len(views)
    assert written() == before + len(views)


async def test_a_call_takes_so_many_views_and_no_more(house: InsightHouse) -> None:
    ada, insight = await house.person(), house.service()
    views = [house.view(ada) for _ in range(VIEWS_MAX + 1)]
    with pytest.raises(Invalid) as refused:
        await insight.seen(by(ada), views)
    assert refused.value.field == "views"
    await insight.seen(by(ada), views[:VIEWS_MAX])
    await insight.flush()
    assert await house.logged() == views[:VIEWS_MAX]
