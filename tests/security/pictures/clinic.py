"""Where pictures are tried: on the hand of production, whose memory and processor time are read from the kernel."""

import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final, NamedTuple

from PIL import Image

from bowerbird.adapters.pillow.limits import HAND_BYTES_MAX, PictureLimits
from bowerbird.adapters.pillow.pictures import PillowPictures, argv
from bowerbird.base.processes import Processes
from bowerbird.ports.pictures import PictureRefused
from bowerbird.runtime.hands import HandLimits, Hands
from tests.ports.pictures_checks import parts
from tests.security.pictures.seeds import EMBEDDED
from tests.support.hostile_pictures import encoded, opened
from tests.support.spoiled import from_tree

MEMORY_MAX: Final = 256 << 20
CPU_S_MAX: Final = 2.0
HELD: Final = HandLimits(hands_max=1, memory_bytes_max=HAND_BYTES_MAX, requests_max=1_000_000, idle_s=600)
PARTS: Final = {"VP8 ", "VP8L", "VP8X", "ALPH", "e0", "db", "c0", "c4", "da"}
"""Of what a WebP or a JPEG is made that holds pixels and nothing else."""


class Finding(NamedTuple):
    """What a picture cost, the most that the hand ever held, and what is wrong with what came out."""

    cpu_s: float
    memory: int
    refused: str
    wrong: str


class Clinic:
    """One hand that is given one picture after the other."""

    def __init__(self, pool: Hands) -> None:
        self._pool = pool
        self._pictures = PillowPictures(pool, PictureLimits())
        self._known = 0

    async def ready(self) -> None:
        """Make sure that there is a hand."""
        await self._pictures.render(encoded(Image.new("RGB", (8, 8)), "PNG"))
        [self._known] = self._pool.pids()

    async def examine(self, data: bytes) -> Finding:
        """Try a picture; a hand that dies of it is wrong, though nothing else does."""
        before, refused, wrong = _cpu_s(self._known), "", ""
        try:
            wrong = _served([rendition.data for rendition in (await self._pictures.render(data)).renditions])
        except PictureRefused as refusal:
            refused = refusal.reason
        if self._pool.pids() != [self._known]:
            await self.ready()
            return Finding(0, 0, refused, "the hand died")
        cpu_s, memory = _cpu_s(self._known) - before, _memory(self._known)
        wrong = wrong or (f"it took {cpu_s:.1f} s" if cpu_s > CPU_S_MAX else "")
        return Finding(cpu_s, memory, refused, wrong or (f"it took {memory >> 20} MiB" if memory > MEMORY_MAX else ""))


@asynccontextmanager
async def clinic(tree: Path | None = None) -> AsyncGenerator[Clinic]:
    """Open one, with the package of a tree where one is given."""
    command = argv(PictureLimits())
    command = command if tree is None else from_tree(command, tree, "pillow")
    pool = Hands(Processes(), command, HELD)
    made = Clinic(pool)
    await made.ready()
    yield made
    await pool.close()


def _served(renditions: list[bytes]) -> str:
    """Return what is wrong with what would be served."""
    for data in renditions:
        if any(mark in data for mark in EMBEDDED):
            return "it serves what came with the picture"
        if not parts(data) <= PARTS:
            return f"it serves {parts(data) - PARTS}"
        if opened(data).getexif() or {"exif", "xmp", "icc_profile", "comment"} & set(opened(data).info):
            return "it serves metadata"
    return ""


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _memory(pid: int) -> int:
    """Return the most memory that a process ever held, in bytes."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) << 10 for line in lines if line.startswith("VmHWM:"))
