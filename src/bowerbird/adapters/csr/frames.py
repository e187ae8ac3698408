"""Files of changes: frames, one a call, each whole or not there, that hold records of one size.

A frame is the length of what follows, its checksum, the offsets applied, and the records, all little-endian. What a
dead writer left at the end has another checksum, and whoever reads ends before it.
"""

import re
from collections.abc import Iterator, Sequence
from struct import Struct as Layout
from typing import Final
from zlib import crc32

from msgspec import Struct

from bowerbird.ports.log import Offset
from bowerbird.ports.walks import CHANGES_MAX, Change, Described, Dropped, Edge, Saved, Unsaved

SAVED: Final = 1
UNSAVED: Final = 2
DROPPED: Final = 3
DESCRIBED: Final = 4

RECORD: Final = Layout("<B16s16sQ")
"""What it is, the thing, the board, and a value: the day of a save, or the label of a thing."""

ID_BYTES: Final = 16

_HEAD: Final = Layout("<II")
_COUNT: Final = Layout("<H")
_OFFSET: Final = Layout("<Iq")
_DAY_US: Final = 86_400_000_000
_DAYS: Final = 1 << 16
_TOPICS: Final = 1 << 16
_LETTERS: Final = 27
_LANGUAGE: Final = re.compile("(?:[a-z]{2,3})?")
_NOBODY: Final = bytes(ID_BYTES)


class Frame(Struct, frozen=True):
    """One call's changes, and where the next frame begins."""

    applied: list[Offset]
    records: bytes
    end: int


def encode(changes: Sequence[Change], applied: Sequence[Offset]) -> bytes:
    """Return a frame; ValueError for what breaks a bound of the port."""
    if len(changes) > CHANGES_MAX:
        raise ValueError(f"At most {CHANGES_MAX} changes are made in one call, not {len(changes)}.")
    return framed(b"".join(map(_record, changes)), applied)


def framed(records: bytes, applied: Sequence[Offset]) -> bytes:
    """Return a frame of records."""
    offsets = b"".join(_OFFSET.pack(one.partition, one.number) for one in applied)
    payload = _COUNT.pack(len(applied)) + offsets + records
    return _HEAD.pack(len(payload), crc32(payload)) + payload


def saved(edges: Sequence[Edge]) -> bytes:
    """Return records that put edges, of no day; ValueError for an id that is none."""
    return b"".join(RECORD.pack(SAVED, _checked(edge.thing), _checked(edge.board), 0) for edge in edges)


def frames(data: bytes, start: int = 0) -> Iterator[Frame]:
    """Yield the whole frames from a place on, up to the first that is none."""
    while start + _HEAD.size <= len(data):
        length, checksum = _HEAD.unpack_from(data, start)
        begin, start = start + _HEAD.size, start + _HEAD.size + length
        payload = data[begin:start]
        if not _COUNT.size <= length == len(payload) or crc32(payload) != checksum:
            return
        (count,) = _COUNT.unpack_from(payload)
        head = _COUNT.size + count * _OFFSET.size
        applied = [Offset(*one) for one in _OFFSET.iter_unpack(payload[_COUNT.size : head])]
        yield Frame(applied, payload[head:], start)


def day_of(at: int) -> int:
    """Return the day since 1970 of a time; ValueError where days of two bytes do not reach."""
    if not 0 <= at < _DAYS * _DAY_US:
        raise ValueError(f"A time lies from 1970 to 2149, in microseconds: {at} does not.")
    return at // _DAY_US


def language_number(language: str) -> int:
    """Return a number of two bytes for a language code; ValueError for what is none."""
    if _LANGUAGE.fullmatch(language) is None:
        raise ValueError(f"A language is two or three letters of a to z, or none: {language!r} is not.")
    number = 0
    for letter in language:
        number = number * _LETTERS + ord(letter) - ord("a") + 1
    return number


def topic_number(topic: int) -> int:
    """Return a topic; ValueError unless two bytes hold it."""
    if not 0 <= topic < _TOPICS:
        raise ValueError(f"A topic is from 0 to {_TOPICS - 1}: {topic} is not.")
    return topic


def _record(change: Change) -> bytes:
    match change:
        case Saved(thing, board, at):
            return RECORD.pack(SAVED, _checked(thing), _checked(board), day_of(at))
        case Unsaved(thing, board):
            return RECORD.pack(UNSAVED, _checked(thing), _checked(board), 0)
        case Dropped(board):
            return RECORD.pack(DROPPED, _NOBODY, _checked(board), 0)
        case Described(thing, topic, language):
            label = language_number(language) << 16 | topic_number(topic)
            return RECORD.pack(DESCRIBED, _checked(thing), _NOBODY, label)


def _checked(id_: bytes) -> bytes:
    if len(id_) != ID_BYTES:
        raise ValueError(f"An id has {ID_BYTES} bytes, not {len(id_)}.")
    return id_
