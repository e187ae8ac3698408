"""A backup that is made while everybody writes holds all that was acknowledged by then, once; or it is not there."""

import asyncio
import json
import subprocess
import tarfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from bowerbird.adapters.sqlite.whole import WholeRecords
from bowerbird.app import history
from bowerbird.app.backup import Backup
from bowerbird.app.restore import Restore
from bowerbird.app.sections import Settings, read
from bowerbird.app.topology import TABLES
from bowerbird.app.visit import Visit, visit
from bowerbird.base import times
from bowerbird.base.ids import Id
from bowerbird.base.world import World
from bowerbird.contracts.caller import system
from bowerbird.contracts.identity import Registration
from bowerbird.services.boards.store import BOARD
from bowerbird.services.identity.store import USERS
from bowerbird.services.media.model import rendition_key
from tests.support.house import PASSWORD, by, settings_with
from tests.support.server import Server, serving
from tests.support.visitor import Visitor, settled

WRITERS = 32
GUESTS = 3
"""So many have come and gone before a backup begins."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("backup")) as server:
        yield server


class Crowd:
    """Writers beside a running server: boards by the hundred, and people who come and go. Times are of answers."""

    def __init__(self, here: Visit) -> None:
        self._here = here
        self._over = False
        self.boards: dict[Id, int] = {}
        self.deleted: dict[Id, int] = {}
        self.going = asyncio.Event()
        self.gone_on = asyncio.Event()
        self._wanted = 0

    async def write(self) -> None:
        """Write until told to stop."""
        author = await self._person("author")
        await asyncio.gather(self._come_and_go(), *(self._create(author) for _ in range(WRITERS)))

    async def stop(self) -> None:
        """Let everybody end, after each has gone on for a while."""
        self._wanted = len(self.boards) + WRITERS
        self.gone_on.clear()
        await self.gone_on.wait()
        self._over = True

    async def _create(self, author: Id) -> None:
        while not self._over:
            board = await self._here.house.services.boards.create(by(author), "Bread", "", "public")
            self.boards[board.id] = self._here.world.now_us()
            if len(self.boards) >= self._wanted:
                self.gone_on.set()

    async def _come_and_go(self) -> None:
        number = 0
        while not self._over:
            number += 1
            person = await self._person(f"guest_{number}")
            board = await self._here.house.services.boards.create(by(person), "Mine", "", "public")
            await self._here.house.services.identity.delete_account(by(person), PASSWORD)
            self.deleted[person] = self._here.world.now_us()
            assert board.owner == person
            if number == GUESTS:
                self.going.set()

    async def _person(self, handle: str) -> Id:
        new = Registration(handle=handle, name="Ada", email=f"{handle}@example.org", password=PASSWORD)
        return (await self._here.house.services.identity.make_person(system(), new, "person")).id


def test_nothing_acknowledged_before_the_end_of_a_backup_is_missing(server: Server, tmp_path: Path) -> None:
    kept, data = tmp_path / "kept", tmp_path / "again" / "data"
    data.parent.mkdir()
    crowd, until_us = asyncio.run(_back_up_under_load(server, kept))
    assert min(crowd.boards.values()) < until_us < max(crowd.boards.values()), "the load did not last"
    restored = server.command("restore", str(kept), "--data", str(data))
    assert restored.returncode == 0, restored.stderr
    before = {board for board, at in crowd.boards.items() if at < until_us}
    gone = {person for person, at in crowd.deleted.items() if at < until_us}
    found, told, erased = asyncio.run(_look(_settings(data)))
    assert before <= found.keys()
    assert set(found.values()) == {1}
    assert found.keys() <= told, "the log knows of every row"
    assert gone
    assert gone <= erased
    with serving(data.parent) as again:

        def waiting() -> list[int]:
            told = json.loads(again.command("--json", "status").stdout)
            return [group["waiting"] for group in told["groups"]]

        settled(waiting, lambda groups: bool(groups) and not any(groups))
        assert again.command("log", "parked").stdout.strip() == "Nothing is parked."


async def _back_up_under_load(server: Server, kept: Path) -> tuple[Crowd, int]:
    async with visit(_settings(server.data)) as here:
        crowd = Crowd(here)
        writing = asyncio.create_task(crowd.write())
        await crowd.going.wait()
        made = await asyncio.to_thread(server.command, "--json", "backup", str(kept))
        assert made.returncode == 0, made.stderr
        await crowd.stop()
        await writing
    return crowd, times.from_text(json.loads(made.stdout)["until"])


async def _look(settings: Settings) -> tuple[Counter[Id], set[Id], frozenset[Id]]:
    """Return how often each board is there, of which the log tells, and who is erased."""
    async with visit(settings) as here:
        told = {
            event.entity
            async for page in history.pages(here.engines.log)
            for event in map(history.envelope, page)
            if event is not None and event.type == "board_created"
        }
        records = WholeRecords.open(here.folder.path / "core.db", TABLES)
        erased = await history.erased(here.engines.keys)
        found = Counter(row.id for row in records.rows(BOARD) if row.owner not in erased)
        there = {row.id for row in records.rows(USERS) if row.deleted_at is None}
        records.close()
    assert there.isdisjoint(erased), "nobody is there without a key"
    return found, told, erased


def ignore(_what: str, _done: int, _total: int) -> None:
    """Hear how far it is."""


def _settings(data: Path) -> Settings:
    chosen, _ = read(None, {"storage.data": str(data)})
    return msgspec.structs.replace(chosen, identity=settings_with().identity)


def test_a_backup_in_one_file_is_restored_too(server: Server, tmp_path: Path) -> None:
    ada = Visitor(server.base_url, "tar_ada")
    ada.photo(ada.board("Photos"))
    kept, again = tmp_path / "kept.tar", tmp_path / "again" / "data"
    again.parent.mkdir()
    made = server.command("backup", str(kept))
    assert made.returncode == 0, made.stderr
    assert {path.name for path in tmp_path.iterdir()} == {"kept.tar", "again"}
    restored = server.command("restore", str(kept), "--data", str(again))
    assert restored.returncode == 0, restored.stderr
    assert server.command("check", "--blobs", "--data", str(again)).stdout.strip() == "Everything is sound."
    assert {path.name for path in again.parent.iterdir()} == {"data"}
    outside = tmp_path / "outside.tar"
    with tarfile.open(outside, "w") as packed:
        packed.add(again / "core.db", "../core.db")
    tried = server.command("restore", str(outside), "--data", str(tmp_path / "cut"))
    assert (tried.returncode, "belongs in no backup" in tried.stderr) == (1, True), tried.stderr
    outside.unlink()
    kept.write_bytes(kept.read_bytes()[:5000])
    cut = server.command("restore", str(kept), "--data", str(tmp_path / "cut"))
    assert (cut.returncode, "kept.tar is no backup, or damaged" in cut.stderr) == (1, True), cut.stderr
    assert {path.name for path in tmp_path.iterdir()} == {"kept.tar", "again"}


def test_a_second_backup_takes_room_for_what_is_new_alone(server: Server, tmp_path: Path) -> None:
    ada = Visitor(server.base_url, "twice_ada")
    board = ada.board("Photos")
    ada.photo(board)
    first, second = tmp_path / "first", tmp_path / "second"
    assert server.command("backup", str(first)).returncode == 0
    ada.photo(board, seed=1)
    made = server.command("backup", str(second), "--since", str(first))
    assert made.returncode == 0, made.stderr
    old, new = ({path.relative_to(root): path.stat().st_ino for path in _blobs(root)} for root in (first, second))
    assert old
    assert old.items() < new.items()
    for folder in (first, second):
        checked = subprocess.run(["/usr/bin/sha256sum", "-c", "--quiet", "SHA256SUMS"], cwd=folder, check=False)
        assert checked.returncode == 0


def _blobs(root: Path) -> list[Path]:
    return [path for path in (root / "blobs").rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    "harm", ["a bit of a database", "a bit of a picture", "a missing picture", "no manifest", "sums"]
)
def test_a_damaged_backup_is_refused_and_leaves_nothing(server: Server, tmp_path: Path, harm: str) -> None:
    ada = Visitor(server.base_url, f"harm_{len(harm)}")
    ada.photo(ada.board("Photos"))
    kept, data = tmp_path / "kept", tmp_path / "data"
    assert server.command("backup", str(kept)).returncode == 0
    picture = _blobs(kept)[0]
    named = {
        "a bit of a database": kept / "log.db",
        "a bit of a picture": picture,
        "a missing picture": picture,
        "no manifest": kept / "manifest.json",
        "sums": kept / "SHA256SUMS",
    }[harm]
    if harm in {"a missing picture", "no manifest"}:
        named.unlink()
    else:
        held = bytearray(named.read_bytes())
        held[len(held) // 2] ^= 1
        named.write_bytes(held)
    tried = server.command("restore", str(kept), "--data", str(data))
    assert (tried.returncode, named.name in tried.stderr) == (1, True), tried.stderr
    assert "Traceback" not in tried.stderr
    assert {path.name for path in tmp_path.iterdir()} == {"kept"}


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("backup",), 2, "Missing argument"),
        (("backup", "{here}"), 1, "is there already"),
        (("backup", "/nowhere/at/all"), 1, "cannot be made"),
        (("backup", "{new}", "--since", "{empty}"), 1, "is no backup"),
        (("backup", "{new}", "--data", "/nowhere"), 1, "There is no data folder"),
        (("restore", "{empty}", "--data", "{new}"), 1, "is no backup"),
        (("restore", "{empty}"), 2, "--data"),
        (("restore", "/nowhere", "--data", "{new}"), 2, "does not exist"),
        (("restore", "pyproject.toml", "--data", "{new}"), 1, "is no backup"),
        (("restore", "{empty}", "--data", "{here}"), 1, "is there already"),
        (("rebuild",), 1, "Another Bowerbird is running"),
        (("rebuild", "--data", "/nowhere"), 1, "There is no data folder"),
        (("rebuild", "--data", "{empty}"), 1, "There is no log.db"),
    ],
)
def test_what_cannot_be_done_is_a_sentence(
    server: Server, tmp_path: Path, words: tuple[str, ...], code: int, said: str
) -> None:
    (tmp_path / "empty").mkdir()
    places = {"here": str(server.data), "new": str(tmp_path / "new"), "empty": str(tmp_path / "empty")}
    tried = server.command(*(word.format(**places) for word in words))
    assert (tried.returncode, said in tried.stderr) == (code, True), tried.stderr
    assert "Traceback" not in tried.stderr
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("words", [("backup", "{new}"), ("restore", "{kept}", "--data", "{new}")])
def test_a_disk_that_takes_no_more_is_a_sentence_and_leaves_nothing(
    server: Server, tmp_path: Path, words: tuple[str, ...]
) -> None:
    ada = Visitor(server.base_url, f"full_{words[0]}")
    ada.photo(ada.board("Photos"))
    kept, new = tmp_path / "kept", tmp_path / "new"
    assert server.command("backup", str(kept)).returncode == 0
    told = [word.format(kept=kept, new=new) for word in words]
    tried = server.command(*told, file_bytes_max=2048)
    assert (tried.returncode, "cannot be written: File too large" in tried.stderr) == (1, True), tried.stderr
    assert "Traceback" not in tried.stderr
    assert {path.name for path in tmp_path.iterdir()} == {"kept"}


def test_a_backup_that_is_killed_is_not_there_and_the_next_one_is(server: Server, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    server.killed_command("backup", str(kept))
    assert not kept.exists() or (kept / "manifest.json").exists()
    again = tmp_path / "again"
    assert server.command("backup", str(again)).returncode == 0
    assert (again / "manifest.json").exists()


@pytest.mark.anyio
async def test_whoever_was_deleted_meanwhile_is_erased_before_anything_else(tmp_path: Path) -> None:
    """The copy of the keys may be of before the end of one, the pictures' of before they went; the log knows better."""
    data, kept, again = tmp_path / "data", tmp_path / "kept", tmp_path / "again"
    data.mkdir()
    people: list[Id] = []
    async with visit(settings_with(storage={"data": str(data)})) as here:
        for handle in ("ada", "eve"):
            new = Registration(handle=handle, name="Ada", email=f"{handle}@example.org", password=PASSWORD)
            person = (await here.house.services.identity.make_person(system(), new, "person")).id
            await here.engines.blobs.put(rendition_key(person, person, "236"), handle.encode(), "image/webp")
            people.append(person)
    old_keys = {path: path.read_bytes() for path in data.glob("keys.db*")}
    async with visit(settings_with(storage={"data": str(data)})) as here:
        await here.house.services.identity.delete_account(by(people[1]), PASSWORD)
    for path, held in old_keys.items():
        path.write_bytes(held)
    await Backup(settings_with(storage={"data": str(data)}), kept, None, ignore).run()
    async with visit(settings_with(storage={"data": str(data)})) as here:
        assert None not in await here.engines.keys.get(people)
    restored = settings_with(storage={"data": str(again)})
    await Restore(kept, restored, World(), ignore).run()
    async with visit(restored) as here:
        [ada, eve] = await here.engines.keys.get(people)
        assert (ada is None, eve is None) == (False, True)
        stats = [await here.engines.blobs.stat(rendition_key(person, person, "236")) for person in people]
        assert [stat is None for stat in stats] == [False, True]
