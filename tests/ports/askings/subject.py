"""What the suite of askings is handed: the port on views.db, with its writer's reader and one beside it."""

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import apsw
from typing_extensions import override

from bowerbird.adapters.sqlite.asking_writes import SqliteAskingWrites
from bowerbird.adapters.sqlite.askings import SqliteAskings
from bowerbird.adapters.sqlite.group import GroupCommit
from bowerbird.adapters.sqlite.soundness import examine, rules_of_views
from bowerbird.ports.askings import QUERIES_KEPT, Askings, AskingWrites
from tests.support import views_pair
from tests.support.records_subject import Inline
from tests.support.views_pair import Made, Pair


class Variant(Made, frozen=True):
    """How the adapter is put together."""

    queries_kept: int = QUERIES_KEPT
    askings: type[SqliteAskings] = SqliteAskings
    writes: type[SqliteAskingWrites] = SqliteAskingWrites


@dataclass
class Subject(Pair[Variant, Askings, AskingWrites]):
    """An empty engine; `audit` asserts what it keeps for itself."""

    @override
    def writing(self, writer: GroupCommit) -> AskingWrites:
        return self.variant.writes(writer, self.variant.queries_kept)

    @override
    def reading(self, connection: apsw.Connection, writes: AskingWrites) -> Askings:
        return self.variant.askings(connection, writes)

    @property
    def askings(self) -> Askings:
        """Return what reads in the writer's process, and has the writer write."""
        return self.readers[0]

    @property
    def beside(self) -> Askings:
        """Return a reader as in another process."""
        return self.readers[1]

    def audit(self) -> None:
        """Assert that counts and beginnings are right, and that nothing is kept that nothing needs."""
        assert list(examine(self.folder / "views.db", rules_of_views)) == []
        self.holds_none(
            "SELECT * FROM asked WHERE people = 0",
            "SELECT * FROM asker WHERE NOT gone AND number NOT IN (SELECT asker FROM asking)",
            "SELECT * FROM asking WHERE asker NOT IN (SELECT number FROM asker WHERE NOT gone)",
            "SELECT * FROM asking WHERE query NOT IN (SELECT number FROM asked)",
            "SELECT * FROM opening WHERE substr(query, 1, length(prefix)) <> prefix",
        )


open_here: Final = partial(views_pair.open_here, Subject)

SQLITE: Mapping[str, Callable[[Path], AbstractAsyncContextManager[Subject]]] = {
    "sqlite": partial(open_here, Variant()),
    "sqlite-inline": partial(open_here, Variant(executor=Inline)),
    "sqlite-across": partial(views_pair.open_across, Subject, AskingWrites, Variant()),
}
