"""The file of keys: its schema, and how a key is wrapped under the installation's master key where it rests."""

from pathlib import Path
from typing import cast

import apsw

from bowerbird.base.ids import Id
from bowerbird.base.seal import NONCE_BYTES, Unreadable, seal, unseal
from bowerbird.base.world import World
from bowerbird.ports.records import EngineUnavailable

FILE = "keys.db"

MIGRATIONS = (
    """
    CREATE TABLE master (one INTEGER PRIMARY KEY CHECK (one = 1), proof BLOB NOT NULL) STRICT;
    CREATE TABLE keys (owner BLOB PRIMARY KEY, wrapped BLOB) STRICT, WITHOUT ROWID;
    CREATE INDEX erased ON keys (owner) WHERE wrapped IS NULL;
    """,
)
"""An owner without a wrapped key is one whose key was destroyed."""

_PROOF = b"bowerbird master key"


class WrongMasterKey(Exception):  # noqa: N818 - it names what was given
    """The file's keys were wrapped by another master key than the one given."""


def wrap(master: bytes, key: bytes, owner: Id, world: World) -> bytes:
    """Return the key sealed for one owner, as it is stored."""
    return seal(master, world.random_bytes(NONCE_BYTES), key, owner)


def unwrap(master: bytes, wrapped: bytes, owner: Id) -> bytes:
    """Return the key; EngineUnavailable when it was not wrapped by this master key for this owner."""
    try:
        return unseal(master, wrapped, owner)
    except Unreadable as error:
        raise EngineUnavailable(f"{FILE} holds a key that the master key does not open.") from error


def prove(connection: apsw.Connection, master: bytes, world: World) -> None:
    """Store what tells this master key from others, in place of what was there."""
    proof = seal(master, world.random_bytes(NONCE_BYTES), _PROOF, _PROOF)
    connection.execute("INSERT OR REPLACE INTO master VALUES (1, ?)", (proof,))


def proved(connection: apsw.Connection) -> bool:
    """Return whether a master key was ever given to this file."""
    return bool(connection.execute("SELECT 1 FROM master").fetchall())


def check(connection: apsw.Connection, path: Path, master: bytes) -> None:
    """Raise WrongMasterKey unless the file's keys were wrapped by this one."""
    found = connection.execute("SELECT proof FROM master").fetchall()
    if not found:
        raise EngineUnavailable(f"{path} has no master key yet; its writer has not opened it.")
    try:
        unseal(master, cast("bytes", found[0][0]), _PROOF)
    except Unreadable as error:
        raise WrongMasterKey(f"{path} was made with another master key: give that one.") from error


def scrub(connection: apsw.Connection) -> None:
    """Write the file anew and empty the write-ahead log, so that nothing destroyed is left in either.

    What is deleted is overwritten where it stood last, and not where it stood before a page was split or filled up.
    """
    connection.execute("VACUUM")
    connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
