"""Embedder: the port's promises on ONNX Runtime in its confined hand, on the same code without one, on broken ones."""

import sys
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from msgspec.structs import replace
from typing_extensions import override

from bowerbird.adapters.vision.embedder import OnnxEmbedder, argv
from bowerbird.adapters.vision.limits import HAND_BYTES_MAX
from bowerbird.base.processes import Processes
from bowerbird.ports.embedder import VIEWS, WHOLE, Box, Embedded, Embedder, NoModel
from bowerbird.ports.pictures import PictureRefused, PicturesBusy
from bowerbird.runtime.hands import HandLimits, Hands
from tests.ports.embedder_checks import row, suite, webp
from tests.ports.suite import Check, Opener, run
from tests.support.hostile_pictures import encoded
from tests.support.seen_pictures import clock
from tests.support.vision_hands import EmbedHere, lasting, model_in, threads_of

LIMITS = HandLimits(hands_max=1, memory_bytes_max=HAND_BYTES_MAX)


@asynccontextmanager
async def open_hands(folder: Path) -> AsyncGenerator[Embedder]:
    model = model_in(folder)
    async with lasting(argv(model), LIMITS) as hands:
        yield OnnxEmbedder(hands, model)


@asynccontextmanager
async def open_here(folder: Path) -> AsyncGenerator[Embedder]:
    yield OnnxEmbedder(EmbedHere(), model_in(folder))


@suite.on({"onnx": open_hands, "onnx-without-a-hand": open_here})
async def test_embedder(opener: Opener[Embedder], check: Check[Embedder], tmp_path: Path) -> None:
    await run(opener, check, tmp_path)


class Broken(OnnxEmbedder):
    """The real one with a promise broken: `ask` changes the boxes that go in, `spoil` what comes out."""

    def __init__(
        self, model: Path, spoil: Callable[[Embedded], Embedded], ask: Callable[[list[Box]], list[Box]]
    ) -> None:
        super().__init__(EmbedHere(), model)
        self._spoil, self._ask = spoil, ask

    @override
    async def embed(self, data: bytes, boxes: list[Box]) -> Embedded:
        return self._spoil(await super().embed(data, self._ask(boxes)))


def kept(embedded: Embedded) -> Embedded:
    return embedded


def asked(boxes: list[Box]) -> list[Box]:
    return boxes


def backwards(embedded: Embedded) -> Embedded:
    return replace(embedded, vectors=embedded.vectors[::-1])


def longer(embedded: Embedded) -> Embedded:
    return replace(embedded, vectors=[(row(each) * 2).astype("<f2").tobytes() for each in embedded.vectors])


def of_32_bits(embedded: Embedded) -> Embedded:
    return replace(embedded, vectors=[row(each).tobytes() for each in embedded.vectors])


def one_off(embedded: Embedded) -> Embedded:
    return replace(embedded, labels=[replace(each, id=each.id + 1) for each in embedded.labels])


def too_sure_of_little(embedded: Embedded) -> Embedded:
    return replace(embedded, labels=[replace(each, probability=each.probability / 5) for each in embedded.labels])


def another_version(embedded: Embedded) -> Embedded:
    return replace(embedded, version=f"{embedded.version}0")


def last_first(boxes: list[Box]) -> list[Box]:
    return boxes[::-1]


def always_whole(boxes: list[Box]) -> list[Box]:
    return [WHOLE for _ in boxes]


def without_the_last(embedded: Embedded) -> Embedded:
    return replace(embedded, vectors=embedded.vectors[:-1])


@pytest.mark.parametrize(
    ("spoil", "ask", "name"),
    [
        (backwards, asked, "vectors_are_those_of_their_boxes_in_their_order"),
        (longer, asked, "every_box_has_a_vector_of_length_one"),
        (of_32_bits, asked, "every_box_has_a_vector_of_length_one"),
        (without_the_last, asked, "every_box_has_a_vector_of_length_one"),
        (one_off, asked, "labels_name_what_is_seen"),
        (too_sure_of_little, asked, "labels_name_what_is_seen"),
        (another_version, asked, "the_answer_bears_the_version"),
        (kept, always_whole, "vectors_are_those_of_their_boxes_in_their_order"),
        (backwards, last_first, "labels_are_those_of_the_first_box"),
    ],
)
async def test_a_broken_adapter_is_caught(
    spoil: Callable[[Embedded], Embedded], ask: Callable[[list[Box]], list[Box]], name: str, tmp_path: Path
) -> None:
    @asynccontextmanager
    async def broken(folder: Path) -> AsyncGenerator[Embedder]:
        yield Broken(model_in(folder), spoil, ask)

    assert await suite.catches(name, broken, tmp_path)


async def test_where_there_is_no_model_it_is_said(tmp_path: Path) -> None:
    embedder = OnnxEmbedder(EmbedHere(), tmp_path / "none.onnx")
    with pytest.raises(NoModel):
        await embedder.version()
    with pytest.raises(NoModel):
        await embedder.embed(webp(clock()), [WHOLE])


async def test_a_file_that_is_no_model_is_said_too(tmp_path: Path) -> None:
    file = tmp_path / "model.onnx"
    file.write_bytes(b"nonsense")
    pool = Hands(Processes(), argv(file), LIMITS)
    with pytest.raises(NoModel):
        await OnnxEmbedder(pool, file).embed(webp(clock()), [WHOLE])
    await pool.close()


async def test_another_file_is_another_version(tmp_path: Path) -> None:
    file = model_in(tmp_path)
    embedder = OnnxEmbedder(EmbedHere(), file)
    before = await embedder.version()
    assert await embedder.version() == before
    file.write_bytes(file.read_bytes() + b"\0")
    assert await embedder.version() != before


async def test_a_hand_that_embeds_is_confined_and_alone(tmp_path: Path) -> None:
    """Confinement binds the thread that asks for it, so there may be no other."""
    model = model_in(tmp_path)
    pool = Hands(Processes(), argv(model), LIMITS)
    await OnnxEmbedder(pool, model).embed(webp(clock()), [WHOLE])
    confinement = pool.status().confinement
    (pid,) = pool.pids()
    threads = threads_of(pid)
    await pool.close()
    assert confinement is not None
    assert "writes no file, starts no process" in confinement.applied
    assert threads == 1


class Hasty:
    """A pool whose hands have a millisecond for each request."""

    def __init__(self, pool: Hands) -> None:
        self._pool = pool

    async def ask(self, request: bytes, timeout_ms: int) -> bytes:
        _ = timeout_ms
        return await self._pool.ask(request, 1)


async def test_a_picture_that_takes_too_long_is_refused_and_its_hand_replaced(tmp_path: Path) -> None:
    model = model_in(tmp_path)
    pool = Hands(Processes(), argv(model), LIMITS)
    data = webp(clock())
    with pytest.raises(PictureRefused) as caught:
        await OnnxEmbedder(Hasty(pool), model).embed(data, list(VIEWS))
    assert caught.value.reason == "too-slow"
    assert (await OnnxEmbedder(pool, model).embed(data, [WHOLE])).labels
    status = pool.status()
    await pool.close()
    assert (status.timed_out, status.started) == (1, 2)


async def test_no_place_in_the_queue_is_busy_not_refused(tmp_path: Path) -> None:
    pool = Hands(Processes(), [sys.executable + "-is-not-here"], HandLimits())
    with pytest.raises(PicturesBusy):
        await OnnxEmbedder(pool, model_in(tmp_path)).embed(webp(clock()), [WHOLE])
    await pool.close()


async def test_a_hand_that_breaks_down_is_asked_once_more_and_then_refuses(tmp_path: Path) -> None:
    model = model_in(tmp_path)
    pool = Hands(
        Processes(), argv(model), HandLimits(hands_max=1, memory_bytes_max=HAND_BYTES_MAX, answer_bytes_max=10)
    )
    with pytest.raises(PictureRefused) as caught:
        await OnnxEmbedder(pool, model).embed(encoded(clock(), "JPEG"), [WHOLE])
    assert caught.value.reason == "not-a-picture"
    assert pool.status().died == 2
    await pool.close()
