import asyncio
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import httpx
import msgspec
import pytest
from msgspec import Struct

from bowerbird.app.demo import drawn
from bowerbird.app.demo.api import DemoFailed
from bowerbird.app.demo.gather import Shelf
from bowerbird.app.demo.progress import Progress
from bowerbird.edge.api import resources
from tests.support import demo_small
from tests.support.server import Server, serving

Shape = TypeVar("Shape")

BOARDS = 6
DRAWN = 2 * BOARDS
SAVED = 1


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with serving(tmp_path) as running:
        yield running


@pytest.fixture
def http(server: Server) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.base_url) as client:
        yield client


class Visitor:
    """Sees what a person of the small demo sees."""

    def __init__(self, http: httpx.Client, handle: str = "ada", password: str = demo_small.PASSWORD) -> None:
        self._http = http
        answer = http.post("/v1/sessions", json={"login": handle, "password": password})
        token = msgspec.json.decode(answer.content, type=resources.SignedIn).token
        self._http.headers["authorization"] = f"Bearer {token}"

    def get(self, path: str, shape: type[Shape]) -> Shape:
        return msgspec.json.decode(self._http.get(path).raise_for_status().content, type=shape)

    def delete(self, path: str) -> None:
        self._http.delete(path).raise_for_status()

    def person(self, handle: str) -> resources.User:
        return self.get(f"/v1/users/{handle}", resources.User)

    def followed_by(self, handle: str) -> list[str]:
        ties = self.get(f"/v1/users/{handle}/following", resources.TieList).items
        return [tie.person.handle for tie in ties]

    def board(self, name: str) -> resources.Board:
        return next(each for each in self.get("/v1/boards", resources.BoardList).items if each.name == name)

    def pins(self, board: str) -> list[resources.Pin]:
        return self.get(f"/v1/boards/{board}/pins?limit=100", resources.PinList).items

    def sessions(self) -> list[resources.Session]:
        return self.get("/v1/sessions", resources.Sessions).items

    def boards(self) -> dict[str, list[str]]:
        """Return the titles on every board of the demo, by its name, sorted."""
        paths = [f"/v1/users/{handle}/boards" for handle in ("ada", "ben", "cyd")]
        seen = [
            each for path in [*paths, "/v1/boards?shared=with-me"] for each in self.get(path, resources.BoardList).items
        ]
        by_id = {each.id: each for each in seen}
        assert len({each.name for each in by_id.values()}) == len(by_id)
        return {each.name: sorted(pin.title for pin in self.pins(each.id)) for each in by_id.values()}


def register(server: Server, handle: str, password: str) -> None:
    new = {"handle": handle, "name": handle, "email": f"{handle}@example.org", "password": password}
    httpx.post(f"{server.base_url}/v1/users", json=new).raise_for_status()


def expected(*, drawings: bool) -> dict[str, list[str]]:
    content = demo_small.content()
    titles = {board.key: list(board.saves) for person in content.people for board in person.boards}
    names = {board.key: board.name for person in content.people for board in person.boards}
    for photo in content.sources[0].photos:
        titles[photo.board].append(photo.title)
    if drawings:
        for key in titles:
            titles[key] += [f"{names[key]}, drawn no. {number}" for number in (1, 2)]
    return {names[key]: sorted(some) for key, some in titles.items()}


class Filled(Struct, frozen=True):
    """A server with the whole demo on it, and how its filling went."""

    address: str
    shelf: Shelf
    progress: Progress


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Filled]:
    folder = tmp_path_factory.mktemp("filled")
    with serving(folder) as server:
        done = Filled(server.base_url, demo_small.shelf(folder / "shelf"), Progress())
        asyncio.run(demo_small.fill_small(done.address, done.shelf, done.progress))
        yield done


@pytest.fixture
def ada(filled: Filled) -> Iterator[Visitor]:
    with httpx.Client(base_url=filled.address) as client:
        yield Visitor(client)


@pytest.fixture
def ben(filled: Filled) -> Iterator[Visitor]:
    with httpx.Client(base_url=filled.address) as client:
        yield Visitor(client, "ben")


def test_a_server_is_filled(filled: Filled, ada: Visitor) -> None:
    pictures = demo_small.PHOTOS + DRAWN
    assert filled.progress.made == {
        "people": 3,
        "follows": 4,
        "boards": BOARDS,
        "shares": 2,
        "profile pictures": 3,
        "pins": pictures + SAVED,
    }
    assert filled.progress.stage == "done"
    assert filled.progress.done == filled.progress.total == 3 + pictures
    assert ada.boards() == expected(drawings=True)
    assert ada.person("ada").about == "ada of the tests"
    assert all(ada.person(handle).picture for handle in ("ada", "ben", "cyd"))
    assert [sorted(ada.followed_by(handle)) for handle in ("ada", "ben", "cyd")] == [["ben", "cyd"], ["ada"], ["ben"]]


async def test_a_second_run_changes_nothing(filled: Filled, ada: Visitor) -> None:
    again = Progress()
    await demo_small.fill_small(filled.address, filled.shelf, again)
    assert (again.made, again.notes, again.total) == ({}, [], 0)
    assert ada.boards() == expected(drawings=True)


def test_every_pin_shows_what_it_is_and_whose(ben: Visitor) -> None:
    pins = {pin.title: pin for pin in ben.pins(ben.board("Board waves").id)}
    assert pins["Photo 1"].note == "Photo: seen, by Eve, CC0 1.0."
    assert pins["Photo 1"].alt == "Shows 1"
    assert pins["Board waves, drawn no. 1"].alt == drawn.ALTS["waves"]
    picture = pins["Photo 1"].picture
    assert picture is not None
    assert (picture.width, picture.height) == (400, 400)


async def test_only_what_is_missing_comes_back(filled: Filled, ben: Visitor) -> None:
    ben.delete(f"/v1/pins/{ben.pins(ben.board('Board waves').id)[0].id}")
    again = Progress()
    await demo_small.fill_small(filled.address, filled.shelf, again)
    assert again.made == {"pins": 1}
    assert ben.boards()["Board waves"] == expected(drawings=True)["Board waves"]


def test_nobody_of_the_demo_stays_signed_in(ben: Visitor) -> None:
    assert "bowerbird demo" not in [session.client for session in ben.sessions()]


@pytest.mark.parametrize("things", [2, 16])
async def test_a_run_that_was_killed_is_finished_by_the_next(
    server: Server, http: httpx.Client, tmp_path: Path, things: int
) -> None:
    shelf = demo_small.shelf(tmp_path / "shelf")
    argv = [sys.executable, "-m", "tests.support.demo_small", server.base_url, str(shelf.folder)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as process:  # noqa: ASYNC220 - the test reads it
        assert process.stdout is not None
        made = [process.stdout.readline() for _ in range(things)]
        process.kill()
    assert all(made)
    await demo_small.fill_small(server.base_url, shelf, Progress())
    assert Visitor(http).boards() == expected(drawings=True)


async def test_somebody_elses_account_is_left_alone(server: Server, http: httpx.Client, tmp_path: Path) -> None:
    register(server, "ben", "not the demo's")
    with pytest.raises(ExceptionGroup) as failure:
        await demo_small.fill_small(server.base_url, demo_small.shelf(tmp_path / "shelf"), Progress())
    assert failure.group_contains(DemoFailed, match="@ben is somebody else here")
    ben = Visitor(http, "ben", "not the demo's")
    assert ben.person("ben").about == ""
    assert ben.get("/v1/boards", resources.BoardList).items == []


async def test_with_many_photos_nothing_is_drawn(
    server: Server, http: httpx.Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bowerbird.app.demo.pictures.ENOUGH", demo_small.PHOTOS)
    await demo_small.fill_small(server.base_url, demo_small.shelf(tmp_path / "shelf"), Progress())
    assert Visitor(http).boards() == expected(drawings=False)
