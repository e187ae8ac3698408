"""Recommend's settings."""

from typing import Annotated

from msgspec import Meta, Struct


class RecommendSettings(Struct, frozen=True, kw_only=True):
    """How ideas are found."""

    steps_max: Annotated[
        int, Meta(description="Steps of a walk over what is saved on which boards.", ge=1_000, le=1_000_000)
    ] = 100_000
    little_below: Annotated[
        int,
        Meta(description="Who keeps fewer things than this is shown what many keep, too.", ge=1, le=1_000),
    ] = 20
    late_days: Annotated[
        int, Meta(description="What was saved within so many days was saved of late.", ge=1, le=3_650)
    ] = 30
    topics_kept_s: Annotated[
        int, Meta(description="For so many seconds the pictures of topics are remembered.", ge=0, le=86_400)
    ] = 600
