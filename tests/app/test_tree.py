"""A tree of real processes under load: whoever is told to stop cuts no request; whoever is killed comes back."""

import asyncio
import json
import os
import signal
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import pytest

from bowerbird.app.folder import Folder
from tests.support.pictures import jpeg
from tests.support.server import Server, serving, stop
from tests.support.steady_load import Connection, Cut, Load, asked, beside, connect, request
from tests.support.visitor import Visitor, settled
from tests.support.waiting import until

KEPT = 4
"""Connections for each kind of request."""


PROCESSES = 4
"""Core, what is behind, and two workers."""


def workers(server: Server) -> dict[int, str]:
    """Return the tree's processes by number, each with what it is."""
    return {pid: name.split(":")[0] for name, pid in server.children().items()}


def accepting(server: Server, port: int) -> set[int]:
    """Return the edge workers that hold the listening socket of a port."""
    lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    listeners = {f"socket:[{line[9]}]" for line in lines if line[1].endswith(f":{port:04X}") and line[3] == "0A"}
    return {pid for pid, name in workers(server).items() if name.endswith("edge") and listeners & open_files(pid)}


def open_files(pid: int) -> set[str]:
    try:
        return {str(link.readlink()) for link in Path(f"/proc/{pid}/fd").iterdir()}
    except OSError:  # it ends
        return set()


class Slow:
    """A photo on its way to the server: half of it is sent, and the rest when somebody says so."""

    def __init__(self, visitor: Visitor, port: int) -> None:
        data = jpeg()
        self.target = visitor.begin_upload(len(data))
        self._whole = request(self.target["method"], self.target["url"], self.target["headers"], data)
        self._half = len(self._whole) - len(data) // 2
        self._port = port
        self._connection: Connection | None = None

    async def begin(self) -> None:
        self._connection = await connect(self._port)
        self._connection.send(self._whole[: self._half])

    async def end(self) -> int:
        """Send the rest and return the answer's status."""
        assert self._connection is not None
        self._connection.send(self._whole[self._half :])
        try:
            return await self._connection.status()
        finally:
            await self._connection.close()


@pytest.fixture
def tree(tmp_path: Path) -> Iterator[Server]:
    free = {"safety_read_limit": "0", "safety_write_limit": "0", "safety_upload_limit": "0"}
    with serving(tmp_path, server_workers="2", log_json="true", **free) as server:
        yield server


async def test_a_told_worker_and_then_a_told_tree_cut_no_request(tree: Server) -> None:
    """With requests that are half sent when the word comes among them."""
    ada = Visitor(tree.base_url, "ada")
    load = Load(tree.port)

    async def script() -> None:
        await until(lambda: load.answers[200] > 200 and load.answers[201] > 20)
        await until(lambda: len(accepting(tree, load.port)) == 2)
        both = accepting(tree, load.port)
        for pid in both:
            slow = [Slow(ada, load.port) for _ in range(4)]
            for each in slow:
                await each.begin()
            os.kill(pid, signal.SIGTERM)
            await until(lambda pid=pid: pid not in accepting(tree, load.port))
            assert [await each.end() for each in slow] == [201] * 4
            await until(lambda pid=pid: pid not in workers(tree) and len(workers(tree)) == PROCESSES)
            answered = load.answers.total()
            await until(lambda answered=answered: load.answers.total() > answered + 100)
        slow = [Slow(ada, load.port) for _ in range(4)]
        for each in slow:
            await each.begin()
        tree.process.send_signal(signal.SIGTERM)
        await until(lambda: not accepting(tree, load.port))
        assert [await each.end() for each in slow] == [201] * 4
        await until(lambda: tree.process.poll() is not None)

    await beside(load, asked(ada, f"/v1/users/{ada.handle}", KEPT), script)
    assert load.cut == []
    assert set(load.answers) == {200, 201}
    assert tree.process.returncode == 0


HEALTH = request("GET", "/healthz", {})


async def test_a_worker_that_stops_answers_on_connections_that_were_idle_and_asks_to_close_them(tmp_path: Path) -> None:
    """One that is asked within half a second: after a whole one it may be closed, which is why there are more tries."""
    with serving(tmp_path, log_json="true") as server:
        port = server.port
        for _ in range(20):
            kept = await connect(port)
            kept.send(HEALTH)
            assert (await kept.status(), kept.is_last) == (200, False)
            (worker,) = accepting(server, port)
            os.kill(worker, signal.SIGTERM)
            await until(lambda worker=worker: worker not in accepting(server, port))
            kept.send(HEALTH)
            with suppress(Cut):
                assert (await kept.status(), kept.is_last) == (200, True)
                break
            assert kept.was_idle
            await kept.close()
            await until(lambda: len(accepting(server, port)) == 1)
        else:
            raise AssertionError("this machine never got to ask in time")
        await kept.close()


async def queued(port: int) -> list[Connection]:
    """Return connections on which something was asked, that nobody accepts yet."""
    waiting = [await connect(port) for _ in range(KEPT)]
    for each in waiting:
        each.send(HEALTH)
    return waiting


async def answered(waiting: list[Connection]) -> None:
    """Find that all of these are answered after all."""
    assert [await each.status() for each in waiting] == [200] * KEPT
    for each in waiting:
        await each.close()


async def test_those_who_wait_to_be_accepted_are_taken_by_another_when_a_worker_stops(tree: Server) -> None:
    """The workers stand still while connections come, so that all of these wait when the word comes."""
    port = tree.port
    both = accepting(tree, port)
    with standing(both):
        waiting = await queued(port)
        os.kill(min(both), signal.SIGTERM)
    await answered(waiting)


async def test_those_who_wait_to_be_accepted_are_answered_when_the_tree_stops(tmp_path: Path) -> None:
    """Whoever comes later is not heard: the supervisor ignores new connections and waits for an empty queue."""
    with serving(tmp_path, server_drain_timeout_ms="60000") as server:
        port = server.port
        both = accepting(server, port)
        with standing(both):
            waiting = await queued(port)
            server.process.send_signal(signal.SIGTERM)
            for _ in range(500):  # fewer than would fill the queue
                if not await hears(port):
                    break
                await asyncio.sleep(0.02)
            else:
                raise AssertionError("new connections are still heard")
            for _ in range(25):
                assert not any(map(is_told, both))
                await asyncio.sleep(0.02)
        await answered(waiting)
        await until(lambda: server.process.poll() == 0)


@contextmanager
def standing(pids: set[int]) -> Generator[None]:
    """Have processes stand still, all threads of them."""
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    for pid in pids:
        settled(lambda pid=pid: states(pid), lambda found: found == {"T"})
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


def states(pid: int) -> set[str]:
    """Return in which states the threads of a process are."""
    stats = [(thread / "stat").read_text() for thread in Path(f"/proc/{pid}/task").iterdir()]
    return {stat.rpartition(")")[2].split()[0] for stat in stats}


def is_told(pid: int) -> bool:
    """Return whether SIGTERM waits for a process that stands still."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    pending = next(int(line.split()[1], 16) for line in lines if line.startswith("ShdPnd:"))
    return bool(pending & 1 << (signal.SIGTERM - 1))


async def hears(port: int) -> bool:
    """Return whether the kernel takes further connections for a port."""
    try:
        connection = await asyncio.wait_for(connect(port), 0.2)
    except TimeoutError:
        return False
    await connection.close()
    return True


async def test_a_killed_worker_and_a_killed_core_come_back_by_themselves_and_nothing_is_lost(tree: Server) -> None:
    """Killed under load: what was acknowledged is there, and whoever cannot be served meanwhile is told so."""
    ada = Visitor(tree.base_url, "ada")
    load = Load(tree.port)

    async def kill(name: str) -> None:
        pid = next(pid for pid, each in workers(tree).items() if each.endswith(name))
        os.kill(pid, signal.SIGKILL)
        await until(lambda: pid not in workers(tree) and len(workers(tree)) == PROCESSES)
        reads, writes = load.answers[200], load.answers[201]
        await until(lambda: load.answers[200] > reads + 100 and load.answers[201] > writes + 20)

    async def script() -> None:
        await until(lambda: load.answers[200] > 200 and load.answers[201] > 20)
        for name in ("core", "edge", "behind", "core", "core"):
            await kill(name)

    await beside(load, asked(ada, f"/v1/users/{ada.handle}", KEPT), script)
    assert set(load.answers) - {503} == {200, 201}
    assert len(load.cut) <= 3 * KEPT
    assert boards(ada) >= load.answers[201] > 0
    ended = [json.loads(line) for line in tree.log.read_text().splitlines() if "process_ended" in line]
    pauses = [line["again_in_s"] for line in ended if line["process"] == "core"]
    assert len(pauses) == 3
    assert all(pause <= 0.1 * 2**earlier for earlier, pause in enumerate(pauses))


def boards(visitor: Visitor) -> int:
    """Return how many boards somebody has."""
    count, page = 0, visitor.ask("GET", "/v1/boards", params={"limit": 100})
    while True:
        count += len(page["items"])
        if page["next"] is None:
            return count
        page = visitor.ask("GET", "/v1/boards", params={"limit": 100, "cursor": page["next"]})


async def test_children_end_with_a_supervisor_that_is_killed_and_hold_its_data_until_then(tmp_path: Path) -> None:
    """One that is held up by an upload that never ends goes when its time to drain is over."""
    with serving(tmp_path, server_drain_timeout_ms="1000") as server:
        children = list(server.children().values())
        assert len(children) == PROCESSES - 1
        slow = Slow(Visitor(server.base_url, "ada"), server.port)
        await slow.begin()
        server.process.kill()
        server.process.wait()
        folder = Folder(str(server.data))
        seen = [(living(children), folder.is_taken(), living(children))]
        while seen[-1][2]:
            seen.append((living(children), folder.is_taken(), living(children)))
        assert all(taken for _, taken, after in seen if after)
        settled(folder.is_taken, lambda taken: not taken)
        with pytest.raises(Cut):
            await slow.end()
    with serving(tmp_path) as again:
        assert Visitor(again.base_url, "bob").ask("GET", "/v1/users/ada")


def living(pids: list[int]) -> list[int]:
    """Return those that have not begun to let go of their files."""
    return [pid for pid in pids if open_files(pid)]


def test_what_fails_beside_the_tree_is_logged_and_the_tree_stays(tmp_path: Path) -> None:
    (tmp_path / "data" / "demo-password").mkdir(parents=True)
    with serving(tmp_path) as server:
        settled(server.log.read_text, lambda text: "failed_beside_the_tree" in text)
        assert httpx.get(f"{server.base_url}/readyz", timeout=30).status_code == httpx.codes.OK
        assert stop(server.process) == 0
