"""What one connection may cost, and the counts of what was refused."""

from dataclasses import dataclass

from msgspec import Struct


class Limits(Struct, frozen=True, kw_only=True):
    """Bounds, the same on both sides.

    `frame_bytes_max`: the longest message. `in_flight_max`: calls begun and not answered, of one client and of one
    server. `timeout_ms`: how long a call may take where its caller sets no deadline. `connect_timeout_ms`: how long a
    call waits for a connection. `backoff_first_ms` to `backoff_max_ms`: the pauses between attempts to connect.
    """

    frame_bytes_max: int = 8 << 20
    in_flight_max: int = 4096
    timeout_ms: int = 10_000
    connect_timeout_ms: int = 1000
    backoff_first_ms: int = 10
    backoff_max_ms: int = 1000


@dataclass
class Stats:
    """Counts of one side since the start; metrics tell them.

    `malformed`: connections closed since their framing or messages could not be trusted (too long ones among them).
    `misfits`: unknown methods and arguments of wrong types. `overloads`: calls refused unstarted. `failures`: calls
    ended by an error that no contract names. `strangers`: peers of another user. `late`: replies nobody waits for.
    """

    connections: int = 0
    calls: int = 0
    malformed: int = 0
    misfits: int = 0
    overloads: int = 0
    failures: int = 0
    strangers: int = 0
    late: int = 0
