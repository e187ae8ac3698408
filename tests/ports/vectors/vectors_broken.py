"""Vectors adapters broken on purpose, one defect each, with the check that must catch it."""

from collections.abc import Mapping, Sequence
from functools import partial

from msgspec.structs import replace
from typing_extensions import override

from bowerbird.adapters.usearch.vectors import UsearchVectors
from bowerbird.adapters.usearch.writes import UsearchVectorWrites
from bowerbird.base.ids import Id
from bowerbird.ports.log import Offset
from bowerbird.ports.vectors import LIMIT_MAX, VECTOR_BYTES, Counts, Near, Picture
from tests.ports.vectors.vectors_subject import SMALL, Subject, Variant, open_files
from tests.support.defects import Defect


class FloorIgnored(UsearchVectors):
    """Returns whatever is nearest, near or not."""

    @override
    async def nearest(
        self, space: str, views: bytes, limit: int, floor: float, *, public: bool, partitions: Sequence[Id] = ()
    ) -> list[Near]:
        return await super().nearest(space, views, limit, -1.0, public=public, partitions=partitions)


class FirstViewAlone(UsearchVectors):
    """Looks for the whole picture and forgets its parts."""

    @override
    async def nearest(
        self, space: str, views: bytes, limit: int, floor: float, *, public: bool, partitions: Sequence[Id] = ()
    ) -> list[Near]:
        views = views[:VECTOR_BYTES] if len(views) % VECTOR_BYTES == 0 else views
        return await super().nearest(space, views, limit, floor, public=public, partitions=partitions)


class PrivateIsPublic(UsearchVectors):
    """Finds what is private wherever it is asked for what is public."""

    @override
    async def nearest(
        self, space: str, views: bytes, limit: int, floor: float, *, public: bool, partitions: Sequence[Id] = ()
    ) -> list[Near]:
        everybodys = [Id((number << 40).to_bytes(16, "big")) for number in range(1, 4)] if public else partitions
        return await super().nearest(space, views, limit, floor, public=public, partitions=everybodys)


class FilteredAfterTheLimit(UsearchVectors):
    """Takes the best of all together, and then away what is private."""

    @override
    async def nearest(
        self, space: str, views: bytes, limit: int, floor: float, *, public: bool, partitions: Sequence[Id] = ()
    ) -> list[Near]:
        everybodys = [Id((number << 40).to_bytes(16, "big")) for number in range(1, 4)]
        seen = await super().nearest(space, views, LIMIT_MAX, floor, public=public, partitions=partitions)
        mixed = await super().nearest(space, views, limit, floor, public=True, partitions=everybodys)
        return [one for one in mixed if one.pin in {near.pin for near in seen}]


class PublicOnesAreInNoPartition(UsearchVectors):
    """Looks in a partition only for what is private."""

    @override
    async def nearest(
        self, space: str, views: bytes, limit: int, floor: float, *, public: bool, partitions: Sequence[Id] = ()
    ) -> list[Near]:
        answer = await super().nearest(space, views, limit, floor, public=public, partitions=partitions)
        shown = await super().nearest(space, views, LIMIT_MAX, floor, public=True)
        return answer if public else [one for one in answer if one.pin not in {near.pin for near in shown}]


class WorstFirst(UsearchVectors):
    """Orders by distance the wrong way round."""

    @override
    async def nearest(
        self, space: str, views: bytes, limit: int, floor: float, *, public: bool, partitions: Sequence[Id] = ()
    ) -> list[Near]:
        answer = await super().nearest(space, views, limit, floor, public=public, partitions=partitions)
        return answer[::-1]


class NothingIsAsked(UsearchVectors):
    """Remembers answers, and asks nobody whether they still hold."""

    _answers: dict[bytes, list[Near]]

    @override
    async def nearest(
        self, space: str, views: bytes, limit: int, floor: float, *, public: bool, partitions: Sequence[Id] = ()
    ) -> list[Near]:
        self._answers = getattr(self, "_answers", {})
        key = views + b"".join(partitions)
        if key not in self._answers:
            answer = await super().nearest(space, views, limit, floor, public=public, partitions=partitions)
            self._answers[key] = answer
        return self._answers[key]


class WholeAlone(UsearchVectors):
    """Gives back one view of several."""

    @override
    async def views(self, space: str, pins: Sequence[Id]) -> list[bytes | None]:
        return [views and views[:VECTOR_BYTES] for views in await super().views(space, pins)]


class CountsEverything(UsearchVectors):
    """Counts private pins as public ones."""

    @override
    async def counts(self, space: str) -> Counts:
        counts = await super().counts(space)
        return replace(counts, public_pins=counts.pins)


class FirstOfAPinHolds(UsearchVectorWrites):
    """Of two pictures of one pin in a call takes the first."""

    @override
    async def put(self, space: str, pictures: Sequence[Picture], applied: Sequence[Offset] = ()) -> None:
        await super().put(space, pictures[::-1], applied)


class PinsStandTwice(UsearchVectorWrites):
    """Leaves a pin's picture where it was when another is put."""

    @override
    async def put(self, space: str, pictures: Sequence[Picture], applied: Sequence[Offset] = ()) -> None:
        lasting = [replace(one, pin=Id(one.views[:8] + one.pin[8:])) for one in pictures]
        await super().put(space, [*pictures, *lasting][:200], applied)


class MoveIsPut(UsearchVectorWrites):
    """Moves pins to another partition, and leaves them as public as they were."""

    @override
    async def move(
        self, space: str, pins: Sequence[Id], partition: Id, *, public: bool, applied: Sequence[Offset] = ()
    ) -> None:
        await super().move(space, pins, partition, public=True, applied=applied)


class RemovesAFew(UsearchVectorWrites):
    """Reaches as many pins as fit into one step."""

    @override
    async def remove(self, space: str, pins: Sequence[Id], applied: Sequence[Offset] = ()) -> None:
        await super().remove(space, pins[:20], applied)


class DropKeepsOffsets(UsearchVectorWrites):
    """Empties a space and lets it stand."""

    @override
    async def drop(self, space: str) -> None:
        await super().remove(space, [Id(pin.to_bytes(16, "big")) for pin in range(300)])


class AppliedNotKept(UsearchVectorWrites):
    """Does not remember the offsets."""

    @override
    async def put(self, space: str, pictures: Sequence[Picture], applied: Sequence[Offset] = ()) -> None:
        await super().put(space, pictures)


class SpacesWithoutEnd(UsearchVectorWrites):
    """Makes room for another space by itself."""

    @override
    async def put(self, space: str, pictures: Sequence[Picture], applied: Sequence[Offset] = ()) -> None:
        try:
            await super().put(space, pictures, applied)
        except ValueError:
            await super().drop("v0")
            await super().put(space, pictures, applied)


class NothingBehind(UsearchVectorWrites):
    """Leaves everything where it was written first."""

    @override
    def _tend(self) -> None:
        return


def _reading(vectors: type[UsearchVectors], caught_by: str) -> Defect[Subject]:
    return Defect(partial(open_files, Variant(vectors=vectors, sizes=SMALL)), caught_by)


def _writing(writes: type[UsearchVectorWrites], caught_by: str) -> Defect[Subject]:
    return Defect(partial(open_files, Variant(writes=writes, sizes=SMALL)), caught_by)


DEFECTS: Mapping[str, Defect[Subject]] = {
    "floor ignored": _reading(FloorIgnored, "nothing_comes_from_below_the_floor"),
    "first view alone": _reading(FirstViewAlone, "of_several_views_asked_for_the_nearest_counts"),
    "private is public": _reading(PrivateIsPublic, "what_is_private_is_found_in_its_partition_alone"),
    "filtered after the limit": _reading(FilteredAfterTheLimit, "what_is_private_changes_nothing_among_what_is_public"),
    "public ones are in no partition": _reading(
        PublicOnesAreInNoPartition, "what_is_private_is_found_in_its_partition_alone"
    ),
    "worst first": _reading(WorstFirst, "the_nearest_come_best_first_each_with_its_cosine"),
    "nothing is asked": _reading(NothingIsAsked, "another_reader_sees_what_was_written_before_it_asked"),
    "whole alone": _reading(WholeAlone, "vectors_come_back"),
    "counts everything": _reading(CountsEverything, "counts_are_of_what_is_there"),
    "first of a pin holds": _writing(FirstOfAPinHolds, "the_last_picture_of_a_pin_holds"),
    "pins stand twice": _writing(PinsStandTwice, "putting_again_changes_nothing"),
    "move is put": _writing(MoveIsPut, "pins_are_moved_with_their_vectors"),
    "removes a few": _writing(RemovesAFew, "removed_pins_are_gone"),
    "drop keeps offsets": _writing(DropKeepsOffsets, "a_space_that_is_dropped_and_made_again_is_empty"),
    "applied not kept": _writing(AppliedNotKept, "offsets_are_remembered_and_never_go_back"),
    "spaces without end": _writing(SpacesWithoutEnd, "there_are_few_spaces"),
    "nothing behind": _writing(NothingBehind, "room_is_given_back"),
}
