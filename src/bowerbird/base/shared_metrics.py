"""Files of metrics that a full disk cannot hurt.

The library writes to mapped files. Where a page of such a file has no room on the disk yet and there is none left, the
kernel ends the process. So room is taken before it is written to, and where there is none, what a process counts stays
in its memory: it is not seen by the others until the process is started again.
"""

import os
from typing import Any, Final, cast

from prometheus_client import mmap_dict, values
from typing_extensions import override

_FIRST_BYTES: Final = 1 << 16
_ENTRY_BYTES_MAX: Final = 1 << 12


class _Kept(mmap_dict.MmapedDict):
    """Values by their names, in a file or in memory."""

    def __init__(self, filename: str, read_mode: bool = False) -> None:  # noqa: FBT001, FBT002 - the library's order
        super().__init__(filename if read_mode or _has_room(filename, _FIRST_BYTES) else _in_memory(b""), read_mode)

    @override
    def _init_value(self, key: str) -> None:
        is_full = self._used + _ENTRY_BYTES_MAX > self._capacity
        if is_full and not _has_room(str(cast("Any", self._fname)), 2 * self._capacity):
            self._leave_disk()
        super()._init_value(key)  # pyright: ignore[reportUnknownMemberType] - the library has no annotations

    def _leave_disk(self) -> None:
        held = bytes(cast("Any", self._m))
        self.close()
        super().__init__(_in_memory(held))


def _in_memory(data: bytes) -> str:
    """Return the path of a file that is no file."""
    descriptor = os.memfd_create("metrics")
    os.write(descriptor, data)
    return f"/proc/self/fd/{descriptor}"


def _has_room(path: str, size: int) -> bool:
    """Make a file at least so long, with room on the disk for all of it; return whether there is any."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError:
        return False
    try:
        os.posix_fallocate(descriptor, 0, size)
    except OSError:
        if not os.fstat(descriptor).st_size:
            os.unlink(path)  # noqa: PTH108 - a path is a text here; whoever reads all files can do nothing with an empty one
        return False
    finally:
        os.close(descriptor)
    return True


def keep_metrics_by(name: str) -> None:
    """Keep this process's metrics in the shared folder under its name; to be called before the first is made."""
    library: Any = values  # it has no annotations
    library.MmapedDict = _Kept
    library.ValueClass = library.MultiProcessValue(lambda: name)
