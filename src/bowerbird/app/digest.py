"""A digest of what records say, by which records built anew are compared with those that were there.

It holds once every group has handled everything. Out of its scope is what no event tells, and what time or somebody's
deletion has ended already, which sweeps remove sooner or later; `SCOPE` says it table by table.
"""

import hashlib
from collections.abc import Callable
from typing import Any, Final

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from bowerbird.adapters.sqlite.whole import WholeRecords
from bowerbird.app.topology import TABLES
from bowerbird.base.ids import Id
from bowerbird.contracts.boards import Board, Invitation, Pin, Share
from bowerbird.contracts.graph import Block, Follow
from bowerbird.contracts.identity import AccessToken, Credential, Session, User
from bowerbird.contracts.links import Link
from bowerbird.contracts.media import Picture, Upload
from bowerbird.contracts.recommend import Tuning
from bowerbird.contracts.vision import Labelled
from bowerbird.ports.tables import Table
from bowerbird.services.graph.store import Total
from bowerbird.services.identity.model import Claim, Listed
from bowerbird.services.media.model import Use

_encoder: Final = msgspec.msgpack.Encoder()


class At(Struct, frozen=True):
    """When a digest is taken, how long the trash is kept, and who is deleted."""

    now_us: int
    trash_kept_us: int
    gone: frozenset[Id]


Look = Callable[[Any, At], Struct | None]


def _user(row: User, _at: At) -> Struct | None:
    if row.deleted_at is None:
        return replace(row, epoch=0)
    gone = User(row.id, "", "", 0, 0, version=row.version, deleted_at=0)
    return gone if row.version else None


def _timed(row: Session | AccessToken | Upload, at: At) -> Struct | None:
    return row if row.expires_at is None or row.expires_at > at.now_us else None


def _trash(row: Board | Pin, at: At) -> Struct | None:
    return row if row.deleted_at is None or row.deleted_at > at.now_us - at.trash_kept_us else None


def _block(row: Block, _at: At) -> Struct:
    return row if row.version else replace(row, created_at=0)


SCOPE: Final[dict[type[Struct], tuple[tuple[str, ...], Look, str]]] = {
    User: ((), _user, "without `epoch`; of deleted people the id and the version"),
    Credential: (("user",), lambda row, _: row, "all"),
    Session: (("user",), _timed, "those that have not expired"),
    AccessToken: (("user",), _timed, "those that have not expired"),
    Claim: (("user",), lambda row, _: row if row.expires_at is None else None, "names that somebody has for good"),
    Listed: (("user",), lambda row, _: row, "all"),
    Upload: (("owner",), _timed, "those whose outcome is still told"),
    Picture: (("owner",), lambda row, _: replace(row, unused_at=None), "without `unused_at`"),
    Use: ((), lambda row, _: Use(row.user, row.media, 0) if row.media else None, "what shows which picture"),
    Follow: (("follower", "followee"), lambda row, _: row, "all"),
    Block: (("person", "other"), _block, "all; `created_at` where that side blocks nobody is left out"),
    Total: (("person",), lambda row, _: row if row.following else None, "those above 0"),
    Link: ((), lambda row, _: row, "all"),
    Board: (("owner",), _trash, "those that the trash still keeps"),
    Pin: (("owner", "saved_by"), _trash, "those that the trash still keeps"),
    Share: (("owner", "person"), lambda row, _: row, "all"),
    Invitation: (("owner", "person"), lambda row, _: row if row.version else None, "those that a share stands behind"),
    Labelled: (("owner",), lambda row, _: row, "all"),
    Tuning: (("person",), lambda row, _: row, "all"),
}
"""For the rows of each table in scope: columns that name people (rows that name a deleted one are left out), what of a
row counts, and that in words. Tables that are not here are out of scope: idempotency keys, and notes of work to do."""


def digest(records: WholeRecords, at: At) -> dict[str, str]:
    """Return the SHA-256 of what each table in scope says."""
    return {table.name: _digest(records, table, at) for table in TABLES if table.row in SCOPE}


def _digest(records: WholeRecords, table: Table[Any], at: At) -> str:
    people, look, _ = SCOPE[table.row]
    found = hashlib.sha256()
    for row in records.rows(table):
        if not at.gone or at.gone.isdisjoint(getattr(row, column) for column in people):
            seen = look(row, at)
            if seen is not None:
                found.update(_encoder.encode(seen))
    return found.hexdigest()
