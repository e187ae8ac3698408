"""The pictures that are measured: fetched from Debian's packages into a cache outside the repository, none kept here.

`catalogue.toml` names them by package and category, with the packages' licences.
"""

import asyncio
import io
import sys
from pathlib import Path
from typing import Final, Literal, NamedTuple

import msgspec
from msgspec import Struct
from PIL import Image

from bowerbird.adapters.pillow.limits import PictureLimits
from bowerbird.adapters.pillow.render import render
from bowerbird.app.demo.clients import Clients
from bowerbird.app.demo.content import Package, Photo, Source
from bowerbird.app.demo.gather import Shelf, gather
from bowerbird.app.demo.progress import Progress
from bowerbird.base.processes import Processes

CATALOGUE: Final = Path(__file__).with_name("catalogue.toml")
CACHE: Final = Path.home() / ".cache" / "bowerbird" / "bench-vision"
RENDITION: Final = "736"

Kind = Literal["photographs", "cut-outs", "deep sky"]


class Listed(Struct, frozen=True, forbid_unknown_fields=True):
    """A package: how long it is, where its pictures lie in it, on what terms, of what kind, and which by category."""

    name: str
    bytes: int
    root: str
    licence: str
    kind: Kind
    pictures: dict[str, list[str]]

    def source(self) -> Source:
        """Return it as the demo fetches it."""
        photos = [
            Photo(path=path, board=category, title=path, alt="", credit=self.licence)
            for category, paths in self.pictures.items()
            for path in paths
        ]
        packages = [Package(name=self.name, bytes=self.bytes)]
        return Source(name=self.name, kind="debian", root=self.root, packages=packages, photos=photos)


class Picture(NamedTuple):
    """A picture as media would have made it: its widest rendition."""

    name: str
    kind: Kind
    category: str
    rendition: bytes


class _Catalogue(Struct, frozen=True, forbid_unknown_fields=True):
    sources: list[Listed]


def listed() -> list[Listed]:
    """Return the packages."""
    return msgspec.toml.decode(CATALOGUE.read_bytes(), type=_Catalogue).sources


def pictures() -> list[Picture]:
    """Return all pictures, fetched if need be; those that could not be had are missing, and why is said."""
    shelf, progress = Shelf(CACHE), Progress()
    found: list[Picture] = []
    for package in listed():
        source = package.source()
        asyncio.run(gather([source], shelf, Clients(Processes()), lambda _: None, progress))
        places = shelf.of(source)
        category = {source.id_of(photo): photo.board for photo in source.photos}
        found += [Picture(name, package.kind, category[name], rendition(path)) for name, path in places.items()]
    print("\n".join(progress.notes), file=sys.stderr)
    return found


def rendition(path: Path) -> bytes:
    """Return the rendition that is embedded; it is kept beside the picture."""
    kept = CACHE / "renditions" / path.parent.name / f"{path.name}.{RENDITION}"
    if not kept.exists():
        made = render(path.read_bytes(), PictureLimits()).renditions
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_bytes(next(each.data for each in made if each.name == RENDITION))
    return kept.read_bytes()


def opened(data: bytes) -> Image.Image:
    """Return a rendition's pixels, on white."""
    image = Image.open(io.BytesIO(data)).convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")
