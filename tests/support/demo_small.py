"""A demo of three people and a few pictures, for tests; as a program it fills a server with it, telling each picture.

python -m tests.support.demo_small ADDRESS FOLDER
"""

import asyncio
import sys
from pathlib import Path
from typing import Final

from typing_extensions import override

from bowerbird.app.demo import drawn, unpack
from bowerbird.app.demo.api import Api, client
from bowerbird.app.demo.clients import Clients
from bowerbird.app.demo.content import Board, Content, Package, Person, Photo, Source
from bowerbird.app.demo.fill import fill
from bowerbird.app.demo.gather import Shelf, gather
from bowerbird.app.demo.members import Members
from bowerbird.app.demo.pictures import OnReady
from bowerbird.app.demo.progress import Progress
from bowerbird.base.processes import Processes
from bowerbird.base.world import World

PASSWORD: Final = "open sesame, wren"
PHOTOS: Final = 9


def content() -> Content:
    """Return the demo: photos of one source, on two boards of each of three people."""
    boards = {
        "ada": [_board("hills", shares={"ben": "editor"}, visibility="private"), _board("kept", saves=["Photo 4"])],
        "ben": [_board("waves"), _board("tiles", shares={"ada": "viewer"}, visibility="private")],
        "cyd": [_board("stars"), _board("petals")],
    }
    keys = ["hills", "waves", "stars", "tiles", "petals"]
    photos = [
        Photo(path=f"p{n}.png", board=keys[n % 5], title=f"Photo {n}", alt=f"Shows {n}", credit="by Eve, CC0 1.0")
        for n in range(PHOTOS)
    ]
    return Content(
        people=[
            _person("ada", ["ben", "cyd"], boards),
            _person("ben", ["ada"], boards),
            _person("cyd", ["ben"], boards),
        ],
        sources=[
            Source(name="seen", kind="npm", root="package", packages=[Package(name="seen", bytes=1)], photos=photos)
        ],
    )


def shelf(folder: Path) -> Shelf:
    """Return a shelf in a folder with every photo of the demo on it."""
    source = content().sources[0]
    for number, photo in enumerate(source.photos):
        path = unpack.path_in(folder / source.name, photo)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(drawn.portrait(str(number)))
    return Shelf(folder)


async def fill_small(address: str, kept: Shelf, progress: Progress, demo: Content | None = None) -> None:
    """Fill a server with the demo, or another one."""
    demo = demo or content()

    async def fetch(on_ready: OnReady) -> None:
        clients = Clients(Processes())
        await gather(demo.sources, kept, clients, lambda source: on_ready(kept.of(source)), progress)

    async with client() as http:
        await fill(demo, Members(Api(address, http, World()), PASSWORD, World()), fetch, progress)


class Telling(Progress):
    """Prints a line for each thing that was made."""

    @override
    def count(self, kind: str) -> None:
        super().count(kind)
        print(kind, flush=True)  # noqa: T201 - whoever started the program reads it


def _board(motif: str, **more: object) -> Board:
    known = {"hills", "waves", "tiles", "stars", "petals"}
    texts = {"key": motif, "name": f"Board {motif}", "description": f"About {motif}.", "visibility": "public"}
    return Board(**{**texts, "motif": motif if motif in known else "facets", "hue": 200, **more})  # pyright: ignore[reportArgumentType] - the test's own words


def _person(handle: str, follows: list[str], boards: dict[str, list[Board]]) -> Person:
    about = f"{handle} of the tests"
    return Person(
        handle=handle, name=handle.title(), about=about, picture="seen/p0.png", follows=follows, boards=boards[handle]
    )


if __name__ == "__main__":
    asyncio.run(fill_small(sys.argv[1], Shelf(Path(sys.argv[2])), Telling()))
