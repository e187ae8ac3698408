"""Insight's settings."""

from typing import Annotated

from msgspec import Meta, Struct


class InsightSettings(Struct, frozen=True, kw_only=True):
    """Which views are kept."""

    sample_share: Annotated[
        float, Meta(description="Share of views that become events, from 0 (none) to 1 (all).", ge=0, le=1)
    ] = 1.0
    queue_views_max: Annotated[
        int, Meta(description="Views waiting to be written in one process; more are dropped and counted.", ge=1)
    ] = 10_000
    flush_pause_ms: Annotated[
        int, Meta(description="Pause between two writings of waiting views, in milliseconds.", ge=10, le=60_000)
    ] = 500
