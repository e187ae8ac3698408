"""The disk under SQLite: it forgets at a loss of power what was not flushed, tears, fills up, and fails.

Files are real, in a folder of the run's own, and hold what a running system would read. Beside each stands what the
disk itself holds for certain, and every write since: at a loss of power some sectors of those are there and some not.
"""

import ctypes
from collections.abc import Callable
from ctypes import POINTER, c_void_p, cast
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

import apsw

from tests.sim import sqlite_abi as abi
from tests.sim.machine import Machine, SimProcess

SECTOR_BYTES: Final = 512
Trouble = Literal["full", "write", "sync"]


@dataclass
class Change:
    """A write that was not flushed: bytes at an offset, or, without bytes, the file cut to that length."""

    offset: int
    data: bytes | None


@dataclass
class Content:
    """A file as the disk knows it. `certain`: what a loss of power leaves; `listed`: its name is there too.

    `flushable`: how many of the changes the next flush makes certain; a flush that failed may have lost earlier ones.
    """

    certain: bytearray
    listed: bool
    changes: list[Change] = field(default_factory=list[Change])
    lost: set[int] = field(default_factory=set[int])


@dataclass
class _Opened:
    """An open file and the process that opened it."""

    path: str
    owner: SimProcess | None


class Disk:
    """One disk, below every connection that this interpreter opens from now on (so one a run, and a run a process).

    `trouble`: what goes wrong now. A process armed by `arm` dies at a write or flush to come, in the midst of it.
    """

    def __init__(self, machine: Machine, folder: Path) -> None:
        self.trouble: dict[Trouble, float] = {}
        self._machine = machine
        self._folder = str(folder)
        self._chance = machine.chance.stream("disk")
        self._files: dict[str, Content] = {}
        self._unlisted: dict[str, Content] = {}
        self._opened: dict[int, _Opened] = {}
        self._methods: dict[int, abi.IoMethods] = {}
        self._kept: list[Any] = []
        self._connections: dict[SimProcess, list[apsw.Connection]] = {}
        self._armed: dict[SimProcess, int] = {}
        self._vfs = abi.machines_vfs()
        self._open = abi.Open(self._vfs.xOpen)
        self._delete = abi.Delete(self._vfs.xDelete)
        self._vfs.xOpen = self._callback(abi.Open, self._on_open)
        self._vfs.xDelete = self._callback(abi.Delete, self._on_delete)
        self._vfs.xRandomness = self._callback(abi.Randomness, self._on_randomness)
        self._vfs.xSleep = self._callback(abi.Sleep, self._on_sleep)
        apsw.connection_hooks.append(self._on_connection)

    def arm(self, process: SimProcess, operations: int) -> None:
        """Let a process die at one of the writes and flushes to come."""
        self._armed[process] = operations

    def mend(self, trouble: Trouble) -> None:
        """End one kind of trouble."""
        self.trouble.pop(trouble, None)

    def heal(self) -> None:
        """Let nothing go wrong any more."""
        self.trouble.clear()
        self._armed.clear()

    def adopt(self, folder: Path) -> None:
        """Take the files of a folder as certain."""
        for path in folder.glob("*.db*"):
            self._files[str(path)] = Content(bytearray(path.read_bytes()), listed=True)

    def lose_power(self) -> None:
        """Leave of every file what the disk holds; nobody may have one open."""
        for path, content in self._files.items():
            self._forget(path, content)
        for path, content in self._unlisted.items():
            if not Path(path).exists() and self._chance.random() < 0.5:
                self._machine.trace.count("power: files that were deleted are back")
                self._files[path] = content
                self._forget(path, content)
        self._unlisted.clear()
        for path in Path(self._folder).glob("*-shm"):
            path.unlink()
        self._files = {path: content for path, content in self._files.items() if content.listed}

    def close_of(self, process: SimProcess) -> None:
        """Let go of what a dead process had open, as the kernel does: its locks end, and nothing is written."""
        for connection in self._connections.pop(process, []):
            try:
                connection.close(force=True)
            except apsw.Error:
                self._machine.trace.note("closed with an error", process.name)

    def _forget(self, path: str, content: Content) -> None:
        kept = bytearray(content.certain)
        changed = 0
        for number, change in enumerate(content.changes):
            if number not in content.lost:
                changed += self._apply_some(kept, change)
        if content.changes:
            self._machine.trace.count("power: files with writes that were not flushed")
            self._machine.trace.count("power: writes torn or forgotten", len(content.changes) - changed)
        if not content.listed and self._chance.random() < 0.5:
            self._machine.trace.count("power: files forgotten")
            Path(path).unlink(missing_ok=True)
            return
        content.certain, content.changes, content.lost, content.listed = kept, [], set(), True
        Path(path).write_bytes(kept)

    def _apply_some(self, kept: bytearray, change: Change) -> bool:
        """Do a change wholly, in part or not at all; return whether it was done wholly."""
        fate = self._chance.random()
        if fate < 0.4:
            _apply(kept, change)
            return True
        if change.data is None or fate < 0.6:
            return False
        self._apply_sectors(kept, change.offset, change.data, torn=fate > 0.9)
        return False

    def _apply_sectors(self, kept: bytearray, offset: int, data: bytes, *, torn: bool) -> None:
        """Do a write in some of its sectors, and, when `torn`, one of those up to its middle."""
        start = 0
        while start < len(data):
            stop = min(len(data), start + SECTOR_BYTES - (offset + start) % SECTOR_BYTES)
            if self._chance.random() < 0.5:
                cut = self._chance.randint(start, stop) if torn else stop
                _apply(kept, Change(offset + start, data[start:cut]))
            start = stop

    def _callback(self, kind: Any, function: Callable[..., int]) -> int:  # noqa: ANN401 - a type that ctypes made
        """Return the address of a C function that calls the given one; it lives as long as the disk."""

        def guarded(*arguments: int | bytes | None) -> int:
            try:
                return function(*arguments)
            except BaseException as error:  # noqa: BLE001 - nothing may pass through SQLite's own frames
                self._machine.complaints.append(f"disk: {error!r}")
                return abi.IOERR_WRITE

        made = kind(guarded)
        self._kept.append(made)
        address = cast(made, c_void_p).value
        assert address is not None
        return address

    def _on_connection(self, connection: apsw.Connection) -> None:
        if self._machine.current is not None:
            self._connections.setdefault(self._machine.current, []).append(connection)

    def _on_open(self, vfs: int, name: int | None, file: int, flags: int, flags_out: int | None) -> int:
        owner = self._machine.current
        if owner is not None and not owner.alive:
            return abi.CANTOPEN
        code = self._open(vfs, name, file, flags, flags_out)
        if code == abi.OK and name is not None:
            path = ctypes.string_at(name).decode()
            if path not in self._files:
                self._files[path] = Content(bytearray(), listed=False)
            self._opened[file] = _Opened(path, owner)
            opened = cast(file, POINTER(abi.File)).contents
            opened.pMethods = ctypes.pointer(self._layered(opened.pMethods.contents))
        return code

    def _layered(self, methods: abi.IoMethods) -> abi.IoMethods:
        """Return a file's methods with this disk in front of those that change it."""
        address = ctypes.addressof(methods)
        if address not in self._methods:
            layered = abi.IoMethods.from_buffer_copy(methods)
            write, cut = abi.Write(methods.xWrite), abi.Truncate(methods.xTruncate)
            close = abi.Close(methods.xClose)
            layered.xWrite = self._callback(abi.Write, lambda *given: self._on_write(write, *given))
            layered.xTruncate = self._callback(abi.Truncate, lambda *given: self._on_truncate(cut, *given))
            layered.xSync = self._callback(abi.Sync, self._on_sync)
            layered.xClose = self._callback(abi.Close, lambda *given: self._on_close(close, *given))
            self._methods[address] = layered
        return self._methods[address]

    def _on_write(self, real: Callable[..., int], file: int, data: int, count: int, offset: int) -> int:
        opened = self._opened[file]
        if self._dies(opened):
            return abi.IOERR_WRITE
        written, code = count, abi.OK
        if self._strikes("full", opened):
            written, code = self._chance.randint(0, count), abi.FULL
        elif self._strikes("write", opened):
            written, code = self._chance.randint(0, count), abi.IOERR_WRITE
        self._machine.trace.note("writes", opened.path[len(self._folder) :], offset, count, written)
        if written:
            self._files[opened.path].changes.append(Change(offset, ctypes.string_at(data, written)))
            return real(file, data, written, offset) or code
        return code

    def _on_truncate(self, real: Callable[..., int], file: int, size: int) -> int:
        opened = self._opened[file]
        if self._dies(opened):
            return abi.IOERR_TRUNCATE
        self._files[opened.path].changes.append(Change(size, None))
        self._machine.trace.note("cuts", opened.path[len(self._folder) :], size)
        return real(file, size)

    def _on_sync(self, file: int, _flags: int) -> int:
        opened = self._opened[file]
        content = self._files[opened.path]
        if self._dies(opened):
            return abi.IOERR_FSYNC
        self._machine.trace.note("flushes", opened.path[len(self._folder) :], len(content.changes))
        if self._strikes("sync", opened):
            # As Linux does it: what could not be written is dropped, and the next flush says nothing of it.
            content.lost.update(n for n in range(len(content.changes)) if self._chance.random() < 0.5)
            return abi.IOERR_FSYNC
        for number, change in enumerate(content.changes):
            if number not in content.lost:
                _apply(content.certain, change)
        content.changes.clear()
        content.lost.clear()
        content.listed = True
        self._unlisted.pop(opened.path, None)
        return abi.OK

    def _on_close(self, real: Callable[..., int], file: int) -> int:
        self._opened.pop(file, None)
        return real(file)

    def _on_delete(self, vfs: int, name: bytes, flush_folder: int) -> int:
        owner = self._machine.current
        path = name.decode()
        if owner is None or not owner.alive:
            return abi.IOERR_DELETE
        code = self._delete(vfs, name, 0)
        content = self._files.pop(path, None)
        if code == abi.OK and content is not None and content.listed and not flush_folder:
            self._unlisted[path] = content
        self._machine.trace.note("deletes", path[len(self._folder) :])
        return code

    def _on_randomness(self, _vfs: int, count: int, out: int) -> int:
        ctypes.memmove(out, self._chance.randbytes(count), count)
        return count

    def _on_sleep(self, _vfs: int, us: int) -> int:
        """Nobody ever waits for a lock here: every piece of work on a file is over before the next begins."""
        self._machine.complaints.append("disk: somebody waits for a lock")
        return us

    def _strikes(self, trouble: Trouble, opened: _Opened) -> bool:
        share = self.trouble.get(trouble, 0.0)
        if not share or opened.owner is None or self._chance.random() >= share:
            return False
        self._machine.trace.count(f"disk: {trouble}")
        return True

    def _dies(self, opened: _Opened) -> bool:
        """Return whether who writes is dead, which may be from this very moment on."""
        owner = opened.owner
        if owner is None:
            return False
        left = self._armed.get(owner)
        if owner.alive and left is not None:
            self._armed[owner] = left - 1
            if left <= 0:
                del self._armed[owner]
                self._machine.trace.count("death: at a write")
                owner.kill("at a write")
        return not owner.alive


def _apply(kept: bytearray, change: Change) -> None:
    if change.data is None:
        if change.offset < len(kept):
            del kept[change.offset :]
        else:
            kept.extend(bytes(change.offset - len(kept)))
        return
    if change.offset > len(kept):
        kept.extend(bytes(change.offset - len(kept)))
    kept[change.offset : change.offset + len(change.data)] = change.data
