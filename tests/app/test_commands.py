"""The command line as somebody types it, beside a running server and without one."""

import asyncio
import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from bowerbird.app.sections import read
from bowerbird.app.visit import visit
from bowerbird.contracts.events import CHANGES
from bowerbird.ports.log import Record
from tests.support.server import Server, serving, set_schema
from tests.support.visitor import Visitor, settled

TAIL = """
import signal
from bowerbird.app.cli import main
signal.signal(signal.SIGINT, signal.default_int_handler)  # which is ignored by whatever runs in the background
main()
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("commands")) as server:
        yield server


def test_a_person_made_by_command_signs_in(server: Server) -> None:
    made = server.command("--json", "user", "create", "Grace", "--email", "grace@example.org", "--admin")
    assert made.returncode == 0, made.stderr
    told = json.loads(made.stdout)
    assert told["role"] == "admin"
    answer = httpx.post(
        f"{server.base_url}/v1/sessions", json={"login": "grace", "password": told["password"]}, timeout=30
    )
    assert answer.status_code == httpx.codes.CREATED, answer.text
    again = server.command("user", "create", "grace", "--email", "other@example.org")
    assert again.returncode == 1
    assert "(handle)" in again.stderr


def test_a_password_is_read_from_standard_input_and_never_shown(server: Server) -> None:
    made = server.command(
        "user", "create", "hedy", "--email", "hedy@example.org", "--password-stdin", stdin="frequency hopping\n"
    )
    assert made.returncode == 0, made.stderr
    assert "frequency" not in made.stdout
    short = server.command("user", "create", "mae", "--email", "mae@example.org", "--password-stdin", stdin="short\n")
    assert (short.returncode, "(password)" in short.stderr) == (1, True)


def test_status_says_how_far_groups_are_and_how_long_a_save_takes_to_feeds(server: Server) -> None:
    ada = Visitor(server.base_url, "status_ada")
    ada.photo(ada.board("One"))

    def look() -> dict[str, dict[str, object]]:
        told = server.command("--json", "status")
        assert told.returncode == 0, told.stderr
        data = json.loads(told.stdout)
        assert (data["running"], data["address"]) == (True, server.base_url)
        return {group["group"]: group for group in data["groups"]}

    groups = settled(look, lambda found: all(group["waiting"] == 0 for group in found.values()) and len(found) > 3)
    assert groups["feed"]["p99_s"]
    assert "feed" in server.command("status").stdout


def test_the_log_is_read_and_replayed(server: Server) -> None:
    ada = Visitor(server.base_url, "log_ada")
    board = ada.board("Logged")

    def look() -> list[dict[str, Any]]:
        lines = server.command("--json", "log", "tail", "--lines", "50", "--bodies").stdout.splitlines()
        return [event for event in map(json.loads, lines) if event["entity"] == board]

    event = settled(look, lambda found: len(found) == 1)[0]
    assert (event["type"], event["body"]["name"]) == ("board_created", "Logged")
    assert board in server.command("log", "tail").stdout
    replayed = server.command("log", "replay", "--group", "feed", "--from", "beginning")
    assert replayed.returncode == 0, replayed.stderr
    assert server.command("log", "parked").stdout.strip() == "Nothing is parked."


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("log", "replay", "--group", "nobody", "--from", "beginning"), 1, "there are boards"),
        (("log", "replay", "--group", "feed", "--from", "yesterday"), 1, "is no time"),
        (("log", "replay"), 2, "--group"),
        (("log", "replay", "--group", "feed", "--from", "beginning", "--topic", "views"), 2, "No such option"),
        (("log", "tail", "--lines", "-1"), 2, "--lines"),
        (("status", "--data", "/nowhere"), 1, ""),
        (("status", "--data", "pyproject.toml"), 1, ""),
        (("demo", "--data", "pyproject.toml"), 1, "No server runs"),
        (("user", "create", "eve", "--email", "e@example.org", "--data", "/nowhere"), 1, "There is no data folder"),
        (("log", "tail", "--data", "/nowhere"), 1, "There is no data folder"),
        (("log", "parked", "--data", "/nowhere"), 1, "There is no data folder"),
        (
            ("log", "replay", "--group", "feed", "--from", "beginning", "--data", "/nowhere"),
            1,
            "There is no data folder",
        ),
        (("--settings", "pyproject.toml", "config"), 1, "no section [build-system]"),
        (("nonsense",), 2, "No such command"),
        (("serve",), 1, "Another Bowerbird is running"),
    ],
)
def test_what_cannot_be_done_is_a_sentence_and_an_exit_code(
    server: Server, arguments: tuple[str, ...], code: int, said: str
) -> None:
    tried = server.command(*arguments)
    assert (tried.returncode, said in tried.stderr) == (code, True), tried.stderr
    assert "Traceback" not in tried.stderr


def test_data_of_somebody_else_is_a_sentence(server: Server, tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "lock").symlink_to("/proc/sys/net/ipv4/route/flush")  # which even root may not read
    tried = server.command("status", "--data", str(tmp_path))
    assert (tried.returncode, "You may not use" in tried.stderr) == (1, True), tried.stderr


def test_config_shows_where_settings_come_from_and_hides_secrets(server: Server) -> None:
    server.env["BOWERBIRD_STORAGE_MASTER_KEY"] = "ab" * 32
    try:
        told = server.command("--json", "config")
    finally:
        del server.env["BOWERBIRD_STORAGE_MASTER_KEY"]
    data = json.loads(told.stdout)
    assert data["server.port"]["from"] == "BOWERBIRD_SERVER_PORT"
    assert data["storage.master_key"]["value"] == "(hidden)"
    assert "ab" * 32 not in told.stdout


def test_without_a_server_status_fails_and_people_can_still_be_made(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        pass
    assert server.command("status").returncode == 1
    made = server.command("user", "create", "late", "--email", "late@example.org")
    assert made.returncode == 0, made.stderr
    with serving(tmp_path) as again:
        assert httpx.get(f"{again.base_url}/v1/users/late").status_code == httpx.codes.OK


def test_data_of_a_later_version_or_of_another_key_is_a_sentence(server: Server, tmp_path: Path) -> None:
    """For whoever starts the server, and for commands without one; the data stays as it is."""
    with serving(tmp_path) as first:
        pass
    first.log.unlink()
    env = {**first.env, "BOWERBIRD_STORAGE_MASTER_KEY": "ab" * 32}
    for said, changed in (("was made with another master key", env), ("has schema", first.env)):
        if changed is first.env:
            set_schema(first.data / "keys.db", 999)
        for words in (("serve",), ("status",), ("log", "parked")):
            tried = Server(first.port, first.data, first.log, changed, server.process).command(*words)
            assert (tried.returncode, said in tried.stderr) == (1, True), tried.stderr
            assert "Traceback" not in tried.stderr


def test_following_the_log_ends_with_ctrl_c_and_bytes_that_are_no_event_are_shown(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        ada = Visitor(server.base_url, "ada")
        ada.board("One")
    append_to_log(server)
    argv = [sys.executable, "-c", TAIL, "log", "tail", "--bodies", "--follow"]
    with subprocess.Popen(argv, env=server.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as following:
        assert following.stdout is not None
        assert following.stderr is not None
        lines = [next(following.stdout).decode() for _ in range(5)]
        assert '"name": "One"' in lines[3]
        assert lines[4].split()[2:4] == ["?", "?"]
        following.send_signal(signal.SIGINT)
        assert (following.wait(60), following.stderr.read()) == (0, b"")


def append_to_log(server: Server) -> None:
    """Put bytes that are no event into the log of a server that does not run."""

    async def append() -> None:
        settings, _ = read(None, {"storage.data": str(server.data)})
        async with visit(settings) as here:
            await here.engines.log.append(CHANGES, [Record(key=b"k", data=b"\xc1", at=here.world.now_us())])

    asyncio.run(append())


def test_what_starts_the_server_keeps_none_of_the_engines_with_it() -> None:
    code = "import sys; import bowerbird.app.cli.serve; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split()
    assert "bowerbird.app.tree" in loaded
    assert not {"numpy", "PIL", "httpx", "tantivy", "argon2", "bowerbird.app.engines"}.intersection(loaded)


def test_a_taken_port_is_a_sentence(server: Server, tmp_path: Path) -> None:
    other = Server(
        server.port, tmp_path, tmp_path / "log", {**server.env, "BOWERBIRD_STORAGE_DATA": str(tmp_path)}, server.process
    )
    tried = other.command("serve")
    assert tried.returncode == 1
    assert "Choose another" in tried.stderr
