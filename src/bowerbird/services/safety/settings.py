"""The settings of safety: each budget's limit and window."""

from typing import Annotated

from msgspec import Meta, Struct

from bowerbird.contracts.safety import Budget

_MAX = 1_000_000_000
_DAY_S = 86_400


class SafetySettings(Struct, frozen=True, kw_only=True):
    """How much of what a caller may do in a window, which begins with the first act; a limit of 0 counts nothing."""

    read_limit: Annotated[int, Meta(description="Reads in a window, for a person or an address.", ge=0, le=_MAX)] = (
        12_000
    )
    read_window_s: Annotated[int, Meta(description="The window of reads, in seconds.", ge=1, le=_DAY_S)] = 60
    write_limit: Annotated[int, Meta(description="Writes in a window, for a person or an address.", ge=0, le=_MAX)] = (
        1_200
    )
    write_window_s: Annotated[int, Meta(description="The window of writes, in seconds.", ge=1, le=_DAY_S)] = 60
    upload_limit: Annotated[int, Meta(description="Uploads begun in a window, by a person.", ge=0, le=_MAX)] = 500
    upload_window_s: Annotated[int, Meta(description="The window of uploads, in seconds.", ge=1, le=_DAY_S)] = 3600
    save_limit: Annotated[int, Meta(description="Pins saved in a window, by a person.", ge=0, le=_MAX)] = 5_000
    save_window_s: Annotated[int, Meta(description="The window of saves, in seconds.", ge=1, le=_DAY_S)] = 3600
    look_limit: Annotated[
        int, Meta(description="Pictures looked at in a window, for a person or an address.", ge=0, le=_MAX)
    ] = 600
    look_window_s: Annotated[int, Meta(description="The window of looks, in seconds.", ge=1, le=_DAY_S)] = 600
    sign_in_limit: Annotated[
        int, Meta(description="Attempts in a window at one account's password, from anywhere.", ge=0, le=_MAX)
    ] = 20
    sign_in_window_s: Annotated[
        int, Meta(description="The window of attempts at an account, in seconds.", ge=1, le=_DAY_S)
    ] = 900
    sign_in_address_limit: Annotated[
        int, Meta(description="Attempts to sign in within a window from one address.", ge=0, le=_MAX)
    ] = 60
    sign_in_address_window_s: Annotated[
        int, Meta(description="The window of attempts from an address, in seconds.", ge=1, le=_DAY_S)
    ] = 900
    register_limit: Annotated[int, Meta(description="Registrations in a window from one address.", ge=0, le=_MAX)] = 20
    register_window_s: Annotated[int, Meta(description="The window of registrations, in seconds.", ge=1, le=_DAY_S)] = (
        3600
    )
    local_keys_max: Annotated[
        int, Meta(description="Callers of one budget whose shares a worker remembers at once.", ge=1, le=_MAX)
    ] = 10_000

    def of(self, budget: Budget) -> tuple[int, int]:
        """Return a budget's limit and its window in seconds."""
        limit: int = getattr(self, f"{budget}_limit")
        window_s: int = getattr(self, f"{budget}_window_s")
        return limit, window_s
