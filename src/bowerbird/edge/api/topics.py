"""Topics: what pictures are of, to be chosen by whoever says what they like."""

from collections.abc import Mapping
from typing import Final

from bowerbird.base.ids import Id
from bowerbird.contracts.boards import Shown
from bowerbird.contracts.caller import Caller
from bowerbird.contracts.recommend import Topic
from bowerbird.edge.api import discovered, hydrate, present
from bowerbird.edge.api.kit import Kit
from bowerbird.edge.http.route import AnyRoute, Reply, Request, Route

COVER_MAX: Final = 4


async def list_topics(kit: Kit, request: Request[None, None]) -> Reply[discovered.TopicList]:
    """Show all topics."""
    caller = request.caller
    topics = await kit.recommend.topics(caller)
    chosen = await _chosen(kit, caller)
    shown = await _shown(kit, caller, topics)
    return Reply(discovered.TopicList([_card(kit, caller, topic, shown, chosen) for topic in topics]))


async def _chosen(kit: Kit, caller: Caller) -> frozenset[int]:
    """Return the topics that the caller asked for more of."""
    wishes = await kit.recommend.tunings(caller) if caller.person is not None else []
    return frozenset(one.topic for one in wishes if one.wish == "interest")


async def _shown(kit: Kit, caller: Caller, topics: list[Topic]) -> dict[Id, Shown]:
    """Return what may be shown for the topics now."""
    pins = [pin for topic in topics for pin in topic.pins]
    shown, _ = await hydrate.visible_pins(kit, caller, pins)
    return {one.pin.id: one for one in shown if one.pin.picture_name}


def _card(
    kit: Kit, caller: Caller, topic: Topic, shown: Mapping[Id, Shown], chosen: frozenset[int]
) -> discovered.TopicCard:
    cover = [shown[pin] for pin in topic.pins if pin in shown][:COVER_MAX]
    return discovered.TopicCard(
        id=topic.id,
        name=topic.name,
        chosen=topic.id in chosen,
        cover=[present.picture(kit, one.pin, one.access.board, caller.person) for one in cover],
    )


ROUTES: tuple[AnyRoute[Kit], ...] = (
    Route(
        method="GET",
        path="/v1/topics",
        handler=list_topics,
        summary="What pictures are of, with some of each",
        tag="ideas",
        returns=discovered.TopicList,
        access="public",
        slow=True,
        budget="read",
    ),
)
