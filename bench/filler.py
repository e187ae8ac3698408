"""Fills a folder: people by registering, all else as the rows and the projections that the services leave, in bulk.

Pins get their picture's columns without a picture being rendered, since no page reads its bytes. The log stays without
what is written in bulk. `python -m bench.filler FOLDER SIZE` (SIZE as JSON) fills one and prints what there is as JSON.
"""

import heapq
import random
import re
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import chain
from pathlib import Path
from typing import Final

import msgspec
import uvloop
from msgspec import Struct

from bench.data import Known, Person, Site, Size, each, open_site
from bowerbird.base.ids import SHARDS, Id, pack, shard_of, to_text
from bowerbird.contracts import kinds
from bowerbird.contracts.boards import Board, Invitation, Pin, Share
from bowerbird.contracts.caller import READ, Caller
from bowerbird.contracts.graph import Block, Follow
from bowerbird.contracts.identity import Device, Registration, SignedIn, User
from bowerbird.ports.tables import Op
from bowerbird.ports.timelines import Entry, Placed
from bowerbird.services.boards.store import BOARD, INVITATION, PIN, SHARE
from bowerbird.services.feed.model import Face
from bowerbird.services.feed.store import BOARD as BOARD_PINS
from bowerbird.services.feed.store import HOME, POSTS
from bowerbird.services.feed.store import Store as FeedStore
from bowerbird.services.graph.store import BLOCKS, FOLLOWS, TOTALS, Total
from bowerbird.services.identity.store import USERS
from bowerbird.services.links.model import link_of
from bowerbird.services.links.store import LINK

SEED: Final = 20_260_101
OPS_AT_ONCE: Final = 250
GAP_US: Final = 1_000
"""Between two pins' times, whoever saved them."""
SENTENCES: Final = 500
WORDS: Final = re.findall(
    r"\w+",
    "walnut stool linen harbour lantern moss brick stair fern copper kettle winter porch tile garden "
    "slow bread letterpress indigo thread meadow cabin lamp oak glaze river stone basket willow shelf paper "
    "kite orchard",
)


class Bulk:
    """Collects operations by shard and commits them, many rows a unit."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._ops: defaultdict[int, list[Op]] = defaultdict(list)
        self._full: list[list[Op]] = []

    async def put(self, ops: Iterable[Op]) -> None:
        """Take operations that will have been committed when `end` returns."""
        for op in ops:
            waiting = self._ops[op.shard]
            waiting.append(op)
            if len(waiting) == OPS_AT_ONCE:
                self._full.append(self._ops.pop(op.shard))
        if len(self._full) * OPS_AT_ONCE > 100 * OPS_AT_ONCE:
            await self._commit()

    async def end(self) -> None:
        """Commit what waits."""
        self._full += self._ops.values()
        self._ops.clear()
        await self._commit()

    async def _commit(self) -> None:
        units, self._full = self._full, []
        await each([lambda ops=ops: self._site.core.engines.records.commit(ops) for ops in units])


class Laid(Struct):
    """What is where, as far as the projections need it."""

    posts: dict[Id, list[Entry]]
    shared: defaultdict[Id, list[Entry]]
    photos: dict[Id, Id]


class Filler:
    """Fills an empty folder."""

    def __init__(self, site: Site, size: Size) -> None:
        self._site = site
        self._size = size
        self._bulk = Bulk(site)
        self._random = random.Random(SEED)
        self._said = {count: self._sentences(count) for count in (2, 3, 4, 5, 6, 8, 12, 20)}
        self._now_us = site.world.now_us()
        self._begin_us = self._now_us - size.pins * GAP_US
        self._feed = FeedStore(site.core.engines.timelines, site.world, site.settings.feed)

    async def fill(self) -> Known:
        """Make everything, and return what there is."""
        began, size = time.monotonic(), self._size
        known = await each([lambda n=n: self._person(n) for n in range(size.known)])
        async with self._site.running():
            await self._site.settled()
        people = [one.user.id for one in known] + await self._others(size.people - size.known)
        boards = {person: [self._board(person, n) for n in range(size.boards_each)] for person in people}
        guests = {boards[person][-1].id: people[place - 1] for place, person in enumerate(people)}
        laid = await self._pins(boards, guests)
        follows, blocked = self._follows(people), self._blocks(people)
        await self._ties(follows, blocked)
        await self._shares(boards, guests)
        await self._bulk.end()
        await self._lists(laid, boards)
        fans = self._fans()
        author = people[size.known - 1]
        pairs = chain(((a, b) for a, others in follows.items() for b in others), ((fan, author) for fan in fans))
        await self._maps(list(pairs))
        await self._homes(people[: size.feeds_max], follows, laid)
        await each([lambda one=one: self._here(one) for one in [*people, *fans]])
        await self._check(people[: size.known], follows, laid)
        apart = defaultdict[Id, set[Id]](set)
        for one, other in blocked:
            apart[one].add(other)
            apart[other].add(one)
        last = {b: a for a, others in reversed(follows.items()) for b in others} | {author: fans[0]}
        persons = [self._known(one, follows, boards, laid, last, apart) for one in known]
        return Known(
            people=persons[:-1],
            boards=[to_text(boards[person][0].id) for person in people],
            author=persons[-1],
            fans=len(fans),
            pins=size.pins // len(people) * len(people),
            seconds=round(time.monotonic() - began, 1),
        )

    def _known(
        self,
        one: SignedIn,
        follows: dict[Id, list[Id]],
        boards: dict[Id, list[Board]],
        laid: Laid,
        last: dict[Id, Id],
        blocked: dict[Id, set[Id]],
    ) -> Person:
        """Return what scenarios know of somebody: maps list followers newest first, so the first comes last."""
        me = one.user.id
        first = boards[me][0].id
        near = {me, *follows[me], *blocked[me]}
        stranger = next(other for other in boards if other not in near)
        return Person(
            one.token,
            to_text(me),
            to_text(first),
            to_text(laid.photos[first]),
            to_text(stranger),
            to_text(last[me]),
        )

    async def _person(self, number: int) -> SignedIn:
        new = Registration(
            handle=f"person_{number}", name=self._words(2), email=f"p{number}@example.org", password="a long password"
        )
        return await self._site.house.services.identity.register(Caller(), new, Device("bench", "127.0.0.1"))

    async def _others(self, count: int) -> list[Id]:
        users = [
            User(
                self._new_id(kinds.USER, self._random.randrange(SHARDS)),
                f"other_{number}",
                self._words(2),
                self._now_us,
                self._now_us,
            )
            for number in range(count)
        ]
        await self._bulk.put(USERS.insert(user) for user in users)
        return [user.id for user in users]

    def _board(self, owner: Id, number: int) -> Board:
        private = number == self._size.boards_each - 1
        return Board(
            self._new_id(kinds.BOARD, shard_of(owner)),
            owner,
            self._words(3),
            self._words(12),
            "private" if private else "public",
            self._begin_us,
            self._begin_us,
        )

    async def _pins(self, boards: dict[Id, list[Board]], guests: dict[Id, Id]) -> Laid:
        """Put boards with their pins, whose times are shuffled, so that a feed's neighbours have different authors.

        Three in five, and some more, are on a person's first board, which so has more than a page.
        """
        numbers = list(range(self._size.pins))
        self._random.shuffle(numbers)
        each_person = self._size.pins // len(boards)
        laid = Laid({}, defaultdict(list), {})
        for own in boards.values():
            turns = [own[0] if n % 5 < 3 else own[n % len(own)] for n in range(each_person)]  # noqa: PLR2004 - see above
            pins = [self._pin(board, numbers.pop()) for board in turns]
            counts = [turns.count(board) for board in own]
            await self._bulk.put(
                BOARD.insert(msgspec.structs.replace(board, pins=n)) for board, n in zip(own, counts, strict=True)
            )
            await self._bulk.put(PIN.insert(pin) for pin in pins)
            await self._bulk.put(LINK.insert(link_of(pin.url, self._now_us)) for pin in pins if pin.url)
            self._lay(laid, pins, own, guests)
        return laid

    def _lay(self, laid: Laid, pins: Sequence[Pin], own: Sequence[Board], guests: dict[Id, Id]) -> None:
        """Note where a person's pins belong."""
        public = {board.id for board in own if board.visibility == "public"}
        entries = [_entry(pin) for pin in sorted(pins, key=lambda pin: pin.position, reverse=True)]
        laid.posts[own[0].owner] = [entry for entry in entries if entry.board in public]
        for entry in entries:
            if entry.board not in public:
                laid.shared[guests[entry.board]].append(entry)
        laid.photos.update((pin.board, pin.id) for pin in pins if pin.link is None)

    def _pin(self, board: Board, number: int) -> Pin:
        at = self._begin_us + number * GAP_US
        shard = shard_of(board.id)
        pin = Pin(
            id=self._new_id(kinds.PIN, shard),
            board=board.id,
            owner=board.owner,
            saved_by=board.owner,
            position=at,
            created_at=at,
            updated_at=at,
            title=self._words(5),
            note=self._words(8) if number % 4 == 0 else "",
            alt=self._words(6) if number % 2 else "",
            media=self._new_id(kinds.MEDIA, shard),
            picture_name=self._random.randbytes(12).hex(),
            width=736,
            height=self._random.randrange(490, 1300),
            color="#8d7a5e",
            thumbhash="1QcSHQRnh493V4dIh4eXh1h4kJUI",
            published_at=at,
        )
        if number % 5 >= 3:  # noqa: PLR2004 - three in five show a page, the others a photo
            return pin
        url = f"https://www.example.org/{self._words(4).replace(' ', '-')}/{number}"
        link = link_of(url, at).id
        return msgspec.structs.replace(
            pin, link=link, live_link=link, url=url, site="example.org", description=self._words(20)
        )

    def _follows(self, people: list[Id]) -> dict[Id, list[Id]]:
        size, follows = self._size, dict[Id, list[Id]]()
        for place, one in enumerate(people):
            count = min(size.followees if place < size.known else size.others_follow, len(people) - 1)
            follows[one] = [other for other in self._random.sample(people, count + 1) if other != one][:count]
        return follows

    def _blocks(self, people: list[Id]) -> list[tuple[Id, Id]]:
        """Return who blocks whom: everybody one other."""
        return [(one, people[place - 2]) for place, one in enumerate(people)]

    async def _ties(self, follows: dict[Id, list[Id]], blocks: list[tuple[Id, Id]]) -> None:
        at = self._begin_us
        for one, others in follows.items():
            await self._bulk.put([FOLLOWS.insert(Follow(one, other, 1, 1, at)) for other in others])
            await self._bulk.put([TOTALS.insert(Total(one, len(others)))])
        sides = [Block(one, other, 1, 0, 1, at) for one, other in blocks]
        sides += [Block(other, one, 0, 1, 0, at, 1) for one, other in blocks]
        await self._bulk.put(BLOCKS.insert(side) for side in sides)

    async def _shares(self, boards: dict[Id, list[Board]], guests: dict[Id, Id]) -> None:
        """Share everybody's private board with one other, who may see it."""
        for owner, own in boards.items():
            board, guest = own[-1].id, guests[own[-1].id]
            await self._bulk.put(
                [
                    SHARE.insert(Share(board, guest, owner, "viewer", 1, self._begin_us)),
                    INVITATION.insert(Invitation(guest, board, owner, "viewer", 1, self._begin_us)),
                ]
            )

    async def _lists(self, laid: Laid, boards: dict[Id, list[Board]]) -> None:
        """Put pins where pulling finds them, and note what boards show."""
        placed = [Placed(POSTS, entry.author, entry) for entries in laid.posts.values() for entry in entries]
        both = chain(chain.from_iterable(laid.posts.values()), chain.from_iterable(laid.shared.values()))
        placed += [Placed(BOARD_PINS, entry.board, entry) for entry in both]
        placed.sort(key=lambda one: (one.kind, one.owner))
        for start in range(0, len(placed), 5_000):
            await self._site.core.engines.timelines.add(placed[start : start + 5_000], None)
        for board in chain.from_iterable(boards.values()):
            await self._feed.note_face(board.id, Face.PUBLIC if board.visibility == "public" else Face.PRIVATE)

    async def _maps(self, pairs: list[tuple[Id, Id]]) -> None:
        put = self._site.core.engines.graph.put
        await each([lambda a=a, b=b, n=n: put(a, b, self._begin_us + n, 1) for n, (a, b) in enumerate(pairs)])

    async def _homes(self, people: list[Id], follows: dict[Id, list[Id]], laid: Laid) -> None:
        """Fill home feeds with one more entry than they keep, so that they know that there are older ones."""
        cap = self._site.settings.feed.entries_max
        for person in people:
            entries = _newest(person, follows, laid, cap + 1)
            await self._site.core.engines.timelines.add([Placed(HOME, person, entry) for entry in entries], cap)

    async def _here(self, person: Id) -> None:
        """Note that somebody looks at their home feed, so that it is pushed to."""
        await self._feed.open_home(person)
        await self._feed.seen(person)

    async def _check(self, people: list[Id], follows: dict[Id, list[Id]], laid: Laid) -> None:
        """Make sure that the feed finds what was laid, for some people, far beyond what their feeds keep."""
        for person in people[:: max(1, len(people) // 5)]:
            expected = [entry.pin for entry in _newest(person, follows, laid, 1_000)]
            found: list[Id] = []
            before: bytes | None = None
            while len(found) < len(expected):
                stretch = await self._site.house.services.feed.home(Caller(person=person, scopes=READ), before, 100)
                found += [candidate.pin for candidate in stretch.candidates]
                before = stretch.next
                if before is None:
                    break
            assert found[: len(expected)] == expected, "the feed is not what was laid"

    def _fans(self) -> list[Id]:
        """Return ids of people of whom there is nothing but that they follow the author; the first stand last."""
        now_ms = self._now_us // 1000
        return [pack(now_ms, n % SHARDS, kinds.USER, n) for n in range(self._size.fans)]

    def _new_id(self, kind: int, shard: int) -> Id:
        return self._site.world.new_id(kind, shard)

    def _sentences(self, count: int) -> list[str]:
        return [" ".join(self._random.choices(WORDS, k=count)).capitalize() for _ in range(SENTENCES)]

    def _words(self, count: int) -> str:
        return self._said[count][self._random.randrange(SENTENCES)]


def _entry(pin: Pin) -> Entry:
    assert pin.saved_by is not None
    return Entry(pin.position, pin.id, pin.board, pin.saved_by)


def _newest(person: Id, follows: dict[Id, list[Id]], laid: Laid, count: int) -> list[Entry]:
    mine = chain(laid.shared[person], *[laid.posts[other] for other in follows[person]])
    return heapq.nlargest(count, mine, key=lambda entry: (entry.at, entry.pin))


async def make(folder: Path, size: Size) -> Known:
    """Fill a folder and close it."""
    site = open_site(folder)
    try:
        return await Filler(site, size).fill()
    finally:
        await site.core.engines.close()


if __name__ == "__main__":
    known = uvloop.run(make(Path(sys.argv[1]), msgspec.json.decode(sys.argv[2], type=Size)))
    sys.stdout.buffer.write(msgspec.json.encode(known))
