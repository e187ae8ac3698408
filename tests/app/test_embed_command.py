"""`bowerbird embed`: how many pictures are known, and all of them looked at again, with the server and without."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.pictures import jpeg, part
from tests.support.server import Server, serving, stop
from tests.support.visitor import Returning, Visitor, settled

PINS = 3


def found(visitor: Visitor) -> list[str]:
    """Return what somebody finds by a part of a picture, likest first."""
    return [pin["id"] for pin in visitor.look(part(jpeg(1)))["items"]]


def status(server: Server) -> dict[str, int | None]:
    """Return what is told of the pictures."""
    told = server.command("--json", "embed")
    assert told.returncode == 0, told.stderr
    return json.loads(told.stdout)


def spaces(server: Server) -> list[str]:
    """Return the names of the spaces, as the folder of the vectors has them."""
    return sorted(path.name for path in (server.data / "vectors").iterdir() if path.is_dir())


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """Return a server where ada has photos, one of them for herself."""
    with serving(tmp_path) as server:
        ada = Visitor(server.base_url, "ada")
        for number, visibility in enumerate(("public", "public", "private")):
            ada.photo(ada.board("Photos", visibility), seed=number)
        settled(lambda: status(server), lambda told: told == {"pins": PINS, "again": None})
        yield server


def test_pictures_are_looked_at_again_beside_the_server(server: Server) -> None:
    ada = Returning(server.base_url, "ada")
    before, old = found(ada), spaces(server)
    assert len(before) == PINS
    again = server.command("--json", "embed", "--again")
    assert again.returncode == 0, again.stderr
    assert json.loads(again.stdout) == {"pins": PINS}
    assert len(spaces(server)) == len(old) == 1
    assert spaces(server) != old
    assert found(ada) == before
    new = ada.photo(ada.board("More"), seed=9)["id"]
    settled(lambda: found(ada), lambda pins: new in pins)


def test_and_without_it(server: Server) -> None:
    assert stop(server.process) == 0
    old = spaces(server)
    again = server.command("embed", "--again")
    assert again.returncode == 0, again.stderr
    assert f"The pictures of {PINS} pins were looked at again." in again.stdout
    assert f"Looking at pictures: 0 of {PINS}" in again.stderr
    assert spaces(server) != old
    assert f"The pictures of {PINS} pins are known." in server.command("embed").stdout


def test_without_a_model_nothing_changes(server: Server) -> None:
    assert stop(server.process) == 0
    old = spaces(server)
    server.env["BOWERBIRD_EMBEDDER_MODEL"] = str(server.data / "none.onnx")
    again = server.command("embed", "--again")
    assert again.returncode == 1
    assert "there is no model" in again.stderr
    assert spaces(server) == old
