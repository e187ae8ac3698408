"""A space, for reading in any process: what its writer wrote before a question is known when it is answered.

A question begins with one look at the journal's status: how long it is, and whether it still has a name, which it loses
when another takes its place or the space is dropped. It blocks: use it in a thread.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import Final, TypeVar

from bowerbird.adapters.usearch import manifest as manifests
from bowerbird.adapters.usearch.codec import quantised, restored
from bowerbird.adapters.usearch.nearest import Question, among_public, among_records, best
from bowerbird.adapters.usearch.state import Over, State
from bowerbird.base.ids import Id
from bowerbird.ports.log import Offset
from bowerbird.ports.records import EngineUnavailable
from bowerbird.ports.vectors import Counts, Near

_TRIES: Final = 100
"""How often what lies in the folder may be another than the manifest said a moment ago."""

_BLOCK_BYTES: Final = 512

Answer = TypeVar("Answer")


class Following:
    """A space's folder, whether there is a space in it or not; EngineUnavailable when its files cannot be read."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._turn = Lock()
        self._state: State | None = None

    def nearest(self, views: bytes, limit: int, floor: float, partitions: Sequence[Id], *, public: bool) -> list[Near]:
        """As `ports.vectors.Vectors.nearest`."""
        question = Question(quantised(views), limit, floor)
        moment = self._ask(lambda state: state.moment(partitions, public=public), None)
        if moment is None:
            return []
        hits = [hit for file in moment.public for hit in among_public(question, file, moment.alive)]
        return best(question, moment.records, [*hits, *among_records(question, moment)])

    def views(self, pins: Sequence[Id]) -> list[bytes | None]:
        """As `ports.vectors.Vectors.views`."""
        found = self._ask(lambda state: [state.rows_of(pin) for pin in pins], [None] * len(pins))
        return [None if rows is None else restored(rows) for rows in found]

    def counts(self) -> Counts:
        """As `ports.vectors.Vectors.counts`."""
        size = sum(_bytes(path) for path in self._folder.glob("*"))

        def count(state: State) -> Counts:
            known = state.catalogue
            return Counts(known.pictures, known.public_pictures, known.live.total(), state.fresh(), size)

        return self._ask(count, Counts(0, 0, 0, 0, 0))

    def applied(self) -> list[Offset]:
        """As `ports.vectors.Vectors.applied`."""
        return self._ask(lambda state: [Offset(*one) for one in sorted(state.catalogue.applied.items())], [])

    def close(self) -> None:
        """Close the files."""
        with self._turn:
            self._forget()

    def _ask(self, question: Callable[[State], Answer], absent: Answer) -> Answer:
        """Ask what is known of the space now; `absent` where there is none."""
        with self._turn:
            for _ in range(_TRIES):
                try:
                    state = self._followed()
                    return absent if state is None else question(state)
                except (Over, FileNotFoundError):
                    self._forget()
                except OSError as error:
                    raise EngineUnavailable(f"{self._folder} cannot be read: {error}") from error
        raise EngineUnavailable(f"{self._folder}: files that are named there are missing.")

    def _followed(self) -> State | None:
        if self._state is None:
            manifest = manifests.read(self._folder)
            if manifest is None:
                return None
            self._state = State(self._folder, manifest)
        self._state.follow()
        return self._state

    def _forget(self) -> None:
        if self._state is not None:
            self._state.close()
            self._state = None


def _bytes(path: Path) -> int:
    """Return the room that a file takes on the disk."""
    with suppress(FileNotFoundError):
        return path.stat().st_blocks * _BLOCK_BYTES
    return 0
