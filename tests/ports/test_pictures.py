"""Pictures: what every adapter behind the port promises, on Pillow in its confined hand, and on broken ones."""

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
from bowerbird.ports.pictures import WIDTHS, PictureRefused, Pictures, PicturesBusy, Rendered, Rendition
from bowerbird.runtime.hands import HandLimits, Hands
from tests.ports.suite import Check, Opener, Suite, run
from tests.support.hostile_pictures import (
    FORMATS,
    SECRET,
    encoded,
    gif_of_size,
    jpeg_of_size,
    mutated,
    opened,
    png,
    png_bomb,
    scene,
    swapped_profile,
    tell_tale,
    webp_of_size,
)

LIMITS = PictureLimits()
MUTATIONS = 60

suite = Suite[Pictures]()


async def refusal(pictures: Pictures, data: bytes) -> str:
    with pytest.raises(PictureRefused) as caught:
        await pictures.render(data)
    assert caught.value.detail
    return caught.value.reason


def by_name(rendered: Rendered) -> dict[str, Rendition]:
    return {r.name: r for r in rendered.renditions}


def difference(a: bytes, b: bytes) -> int:
    return (int.from_bytes(a, "big") ^ int.from_bytes(b, "big")).bit_count()


def likeness(a: Image.Image, b: Image.Image) -> float:
    """Return how far apart two pictures are on average, in levels of 255, seen small."""
    small = [np.asarray(i.convert("RGB").resize((32, 32)), dtype=float) for i in (a, b)]
    return float(np.abs(small[0] - small[1]).mean())


@suite.check
async def every_format_is_rendered(pictures: Pictures) -> None:
    for format_ in FORMATS:
        rendered = await pictures.render(encoded(scene(1200, 900), format_))
        assert (rendered.width, rendered.height) == (1200, 900)
        sizes = {name: (r.width, r.height) for name, r in by_name(rendered).items()}
        assert sizes == {"236": (236, 177), "474": (474, 356), "736": (736, 552), "full": (1200, 900)}


@suite.check
async def renditions_are_what_they_say(pictures: Pictures) -> None:
    original = scene(1000, 700)
    for r in (await pictures.render(encoded(original, "JPEG", quality=92))).renditions:
        image = opened(r.data)
        assert image.size == (r.width, r.height)
        assert Image.MIME[image.format or ""] == r.mime
        assert likeness(image, original) < 6


@suite.check
async def a_picture_is_never_made_larger(pictures: Pictures) -> None:
    rendered = await pictures.render(encoded(scene(300, 500), "PNG"))
    assert {n: r.width for n, r in by_name(rendered).items()} == {"236": 236, "474": 300, "736": 300, "full": 300}
    rendered = await pictures.render(encoded(scene(1, 1), "PNG"))
    assert {(r.width, r.height) for r in rendered.renditions} == {(1, 1)}


@suite.check
async def every_wanted_width_has_a_rendition(pictures: Pictures) -> None:
    rendered = await pictures.render(encoded(scene(50, 20), "GIF"))
    assert [r.name for r in rendered.renditions] == [*(str(w) for w in WIDTHS), "full"]


@suite.check
async def extreme_shapes_stay_bounded(pictures: Pictures) -> None:
    for size in ((5000, 3), (3, 5000)):
        rendered = await pictures.render(encoded(Image.new("RGB", size, "red"), "PNG"))
        assert (rendered.width, rendered.height) == size
        assert all(min(r.width, r.height) >= 1 and max(r.width, r.height) <= 4096 for r in rendered.renditions)


@suite.check
async def large_photos_state_their_true_size(pictures: Pictures) -> None:
    rendered = await pictures.render(encoded(scene(300, 200).resize((6600, 4400)), "JPEG"))
    full = by_name(rendered)["full"]
    assert (rendered.width, rendered.height) == (6600, 4400)
    assert 3000 <= full.width <= 4096
    assert abs(full.width / full.height - 1.5) < 0.01


@suite.check
async def orientation_is_applied(pictures: Pictures) -> None:
    upright = scene(400, 300)
    turns = {
        1: None,
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    for format_ in ("JPEG", "PNG", "WEBP"):
        for value, turn in turns.items():
            exif = Image.Exif()
            exif[0x0112] = value
            stored = upright if turn is None else upright.transpose(turn)
            rendered = await pictures.render(encoded(stored, format_, exif=exif.tobytes()))
            assert (rendered.width, rendered.height) == (400, 300)
            assert all(likeness(opened(r.data), upright) < 8 for r in rendered.renditions)


@suite.check
async def nothing_of_the_metadata_remains(pictures: Pictures) -> None:
    for format_ in FORMATS:
        data = tell_tale(format_)
        assert SECRET.encode() in data
        rendered = await pictures.render(data)
        for r in rendered.renditions:
            assert SECRET.encode() not in r.data
            image = opened(r.data)
            assert not image.getexif()
            assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density", "loop", "background"} | {
                "timestamp",
                "duration",
            }


@suite.check
async def outputs_hold_pixels_and_nothing_else(pictures: Pictures) -> None:
    for format_ in FORMATS:
        for r in (await pictures.render(tell_tale(format_))).renditions:
            assert parts(r.data) <= {"VP8 ", "VP8L", "VP8X", "ALPH", "e0", "db", "c0", "c4", "da"}


def parts(data: bytes) -> set[str]:
    """Return the kinds of segments of a JPEG or of chunks of a WebP, and fail on anything behind the end."""
    found: set[str] = set()
    if data[:4] == b"RIFF":
        at = 12
        while at < len(data):
            found.add(data[at : at + 4].decode())
            length = int.from_bytes(data[at + 4 : at + 8], "little")
            at += 8 + length + length % 2
        assert at == len(data)
        return found
    at = 2
    while data[at + 1] != 0xDA:
        found.add(f"{data[at + 1]:02x}")
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    assert data.find(b"\xff\xd9", at) == len(data) - 2
    return found | {"da"}


@suite.check
async def transparency_is_kept(pictures: Pictures) -> None:
    image = scene(300, 300).convert("RGBA")
    image.putalpha(Image.linear_gradient("L").resize((300, 300)))
    palette = scene(300, 300).quantize(64)
    cases = {
        "PNG": encoded(image, "PNG"),
        "WEBP": encoded(image, "WEBP"),
        "GIF": encoded(palette, "GIF", transparency=palette.getpixel((0, 0))),
        "LA": encoded(image.convert("LA"), "PNG"),
        "tRNS": encoded(scene(300, 300), "PNG", transparency=(scene(300, 300).getpixel((5, 5)))),
    }
    for name, data in cases.items():
        for r in (await pictures.render(data)).renditions:
            alpha = opened(r.data).convert("RGBA").getchannel("A")
            assert alpha.getextrema() != (255, 255), f"{name} lost its transparency in {r.name}"
    rendered = await pictures.render(encoded(scene(300, 300).convert("RGBA"), "PNG"))
    assert all(opened(r.data).mode == "RGB" for r in rendered.renditions)


@suite.check
async def every_mode_keeps_its_look(pictures: Pictures) -> None:
    original = scene(320, 240)
    deep = Image.fromarray(np.asarray(original.convert("L")).astype(np.uint16) * 257)
    cases = {
        "grey": (encoded(original.convert("L"), "JPEG"), original.convert("L")),
        "cmyk": (encoded(original.convert("CMYK"), "JPEG", quality=95), original),
        "palette": (encoded(original.quantize(256), "PNG"), original),
        "16 bit": (encoded(deep, "PNG"), original.convert("L")),
        "1 bit": (encoded(original.convert("1"), "PNG"), original.convert("1")),
        "progressive": (encoded(original, "JPEG", progressive=True), original),
        "interlaced": (encoded(original, "PNG", interlace=1), original),
        "lossless": (encoded(original, "WEBP", lossless=True), original),
    }
    for name, (data, expected) in cases.items():
        for r in (await pictures.render(data)).renditions:
            assert likeness(opened(r.data), expected) < 12, f"{name} looks different in {r.name}"


@suite.check
async def other_colour_spaces_become_srgb(pictures: Pictures) -> None:
    red = Image.new("RGB", (64, 64), (250, 10, 10))
    rendered = await pictures.render(encoded(red, "PNG", icc_profile=swapped_profile()))
    colour = opened(by_name(rendered)["full"].data).convert("RGB").getpixel((32, 32))
    assert isinstance(colour, tuple)
    assert colour[1] > 150 > colour[0], "a profile whose red is green was not followed"


@suite.check
async def a_broken_profile_does_no_harm(pictures: Pictures) -> None:
    for profile in (b"nonsense", b"\0" * 200, b"x" * 100_000):
        rendered = await pictures.render(encoded(scene(64, 64), "JPEG", icc_profile=profile))
        assert rendered.width == 64


@suite.check
async def of_animations_the_first_frame_counts(pictures: Pictures) -> None:
    frames = [scene(200, 100, seed) for seed in (1, 2, 3)]
    for format_ in ("GIF", "WEBP", "PNG"):
        data = encoded(frames[0], format_, save_all=True, append_images=frames[1:], duration=50)
        full = opened(by_name(await pictures.render(data))["full"].data)
        assert getattr(full, "n_frames", 1) == 1
        assert likeness(full, frames[0]) < 10


@suite.check
async def hashes_and_colours_are_right(pictures: Pictures) -> None:
    data = encoded(scene(640, 480), "JPEG")
    rendered = await pictures.render(data)
    assert rendered.sha256 == hashlib.sha256(data).digest()
    assert len(rendered.phash) == 32
    assert 5 <= len(base64.b64decode(rendered.thumbhash + "==")) <= 25
    assert "=" not in rendered.thumbhash
    green = encoded(Image.new("RGB", (300, 200), (20, 180, 40)), "PNG")
    assert (await pictures.render(green)).color == "#14b428"


@suite.check
async def the_perceptual_hash_survives_what_keeps_the_look(pictures: Pictures) -> None:
    seen: list[bytes] = []
    for seed in range(1, 7):
        image = scene(800, 600, seed)
        original = (await pictures.render(encoded(image, "PNG"))).phash
        for other in (encoded(image, "JPEG", quality=40), encoded(image.resize((200, 150)), "PNG")):
            assert difference(original, (await pictures.render(other)).phash) <= 31
        assert all(difference(original, before) > 90 for before in seen)
        seen.append(original)


@suite.check
async def what_is_no_picture_is_refused(pictures: Pictures) -> None:
    assert await refusal(pictures, b"") == "empty"
    for data in (b"\0", b"<html>", b"%PDF-1.7", b"GIF8", bytes(5000), b"\xff\xd8\xff", b"RIFF\0\0\0\0WEBP"):
        assert await refusal(pictures, data) in {"not-a-picture", "truncated", "unsupported"}
    for format_ in ("BMP", "TIFF", "ICO", "AVIF"):
        assert await refusal(pictures, encoded(scene(32, 32), format_)) == "unsupported"
    assert await refusal(pictures, b"<svg xmlns='http://www.w3.org/2000/svg'/>") == "unsupported"


@suite.check
async def cut_off_pictures_are_refused(pictures: Pictures) -> None:
    for format_ in FORMATS:
        data = encoded(scene(400, 300), format_)
        for share in (0.1, 0.5, 0.9):
            assert await refusal(pictures, data[: int(len(data) * share)]) == "truncated"
    progressive = encoded(scene(400, 300), "JPEG", progressive=True)
    assert await refusal(pictures, progressive[: len(progressive) // 2]) == "truncated"


@suite.check
async def headers_that_promise_too_much_are_refused(pictures: Pictures) -> None:
    for data in (
        png_bomb(30_000),
        png(2**31 - 1, 2**31 - 1, b""),
        png(30_000, 1, bytes(30_000)),
        jpeg_of_size(65_500, 65_500),
        jpeg_of_size(30_000, 10),
        gif_of_size(65_535, 65_535),
        webp_of_size(16_384, 16_384),
        webp_of_size(2**24, 2**24),
    ):
        assert await refusal(pictures, data) == "too-many-pixels"


@suite.check
async def headers_that_lie_are_survived(pictures: Pictures) -> None:
    for data in (png(4000, 4000, bytes(10)), png(0, 0, b""), png(10, 10, bytes(10**6)), jpeg_of_size(9000, 8000)):
        try:
            await pictures.render(data)
        except PictureRefused:
            continue
    assert (await pictures.render(encoded(scene(64, 64), "PNG"))).width == 64


@suite.check
async def the_claimed_type_is_nobody_s_business(pictures: Pictures) -> None:
    script = b"GIF89a/*" + bytes(8) + b"*/=1;alert(1)//"
    assert await refusal(pictures, script) in {"not-a-picture", "truncated", "too-many-pixels"}
    archive = encoded(scene(100, 100), "JPEG") + b"PK\3\4" + b"payload" * 100
    assert all(b"payload" not in r.data for r in (await pictures.render(archive)).renditions)


@suite.check
async def bytes_are_bounded(pictures: Pictures) -> None:
    data = encoded(scene(64, 64), "JPEG")
    assert await refusal(pictures, data + bytes(LIMITS.bytes_max)) == "too-large"


@suite.check
async def the_same_bytes_give_the_same_picture(pictures: Pictures) -> None:
    data = encoded(scene(500, 400), "WEBP")
    assert await pictures.render(data) == await pictures.render(data)


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
    opener = open_hands(hands=HandLimits(hands_max=1, memory_bytes_max=400 << 20))
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
