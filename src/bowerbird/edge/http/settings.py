"""Settings of HTTP itself, each bounded."""

from typing import Annotated

from msgspec import Meta, Struct


class HttpSettings(Struct, frozen=True, kw_only=True):
    """How much a request may be, how long it may take, and what the outside looks like."""

    origin: Annotated[
        str,
        Meta(
            description='Scheme and host under which browsers reach Bowerbird ("https://pins.example.org"); '
            "empty: whatever host a request names.",
            pattern=r"^(https?://[^/\s]+)?$",
        ),
    ] = ""
    tls: Annotated[
        bool,
        Meta(
            description="Browsers reach Bowerbird over https; cookies are then Secure. An `origin` with https says so "
            "too, and so do `proxies` that send X-Forwarded-Proto."
        ),
    ] = False
    proxies: Annotated[
        int,
        Meta(
            description="How many proxies in front add to X-Forwarded-For; 0 ignores that header, and "
            "X-Forwarded-Proto.",
            ge=0,
            le=8,
        ),
    ] = 0
    body_bytes_max: Annotated[int, Meta(description="Longest body of a request, in bytes.", ge=4096, le=16 << 20)] = (
        64 << 10
    )
    url_bytes_max: Annotated[
        int, Meta(description="Longest path and query of a request, in bytes.", ge=1024, le=64 << 10)
    ] = 4096
    headers_bytes_max: Annotated[
        int, Meta(description="Names and values of all headers together, in bytes.", ge=2048, le=256 << 10)
    ] = 16 << 10
    headers_max: Annotated[int, Meta(description="Headers of one request.", ge=16, le=1000)] = 64
    timeout_ms: Annotated[
        int, Meta(description="Longest time for one answer, in milliseconds.", ge=100, le=600_000)
    ] = 30_000
    read_target_ms: Annotated[
        int,
        Meta(
            description="While pages take longer than this to build, all that a worker builds side by side together, "
            "it takes on fewer at once, in milliseconds.",
            ge=1,
            le=60_000,
        ),
    ] = 25
    write_target_ms: Annotated[
        int, Meta(description="The same for writes, until they are on the disk, in milliseconds.", ge=1, le=60_000)
    ] = 250
    wait_ms: Annotated[
        int,
        Meta(
            description="How long a request waits for its turn when more is asked than can be done, in milliseconds; "
            "then it is refused with 503 and Retry-After. Pictures and views go last, what a client marks as "
            "`Priority: u=7` after them.",
            ge=0,
            le=60_000,
        ),
    ] = 1_000
    waiting_max: Annotated[
        int, Meta(description="Requests that wait so in each worker; further ones are refused.", ge=0, le=100_000)
    ] = 4_096
    cookie_age_s: Annotated[
        int, Meta(description="How long a browser keeps the session's cookie, in seconds.", ge=60, le=400 * 86_400)
    ] = 30 * 86_400
    log_share: Annotated[
        float, Meta(description="Share of requests that are logged, 0 to 1; failures always are.", ge=0, le=1)
    ] = 0.01
    latency_share: Annotated[
        float, Meta(description="Share of requests whose latency is measured, 0 to 1.", ge=0, le=1)
    ] = 0.1
