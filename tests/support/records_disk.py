"""A disk that fails when it is told to, or loses power: a layer of SQLite's own over the real files."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Literal

import apsw
from typing_extensions import override

Trouble = Literal["full", "write", "sync"]

_names = count()


class FailingDisk(apsw.VFS):
    """Files opened with `Tuning(vfs=disk.name)` fail while there is trouble: full, refusing writes, or flushes."""

    def __init__(self) -> None:
        self.name = f"failing-{next(_names)}"
        self.trouble: Trouble | None = None
        self._flushed: dict[Path, bytes] = {}
        super().__init__(self.name, "")

    @override
    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> apsw.VFSFile:
        return _File(self, name, flags)

    @override
    def xDelete(self, filename: str, syncdir: bool) -> None:
        super().xDelete(filename, syncdir)
        self._flushed.pop(Path(filename), None)

    @asynccontextmanager
    async def outage(self, trouble: Trouble) -> AsyncGenerator[None]:
        """Fail within the block."""
        self.trouble = trouble
        try:
            yield
        finally:
            self.trouble = None

    def flushed(self, path: Path) -> None:
        """Remember what a file holds at the moment of a flush."""
        self._flushed[path] = path.read_bytes()

    def cut_power(self, folder: Path) -> None:
        """Put into a new folder what a machine without power would find of the files: what was flushed."""
        folder.mkdir()
        for path, data in self._flushed.items():
            (folder / path.name).write_bytes(data)


class _File(apsw.VFSFile):
    def __init__(self, disk: FailingDisk, name: str | apsw.URIFilename | None, flags: list[int]) -> None:
        super().__init__("", name, flags)
        self._disk = disk
        self._path = Path(str(name.filename() if isinstance(name, apsw.URIFilename) else name))

    @override
    def xWrite(self, data: bytes, offset: int) -> None:
        if self._disk.trouble == "full":
            raise apsw.FullError("the disk is full, as planned")
        if self._disk.trouble == "write":
            raise apsw.IOError("the disk does not write, as planned")
        super().xWrite(data, offset)  # pyright: ignore[reportUnknownMemberType] - apsw's stub wants Python 3.12's Buffer

    @override
    def xSync(self, flags: int) -> None:
        if self._disk.trouble == "sync":
            raise apsw.IOError("the disk does not flush, as planned")
        super().xSync(flags)
        self._disk.flushed(self._path)
