"""Choosing, author by author, between pushing and pulling, by the number of followers."""

from functools import partial

from bowerbird.base.ids import Id
from bowerbird.contracts.caller import Caller
from bowerbird.contracts.feed import Candidate
from bowerbird.services.feed.fill_home import not_standing, push_as_it_is
from bowerbird.services.feed.kit import Kit, settle
from bowerbird.services.feed.model import pulled_from_now
from bowerbird.services.feed.readers import followers
from bowerbird.services.feed.store import POSTS


async def choose_policy(kit: Kit, caller: Caller, author: Id) -> None:
    """Let an author with very many followers be pulled, and be pushed again when they are fewer."""
    if kit.settings.policy != "hybrid":
        return

    async def attempt() -> bool:
        was, now = await _was_and_now(kit, caller, author)
        if was == now:
            return True
        if now:
            await kit.store.set_pulled(author, pulled=True)
        else:
            await _push_again(kit, caller, author)
        return False

    await settle(attempt)


async def _was_and_now(kit: Kit, caller: Caller, author: Id) -> tuple[bool, bool]:
    [counts] = await kit.graph.counts(caller, [author])
    was = author in await kit.store.pulled()
    now = pulled_from_now(
        pulled=was,
        followers=counts.followers,
        push_max=kit.settings.push_followers_max,
        pull_min=kit.settings.pull_followers_min,
    )
    return was, now


async def _push_again(kit: Kit, caller: Caller, author: Id) -> None:
    """Push first, so that no reader misses a pin once the author is not pulled; then again, for what came since."""

    async def posts() -> list[Candidate]:
        return await kit.store.page(POSTS, author, None, kit.settings.entries_max + 1)

    async def push() -> None:
        async for readers in followers(kit.graph, caller, author):
            await push_as_it_is(kit.store, readers, posts, partial(not_standing, kit, caller))

    await push()
    await kit.store.set_pulled(author, pulled=False)
    await push()
