"""Parked events through the command line: shown without anybody's words, replayed, and forgotten."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bowerbird.app.sections import read
from bowerbird.app.visit import visit
from bowerbird.contracts.events import CHANGES
from bowerbird.ports.log import Record
from tests.support.server import Server, serving
from tests.support.visitor import Visitor, settled

SECRET = "A secret garden"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Return a running server, in whose log stand bytes that are no event."""
    folder = tmp_path_factory.mktemp("parked")
    with serving(folder) as server:
        Visitor(server.base_url, "ada").board(SECRET)
    asyncio.run(_append_poison(server.data))
    with serving(folder) as server:
        settled(lambda: parked(server, "boards"), lambda found: len(found) == 1)
        yield server


async def _append_poison(data: Path) -> None:
    settings, _ = read(None, {"storage.data": str(data)})
    async with visit(settings) as here:
        await here.engines.log.append(CHANGES, [Record(key=b"k", data=b"\xc1", at=here.world.now_us())])


async def _park_board(data: Path) -> int:
    """Park the event of the board for the group feed, which would have handled it, and return where it stands."""
    settings, _ = read(None, {"storage.data": str(data)})
    async with visit(settings) as here:
        stored = await here.engines.log.read(CHANGES, [], 100)
        [board] = [one for one in stored if b"board_created" in one.record.data]
        await here.engines.log.park("feed", CHANGES, board, "it was a bad day")
        return board.offset.number


def parked(server: Server, group: str) -> list[dict[str, Any]]:
    """Return what a group has parked."""
    return json.loads(server.command("--json", "log", "parked", "--group", group).stdout)


def test_what_is_parked_is_shown_without_anybodys_words(server: Server) -> None:
    offset = asyncio.run(_park_board(server.data))
    shown = server.command("log", "parked", "show", "feed", str(offset))
    assert shown.returncode == 0, shown.stderr
    assert "board_created" in shown.stdout
    assert "it was a bad day" in shown.stdout
    assert SECRET not in shown.stdout
    assert "it was a bad day" in server.command("log", "parked").stdout
    again = server.command("--json", "log", "parked", "replay", "feed", str(offset))
    assert (again.returncode, json.loads(again.stdout)[0]["outcome"]) == (0, "handled"), again.stderr
    assert offset not in [one["offset"] for one in parked(server, "feed")]


def test_poison_fails_again_and_stays_until_it_is_forgotten(server: Server) -> None:
    [poison] = parked(server, "boards")
    assert (poison["type"], poison["reason"]) == ("?", "DecodeError")
    again = server.command("log", "parked", "replay", "boards", "--all")
    assert (again.returncode, "failed again" in again.stdout) == (1, True), again.stderr
    assert parked(server, "boards") == [poison]
    forgotten = server.command("log", "parked", "forget", "boards", str(poison["offset"]))
    assert forgotten.returncode == 0, forgotten.stderr
    assert parked(server, "boards") == []
    assert parked(server, "details"), "each group has its own"
    nothing = server.command("log", "parked", "replay", "boards", "--all")
    assert (nothing.returncode, nothing.stdout.strip()) == (0, "Nothing of boards is parked.")


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("show", "feed", "99999"), 1, "has not parked 99999"),
        (("show", "feed"), 2, "Missing argument"),
        (("show", "feed", "-1"), 2, "-1"),
        (("replay", "nobody", "1"), 1, "There is no group nobody"),
        (("replay", "feed"), 2, "Name offsets, or --all"),
        (("replay", "feed", "1", "--all"), 2, "Name offsets, or --all"),
        (("replay", "feed", "99999"), 1, "has not parked 99999"),
        (("forget", "feed", "99999"), 1, "has not parked 99999"),
        (("forget", "feed"), 2, "Missing argument"),
        (("show", "feed", "1", "--data", "/nowhere"), 1, "There is no data folder"),
        (("nonsense",), 2, "No such command"),
    ],
)
def test_what_cannot_be_done_is_a_sentence(server: Server, words: tuple[str, ...], code: int, said: str) -> None:
    tried = server.command("log", "parked", *words)
    assert (tried.returncode, said in tried.stderr) == (code, True), tried.stderr
    assert "Traceback" not in tried.stderr
