"""A space as it is written: pictures put, moved and removed. It blocks."""

from collections.abc import Iterator, Sequence
from zlib import crc32

import numpy as np

from bowerbird.adapters.usearch.codec import Rows, quantised
from bowerbird.adapters.usearch.files import Files, Place
from bowerbird.adapters.usearch.journal import APPLIED, END, NOTHING, PUT, Records, record
from bowerbird.base.ids import Id
from bowerbird.ports.log import Offset
from bowerbird.ports.vectors import Picture

Quantised = tuple[Picture, Rows]


def latest(pictures: Sequence[Picture]) -> Sequence[Quantised]:
    """Return pictures with their rows, the last of each pin; ValueError for views that are none."""
    return list({picture.pin: (picture, quantised(picture.views)) for picture in pictures}.values())


def put(files: Files, pictures: Sequence[Quantised], applied: Sequence[Offset]) -> None:
    """Put one picture a pin; what is there already is not written again."""
    new = [(picture, rows) for picture, rows in pictures if not _is_there(files, picture, rows)]
    files.append([*(_placed(files, picture, rows) for picture, rows in new), *noted(applied)])


def move(files: Files, pins: Sequence[Id], partition: Id, applied: Sequence[Offset], *, public: bool) -> None:
    """As `ports.vectors.VectorWrites.move`; rows that were public are copied to where no graph is, and back."""
    made: list[Records] = []
    for number in _find(files, pins):
        old = files.catalogue.records[number]
        place = int(old["file"]), int(old["row"])
        if bool(old["public"]) != public:
            place = files.write(files.rows_of(old), public=public)
        elif old["partition"].tobytes() == partition:
            continue
        made.append(again(files, number, place, partition, public=public))
    files.append([*made, *noted(applied)])


def remove(files: Files, pins: Sequence[Id], applied: Sequence[Offset]) -> None:
    """As `ports.vectors.VectorWrites.remove`."""
    files.append([*(record(END, ends=number) for number in _find(files, pins)), *noted(applied)])


def again(files: Files, number: int, place: Place, partition: bytes, *, public: bool) -> Records:
    """Return the record that puts a picture anew, at another place, in another partition, or for others."""
    made = files.catalogue.records[number].copy()
    made["file"], made["row"] = place
    made["ends"], made["partition"], made["public"] = number, np.void(partition), public
    return made


def noted(applied: Sequence[Offset]) -> Iterator[Records]:
    """Yield the records that remember offsets of the log."""
    return (record(APPLIED, file=offset.partition, number=offset.number) for offset in applied)


def _placed(files: Files, picture: Picture, rows: Rows) -> Records:
    """Write a picture's rows, and return the record that puts it."""
    file, row = files.write(rows, public=picture.public)
    before = files.catalogue.find(picture.pin)
    return record(
        PUT,
        public=picture.public,
        views=len(rows),
        file=file,
        row=row,
        ends=NOTHING if before is None else before,
        pin=picture.pin,
        partition=picture.partition,
        rows_sum=crc32(rows.data),
    )


def _is_there(files: Files, picture: Picture, rows: Rows) -> bool:
    number = files.catalogue.find(picture.pin)
    if number is None:
        return False
    old = files.catalogue.records[number]
    same = (bool(old["public"]), old["partition"].tobytes()) == (picture.public, picture.partition)
    return same and np.array_equal(files.rows_of(old), rows)


def _find(files: Files, pins: Sequence[Id]) -> Iterator[int]:
    for pin in dict.fromkeys(pins):
        number = files.catalogue.find(pin)
        if number is not None:
            yield number
