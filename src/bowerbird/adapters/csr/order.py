"""What the writer asks of the process that makes snapshots."""

import sys

from msgspec import Struct

from bowerbird.adapters.csr.folder import Manifest
from bowerbird.adapters.csr.limits import Pruning


class Order(Struct, frozen=True, kw_only=True):
    """Make the snapshot of a state of a folder, in a new file of the name `part`."""

    folder: str
    state: Manifest
    part: str
    pruning: Pruning


class Made(Struct, frozen=True):
    """It is there, of so many edges."""

    edges: int


def argv() -> list[str]:
    """Return the command of a hand that makes snapshots."""
    return [sys.executable, "-I", "-m", "bowerbird.adapters.csr.hand"]
