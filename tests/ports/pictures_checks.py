"""What every adapter behind the port Pictures promises."""

import base64
import hashlib

import numpy as np
import pytest
from PIL import Image

from bowerbird.ports.pictures import WIDTHS, PictureRefused, Pictures, Rendered, Rendition
from tests.ports.suite import Suite
from tests.support.hostile_pictures import (
    FORMATS,
    SECRET,
    encoded,
    gif_of_size,
    jpeg_of_size,
    opened,
    png,
    png_bomb,
    scene,
    swapped_profile,
    tell_tale,
    webp_of_size,
)

TOO_MANY_BYTES = 33 << 20

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
async def what_is_shrunk_is_the_widest_rendition(pictures: Pictures) -> None:
    shapes = [encoded(scene(1200, 900), format_) for format_ in FORMATS]
    shapes += [encoded(scene(300, 200).resize(size), "JPEG") for size in ((4600, 3100), (1000, 3000), (300, 200))]
    for data in (*shapes, *map(tell_tale, FORMATS)):
        widest, shrunk = by_name(await pictures.render(data))["736"], await pictures.shrink(data)
        assert (shrunk.name, shrunk.mime) == (widest.name, widest.mime)
        assert (shrunk.width, shrunk.height) == opened(shrunk.data).size == (widest.width, widest.height)
        assert likeness(opened(shrunk.data), opened(widest.data)) < 3
        assert SECRET.encode() not in shrunk.data
    assert (await pictures.shrink(encoded(Image.new("RGB", (3, 5000), "red"), "PNG"))).width <= 3


@suite.check
async def what_is_not_rendered_is_not_shrunk(pictures: Pictures) -> None:
    for data in (b"", b"nothing", png_bomb(30_000), jpeg_of_size(30_000, 30_000), bytes(TOO_MANY_BYTES)):
        with pytest.raises(PictureRefused) as caught:
            await pictures.shrink(data)
        assert caught.value.reason == await refusal(pictures, data)


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
    assert await refusal(pictures, data + bytes(TOO_MANY_BYTES)) == "too-large"


@suite.check
async def the_same_bytes_give_the_same_picture(pictures: Pictures) -> None:
    data = encoded(scene(500, 400), "WEBP")
    assert await pictures.render(data) == await pictures.render(data)
