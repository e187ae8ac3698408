"""Search's settings."""

from typing import Annotated

from msgspec import Meta, Struct


class SearchSettings(Struct, frozen=True, kw_only=True):
    """How things are found by words."""

    near_below: Annotated[
        int,
        Meta(description="With fewer results than this, words with slips of the keyboard in them are found too.", ge=0),
    ] = 5
    threads_max: Annotated[
        int, Meta(description="Threads of each process that search; more searches at a time wait.", ge=1, le=64)
    ] = 2
    label_probability_min: Annotated[
        float,
        Meta(
            description="What a picture shows finds its pin when it is at least so probable, from 0 to 1.", ge=0, le=1
        ),
    ] = 0.3
    people_min: Annotated[
        int,
        Meta(description="A query is suggested to others when so many different people searched for it.", ge=2),
    ] = 5
    queries_kept_days: Annotated[
        int, Meta(description="Days for which somebody counts among those who searched for something.", ge=1, le=3650)
    ] = 90
