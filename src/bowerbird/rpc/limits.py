"""What one connection may cost, and the counts of what was refused."""

from dataclasses import dataclass

from msgspec import Struct


class Limits(Struct, frozen=True, kw_only=True):
    """Bounds, the same on both sides.

    `frame_bytes_max`: the longest message. `in_flight_max`: calls begun and not answered, of one client and of one
    server. `timeout_ms`: how long a call may take where its caller sets no deadline. `connect_timeout_ms`: how long a
    call waits for a connection, and an attempt to connect lasts. `backoff_first_ms` to `backoff_max_ms`: the pauses
    between attempts to connect. `silence_ms_max`: a peer that says nothing for so long while calls wait, a ping among
    them, is taken to hang. `drain_ms`: how long a connection that is given up may still take to send its answers.
    """

    frame_bytes_max: int = 8 << 20
    in_flight_max: int = 4096
    timeout_ms: int = 10_000
    connect_timeout_ms: int = 1000
    backoff_first_ms: int = 10
    backoff_max_ms: int = 1000
    silence_ms_max: int = 1000
    drain_ms: int = 5000


@dataclass
class Stats:
    """Counts of one side since the start; metrics tell them.

    Connections closed: `malformed` since their framing or messages could not be trusted (too long ones among them),
    `unknown` since a method was asked that is not there, `forged` since a call did not bear the guard's seal,
    `strangers` since the peer is another user, `silent` since a peer hung. Calls: `misfits` had arguments of wrong
    types, `overloads` were refused unstarted, `failures` ended by an error that no contract names, `stale` were shown
    long after their deadline. `late`: replies that nobody waits for. Of policies: `retries` made, `refusals` by an open
    breaker, `openings` of breakers.
    """

    connections: int = 0
    calls: int = 0
    malformed: int = 0
    unknown: int = 0
    forged: int = 0
    strangers: int = 0
    silent: int = 0
    misfits: int = 0
    overloads: int = 0
    failures: int = 0
    stale: int = 0
    late: int = 0
    retries: int = 0
    refusals: int = 0
    openings: int = 0
