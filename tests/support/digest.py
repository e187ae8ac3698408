"""The state of a server's records as digests, read from its files beside the running server."""

import hashlib
import sqlite3
import time
from collections.abc import Iterable
from pathlib import Path

from bowerbird.adapters.sqlite.log_file import LogFile, open_log_reader

SETTLED_S = 120.0
_LOOKS = 3
_DEPARTURES = {"erasure", "departure", "board_departure", "media_departure"}
VOLATILE = {"session", "access_token", "answered", "_outbox", "_counters", "_changes"} | _DEPARTURES
"""Tables that may change beside a refusal: a session's last use, access tokens that are swept when they have expired,
idempotency keys, events on their way, what commits did, and what is still to do for accounts that were deleted, at
which there is a last look minutes later."""

_LEAVING = """
    SELECT (SELECT count(*) FROM departure WHERE last = 0) + (SELECT count(*) FROM board_departure WHERE last = 0)
"""


class Records:
    """`data`: a server's data folder. Rows that name one of `leaving`, ids, do not count: they are swept meanwhile."""

    def __init__(self, data: Path, leaving: Iterable[bytes] = ()) -> None:
        self._leaving = frozenset(leaving)
        self._log = LogFile(open_log_reader(data))
        self._core = sqlite3.connect(f"file:{data / 'core.db'}?mode=ro", uri=True, isolation_level=None)
        names = self._core.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").fetchall()
        self._tables = [str(name) for (name,) in names if name not in VOLATILE and not str(name).startswith("sqlite_")]

    def digest(self) -> dict[str, str]:
        """Return a digest of each table's rows that last."""
        return {table: self._digest(table) for table in self._tables}

    def _digest(self, table: str) -> str:
        found = hashlib.sha256()
        for row in self._core.execute(f'SELECT * FROM "{table}"'):  # noqa: S608 - a name of the file's own
            if self._leaving.isdisjoint(row):
                found.update(repr(row).encode())
        return found.hexdigest()

    def settle(self) -> dict[str, str]:
        """Wait until nothing is on its way any more, and every group has handled all, then return the digest."""
        deadline = time.monotonic() + SETTLED_S
        last, looks = dict[str, str](), 0
        while time.monotonic() < deadline:
            waiting, now = self._waiting(), self.digest()
            looks = looks + 1 if not waiting and now == last else 0
            if looks == _LOOKS:
                return now
            last = now
            time.sleep(0.02)
        raise AssertionError("the server never came to rest")

    def _waiting(self) -> int:
        """Return how many events have not come into the log, or not to a group, and who still leaves."""
        (outbox,) = self._core.execute("SELECT count(*) FROM _outbox").fetchone()
        (leaving,) = self._core.execute(_LEAVING).fetchone()
        return int(outbox) + int(leaving) + sum(lag.records for lag in self._log.lag(0))

    def close(self) -> None:
        """Close the files."""
        self._core.close()
        self._log.close()
