"""Random calls do to every engine what they do to a dict of pictures that is searched one by one, in float32."""

import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bowerbird.base.ids import Id
from bowerbird.ports.log import Offset
from bowerbird.ports.vectors import VECTOR_BYTES, Near, Picture
from tests.ports.suite import Opener
from tests.ports.vectors.vectors_pictures import SPACE, WITHIN, near, packed, some_id, spot, unpacked
from tests.ports.vectors.vectors_subject import USEARCH, Subject

# Few of everything, so that calls meet each other; points at many distances from where is looked.
PINS = [some_id(number) for number in range(12)]
PARTITIONS = [some_id(number) for number in range(20, 23)]
QUERIES = [packed(spot(1)), packed(spot(2), spot(3))]
POINTS = [near(1 + number % 3, number % 19 / 20, number) for number in range(40)]

VIEWS = st.lists(st.sampled_from(range(40)), min_size=1, max_size=6).map(
    lambda some: packed(*(POINTS[n] for n in some))
)
PICTURES = st.builds(Picture, st.sampled_from(PINS), st.sampled_from(PARTITIONS), st.booleans(), VIEWS)
SOME_PINS = st.lists(st.sampled_from(PINS), max_size=8)


@dataclass(frozen=True)
class Put:
    pictures: list[Picture]


@dataclass(frozen=True)
class Move:
    pins: list[Id]
    partition: Id
    public: bool


@dataclass(frozen=True)
class Remove:
    pins: list[Id]


@dataclass(frozen=True)
class Fill:
    """Many pictures at once, so that graphs grow and files are left."""

    first: int


class Drop:
    """The space goes."""


class Reopen:
    """The engine is closed and opened again."""


class Settle:
    """What is due behind is done."""


Call = Put | Move | Remove | Fill | Drop | Reopen | Settle

CALLS = st.one_of(
    st.builds(Put, st.lists(PICTURES, max_size=8)),
    st.builds(Put, st.lists(PICTURES, max_size=8)),
    st.builds(Move, SOME_PINS, st.sampled_from(PARTITIONS), st.booleans()),
    st.builds(Remove, SOME_PINS),
    st.builds(Fill, st.sampled_from([100, 120, 140])),
    st.sampled_from([Drop(), Reopen(), Settle()]),
)


@dataclass
class Model:
    pictures: dict[Id, Picture] = field(default_factory=dict[Id, Picture])
    applied: int | None = None

    def nearest(self, query: bytes, partitions: list[Id], *, public: bool) -> dict[Id, float]:
        asked = unpacked(query)
        return {
            one.pin: float((unpacked(one.views) @ asked.T).max())
            for one in self.pictures.values()
            if (one.public and public) or one.partition in partitions
        }


@pytest.mark.parametrize("opener", USEARCH.values(), ids=USEARCH)
@settings(max_examples=25)
@given(program=st.lists(CALLS, min_size=3, max_size=14))
def test_vectors_are_as_their_model(opener: Opener[Subject], program: list[Call]) -> None:
    """Run under its own loop, as hypothesis wants a plain function."""
    import asyncio  # noqa: PLC0415 - for this alone

    asyncio.run(_same(opener, program))


async def _same(opener: Opener[Subject], program: list[Call]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with opener(Path(folder)) as subject:
            model = Model()
            for number, call in enumerate(program):
                await do(subject, model, call, number)
                await same_answers(subject, model)
            await subject.settled()
            await same_answers(subject, model)
            subject.audit()


async def do(subject: Subject, model: Model, call: Call, number: int) -> None:
    """Do a call to both."""
    match call:
        case Put():
            await subject.vectors.put(SPACE, call.pictures, [Offset(0, number)])
            model.pictures |= {one.pin: one for one in call.pictures}
            model.applied = number
        case Fill():
            many = [
                Picture(some_id(call.first + n), PARTITIONS[n % 3], n % 4 > 0, packed(POINTS[n])) for n in range(30)
            ]
            await subject.vectors.put(SPACE, many)
            model.pictures |= {one.pin: one for one in many}
        case Move():
            await subject.vectors.move(SPACE, call.pins, call.partition, public=call.public)
            for pin in {*call.pins} & {*model.pictures}:
                model.pictures[pin] = Picture(pin, call.partition, call.public, model.pictures[pin].views)
        case Remove():
            await subject.vectors.remove(SPACE, call.pins)
            for pin in call.pins:
                model.pictures.pop(pin, None)
        case Drop():
            await subject.vectors.drop(SPACE)
            model.__init__()
        case Reopen():
            await subject.reopen()
        case Settle():
            await subject.settled()


async def same_answers(subject: Subject, model: Model) -> None:
    """Assert that all that can be read is the same, in both readers."""
    for vectors in (subject.vectors, subject.beside):
        counts = await vectors.counts(SPACE)
        assert counts.pins == len(model.pictures)
        assert counts.public_pins == sum(one.public for one in model.pictures.values())
        assert counts.views == sum(len(one.views) for one in model.pictures.values()) // VECTOR_BYTES
        assert await vectors.applied(SPACE) == ([] if model.applied is None else [Offset(0, model.applied)])
        for query in QUERIES:
            for partitions, public in (([], True), (PARTITIONS[:2], True), (PARTITIONS[1:], False)):
                expected = model.nearest(query, partitions, public=public)
                same_nears(
                    await vectors.nearest(SPACE, query, 200, -1.0, public=public, partitions=partitions), expected
                )
                few = await vectors.nearest(SPACE, query, 3, 0.3, public=public, partitions=partitions)
                above = sorted((cosine for cosine in expected.values() if cosine > 0.3 + WITHIN), reverse=True)[:3]
                assert [one.cosine for one in few][: len(above)] == pytest.approx(above, abs=WITHIN)
    assert [views is not None for views in await subject.vectors.views(SPACE, PINS)] == [
        pin in model.pictures for pin in PINS
    ]


def same_nears(nears: list[Near], expected: dict[Id, float]) -> None:
    """Assert that these pins were found and no others, each with its cosine, best first."""
    assert {one.pin: one.cosine for one in nears} == pytest.approx(expected, abs=WITHIN)
    assert len(nears) == len(expected)
    assert nears == sorted(nears, key=lambda one: (-one.cosine, one.pin))
