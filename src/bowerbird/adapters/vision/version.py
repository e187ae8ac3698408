"""Which model a file holds, told without loading it."""

import hashlib
from pathlib import Path
from typing import Final

from bowerbird.ports.embedder import NoModel

PREPARATION: Final = "1"
"""Part of every version, to be counted up when `decode.py` or `views.py` changes what the network sees."""

_DIGITS: Final = 16


def version_of(file: Path) -> str:
    """Return how pictures are prepared, and a digest of the model's file. NoModel."""
    try:
        with file.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise NoModel(f"{file.name} cannot be read") from error
    return f"{PREPARATION}-{digest[:_DIGITS]}"
