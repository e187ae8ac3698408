"""The model, converted once a process, and hands without a process of their own."""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from bowerbird.adapters.vision import alike_hand, embed_hand
from bowerbird.adapters.vision.network import Network
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
