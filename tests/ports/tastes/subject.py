"""What the suite of tastes is handed: the port on views.db, with its writer's reader and one beside it."""

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import apsw
from typing_extensions import override

from bowerbird.adapters.sqlite.group import GroupCommit
from bowerbird.adapters.sqlite.taste_writes import SIGHTS_OVER, SqliteTasteWrites
from bowerbird.adapters.sqlite.tastes import SqliteTastes
from bowerbird.ports.tastes import SIGHTS_KEPT, Tastes, TasteWrites
from tests.support import views_pair
from tests.support.records_subject import Inline
from tests.support.views_pair import Made, Pair


class Variant(Made, frozen=True):
    """How the adapter is put together."""

    sights_kept: int = SIGHTS_KEPT
    sights_over: int = SIGHTS_OVER
    tastes: type[SqliteTastes] = SqliteTastes
    writes: type[SqliteTasteWrites] = SqliteTasteWrites


@dataclass
class Subject(Pair[Variant, Tastes, TasteWrites]):
    """An empty engine; `audit` asserts what it keeps for itself."""

    @override
    def writing(self, writer: GroupCommit) -> TasteWrites:
        return self.variant.writes(writer, self.variant.sights_kept, self.variant.sights_over)

    @override
    def reading(self, connection: apsw.Connection, writes: TasteWrites) -> Tastes:
        return self.variant.tastes(connection, writes)

    @property
    def tastes(self) -> Tastes:
        """Return what reads in the writer's process, and has the writer write."""
        return self.readers[0]

    @property
    def beside(self) -> Tastes:
        """Return a reader as in another process."""
        return self.readers[1]

    def audit(self) -> None:
        """Assert that saves and shelves agree, that counts are right, and that nothing is kept that nothing needs."""
        self.holds_none(
            "SELECT * FROM shelf WHERE board IS NULL",
            "SELECT * FROM shelf WHERE number NOT IN (SELECT shelf FROM save)",
            "SELECT * FROM save WHERE shelf NOT IN (SELECT number FROM shelf)",
            f"SELECT * FROM {_SHELVED} WHERE f.board <> s.board OR f.person IS NOT s.person",  # noqa: S608 - a constant
            f"SELECT * FROM {_SHELVED} WHERE f.public <> s.listed",  # noqa: S608 - a constant
            "SELECT * FROM viewer WHERE person IS NULL OR sights = 0",
            "SELECT * FROM viewer WHERE sights <> (SELECT count(*) FROM sight WHERE viewer = number)",
            "SELECT * FROM sight WHERE viewer NOT IN (SELECT number FROM viewer)",
        )


_SHELVED: Final = "save s JOIN shelf f ON f.number = s.shelf"

open_here: Final = partial(views_pair.open_here, Subject)

SQLITE: Mapping[str, Callable[[Path], AbstractAsyncContextManager[Subject]]] = {
    "sqlite": partial(open_here, Variant()),
    "sqlite-inline": partial(open_here, Variant(executor=Inline)),
    "sqlite-across": partial(views_pair.open_across, Subject, TasteWrites, Variant()),
}
