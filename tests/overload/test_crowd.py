"""A crowd before a real server that takes on little: whoever is not served is told so early, and then it is over."""

from pathlib import Path

from tests.support.server import serving
from tests.support.steady_load import Load, beside, connect, request
from tests.support.visitor import Visitor
from tests.support.waiting import until

CROWD = 400
SMALL = {
    "http_wait_ms": "100",
    "http_waiting_max": "100",
    "http_read_target_ms": "1",
    "safety_read_limit": "0",
    "server_connections_max": str(2 * CROWD),
}


async def test_a_crowd_is_served_or_refused_and_health_is_told(tmp_path: Path) -> None:
    with serving(tmp_path, **SMALL) as server:
        ada = Visitor(server.base_url, "ada")
        token = {"Authorization": ada.http.headers["authorization"]}
        load = Load(server.port)
        health = request("GET", "/healthz", {})
        told: list[int] = []

        async def script() -> None:
            await until(lambda: load.answers[200] > 500 and load.answers[503] > 500)
            asked = await connect(load.port)
            for _ in range(20):
                asked.send(health)
                told.append(await asked.status())
            await asked.close()

        await beside(load, [request("GET", "/v1/feed", token)] * CROWD, script)
        assert set(load.answers) == {200, 503}
        assert load.cut == []
        assert told == [200] * 20
        for _ in range(20):
            assert ada.http.get("/v1/feed").status_code == 200
        metrics = ada.http.get("/metrics").text
        refused = [line for line in metrics.splitlines() if line.startswith("bowerbird_http_refused_total")]
        assert any('kind="read"' in line for line in refused)
