"""The operation behind `bowerbird check`: every database by itself, and then what holds between them and the pictures.

Beside a running server, what seems wrong between two databases is looked at again: it may have changed in between.
"""

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final, TypeVar

from msgspec import Struct

from bowerbird.adapters.sqlite.schema import SchemaChanged
from bowerbird.adapters.sqlite.soundness import (
    Finding,
    examine,
    no_rules,
    rules_of_log,
    rules_of_records,
    rules_of_views,
)
from bowerbird.adapters.sqlite.whole import WholeRecords
from bowerbird.app import history
from bowerbird.app.building import COUNTS, REFERS, Show
from bowerbird.app.folder import Folder
from bowerbird.app.opening import CANNOT_OPEN
from bowerbird.app.rows import records_file, whole_records
from bowerbird.app.sections import Settings
from bowerbird.app.visit import Visit, visit
from bowerbird.base.ids import Id, to_text
from bowerbird.base.world import World
from bowerbird.contracts.identity import User
from bowerbird.contracts.media import Picture
from bowerbird.ports.blobs import BlobMissing
from bowerbird.ports.records import EngineUnavailable
from bowerbird.ports.tables import Table
from bowerbird.services.identity import model as names
from bowerbird.services.identity.store import CLAIMS, CREDENTIALS, USERS
from bowerbird.services.media.model import rendition_key, renditions_of
from bowerbird.services.media.store import PICTURES

_AT_ONCE: Final = 500
_SAMPLED: Final = 2_000
"""Of so many pictures the files are looked at, unless all are."""

Row = TypeVar("Row", bound=Struct)


@dataclass(frozen=True, slots=True)
class Check:
    """One look at everything. `blobs`: read every picture's bytes; `events`: open every event."""

    settings: Settings
    show: Show
    blobs: bool = False
    events: bool = False

    async def run(self) -> list[Finding]:
        """Return what is wrong; SettingsError when there is nothing to look at."""
        folder = Folder(self.settings.storage.data).existing()
        found = list(self._files(folder.path))
        if found:
            return found
        try:
            async with visit(self.settings) as here:
                found = [finding async for finding in self._between(here)]
                if self.events and not found:
                    found = [finding async for finding in self._events(here)]
        except (*CANNOT_OPEN, SchemaChanged) as error:
            found = [Finding(file="", table="", row="", what=str(error))]
        return found

    def _files(self, data: Path) -> Iterator[Finding]:
        rules = {
            records_file(data).name: rules_of_records(COUNTS, REFERS),
            "keys.db": no_rules,
            "log.db": rules_of_log,
            "views.db": rules_of_views,
        }
        for name, some in rules.items():
            self.show(f"Checking {name}", 0, 0)
            yield from examine(data / name, some)

    async def _between(self, here: Visit) -> AsyncIterator[Finding]:
        with whole_records(here.folder.path) as records:
            self.show("Checking people", 0, 0)
            async for finding in _people(here, records):
                yield finding
            async for finding in self._pictures(here, records):
                yield finding

    async def _pictures(self, here: Visit, records: WholeRecords) -> AsyncIterator[Finding]:
        """Find pictures whose files are missing, or not as long as they were."""
        rows = list(records.rows(PICTURES)) if self.blobs else _some(here.world, records.rows(PICTURES))
        for count, picture in enumerate(rows, 1):
            self.show("Checking pictures", count, len(rows))
            for name, (_, _, mime, length) in renditions_of(picture).items():
                what = await self._harm(here, rendition_key(picture.owner, picture.id, name), mime, length)
                if what and await _again(here, PICTURES, picture) is not None:
                    yield Finding("blobs", PICTURES.name, f"{to_text(picture.id)} {name}", what)

    async def _harm(self, here: Visit, key: str, mime: str, length: int) -> str:
        """Return what is wrong with a file, "" if nothing is."""
        stat = await here.engines.blobs.stat(key)
        if stat is None:
            return "its file is missing"
        if (stat.mime, stat.length) != (mime, length):
            return f"its file has {stat.length} bytes of {stat.mime}, and should have {length} of {mime}"
        if self.blobs:
            try:
                held = sum([len(piece) async for piece in here.engines.blobs.read(key)])
            except (BlobMissing, EngineUnavailable) as error:
                return f"its file cannot be read: {error}"
            return "" if held == length else f"only {held} of {length} bytes of its file can be read"
        return ""

    async def _events(self, here: Visit) -> AsyncIterator[Finding]:
        total, read = await history.count(here.engines.log), 0
        async for page in history.pages(here.engines.log):
            for number in (await history.opened(page, here.engines.keys)).poison:
                yield Finding("log.db", "changes", str(number), "it is no event, or not what was sealed")
            read += len(page)
            self.show("Opening events", read, total)


async def _people(here: Visit, records: WholeRecords) -> AsyncIterator[Finding]:
    """Find people without a key, or whose names are not theirs."""
    rows = (row for row in records.rows(USERS) if row.deleted_at is None)
    while some := list(islice(rows, _AT_ONCE)):
        keys, claims = await _keys(here, some), await _claims(here, some)
        for row in some:
            for file, table, what in (("keys.db", "keys", keys[row.id]), ("core.db", CLAIMS.name, claims[row.id])):
                if what and await _again(here, USERS, row) is not None:
                    yield Finding(file, table, f"of {to_text(row.id)}", what)


async def _keys(here: Visit, people: Sequence[User]) -> dict[Id, str]:
    """Return what is wrong with people's keys, "" if nothing is."""
    ids = [row.id for row in people]
    try:
        keys = await here.engines.keys.get(ids)
    except EngineUnavailable as error:
        if len(people) == 1:
            return {ids[0]: str(error)}
        wrong = [await _keys(here, [row]) for row in people]
        return {id_: what for one in wrong for id_, what in one.items()}
    return {id_: "there is none" if key is None else "" for id_, key in zip(ids, keys, strict=True)}


async def _claims(here: Visit, people: Sequence[User]) -> dict[Id, str]:
    """Return what is wrong with people's names, "" if nothing is."""
    records = here.engines.records
    credentials = await records.get(CREDENTIALS, [(row.id,) for row in people])
    wrong: dict[Id, str] = {}
    for row, credential in zip(people, credentials, strict=True):
        if credential is None:
            wrong[row.id] = "there is no credential"
            continue
        ids = (names.claim_id("handle", row.handle), names.claim_id("email", credential.email))
        claims = await records.get(CLAIMS, [(id_,) for id_ in ids])
        theirs = all(claim is not None and claim.user == row.id for claim in claims)
        wrong[row.id] = "" if theirs else "the handle or the e-mail address is not claimed for them"
    return wrong


async def _again(here: Visit, table: Table[Row], row: Row) -> Row | None:
    """Return a row as it is now, if it is there and was not deleted."""
    now = (await here.engines.records.get(table, [table.key_of(row)]))[0]
    return None if isinstance(now, User) and now.deleted_at is not None else now


def _some(world: World, rows: Iterator[Picture]) -> list[Picture]:
    """Return some of the rows, drawn at random."""
    some: list[Picture] = []
    for count, row in enumerate(rows, 1):
        place = int(world.chance() * count)
        if len(some) < _SAMPLED:
            some.append(row)
        elif place < _SAMPLED:
            some[place] = row
    return some
