"""A rolling restart under load: every process of the edge is another afterwards; no request was cut or refused."""

import json
import signal
from pathlib import Path

import pytest

from tests.support.server import Server, serving
from tests.support.steady_load import Load, beside, request, until
from tests.support.visitor import Visitor

KEPT = 4
"""Connections for each kind of request."""
EDGE = {f"bowerbird.app.{module}" for module in ("edge", "api", "web")}
FREE = {"safety_read_limit": "0", "safety_write_limit": "0"}


def edges(server: Server) -> dict[str, int]:
    """Return the processes of the edge."""
    return {name: pid for name, pid in server.children().items() if name.split(":")[0] in EDGE}


def asked(visitor: Visitor) -> list[bytes]:
    """Return what each client asks: to read and to write, on kept connections, and on one for each request."""
    token = {"Authorization": visitor.http.headers["authorization"]}
    body = json.dumps({"name": "Under load"}).encode()
    kinds = [
        request("GET", "/v1/feed", token),
        request("POST", "/v1/boards", {**token, "Content-Type": "application/json"}, body),
        request("GET", "/healthz", {"Connection": "close"}),
    ]
    return [kind for kind in kinds for _ in range(KEPT)]


@pytest.mark.parametrize(("placement", "count"), [("together", 1), ("together", 2), ("apart", 1)])
async def test_a_rolling_restart_under_load_fails_no_request(tmp_path: Path, placement: str, count: int) -> None:
    """With one worker too: those who come meanwhile wait to be accepted."""
    with serving(tmp_path, placement_mode=placement, server_workers=str(count), log_json="true", **FREE) as server:
        load = Load(int(server.base_url.rsplit(":", 1)[1]))
        first = edges(server).keys()
        others = server.children().keys() - first
        assert len(first) == (count if placement == "together" else 2 * count)

        async def script() -> None:
            await until(lambda: load.answers[200] > 100 and load.answers[201] > 20)
            server.process.send_signal(signal.SIGHUP)
            await until(lambda: len(edges(server)) == len(first) and not edges(server).keys() & first)
            answered = load.answers[200]
            await until(lambda: load.answers[200] > answered + 100)

        await beside(load, asked(Visitor(server.base_url, "ada")), script)
        assert load.cut == []
        assert load.refused == 0
        assert set(load.answers) == {200, 201}
        assert others <= server.children().keys(), "what does not roll stays"
        assert "process_ended" not in server.log.read_text(), "nothing fell over"
