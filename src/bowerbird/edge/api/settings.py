"""Settings of the edge: those of HTTP and those of the API."""

from typing import Annotated

from msgspec import Meta

from bowerbird.edge.http.settings import HttpSettings


class EdgeSettings(HttpSettings, frozen=True, kw_only=True):
    """What a request may be, what is cached, how long a private picture's address is good, who reads the metrics."""

    fragments_max: Annotated[
        int, Meta(description="Pins kept ready as encoded JSON in each worker.", ge=0, le=10_000_000)
    ] = 20_000
    fragments_bytes_max: Annotated[int, Meta(description="Bytes of such pins in each worker.", ge=0, le=16 << 30)] = (
        32 << 20
    )
    pages_bytes_max: Annotated[
        int,
        Meta(
            description="Bytes of whole pages that each worker remembers and gives again while all that they were made "
            "of holds; 0 remembers none.",
            ge=0,
            le=16 << 30,
        ),
    ] = 16 << 20
    picture_step_s: Annotated[
        int,
        Meta(
            description="A private picture's address is good for one to two of these, in seconds.",
            ge=60,
            le=86_400,
        ),
    ] = 900
    metrics_open: Annotated[
        bool,
        Meta(
            description="Anybody may read /metrics; otherwise only this machine itself (whoever comes through a proxy "
            "on it counts as that while `proxies` is 0) and administrators."
        ),
    ] = False
