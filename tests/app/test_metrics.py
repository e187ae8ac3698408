"""What /metrics and `bowerbird status` say of a tree of several processes: all of them, as they are now."""

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.support.server import Server, serving, set_schema
from tests.support.visitor import Visitor, settled

GROUPS = {"boards", "details", "feed", "media", "recommend", "search", "vision"}


@pytest.fixture
def tree(tmp_path: Path) -> Iterator[Server]:
    with serving(tmp_path, server_workers="2") as server:
        yield server


def metrics(server: Server) -> dict[str, float]:
    """Return every sample by its name and labels; each is there once."""
    answer = httpx.get(f"{server.base_url}/metrics", timeout=30)
    assert answer.status_code == httpx.codes.OK
    found: dict[str, float] = {}
    for family in text_string_to_metric_families(answer.text):
        for sample in family.samples:
            name = " ".join((sample.name.removeprefix("bowerbird_"), *sample.labels.values()))
            assert name not in found
            assert "pid" not in sample.labels
            found[name] = sample.value
    return found


def status(server: Server) -> dict[str, Any]:
    told = server.command("--json", "status")
    assert "Traceback" not in told.stderr
    return {**json.loads(told.stdout, parse_constant=refuse), "code": told.returncode}


def refuse(constant: str) -> float:
    raise AssertionError(f"{constant} is no JSON")


def at_rest(server: Server) -> dict[str, Any]:
    """Return the status once every group has handled everything."""
    return settled(lambda: status(server), lambda told: all(group["waiting"] == 0 for group in told["groups"]))


def save(server: Server) -> Visitor:
    """Have somebody's photo reach a follower's feed."""
    ada, bob = Visitor(server.base_url, "ada"), Visitor(server.base_url, "bob")
    bob.follow(ada)
    ada.photo(ada.board("One"))
    settled(bob.feed_pins, lambda pins: len(pins) == 1)
    return ada


def writers(server: Server) -> set[str]:
    """Return whose metrics are kept in files, one for each kind."""
    return {path.stem.partition("_")[2] for path in (server.data / "run" / "metrics").iterdir()}


def test_metrics_and_status_tell_of_all_processes(tree: Server) -> None:
    save(tree)
    told = at_rest(tree)
    assert (told["code"], told["running"], told["trouble"], told["parked"]) == (0, True, None, 0)
    assert {group["group"] for group in told["groups"]} == GROUPS | {"sights", "queries"}, "of the views"
    assert told["starts"] == {"core": 1, "behind": 1, "edge-1": 1, "edge-2": 1}
    found = settled(
        lambda: metrics(tree), lambda found: all(found.get(f"consumer_lag_events {g} changes") == 0 for g in GROUPS)
    )
    handled = found["consumer_events_total feed handled"]
    assert found["consumer_delay_seconds_count feed"] == found["consumer_delay_seconds_bucket feed +Inf"] == handled > 0
    assert found["consumer_lag_seconds feed changes"] == 0
    found = settled(
        lambda: metrics(tree), lambda found: found["rpc_total client calls"] > 0 < found["rpc_total server calls"]
    )
    assert found["rpc_total server strangers"] == 0
    feed = next(group for group in told["groups"] if group["group"] == "feed")
    share = [found[f"consumer_delay_seconds_bucket feed {feed[name]}"] / handled for name in ("p50_s", "p99_s")]
    assert share[0] >= 0.5
    assert share[1] >= 0.99


def test_status_says_how_hands_are_confined(tree: Server) -> None:
    """As those say who started some: nobody has asked the network's yet."""
    assert status(tree)["hands"] == []
    save(tree)
    known = settled(lambda: status(tree)["hands"], lambda hands: len(hands) == 2)
    assert [hands["hands"] for hands in known] == ["embedding_hands", "pixel_hands"]
    for hands in known:
        name, layers = hands["hands"], hands["applied"]
        assert "system calls by seccomp" in layers
        found = metrics(tree)
        assert all(found[f"hand_confinement {name} {layer} applied"] == 1 for layer in layers)
        assert found[f"hand_requests_total {name} answered"] >= 1
        assert f"{name}: confined by {len(layers)} layers" in tree.command("status").stdout


def test_what_a_dead_process_was_is_told_no_more_and_what_it_counted_is(tree: Server) -> None:
    """Core does not come back for a while, since its log is a later version's; the workers go on telling."""
    save(tree)
    at_rest(tree)
    before = settled(lambda: metrics(tree), lambda found: "consumer_lag_events feed changes" in found)
    before_it = writers(tree)
    version = set_schema(tree.data / "log.db", 999)
    core = next(pid for name, pid in tree.children().items() if "core" in name)
    os.kill(core, signal.SIGKILL)
    gone = settled(lambda: metrics(tree), lambda found: not any(name.startswith("consumer_lag") for name in found))
    assert not any(name.startswith("relay_backlog") for name in gone)
    assert gone["consumer_events_total feed handled"] == before["consumer_events_total feed handled"]
    told = settled(lambda: status(tree), lambda told: told["trouble"])
    assert (told["code"], told["running"], "core" in told["trouble"]) == (1, True, True)
    assert "Trouble: core" in tree.command("status").stdout
    text = settled(tree.log.read_text, lambda text: "has schema 999" in text)
    assert "Traceback" not in text
    assert all("process=core" in line for line in text.splitlines() if "has schema 999" in line)
    assert httpx.get(f"{tree.base_url}/readyz", timeout=30).status_code == httpx.codes.SERVICE_UNAVAILABLE

    set_schema(tree.data / "log.db", version)
    settled(lambda: status(tree), lambda told: told["code"] == 0 and told["starts"]["core"] == 2)
    assert "core was started 2 times" in tree.command("status").stdout
    after = settled(lambda: metrics(tree), lambda found: "consumer_lag_events feed changes" in found)
    assert after["consumer_events_total feed handled"] >= before["consumer_events_total feed handled"]
    assert writers(tree) == before_it


def test_a_core_that_hangs_is_told_while_somebody_still_listens(tree: Server) -> None:
    core = next(pid for name, pid in tree.children().items() if "core" in name)
    os.kill(core, signal.SIGSTOP)
    try:
        answer = httpx.get(f"{tree.base_url}/readyz", timeout=8)
        assert (answer.status_code, "core does not answer" in answer.text) == (503, True)
        assert httpx.get(f"{tree.base_url}/healthz", timeout=8).status_code == httpx.codes.OK
    finally:
        os.kill(core, signal.SIGCONT)
    settled(lambda: httpx.get(f"{tree.base_url}/readyz", timeout=8).status_code, lambda status: status == 200)
