"""The settings of identity."""

from typing import Annotated

from msgspec import Meta, Struct


class IdentitySettings(Struct, frozen=True, kw_only=True):
    """Who may register, how long sign-ins last, and what a password costs to check.

    The cost follows OWASP's advice for argon2id: 19 MiB and two passes, 24 ms here. A new cost applies to everybody at
    their next sign-in.
    """

    registration_open: Annotated[
        bool, Meta(description="Whether strangers may register; else `bowerbird user create` makes people.")
    ] = True
    token_good_s: Annotated[
        int, Meta(description="Seconds until a session's token is renewed from its session.", ge=10, le=3600)
    ] = 600
    key_period_s: Annotated[
        int,
        Meta(
            description="Seconds for which one key signs sessions' tokens; then the next one does, by itself.",
            ge=600,
            le=31_536_000,
        ),
    ] = 86_400
    session_generation: Annotated[
        int,
        Meta(
            description="One more ends every sign-in at once: after a leak, or when an older copy of the data runs.",
            ge=0,
            le=1_000_000,
        ),
    ] = 0
    session_good_days: Annotated[
        int, Meta(description="Days after its last renewal when a session ends.", ge=1, le=365)
    ] = 30
    handle_rest_days: Annotated[
        int, Meta(description="Days for which nobody gets the handle of a deleted account.", ge=0, le=3650)
    ] = 90
    hash_memory_kib: Annotated[
        int, Meta(description="Memory of one password hash (argon2id), in KiB.", ge=8, le=1_048_576)
    ] = 19_456
    hash_passes: Annotated[int, Meta(description="Passes of one password hash (argon2id).", ge=1, le=100)] = 2
    hash_threads_max: Annotated[
        int, Meta(description="Password hashes that one process computes at once.", ge=1, le=64)
    ] = 2
    hash_queue_max: Annotated[
        int, Meta(description="Password hashes that wait in one process; more are refused.", ge=0, le=10_000)
    ] = 32
