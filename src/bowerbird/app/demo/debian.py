"""Debian packages, fetched and unpacked as anybody may: without root, and without installing them."""

from pathlib import Path
from typing import Final

from bowerbird.app.demo import unpack
from bowerbird.app.demo.clients import Clients, NotHad
from bowerbird.app.demo.content import Package, Source

_ASK_S: Final = 30
_FETCH_S: Final = 300
_GROWTH_MAX: Final = 2
"""A package may be this many times as long as the content states before it is too long."""
_NET: Final = ("-o", "Acquire::Retries=1", "-o", "Acquire::http::Timeout=15", "-o", "Acquire::https::Timeout=15")
_UNBOXED: Final = ("-o", "APT::Sandbox::User=root")
"""For root, apt would become a user who cannot write here; for others it changes nothing."""


async def fetch(source: Source, folder: Path, clients: Clients) -> unpack.Found:
    """Return the photos of a package, which apt verifies. NotHad."""
    dpkg_deb = clients.find("dpkg-deb")
    package = source.packages[0]
    options = await _lists_with(package, folder, clients)
    argv = [clients.find("apt-get"), *options, *_NET, *_UNBOXED, "download", package.name]
    await clients.run(argv, folder, _FETCH_S)
    unpacked = folder / "unpacked"
    unpacked.mkdir()
    for file in unpack.files_in(folder, ".deb"):
        await clients.run([dpkg_deb, "-x", file.name, unpacked.name], folder, _FETCH_S)
    return unpack.from_folder(source, unpacked)


async def _lists_with(package: Package, folder: Path, clients: Clients) -> tuple[str, ...]:
    """Return apt's options with which it knows the package: none, or lists of our own where the machine's are empty."""
    size = await _size(package, folder, clients, ())
    if size:
        return _unless_too_long(package, size, ())
    own = folder.parent / "apt"
    for part in ("lists/partial", "cache"):
        (own / part).mkdir(parents=True, exist_ok=True)
    options = (
        *("-o", f"Dir::State={own}", "-o", f"Dir::Cache={own}/cache"),
        *("-o", f"Dir::State::lists={own}/lists", "-o", "Dir::State::status=/var/lib/dpkg/status"),
    )
    if not any(own.glob("lists/*_Packages*")):
        await clients.run([clients.find("apt-get"), *options, *_NET, *_UNBOXED, "update"], folder, _FETCH_S)
    return _unless_too_long(package, await _size(package, folder, clients, options), options)


def _unless_too_long(package: Package, size: int, options: tuple[str, ...]) -> tuple[str, ...]:
    if not size:
        raise NotHad("apt knows no such package")
    if size > _GROWTH_MAX * package.bytes:
        raise NotHad("it is much longer than it was")
    return options


async def _size(package: Package, folder: Path, clients: Clients, options: tuple[str, ...]) -> int:
    """Return the length of a package, in bytes, as apt knows it; 0 when it knows none."""
    argv = [clients.find("apt-cache"), *options, "show", "--no-all-versions", package.name]
    try:
        shown = (await clients.run(argv, folder, _ASK_S)).decode(errors="replace")
    except NotHad:
        return 0
    lines = (line.removeprefix("Size: ") for line in shown.splitlines() if line.startswith("Size: "))
    return next((int(line) for line in lines if line.isdecimal()), 0)
