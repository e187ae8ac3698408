"""Qt resource files: reads binary .rcc containers, versions 1 to 3, as Qt's resource compiler writes them.

A header names three tables: a tree of fixed-length nodes, their names, and the data. A node is a folder (how many
children, and the first one's number) or a file (where its data begins). Data is as it was, or compressed with zlib.
"""

import struct
import zlib
from collections.abc import Iterator
from typing import Final

from msgspec import Struct

_MAGIC: Final = b"qres"
_VERSIONS: Final = range(1, 4)
_ZLIB: Final = 1
_FOLDER: Final = 2
_ZSTD: Final = 4
_NODES_MAX: Final = 100_000
FILE_BYTES_MAX: Final = 32 << 20
"""Longest file that is unpacked."""


class NotReadable(Exception):  # noqa: N818 - it names what happened
    """It is no resource file of a known version, or broken, or packed in a way that is not read."""


class Node(Struct, frozen=True):
    """A file in a container: its path, how it is packed, and where its data begins."""

    path: str
    flags: int
    offset: int


class Container:
    """A container held in memory. NotReadable at once when it is none."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        version, self._tree, self._blobs, self._names = self._read(">iiii", len(_MAGIC))
        if not data.startswith(_MAGIC) or version not in _VERSIONS:
            raise NotReadable("this is no Qt resource file of a known version")
        self._node_bytes = 14 if version == 1 else 22
        self._seen = 0

    def files(self) -> dict[str, Node]:
        """Return every file by its path. NotReadable."""
        self._seen = 0
        return {node.path: node for node in self._walk(0, "")}

    def read(self, node: Node) -> bytes:
        """Return a file's content. NotReadable."""
        start = self._blobs + node.offset
        (length,) = self._read(">I", start)
        packed = self._data[start + 4 : start + 4 + length]
        if len(packed) != length:
            raise NotReadable(f"{node.path} is cut off")
        if node.flags & _ZSTD:
            raise NotReadable(f"{node.path} is compressed with zstd")
        return _inflated(packed, node.path) if node.flags & _ZLIB else packed

    def _walk(self, number: int, above: str) -> Iterator[Node]:
        self._seen += 1
        if self._seen > _NODES_MAX:
            raise NotReadable("there are too many entries, or they go round in circles")
        at = self._tree + number * self._node_bytes
        name_at, flags = self._read(">IH", at)
        path = f"{above}/{self._name(name_at)}".lstrip("/") if number else ""
        if flags & _FOLDER:
            count, first = self._read(">II", at + 6)
            for child in range(first, first + count):
                if child <= number:
                    raise NotReadable("a folder comes after what is in it")
                yield from self._walk(child, path)
        else:
            _, _, offset = self._read(">HHI", at + 6)
            yield Node(path, flags, offset)

    def _name(self, at: int) -> str:
        start = self._names + at
        (length,) = self._read(">H", start)
        return self._data[start + 6 : start + 6 + 2 * length].decode("utf-16-be", errors="replace")

    def _read(self, layout: str, at: int) -> tuple[int, ...]:
        try:
            return struct.unpack_from(layout, self._data, at)
        except struct.error as error:
            raise NotReadable("it ends too early") from error


def _inflated(packed: bytes, path: str) -> bytes:
    """Return what zlib packed; its length stands in front."""
    length = int.from_bytes(packed[:4], "big")
    if length > FILE_BYTES_MAX:
        raise NotReadable(f"{path} is too long")
    try:
        data = zlib.decompressobj().decompress(packed[4:], length)
    except zlib.error as error:
        raise NotReadable(f"{path} is broken") from error
    if len(data) != length:
        raise NotReadable(f"{path} is not as long as it says")
    return data
