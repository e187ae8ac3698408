import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bowerbird.app.demo.rcc import FILE_BYTES_MAX, Container, NotReadable

FOLDER = 2
NODES = 3  # the root, a folder, a file


def container(version: int = 3, *, data: bytes = b"hello", flags: int = 0, first: int = 2) -> bytes:
    """Write `pictures/bee.webp` as Qt's resource compiler would."""
    names = b"".join(struct.pack(">HI", len(name), 0) + name.encode("utf-16-be") for name in ("pictures", "bee.webp"))
    stamp = struct.pack(">Q", 1_700_000_000_000) if version > 1 else b""
    second_name = 6 + 2 * len("pictures")
    tree = (
        *(struct.pack(">IHII", 0, FOLDER, 1, 1), stamp),
        *(struct.pack(">IHII", 0, FOLDER, 1, first), stamp),
        *(struct.pack(">IHHHI", second_name, flags, 0, 1, 0), stamp),
    )
    blobs = struct.pack(">I", len(data)) + data
    start = 24 if version > 2 else 20
    header = struct.pack(">4siiii", b"qres", version, start + len(blobs) + len(names), start, start + len(blobs)) + (
        struct.pack(">i", 0) if version > 2 else b""
    )
    return header + blobs + names + b"".join(tree)


def packed(data: bytes, length: int | None = None) -> bytes:
    return struct.pack(">I", len(data) if length is None else length) + zlib.compress(data)


def only_file(raw: bytes) -> bytes:
    opened = Container(raw)
    files = opened.files()
    assert list(files) == ["pictures/bee.webp"]
    return opened.read(files["pictures/bee.webp"])


@pytest.mark.parametrize("version", [1, 2, 3])
def test_a_file_is_read_in_every_version(version: int) -> None:
    assert only_file(container(version)) == b"hello"


def test_a_compressed_file_is_read() -> None:
    assert only_file(container(data=packed(b"bee" * 1000), flags=1)) == b"bee" * 1000


@pytest.mark.parametrize(
    "raw",
    [
        container(data=packed(b"bee", 4), flags=1),
        container(data=packed(b"bee", FILE_BYTES_MAX + 1), flags=1),
        container(data=b"\0\0\0\5nonsense", flags=1),
        container(data=b"(\xb5/\xfd....", flags=4),
    ],
    ids=["longer than it is", "too long", "not zlib", "zstd"],
)
def test_a_file_that_is_not_what_it_says_is_refused(raw: bytes) -> None:
    with pytest.raises(NotReadable):
        only_file(raw)


@pytest.mark.parametrize("raw", [b"", b"qres", b"PK\3\4" + bytes(40), container(9)])
def test_what_is_no_container_is_refused(raw: bytes) -> None:
    with pytest.raises(NotReadable):
        Container(raw)


@pytest.mark.parametrize("first", [0, 1])
def test_a_folder_that_holds_itself_is_refused(first: int) -> None:
    with pytest.raises(NotReadable):
        Container(container(first=first)).files()


def test_a_container_that_is_cut_off_is_refused() -> None:
    whole = container()
    for length in range(len(whole) - 8):  # the last 8 bytes are a time that is not read
        with pytest.raises(NotReadable):
            only_file(whole[:length])


@given(st.integers(0, len(container()) - 1), st.integers(0, 255))
def test_a_damaged_container_is_read_or_refused(at: int, byte: int) -> None:
    raw = bytearray(container())
    raw[at] = byte
    try:
        opened = Container(bytes(raw))
        for node in opened.files().values():
            opened.read(node)
    except NotReadable:
        pass
