"""Health: whether the process is up, whether it can work, and its metrics."""

from ipaddress import ip_address

from bowerbird.contracts.caller import ADMIN
from bowerbird.contracts.problems import NotFound, Unavailable
from bowerbird.edge.api import resources
from bowerbird.edge.api.kit import Kit
from bowerbird.edge.http.route import AnyRoute, Reply, Request, Route

_TEXT = b"text/plain; version=0.0.4; charset=utf-8"


async def healthz(kit: Kit, request: Request[None, None]) -> Reply[resources.Health]:
    """Say that the process answers."""
    del kit, request
    return Reply(resources.Health(ok=True))


async def readyz(kit: Kit, request: Request[None, None]) -> Reply[resources.Health]:
    """Say whether the server can do its work."""
    del request
    reasons = await kit.ready()
    if reasons:
        raise Unavailable("not ready: " + "; ".join(reasons), retry_after_s=1)
    return Reply(resources.Health(ok=True))


async def metrics(kit: Kit, request: Request[None, None]) -> Reply[None]:
    """Show the metrics to this machine, to administrators, or to everybody where a setting says so."""
    if not (kit.settings.metrics_open or request.caller.scopes & ADMIN or _local(request.address)):
        raise NotFound("there is no such thing")
    return Reply(await kit.metrics(), headers=((b"content-type", _TEXT),))


def _local(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False


ROUTES: tuple[AnyRoute[Kit], ...] = (
    Route(
        method="GET",
        path="/healthz",
        handler=healthz,
        summary="Whether the server is up",
        tag="server",
        returns=resources.Health,
        access="open",
        urgency="always",
    ),
    Route(
        method="GET",
        path="/readyz",
        handler=readyz,
        summary="Whether the server can do its work",
        tag="server",
        returns=resources.Health,
        access="open",
        urgency="always",
    ),
    Route(
        method="GET",
        path="/metrics",
        handler=metrics,
        summary="The server's metrics, as Prometheus reads them",
        tag="server",
        returns="text/plain",
        access="public",
        urgency="always",
        problems=("not-found",),
    ),
)
