"""Stand-ins beyond what is tested: pages on the network, and pictures without pixels."""

from collections.abc import Awaitable, Callable, Sequence
from hashlib import sha256

from typing_extensions import override

from bowerbird.base.ids import Id, shard_of
from bowerbird.base.world import World
from bowerbird.contracts.caller import Caller
from bowerbird.contracts.kinds import MEDIA, UPLOAD
from bowerbird.contracts.media import Media, Picture, Served, UploadTarget
from bowerbird.contracts.problems import NotFound, Refused
from bowerbird.ports.fetch import Fetch, Fetched
from bowerbird.ports.keys import Keys
from bowerbird.ports.records import Outgoing, Position, Records
from bowerbird.ports.tables import Key, Op, Row, Table


class Pages(Fetch):
    """What the network would answer, by address; anything else does not exist."""

    def __init__(self) -> None:
        self.known: dict[str, Fetched] = {}
        self.asked: list[str] = []

    @override
    async def fetch(self, url: str) -> Fetched:
        self.asked.append(url)
        return self.known.get(url, Fetched(failure="no-such-host", status=0, url=url))


class Watched(Records):
    """Records that note each read, and let a test act between what a verb reads and what it writes."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self.reads: list[tuple[str, int]] = []
        self.commits = 0
        self.before_commit: list[Callable[[], Awaitable[object]]] = []

    @override
    async def commit(self, ops: Sequence[Op], outgoing: Sequence[Outgoing] = ()) -> Position:
        while self.before_commit:
            await self.before_commit.pop()()
        self.commits += 1
        return await self._records.commit(ops, outgoing)

    @override
    async def get(self, table: Table[Row], keys: Sequence[Key]) -> list[Row | None]:
        self.reads.append((table.name, len(keys)))
        return await self._records.get(table, keys)

    @override
    async def scan(
        self,
        table: Table[Row],
        index: str,
        prefix: Key,
        *,
        after: Key | None = None,
        limit: int = 100,
        newest_first: bool = False,
    ) -> list[Row]:
        self.reads.append((f"{table.name}.{index}", 1))
        return await self._records.scan(table, index, prefix, after=after, limit=limit, newest_first=newest_first)

    @override
    async def sweep(self, table: Table[Row], index: str, upto: int, limit: int) -> list[Row]:
        return await self._records.sweep(table, index, upto, limit)


class MemoryKeys(Keys):
    """Keys in a dict."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._keys: dict[Id, bytes | None] = {}

    @override
    async def create(self, owner: Id) -> bytes:
        key = self._keys.setdefault(owner, self._world.random_bytes(32))
        if key is None:
            raise ValueError("destroyed")
        return key

    @override
    async def get(self, owners: Sequence[Id]) -> list[bytes | None]:
        return [self._keys.get(owner) for owner in owners]

    @override
    async def destroy(self, owner: Id) -> None:
        self._keys[owner] = None

    @override
    async def erasures(self, after: Id | None, limit: int) -> list[Id]:
        return sorted(owner for owner, key in self._keys.items() if key is None and (after is None or owner > after))


class Album(Media):
    """Pictures that are their bytes; those that begin with "bad" are refused."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.kept: dict[Id, Picture] = {}
        self._uploads: dict[Id, tuple[Id, bytes]] = {}

    def upload(self, owner: Id, data: bytes) -> Id:
        """Return a completed upload."""
        id_ = self._world.new_id(UPLOAD, shard_of(owner))
        self._uploads[id_] = (owner, data)
        return id_

    @override
    async def begin(self, caller: Caller, mime: str, length: int) -> UploadTarget:
        raise NotFound("nothing is uploaded here")

    @override
    async def complete(self, caller: Caller, upload: Id) -> Picture:
        return await self.uploaded(caller, upload)

    @override
    async def uploaded(self, caller: Caller, upload: Id) -> Picture:
        owner, data = self._uploads.get(upload, (None, b""))
        if owner is None or owner != caller.person:
            raise NotFound("there is no such upload", field="upload_id")
        return await self.ingest(caller, owner, data)

    @override
    async def ingest(self, caller: Caller, owner: Id, data: bytes) -> Picture:
        if data.startswith(b"bad"):
            raise Refused("this is no picture", field="picture")
        digest = sha256(data).digest()
        same = [one for one in self.kept.values() if (one.owner, one.sha256) == (owner, digest)]
        return same[0] if same else self._put(owner, digest)

    @override
    async def adopt(self, caller: Caller, media: Id, owner: Id) -> Picture:
        if media not in self.kept:
            raise NotFound("there is no such picture")
        digest = self.kept[media].sha256
        same = [one for one in self.kept.values() if (one.owner, one.sha256) == (owner, digest)]
        return same[0] if same else self._put(owner, digest)

    @override
    async def pictures(self, caller: Caller, ids: Sequence[Id]) -> list[Picture | None]:
        return [self.kept.get(id_) for id_ in ids]

    @override
    async def served(self, caller: Caller, media: Id, rendition: str) -> Served:
        raise NotFound("there are no bytes here")

    def _put(self, owner: Id, digest: bytes) -> Picture:
        id_ = self._world.new_id(MEDIA, shard_of(owner))
        picture = Picture(
            owner=owner,
            id=id_,
            sha256=digest,
            phash=bytes(32),
            name=id_.hex()[-22:],
            width=40,
            height=30,
            color="#112233",
            thumbhash="abc",
            renditions="{}",
            created_at=self._world.now_us(),
        )
        self.kept[id_] = picture
        return picture
