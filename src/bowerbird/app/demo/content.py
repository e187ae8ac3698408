"""What the demo consists of: people, boards and photos, as the files in `catalogue/` state them."""

from importlib.resources import files
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

Motif = Literal["hills", "waves", "petals", "tiles", "facets", "stars"]
Hue = Annotated[int, Meta(ge=0, lt=360)]


class Entry(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What every entry has in common: a field that is misspelt is an error."""


class Package(Entry, frozen=True):
    """A package of a registry, about so many `bytes` long; without a version its own registry vouches for it."""

    name: str
    bytes: int
    version: str = ""
    digest: str = ""


class Photo(Entry, frozen=True):
    """A photo: where it is in its source, the `key` of the board it goes to, and whose it is on what terms."""

    path: str
    board: str
    title: str
    alt: str
    credit: str


class Source(Entry, frozen=True):
    """Photos that come together, below `root` in their packages.

    A path may lead into a Qt resource file (`a.rcc/b.webp`), below `inside` in it. In npm, where a source is several
    packages, a path begins with the last part of a package's name.
    """

    name: str
    kind: Literal["debian", "npm", "pypi"]
    root: str
    packages: list[Package]
    photos: list[Photo]
    inside: str = ""

    def id_of(self, photo: Photo) -> str:
        """Return the photo's name among all photos."""
        return f"{self.name}/{photo.path}"

    def note_on(self, photo: Photo) -> str:
        """Return where the photo is from, whose it is, and on what terms."""
        first, _, _ = photo.path.partition("/")
        package = next((each.name for each in self.packages if each.name.rsplit("/", 1)[-1] == first), "")
        return f"Photo: {package or self.packages[0].name}, {photo.credit}."


class Board(Entry, frozen=True):
    """A board. `saves`: titles of others' pins that its owner saved to it; `shares`: handle to role."""

    key: str
    name: str
    description: str
    visibility: Literal["public", "private"]
    motif: Motif
    hue: Hue
    shares: dict[str, Literal["viewer", "editor"]] = {}
    saves: list[str] = []


class Person(Entry, frozen=True):
    """Somebody; `picture` is a photo's id, `follows` are handles."""

    handle: str
    name: str
    about: str
    picture: str
    follows: list[str]
    boards: list[Board]


class Content(Entry, frozen=True):
    """All of it."""

    people: list[Person]
    sources: list[Source]


class _People(Entry, frozen=True):
    people: list[Person]


def load() -> Content:
    """Read the content that comes with Bowerbird."""
    folder = files("bowerbird.app.demo") / "catalogue"
    people = msgspec.toml.decode((folder / "people.toml").read_bytes(), type=_People).people
    found = sorted(path.name for path in folder.iterdir() if path.name.startswith("photos-"))
    return Content(
        people=people,
        sources=[msgspec.toml.decode((folder / name).read_bytes(), type=Source) for name in found],
    )
