"""SQLite's own interface to files, as its header declares it, seen from Python: what a layer between the two needs.

A VFS written as a subclass of `apsw.VFS` cannot stand for a failing disk: an error that it raises comes out of the
statement that is being run, also where SQLite passes over it (a checkpoint behind a commit, the last one at closing),
so that what was committed looks refused. Error codes, returned where SQLite asks, are what a real disk gives.
"""

import ctypes
from ctypes import CFUNCTYPE, POINTER, Structure, c_char_p, c_int, c_int64, c_void_p
from typing import Final

import apsw

OK: Final = 0
IOERR_READ: Final = 10 | 1 << 8
IOERR_WRITE: Final = 10 | 3 << 8
IOERR_FSYNC: Final = 10 | 4 << 8
IOERR_TRUNCATE: Final = 10 | 6 << 8
IOERR_DELETE: Final = 10 | 10 << 8
FULL: Final = 13
CANTOPEN: Final = 14

_VFS_POINTER: Final = 27
_FILE_METHODS: Final = (
    *("xClose", "xRead", "xWrite", "xTruncate", "xSync", "xFileSize", "xLock", "xUnlock", "xCheckReservedLock"),
    *("xFileControl", "xSectorSize", "xDeviceCharacteristics", "xShmMap", "xShmLock", "xShmBarrier", "xShmUnmap"),
    *("xFetch", "xUnfetch"),
)
_VFS_METHODS: Final = (
    *("xOpen", "xDelete", "xAccess", "xFullPathname", "xDlOpen", "xDlError", "xDlSym", "xDlClose", "xRandomness"),
    *("xSleep", "xCurrentTime", "xGetLastError", "xCurrentTimeInt64"),
)


class IoMethods(Structure):
    """`struct sqlite3_io_methods`."""

    _fields_ = (("iVersion", c_int), *((name, c_void_p) for name in _FILE_METHODS))


class File(Structure):
    """`struct sqlite3_file`."""

    _fields_ = (("pMethods", POINTER(IoMethods)),)


class Vfs(Structure):
    """`struct sqlite3_vfs`."""

    _fields_ = (
        ("iVersion", c_int),
        ("szOsFile", c_int),
        ("mxPathname", c_int),
        ("pNext", c_void_p),
        ("zName", c_char_p),
        ("pAppData", c_void_p),
        *((name, c_void_p) for name in _VFS_METHODS),
    )


Open = CFUNCTYPE(c_int, c_void_p, c_void_p, c_void_p, c_int, c_void_p)
Delete = CFUNCTYPE(c_int, c_void_p, c_char_p, c_int)
Randomness = CFUNCTYPE(c_int, c_void_p, c_int, c_void_p)
Sleep = CFUNCTYPE(c_int, c_void_p, c_int)
Close = CFUNCTYPE(c_int, c_void_p)
Write = CFUNCTYPE(c_int, c_void_p, c_void_p, c_int, c_int64)
Truncate = CFUNCTYPE(c_int, c_void_p, c_int64)
Sync = CFUNCTYPE(c_int, c_void_p, c_int)


def machines_vfs() -> Vfs:
    """Return the VFS that connections use when none is named; it lives as long as the interpreter."""
    found = c_void_p()
    connection = apsw.Connection(":memory:")
    connection.file_control("main", _VFS_POINTER, ctypes.addressof(found))
    connection.close()
    return ctypes.cast(found, POINTER(Vfs)).contents
