"""The model, converted once a process, and hands without a process of their own."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from bowerbird.adapters.vision import alike_hand, embed_hand
from bowerbird.adapters.vision.network import Network
from bowerbird.base.processes import Processes
from bowerbird.runtime.hands import HandLimits, Hands
from tools.model.convert import convert


@cache
def model_bytes() -> bytes:
    return convert()


@cache
def network() -> Network:
    with TemporaryDirectory() as folder:
        return Network(model_in(Path(folder)))


def model_in(folder: Path) -> Path:
    file = folder / "model.onnx"
    file.write_bytes(model_bytes())
    return file


def threads_of(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/task").iterdir()))


class EmbedHere:
    """The same function that a hand has, in this process."""

    async def ask(self, request: bytes, timeout_ms: int) -> bytes:
        _ = timeout_ms
        return embed_hand.answer(network(), request)


class AlikeHere:
    """As EmbedHere."""

    async def ask(self, request: bytes, timeout_ms: int) -> bytes:
        _ = timeout_ms
        return alike_hand.answer(request)


@asynccontextmanager
async def lasting(argv: Sequence[str], limits: HandLimits) -> AsyncGenerator[Hands]:
    """Yield hands of which one does everything, and none dies."""
    pool = Hands(Processes(), argv, limits)
    try:
        yield pool
    finally:
        status = pool.status()
        await pool.close()
    assert status.died == 0, "a picture killed a hand"
    assert status.started <= 1
