"""`bowerbird index`: how the index is, and made anew, with the server and without."""

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from random import Random

import httpx
import pytest

from tests.support.server import Server, serving, stop
from tests.support.visitor import Returning, Visitor, settled


def status(server: Server) -> dict[str, int]:
    """Return what is told of the index."""
    told = server.command("--json", "index", "status")
    assert told.returncode == 0, told.stderr
    return json.loads(told.stdout)


def found(visitor: Visitor) -> list[str]:
    """Return the titles of what somebody finds."""
    return sorted(item["pin"]["title"] for item in visitor.ask("GET", "/v1/search?q=lamp")["items"])


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """Return a server where ada has a lamp for everybody, and one for herself."""
    with serving(tmp_path) as server:
        ada = Visitor(server.base_url, "ada")
        for number, visibility in enumerate(("public", "private")):
            ada.photo(ada.board("Lamps", visibility), seed=number, title=f"A {visibility} lamp")
        settled(lambda: status(server), lambda told: (told["shared"], told["own"], told["waiting"]) == (3, 2, 0))
        yield server


def test_the_index_is_made_anew_beside_the_server(server: Server) -> None:
    ada = Returning(server.base_url, "ada")
    before = found(ada)
    assert before == ["A private lamp", "A public lamp"]
    again = server.command("--json", "index", "rebuild")
    assert again.returncode == 0, again.stderr
    told = json.loads(again.stdout)
    assert (told["shared"], told["own"]) == (3, 2)
    assert found(ada) == before


def test_and_without_it(server: Server) -> None:
    assert stop(server.process) == 0
    again = server.command("index", "rebuild")
    assert again.returncode == 0, again.stderr
    assert "5 documents are found again" in again.stdout
    assert "0 events are not in them yet" in server.command("index", "status").stdout


def test_what_is_found_after_kills_is_what_a_rebuild_finds(server: Server) -> None:
    ada, chance = Returning(server.base_url, "ada"), Random(7)
    for turn in range(6):
        board = ada.board(f"Lamps {turn}", chance.choice(("public", "private")))
        pins = [ada.photo(board, seed=number, title=f"A lamp {turn} {number}")["id"] for number in range(6)]
        ada.ask("PATCH", f"/v1/boards/{board}", json={"visibility": chance.choice(("public", "private"))})
        ada.ask("PATCH", f"/v1/pins/{pins[0]}", json={"title": f"A lampshade {turn}"})
        ada.ask("DELETE", f"/v1/pins/{pins[1]}")
        victim = chance.choice(("bowerbird.app.core:", "bowerbird.app.behind:"))
        os.kill(next(pid for name, pid in server.children().items() if name.startswith(victim)), signal.SIGKILL)
        settled(lambda: httpx.get(f"{server.base_url}/readyz").status_code, lambda status: status == 200)
    settled(lambda: status(server), lambda told: told["waiting"] == 0)
    before = everything(server)
    assert server.command("index", "rebuild").returncode == 0
    assert everything(server) == before
    assert len(before[0]) > len(before[1]) > 0


def everything(server: Server) -> tuple[list[str], list[str]]:
    """Return what ada finds, and what a visitor finds."""
    path = "/v1/search?q=lamp&limit=100"
    visitors = [item["pin"]["id"] for item in httpx.get(server.base_url + path).json()["items"]]
    own = [item["pin"]["id"] for item in Returning(server.base_url, "ada").ask("GET", path)["items"]]
    return sorted(own), sorted(visitors)
