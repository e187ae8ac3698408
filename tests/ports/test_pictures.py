"""Pictures: the port's promises on Pillow in its confined hand, on the same code without one, and on broken ones."""

import asyncio
import base64
import hashlib
import io
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace
from PIL import Image
from thash import thumb_hash_to_average_rgba
from typing_extensions import override

from bowerbird.adapters.pillow.hand import answer, warm
from bowerbird.adapters.pillow.limits import PictureLimits
from bowerbird.adapters.pillow.pdq import pdq
from bowerbird.adapters.pillow.pictures import PillowPictures, argv
from bowerbird.base.processes import Processes
from bowerbird.ports.pictures import PictureRefused, Pictures, PicturesBusy, Rendered, Rendition
from bowerbird.runtime.hands import HandLimits, Hands
from tests.ports.pictures_checks import refusal, suite
from tests.ports.suite import Check, Opener, run
from tests.support.hostile_pictures import FORMATS, encoded, mutated, opened, png_bomb, scene

LIMITS = PictureLimits()
MUTATIONS = 60


class Here:
    """A hand without a process, for what must be quick: the same function, in this process."""

    def __init__(self, limits: PictureLimits) -> None:
        self._limits = limits

    async def ask(self, request: bytes, timeout_ms: int) -> bytes:
        _ = timeout_ms
        return answer(self._limits, request)


def open_hands(
    pictures: PictureLimits = LIMITS, hands: HandLimits | None = None
) -> Callable[[Path], AbstractAsyncContextManager[Pictures]]:
    @asynccontextmanager
    async def opener(_: Path) -> AsyncGenerator[Pictures]:
        pool = Hands(Processes(), argv(pictures), hands or HandLimits(hands_max=1))
        try:
            yield PillowPictures(pool, pictures)
        finally:
            status = pool.status()
            await pool.close()
        assert status.died == 0, "a picture killed a hand"
        assert status.started <= 1

    return opener


@asynccontextmanager
async def open_here(_: Path) -> AsyncGenerator[Pictures]:
    yield PillowPictures(Here(LIMITS), LIMITS)


@suite.on({"pillow": open_hands(), "pillow-without-a-hand": open_here})
async def test_pictures(opener: Opener[Pictures], check: Check[Pictures], tmp_path: Path) -> None:
    await run(opener, check, tmp_path)


class Broken(PillowPictures):
    """Pillow with one promise broken: `spoil` changes what comes out, given what went in."""

    def __init__(self, spoil: Callable[[bytes, Rendered], Rendered | Awaitable[Rendered]]) -> None:
        super().__init__(Here(LIMITS), LIMITS)
        self._spoil = spoil

    @override
    async def render(self, data: bytes) -> Rendered:
        spoiled = self._spoil(data, await super().render(data))
        return spoiled if isinstance(spoiled, Rendered) else await spoiled


def keep_original(data: bytes, rendered: Rendered) -> Rendered:
    full = rendered.renditions[-1]
    return replace(rendered, renditions=[*rendered.renditions[:-1], replace(full, data=data)])


def enlarge(_: bytes, rendered: Rendered) -> Rendered:
    first = rendered.renditions[0]
    height = max(1, round(first.height * 236 / first.width))
    data = encoded(opened(first.data).resize((236, height)), "WEBP")
    larger = replace(first, width=236, height=height, data=data)
    return replace(rendered, renditions=[larger, *rendered.renditions[1:]])


def flatten(_: bytes, rendered: Rendered) -> Rendered:
    return replace(
        rendered,
        renditions=[
            replace(r, data=encoded(opened(r.data).convert("RGB"), "WEBP"), mime="image/webp")
            for r in rendered.renditions
        ],
    )


def as_stored(data: bytes, rendered: Rendered) -> Rendered:
    width, height = Image.open(io.BytesIO(data)).size
    return replace(rendered, width=width, height=height)


def drop_a_size(_: bytes, rendered: Rendered) -> Rendered:
    return replace(rendered, renditions=rendered.renditions[1:])


def hash_bytes(data: bytes, rendered: Rendered) -> Rendered:
    return replace(rendered, phash=hashlib.sha256(data).digest())


def hash_nothing(_: bytes, rendered: Rendered) -> Rendered:
    return replace(rendered, phash=bytes(32))


def size_of_full(_: bytes, rendered: Rendered) -> Rendered:
    return replace(rendered, width=rendered.renditions[-1].width, height=rendered.renditions[-1].height)


@pytest.mark.parametrize(
    ("spoil", "expected"),
    [
        (keep_original, "nothing_of_the_metadata_remains"),
        (keep_original, "outputs_hold_pixels_and_nothing_else"),
        (enlarge, "a_picture_is_never_made_larger"),
        (flatten, "transparency_is_kept"),
        (as_stored, "orientation_is_applied"),
        (drop_a_size, "every_wanted_width_has_a_rendition"),
        (hash_bytes, "the_perceptual_hash_survives_what_keeps_the_look"),
        (hash_nothing, "the_perceptual_hash_survives_what_keeps_the_look"),
        (size_of_full, "large_photos_state_their_true_size"),
    ],
)
async def test_a_broken_adapter_is_caught(
    spoil: Callable[[bytes, Rendered], Rendered], expected: str, tmp_path: Path
) -> None:
    with pytest.raises(AssertionError):
        await run(lambda _: _broken(spoil), suite.checks[expected], tmp_path)


class Unshrunk(PillowPictures):
    """Pillow that hands a picture over as it is."""

    @override
    async def shrink(self, data: bytes) -> Rendition:
        return (await self.render(data)).renditions[-1]


async def test_an_adapter_that_does_not_shrink_is_caught(tmp_path: Path) -> None:
    @asynccontextmanager
    async def unshrunk(_: Path) -> AsyncGenerator[Pictures]:
        yield Unshrunk(Here(LIMITS), LIMITS)

    with pytest.raises(AssertionError):
        await run(unshrunk, suite.checks["what_is_shrunk_is_the_widest_rendition"], tmp_path)


@asynccontextmanager
async def _broken(spoil: Callable[[bytes, Rendered], Rendered]) -> AsyncGenerator[Pictures]:
    yield Broken(spoil)


@pytest.mark.parametrize("format_", FORMATS)
async def test_mutated_pictures_cost_at_most_a_hand(format_: str) -> None:
    pool = Hands(Processes(), argv(LIMITS), HandLimits(hands_max=2))
    pictures = PillowPictures(pool, LIMITS)
    original = encoded(scene(120, 90), format_)

    async def one(seed: int) -> bool:
        try:
            return bool((await pictures.render(mutated(original, seed))).renditions)
        except PictureRefused:
            return False

    outcomes = await asyncio.gather(*(one(seed) for seed in range(MUTATIONS)))
    whole = await pictures.render(original)
    await pool.close()
    assert whole.width == 120
    assert not all(outcomes)


async def test_a_picture_beyond_the_memory_of_a_hand_is_refused() -> None:
    """What is reckoned beforehand is left out here, so that it is the kernel who refuses."""
    opener = open_hands(replace(LIMITS, memory_bytes_max=1 << 40), HandLimits(hands_max=1, memory_bytes_max=400 << 20))
    async with opener(Path()) as pictures:
        assert await refusal(pictures, png_bomb(8900)) == "too-many-pixels"
        assert (await pictures.render(encoded(scene(64, 64), "PNG"))).width == 64


async def test_a_picture_that_takes_too_long_is_refused_and_its_hand_replaced() -> None:
    pool = Hands(Processes(), argv(LIMITS), HandLimits(hands_max=1))
    hasty = PillowPictures(pool, replace(LIMITS, timeout_ms=1))
    patient = PillowPictures(pool, LIMITS)
    slow = encoded(scene(300, 200).resize((3000, 2000)), "PNG")
    assert await refusal(hasty, slow) == "too-slow"
    assert (await patient.render(slow)).width == 3000
    status = pool.status()
    await pool.close()
    assert (status.timed_out, status.started) == (1, 2)


async def test_a_hand_that_breaks_down_is_asked_once_more_and_then_refuses() -> None:
    pool = Hands(Processes(), argv(LIMITS), HandLimits(hands_max=1, answer_bytes_max=10))
    assert await refusal(PillowPictures(pool, LIMITS), encoded(scene(64, 64), "PNG")) == "not-a-picture"
    assert pool.status().died == 2
    await pool.close()


async def test_no_place_in_the_queue_is_busy_not_refused() -> None:
    pool = Hands(Processes(), [sys.executable + "-is-not-here"], HandLimits())
    with pytest.raises(PicturesBusy):
        await PillowPictures(pool, LIMITS).render(encoded(scene(8, 8), "PNG"))
    await pool.close()
    with pytest.raises(PicturesBusy):
        await PillowPictures(pool, LIMITS).render(encoded(scene(8, 8), "PNG"))


async def test_a_hand_that_decodes_is_confined() -> None:
    pool = Hands(Processes(), argv(LIMITS), HandLimits(hands_max=1))
    await PillowPictures(pool, LIMITS).render(encoded(scene(8, 8), "PNG"))
    confinement = pool.status().confinement
    await pool.close()
    assert confinement is not None
    assert "writes no file, starts no process" in confinement.applied


@pytest.mark.parametrize(
    ("width", "height", "scale", "expected"),
    [
        (512, 512, 1, "aaa954a8a5684a58969c6db699242666cccc398c411c1efff2fe07f7ff878007"),
        (400, 300, 2, "7ffc00033ea955563a03afa93f5c15563e038aa93e0c17543e04f01fc1fef87a"),
        (129, 511, 3, "0004affaffff555500155554aaa4d556aab45557aab4aaa9554baaa9554baaaa"),
    ],
)
def test_the_perceptual_hash_is_the_one_its_authors_compute(width: int, height: int, scale: int, expected: str) -> None:
    """The expected hashes are those of the authors' own C++ (package pdqhash 0.2.8) on the same brightness."""
    y, x = np.mgrid[0:height, 0:width].astype(float)
    waves = 50 * np.sin(x * x / (900 * scale) + y / 31) + 40 * np.cos(y * y / (1500 * scale) - x / 57)
    assert pdq(np.floor(127 + waves + 30 * np.sin(x * y / (5000 * scale)))).hex() == expected


async def test_the_placeholder_has_the_picture_s_colour() -> None:
    rendered = await PillowPictures(Here(LIMITS), LIMITS).render(
        encoded(Image.new("RGB", (300, 200), (200, 100, 50)), "PNG")
    )
    average = thumb_hash_to_average_rgba(list(base64.b64decode(rendered.thumbhash + "==")))
    assert average is not None
    assert [round(c * 255) for c in average] == pytest.approx([200, 100, 50, 255], abs=12)


def test_warming_meets_every_format_without_harm() -> None:
    warm(LIMITS)
