"""The files of a graph as its writer has them: one that grows, and the state that names all. It blocks."""

import os
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from bowerbird.adapters.csr.folder import Folder, Manifest
from bowerbird.adapters.csr.frames import RECORD
from bowerbird.adapters.csr.tail import Tail
from bowerbird.ports.log import Offset
from bowerbird.ports.records import EngineUnavailable

Result = TypeVar("Result")


class Sealed(Struct, frozen=True):
    """A state to which nothing is added any more: the offsets applied in it, and how many changes wait in its files."""

    state: Manifest
    applied: list[Offset]
    waiting: int


class Files:
    """Open files, ready for the next change. `waiting`: changes since the snapshot."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder
        folder.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        if folder.is_new():
            self._state = Manifest()
            self._file = self._new_file(self._state.last)
            folder.replace(self._state)
        else:
            self._state = folder.manifest()
            self._file = os.open(folder.delta(self._state.last), os.O_RDWR | os.O_CLOEXEC)
        tail = Tail(folder, self._state.first)
        frames = tail.read(self._state.last)
        tail.close()
        self._applied = {one.partition: one for one in self._state.applied}
        self._note(one for frame in frames for one in frame.applied)
        self.waiting = sum(len(frame.records) for frame in frames) // RECORD.size
        # What a dead writer left half done is not to stand before what comes.
        self._end = tail.at
        os.ftruncate(self._file, self._end)
        folder.tidy(self._state)

    @property
    def path(self) -> Path:
        """Return the folder."""
        return self._folder.path

    @property
    def edges(self) -> int:
        """Return how many edges the snapshot has."""
        return self._state.edges

    def append(self, frame: bytes, records: int, applied: Sequence[Offset]) -> None:
        """Add a frame, whole or not at all."""
        # What an earlier call left that failed is written over; nobody takes it for a frame meanwhile.
        written = 0
        while written < len(frame):
            written += os.pwrite(self._file, frame[written:], self._end + written)
        self._end += len(frame)
        self.waiting += records
        self._note(applied)

    def seal(self) -> Sealed | None:
        """Begin another file of changes, and return what was before it; None when that is a snapshot already."""
        before = self._state
        if before.snapshot and not self.waiting:
            return None
        # What comes must not outlive a loss of power without this.
        os.fsync(self._file)
        self._go_on(replace(before, last=before.last + 1))
        return Sealed(before, list(self._applied.values()), self.waiting)

    def adopt(self, part: str, sealed: Sealed, edges: int, now_us: int) -> None:
        """Let a snapshot take the place of the files that it was made of."""
        number = sealed.state.last + 1
        self._folder.part(part).replace(self._folder.snapshot(number))
        self._folder.sync()
        state = Manifest(
            snapshot=number,
            first=number,
            last=self._state.last,
            edges=edges,
            compacted_at=now_us,
            applied=sealed.applied,
        )
        self._folder.replace(state)
        self._state = state
        self.waiting -= sealed.waiting
        self._folder.tidy(state)

    def clear(self) -> None:
        """Begin with nothing."""
        number = self._state.last + 1
        self._go_on(Manifest(first=number, last=number))
        self._applied, self.waiting = {}, 0
        self._folder.tidy(self._state)

    def close(self) -> None:
        """Make what there is durable, as far as the disk will, and let go."""
        with suppress(OSError):
            os.fsync(self._file)
        os.close(self._file)

    def _go_on(self, state: Manifest) -> None:
        """Let a state be the last one that ends with a new file, and write there from now on."""
        file = self._new_file(state.last)
        try:
            self._folder.replace(state)
        except OSError:
            os.close(file)
            raise
        os.close(self._file)
        self._state, self._file, self._end = state, file, 0

    def _new_file(self, number: int) -> int:
        flags = os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC
        return os.open(self._folder.delta(number), flags, 0o600)

    def _note(self, applied: Iterable[Offset]) -> None:
        for one in applied:
            known = self._applied.get(one.partition)
            if known is None or known.number < one.number:
                self._applied[one.partition] = one


def guarded(work: Callable[[], Result]) -> Result:
    """Do what touches files; EngineUnavailable when they fail."""
    try:
        return work()
    except OSError as error:
        raise EngineUnavailable(f"The graph cannot be written: {error}") from error
