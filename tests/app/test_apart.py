"""A tree in which every service is a process: what is told to stop cuts nothing, what is killed comes back, and what
stands still is done without, or said to be missing, soon.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from bowerbird.app.topology import SERVICES
from tests.support.house_certificates import HouseAuthority
from tests.support.server import Server, environment, free_port, serving
from tests.support.steady_load import Load, asked, beside
from tests.support.visitor import Visitor, settled
from tests.support.waiting import until

NAMES = {"core", *(service.name for service in SERVICES), "api-1", "api-2", "web-1", "web-2"}
UNCOUNTED = {"safety_read_limit": "0", "safety_write_limit": "0", "safety_upload_limit": "0"}
SOON_S = 5.0
"""Far below what anybody may wait for an answer, 30 s, and above what a busy machine takes."""


@pytest.fixture
def tree(tmp_path: Path) -> Iterator[Server]:
    with serving(tmp_path, placement_mode="apart", server_workers="2", log_json="true", **UNCOUNTED) as server:
        yield server


def processes(server: Server) -> dict[str, int]:
    """Return the tree's processes by their names."""
    found: dict[str, int] = {}
    for pid in server.children().values():
        try:
            words = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
        except OSError:  # it has just ended
            continue
        told = [word for word in words if word.startswith(b"BOWERBIRD_PROCESS=")]
        found |= {word.partition(b"=")[2].decode(): pid for word in told}
    return found


def test_each_service_is_a_process_and_whatever_is_killed_comes_back(tree: Server) -> None:
    assert processes(tree).keys() == NAMES
    told = json.loads(tree.command("--json", "status").stdout)["processes"]
    assert {each["name"]: each["pid"] for each in told if each["state"] == "ready"} == processes(tree)
    assert all(name in tree.command("status").stdout for name in NAMES)
    ada = Visitor(tree.base_url, "ada")
    for name in sorted(NAMES):
        pid = processes(tree)[name]
        os.kill(pid, signal.SIGKILL)
        settled(lambda name=name: processes(tree).get(name), lambda now, pid=pid: now not in {pid, None})
        settled(
            lambda: ada.send("POST", "/v1/boards", json={"name": "Still here"}).status_code, lambda code: code == 201
        )
    settled(lambda: httpx.get(f"{tree.base_url}/readyz").status_code, lambda code: code == 200)


@contextmanager
def by_hand(env: Mapping[str, str], *argv: str) -> Generator[None]:
    """Run a process of the house that its tree does not."""
    process = subprocess.Popen([sys.executable, "-m", *argv], env=env)
    try:
        yield
    finally:
        process.terminate()
        assert process.wait(30) == 0


def test_services_and_the_edge_are_started_by_hand_where_the_settings_say(tmp_path: Path) -> None:
    """Links over TCP with certificates of the house's own, the API at a path, and a second page."""
    api, second = str(tmp_path / "api"), f"127.0.0.1:{free_port()}"
    shown = HouseAuthority(tmp_path).certificates("links")
    settings = {
        "placement_mode": "apart",
        "placement_peers": f"links=127.0.0.1:{free_port()},api={api}",
        "placement_authority_file": shown.authority,
        "placement_certificate_file": shown.certificate,
        "placement_key_file": shown.key,
    }
    env = environment(tmp_path / "data", free_port(), settings)
    with by_hand(env, "bowerbird.app.api", api), serving(tmp_path, **settings) as server:
        assert processes(server).keys() == {"core", "web-1", *(row.name for row in SERVICES)} - {"links"}
        with by_hand(env, "bowerbird.app.web", second):
            settled(lambda: reached(f"http://{second}"), lambda answers: answers)
            ada = Visitor(f"http://{second}", "ada")
            board = ada.board("Links")

            def save() -> int:
                return ada.send("POST", f"/v1/boards/{board}/pins", json={"url": "http://127.0.0.1:9/"}).status_code

            assert save() == 503
            with by_hand(env, "bowerbird.app.service", "links"):
                settled(save, lambda code: code == 201)


def reached(base_url: str) -> bool:
    """Return whether a server answers there."""
    try:
        return httpx.get(f"{base_url}/readyz").is_success
    except httpx.TransportError:
        return False


async def test_a_told_process_of_the_edge_and_then_a_told_tree_cut_no_request(tree: Server) -> None:
    ada = Visitor(tree.base_url, "ada")
    load = Load(tree.port)

    async def script() -> None:
        await until(lambda: load.answers[200] > 50 and load.answers[201] > 10)
        for name in ("web-1", "api-1", "api-2", "web-2"):
            pid = processes(tree)[name]
            os.kill(pid, signal.SIGTERM)
            await until(lambda name=name, pid=pid: processes(tree).get(name, pid) != pid)
            answered = load.answers.total()
            await until(lambda answered=answered: load.answers.total() > answered + 50)
        tree.process.send_signal(signal.SIGTERM)
        await until(lambda: tree.process.poll() is not None)

    await beside(load, asked(ada, f"/v1/users/{ada.handle}", 3), script)
    assert load.cut == []
    assert set(load.answers) == {200, 201}
    assert tree.process.returncode == 0


@contextmanager
def standing(server: Server, name: str) -> Generator[None]:
    """Have a process stand still."""
    pid = processes(server)[name]
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


PAGES = {"feed": "/v1/feed", "board": "/v1/boards/{board}/pins", "picture": "{picture}"}
WITHOUT = {
    "safety": set[str](),
    "insight": set[str](),
    "links": set[str](),
    "media": {"picture"},
    "feed": {"feed"},
    "boards": {"feed", "board", "picture"},
    "graph": {"feed", "board"},
    "identity": {"feed", "board", "picture"},
}
"""Which pages are missing when a service stands still; all others are there."""


def test_without_a_service_pages_answer_or_say_soon_that_they_cannot(tree: Server) -> None:
    ada, bob = Visitor(tree.base_url, "ada"), Visitor(tree.base_url, "bob")
    bob.follow(ada)
    board = ada.board("Trees")
    pin = ada.photo(board)
    settled(bob.feed, lambda items: len(items) == 1)
    picture = next(iter(pin["picture"]["src"].values()))
    paths = {name: path.format(board=board, picture=picture) for name, path in PAGES.items()}

    def statuses() -> dict[str, int]:
        return {name: bob.send("GET", path).status_code for name, path in paths.items()}

    for service, missing in WITHOUT.items():
        expected = {name: 503 if name in missing else 200 for name in paths}
        with standing(tree, service):
            settled(statuses, lambda found, expected=expected: found == expected)
            for name, path in paths.items():
                began_s = time.monotonic()
                answer = bob.send("GET", path)
                assert (name, answer.status_code, time.monotonic() - began_s < SOON_S) == (name, expected[name], True)
                assert answer.status_code == 200 or int(answer.headers["retry-after"]) >= 1
        settled(statuses, lambda found: set(found.values()) == {200})
