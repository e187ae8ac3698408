"""How the graph reads and writes: follow and block rows with their events, the totals, and the map of followers."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Final

from msgspec import Struct

from bowerbird.base.ids import Id
from bowerbird.base.world import World
from bowerbird.contracts import events
from bowerbird.contracts.caller import Caller
from bowerbird.contracts.graph import Block, Follow
from bowerbird.contracts.problems import NotFound, Unavailable
from bowerbird.ports.graph import Edge
from bowerbird.ports.graph import Graph as Maps
from bowerbird.ports.keys import Keys
from bowerbird.ports.records import Conflict, EngineUnavailable, Records
from bowerbird.ports.tables import Index, Key, Op, Row, Table
from bowerbird.services.graph import model


class Total(Struct, frozen=True):
    """How many a person follows, on that person's shard; no part of any event, since it follows from the rows."""

    person: Id
    following: int


class Departure(Struct, frozen=True):
    """Somebody whose account is deleted, and whose ties are looked for from `at` on.

    `last`: 1 when none was found, and only what was under way at that time may still be to come.
    """

    person: Id
    at: int
    last: int = 0


FOLLOWS: Final = Table(
    "follow", Follow, key=("follower", "followee"), indexes={"since": Index(("follower", "active", "created_at"))}
)
BLOCKS: Final = Table(
    "block", Block, key=("person", "other"), indexes={"made": Index(("person", "made", "created_at"))}
)
TOTALS: Final = Table("follow_total", Total, key=("person",))
DEPARTURES: Final = Table("departure", Departure, key=("person",), indexes={"age": Index(("at",), sweep=True)})

TABLES: Final[tuple[Table[Any], ...]] = (FOLLOWS, BLOCKS, TOTALS, DEPARTURES)


class Raced(Exception):  # noqa: N818 - an expected answer
    """What was read has been changed since: read again, and try again."""


@contextmanager
def _answering() -> Generator[None]:
    """Turn what engines say into what services say."""
    try:
        yield
    except Conflict as conflict:
        raise Raced from conflict
    except EngineUnavailable as error:
        raise Unavailable("follows and blocks cannot be read or written now", retry_after_s=1) from error


class Store:
    """Owns the tables above."""

    def __init__(self, records: Records, keys: Keys, maps: Maps, world: World) -> None:
        self._records = records
        self._keys = keys
        self._maps = maps
        self._world = world

    async def follow(self, follower: Id, followee: Id) -> Follow | None:
        """Return a follow row, active or not."""
        return (await self._get(FOLLOWS, [(follower, followee)]))[0]

    async def follows(self, follower: Id, people: Sequence[Id]) -> list[Follow | None]:
        """Return the follow rows from one person to each of the others."""
        return await self._get(FOLLOWS, [(follower, person) for person in people])

    async def block(self, person: Id, other: Id) -> Block | None:
        """Return one person's side of a block."""
        return (await self._get(BLOCKS, [(person, other)]))[0]

    async def blocks(self, person: Id, others: Sequence[Id]) -> list[Block | None]:
        """Return one person's sides of blocks with each of the others."""
        return await self._get(BLOCKS, [(person, other) for other in others])

    async def totals(self, people: Sequence[Id]) -> list[int]:
        """Return how many each person follows."""
        return [total.following if total else 0 for total in await self._get(TOTALS, [(one,) for one in people])]

    async def followees(self, follower: Id, after: model.Mark | None, limit: int) -> list[Follow]:
        """Return whom a person follows, newest first."""
        behind: Key | None = (follower, 1, after.at, after.person) if after else None
        return await self._scan(FOLLOWS, "since", (follower, 1), after=behind, limit=limit, newest_first=True)

    async def blocks_made(self, person: Id, after: model.Mark | None, limit: int) -> list[Block]:
        """Return whom a person blocks, newest first."""
        behind: Key | None = (person, 1, after.at, after.person) if after else None
        return await self._scan(BLOCKS, "made", (person, 1), after=behind, limit=limit, newest_first=True)

    async def followers(self, person: Id, after: model.Mark | None, limit: int) -> list[model.Mark]:
        """Return who follows a person, newest first, as the map knows."""
        behind = Edge(Id(after.person), after.at, after.version) if after else None
        with _answering():
            edges = await self._maps.members("followers", person, behind, limit)
        return [model.Mark(edge.at, edge.person, edge.version) for edge in edges]

    async def follower_counts(self, people: Sequence[Id]) -> list[int]:
        """Return how many follow each person, as the map knows."""
        with _answering():
            return await self._maps.counts("followers", people)

    async def write_follow(self, caller: Caller, old: Follow | None, new: Follow, block: Block | None) -> None:
        """Begin to follow, provided that no block has come between since `block` was read. Raced, NotFound."""
        pair = (new.follower, new.followee)
        ops: list[Op] = [
            BLOCKS.require(pair, {"made": 0, "received": 0}) if block else BLOCKS.require_absent(pair),
            FOLLOWS.replace(new, {"version": old.version}) if old else FOLLOWS.insert(new),
            TOTALS.insert(Total(person=new.follower, following=0), if_absent=True),
            TOTALS.patch((new.follower,), {}, add={"following": 1}),
        ]
        await self._commit(caller, new.follower, ops, [("person_followed", new)])

    async def end_follow(self, caller: Caller, follow: Follow) -> None:
        """End an active follow. Raced, NotFound."""
        ops, happened = _ending(follow)
        await self._commit(caller, follow.follower, ops, happened)

    async def write_block(self, caller: Caller, old: Block | None, new: Block, follow: Follow | None) -> None:
        """Write the blocker's side; a block made ends the blocker's own `follow` with it. Raced, NotFound."""
        pair = (new.person, new.other)
        put = {"made": new.made, "version": new.version, "created_at": new.created_at}
        first: Op = BLOCKS.patch(pair, put, {"version": old.version}) if old else BLOCKS.insert(new)
        ops, happened = _without(pair, follow) if new.made else ([], [])
        await self._commit(caller, new.person, [first, *ops], [("block_changed", new), *happened])

    async def write_received(self, caller: Caller, old: Block | None, truth: Block, follow: Follow | None) -> None:
        """Write the other side of `truth`; a block made ends that person's `follow` with it. Raced, NotFound."""
        pair = (truth.other, truth.person)
        put = {"received": truth.made, "received_version": truth.version}
        if old is not None:
            first: Op = BLOCKS.patch(pair, put, {"received_version": old.received_version})
        else:
            now_us = self._world.now_us()
            first = BLOCKS.insert(Block(person=pair[0], other=pair[1], made=0, version=0, created_at=now_us, **put))
        ops, happened = _without(pair, follow) if truth.made else ([], [])
        await self._commit(caller, truth.other, [first, *ops], happened)

    async def put_follower(self, follow: Follow) -> None:
        """Bring a follow row's state into the maps; older versions change nothing."""
        with _answering():
            if follow.active:
                await self._maps.put(follow.follower, follow.followee, follow.created_at, follow.version)
            else:
                await self._maps.remove(follow.follower, follow.followee, follow.version)

    async def departure(self, person: Id) -> Departure:
        """Return the note that somebody's ties are to be removed, made if there is none."""
        new = Departure(person=person, at=self._world.now_us())
        await self._commit_plain([DEPARTURES.insert(new, if_absent=True)])
        return (await self._get(DEPARTURES, [(person,)]))[0] or new

    async def departed(self, limit: int) -> list[Departure]:
        """Return those whose ties are to be looked for by now, longest due first."""
        with _answering():
            return await self._records.sweep(DEPARTURES, "age", self._world.now_us(), limit)

    async def put_off_departure(self, person: Id, at_us: int) -> None:
        """Note that nothing of somebody was found, and that a last look is due at a time."""
        with suppress(Raced):
            await self._commit_plain([DEPARTURES.patch((person,), {"at": at_us, "last": 1}, {"last": 0})])

    async def forget_follow(self, caller: Caller, follow: Follow) -> None:
        """Remove a follow row for good; with an event, where the follower is still there to own it. Raced."""
        gone = FOLLOWS.delete((follow.follower, follow.followee), {"version": follow.version})
        if follow.active and await self._key(follow.follower):
            less = TOTALS.patch((follow.follower,), {}, add={"following": -1})
            await self._commit(caller, follow.follower, [gone, less], [("person_unfollowed", model.ended(follow))])
        else:
            await self._commit_plain([gone])

    async def forget_block(self, caller: Caller, block: Block) -> None:
        """Remove one side of a block for good; with an event, where it was made by somebody still there. Raced."""
        gone = BLOCKS.delete((block.person, block.other), {"version": block.version})
        if block.made and await self._key(block.person):
            await self._commit(caller, block.person, [gone], [("block_changed", model.unblocked(block))])
        else:
            await self._commit_plain([gone])

    async def rows_of(self, person: Id, limit: int) -> tuple[list[Follow], list[Block]]:
        """Return follow and block rows on a person's own shard, active or not, up to `limit` of each."""
        follows = await self._scan(FOLLOWS, "", (person,), after=None, limit=limit, newest_first=False)
        return follows, await self._scan(BLOCKS, "", (person,), after=None, limit=limit, newest_first=False)

    async def clear(self, person: Id) -> None:
        """Clear what is left of a person once no row is."""
        with _answering():
            await self._maps.clear(person)
        await self._commit_plain([TOTALS.delete((person,))])

    async def end_departure(self, person: Id) -> None:
        """Note that nothing is left to remove."""
        await self._commit_plain([DEPARTURES.delete((person,))])

    async def _key(self, owner: Id) -> bytes | None:
        with _answering():
            return (await self._keys.get([owner]))[0]

    async def _commit(
        self, caller: Caller, owner: Id, ops: Sequence[Op], happened: Sequence[tuple[str, Struct]]
    ) -> None:
        """Commit one unit on the owner's shard with its events, all of them the owner's."""
        key = await self._key(owner)
        if key is None:
            raise NotFound("there is no such person")
        outgoing = [events.outgoing(self._world, caller, type_, body, key) for type_, body in happened]
        with _answering():
            await self._records.commit(ops, outgoing)

    async def _commit_plain(self, ops: Sequence[Op]) -> None:
        with _answering():
            await self._records.commit(ops)

    async def _get(self, table: Table[Row], keys: Sequence[Key]) -> list[Row | None]:
        with _answering():
            return await self._records.get(table, keys)

    async def _scan(
        self, table: Table[Row], index: str, prefix: Key, *, after: Key | None, limit: int, newest_first: bool
    ) -> list[Row]:
        with _answering():
            return await self._records.scan(table, index, prefix, after=after, limit=limit, newest_first=newest_first)


def _ending(follow: Follow) -> tuple[list[Op], list[tuple[str, Struct]]]:
    """Return what ends an active follow, and its event."""
    row = model.ended(follow)
    ops: list[Op] = [
        FOLLOWS.replace(row, {"version": follow.version}),
        TOTALS.patch((follow.follower,), {}, add={"following": -1}),
    ]
    return ops, [("person_unfollowed", row)]


def _without(pair: tuple[Id, Id], follow: Follow | None) -> tuple[list[Op], list[tuple[str, Struct]]]:
    """Return what makes sure that, after the unit, one does not follow the other, given the row as it was read."""
    if follow is None:
        return [FOLLOWS.require_absent(pair)], []
    return _ending(follow) if follow.active else ([FOLLOWS.require(pair, {"version": follow.version})], [])
