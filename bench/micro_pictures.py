"""Pictures: which format is best, on photos in folders given by the caller, and what one upload costs a hand.

    .venv/bin/python bench/micro_pictures.py FOLDER [FOLDER ...]

Each photo is brought to the renditions' widths once; every candidate encodes those. Times are CPU time of this
process on one thread. Likeness is SSIM of luma in 8x8 windows (1 is the same). No photo is kept in the repository.
"""

import asyncio
import io
import re
import statistics
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from bowerbird.adapters.pillow.limits import PictureLimits
from bowerbird.adapters.pillow.pictures import PillowPictures, argv
from bowerbird.adapters.pillow.render import render
from bowerbird.base.processes import Processes
from bowerbird.ports.pictures import WIDTHS
from bowerbird.runtime.hands import HandLimits, Hands

LIMITS = PictureLimits()
FULL_SIDE_MAX = LIMITS.full_side_max
PHONE_PHOTO = (4000, 3000)
ROUNDS = 7
WINDOW = 8
SIDE_MIN = 736

Encode = Callable[[Image.Image], bytes]


@dataclass
class Tally:
    """What one candidate cost over all photos."""

    ms: float = 0
    size: int = 0
    likeness: list[float] = field(default_factory=list[float])


def candidate(format_: str, **options: Any) -> Encode:  # noqa: ANN401 - an encoder's options are of any type
    """Return an encoder of one format with fixed options."""

    def encode(image: Image.Image) -> bytes:
        out = io.BytesIO()
        image.save(out, format_, **options)
        return out.getvalue()

    return encode


SMALL: dict[str, Encode] = {
    **{f"JPEG q{q}": candidate("JPEG", quality=q) for q in (75, 82, 85)},
    **{f"JPEG q{q} optimised": candidate("JPEG", quality=q, optimize=True) for q in (75, 82)},
    **{f"JPEG q{q} progressive": candidate("JPEG", quality=q, progressive=True) for q in (75, 82)},
    **{f"WebP q{q} method {m}": candidate("WEBP", quality=q, method=m) for m in (0, 1, 2, 4) for q in (75, 80, 85)},
    **{f"AVIF q{q} speed {s}": candidate("AVIF", quality=q, speed=s, max_threads=1) for s in (10, 8) for q in (55, 65)},
}
FULL: dict[str, Encode] = {
    "JPEG q85": candidate("JPEG", quality=85),
    "JPEG q88": candidate("JPEG", quality=88),
    "JPEG q85 progressive": candidate("JPEG", quality=85, progressive=True),
    "WebP q82 method 0": candidate("WEBP", quality=82, method=0),
    "WebP q82 method 2": candidate("WEBP", quality=82, method=2),
    "AVIF q65 speed 10": candidate("AVIF", quality=65, speed=10, max_threads=1),
}


def luma(image: Image.Image) -> "np.ndarray[Any, np.dtype[np.float32]]":
    """Return brightness as floats."""
    return np.asarray(image.convert("L"), dtype=np.float32)


def ssim(a: Image.Image, b: Image.Image) -> float:
    """Return the mean structural similarity of two pictures of one size, in windows that do not overlap."""
    high, wide = a.height // WINDOW * WINDOW, a.width // WINDOW * WINDOW

    def windows(image: Image.Image) -> "np.ndarray[Any, np.dtype[np.float32]]":
        tiles = luma(image)[:high, :wide].reshape(high // WINDOW, WINDOW, wide // WINDOW, WINDOW)
        return tiles.swapaxes(1, 2).reshape(-1, WINDOW * WINDOW)

    x, y = windows(a), windows(b)
    mx, my = x.mean(1), y.mean(1)
    covariance = (x * y).mean(1) - mx * my
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    score = (2 * mx * my + c1) * (2 * covariance + c2) / ((mx**2 + my**2 + c1) * (x.var(1) + y.var(1) + c2))
    return float(score.mean())


def measure(encoders: dict[str, Encode], pictures: Iterable[Image.Image], tallies: dict[str, Tally]) -> None:
    """Encode every picture with every encoder and add up."""
    for picture in pictures:
        for name, encode in encoders.items():
            tally = tallies.setdefault(name, Tally())
            before = time.process_time()
            data = encode(picture)
            tally.ms += (time.process_time() - before) * 1000
            tally.size += len(data)
            tally.likeness.append(ssim(picture, Image.open(io.BytesIO(data)).convert("RGB")))


def report(title: str, tallies: dict[str, Tally], photos: int) -> None:
    """Print a Markdown table, a row a candidate, each number per photo."""
    print(f"\n{title}\n\n| candidate | CPU ms | KiB | SSIM mean | SSIM worst |\n|---|---|---|---|---|")
    for name, t in tallies.items():
        mean, worst = sum(t.likeness) / len(t.likeness), min(t.likeness)
        print(f"| {name} | {t.ms / photos:.0f} | {t.size / photos / 1024:.0f} | {mean:.4f} | {worst:.4f} |")


def photos(folders: Iterable[str]) -> list[Path]:
    """Return the photos that are wide enough to be made smaller."""
    found = sorted(p for f in folders for p in Path(f).rglob("*") if p.suffix.lower() in {".jpg", ".jpeg", ".png"})
    return [p for p in found if min(Image.open(p).size) >= SIDE_MIN]


def by_hand(data: bytes) -> None:
    """Make the same files as `render` in as few lines as possible, without hashes, colours or checks."""
    small = Image.open(io.BytesIO(data))
    small.draft("RGB", (2 * max(WIDTHS), 2 * max(WIDTHS)))
    for width in WIDTHS:
        size = (width, round(small.height * width / small.width))
        candidate("WEBP", quality=80, method=2)(small.resize(size, Image.Resampling.LANCZOS))
    candidate("JPEG", quality=85)(Image.open(io.BytesIO(data)))


def cpu_ms(work: Callable[[], object]) -> float:
    """Return the median processor time of some rounds."""
    taken: list[float] = []
    for _ in range(ROUNDS):
        before = time.process_time()
        work()
        taken.append((time.process_time() - before) * 1000)
    return statistics.median(taken)


async def hand_mib(data: bytes) -> tuple[float, float]:
    """Return the memory (resident, at its highest) of a hand before and after it met a picture."""
    pool = Hands(Processes(), argv(LIMITS), HandLimits(hands_max=1))
    pictures = PillowPictures(pool, LIMITS)
    peaks: list[float] = []
    for picture in (candidate("PNG")(Image.new("RGB", (8, 8))), data):
        await pictures.render(picture)
        status = Path(f"/proc/{pool.pids()[0]}/status").read_text()  # noqa: ASYNC240 - the kernel answers at once
        peaks.append(int(re.findall(r"VmHWM:\s+(\d+)", status)[0]) / 1024)
    await pool.close()
    return peaks[0], peaks[1]


def upload(photo: Path) -> None:
    """Print what one photo of a phone costs."""
    data = candidate("JPEG", quality=92)(Image.open(photo).convert("RGB").resize(PHONE_PHOTO))
    ours, theirs = cpu_ms(lambda: render(data, LIMITS)), cpu_ms(lambda: by_hand(data))
    idle, busy = asyncio.run(hand_mib(data))
    print(f"\nOne JPEG of {PHONE_PHOTO[0]} x {PHONE_PHOTO[1]}, {len(data) >> 10} KiB: {ours:.0f} ms of CPU, ", end="")
    print(f"written by hand {theirs:.0f} ms; a hand holds {idle:.0f} MiB at rest and {busy:.0f} MiB at most")


def main() -> None:
    """Measure and print the tables, then the upload."""
    paths = photos(sys.argv[1:])
    small: dict[str, Tally] = {}
    full: dict[str, Tally] = {}
    big = 0
    for path in paths:
        photo = Image.open(path).convert("RGB")
        sizes = [(w, round(photo.height * w / photo.width)) for w in WIDTHS]
        measure(SMALL, (photo.resize(s, Image.Resampling.LANCZOS, reducing_gap=3.0) for s in sizes), small)
        if max(photo.size) > 2 * SIDE_MIN:
            photo.thumbnail((FULL_SIDE_MAX, FULL_SIDE_MAX))
            measure(FULL, [photo], full)
            big += 1
    report(f"Renditions {WIDTHS}, sums for one photo; {len(paths)} photos", small, len(paths))
    if big:
        report(f"Full size, at most {FULL_SIDE_MAX} px a side; {big} photos", full, big)
    if paths:
        upload(max(paths, key=lambda path: path.stat().st_size))


if __name__ == "__main__":
    main()
