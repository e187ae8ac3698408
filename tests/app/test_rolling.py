"""A rolling restart under load: all but core and services are others afterwards; no request was cut or refused."""

import signal
from pathlib import Path

import pytest

from tests.support.server import Server, serving
from tests.support.steady_load import Load, asked, beside
from tests.support.visitor import Visitor
from tests.support.waiting import until

KEPT = 4
"""Connections for each kind of request."""
ROLLING = {f"bowerbird.app.{module}" for module in ("behind", "edge", "api", "web")}
FREE = {"safety_read_limit": "0", "safety_write_limit": "0"}


def rolling(server: Server) -> dict[str, int]:
    """Return the processes that are replaced."""
    return {name: pid for name, pid in server.children().items() if name.split(":")[0] in ROLLING}


@pytest.mark.parametrize(("placement", "count"), [("together", 1), ("together", 2), ("apart", 1)])
async def test_a_rolling_restart_under_load_fails_no_request(tmp_path: Path, placement: str, count: int) -> None:
    """With one worker too: those who come meanwhile wait to be accepted."""
    with serving(tmp_path, placement_mode=placement, server_workers=str(count), log_json="true", **FREE) as server:
        load = Load(server.port)
        first = rolling(server).keys()
        others = server.children().keys() - first
        assert len(first) == (1 + count if placement == "together" else 2 * count)

        async def script() -> None:
            await until(lambda: load.answers[200] > 100 and load.answers[201] > 20)
            server.process.send_signal(signal.SIGHUP)
            await until(lambda: len(rolling(server)) == len(first) and not rolling(server).keys() & first)
            answered = load.answers[200]
            await until(lambda: load.answers[200] > answered + 100)

        await beside(load, asked(Visitor(server.base_url, "ada"), "/v1/feed", KEPT), script)
        assert load.cut == []
        assert load.refused == 0
        assert set(load.answers) == {200, 201}
        assert others <= server.children().keys(), "what does not roll stays"
        assert "process_ended" not in server.log.read_text(), "nothing fell over"
