"""The feed's settings."""

from typing import Annotated, Literal

from msgspec import Meta, Struct


class FeedSettings(Struct, frozen=True, kw_only=True):
    """How home feeds are filled."""

    policy: Annotated[
        Literal["hybrid", "push", "pull"],
        Meta(description="Pins are pushed to followers' feeds, pulled when a feed is read, or either by author."),
    ] = "hybrid"
    entries_max: Annotated[
        int, Meta(description="Entries kept in a pushed feed; what is older is pulled.", ge=1, le=900)
    ] = 800
    push_followers_max: Annotated[
        int, Meta(description="Hybrid: an author with more followers than this is pulled.", ge=0)
    ] = 12_000
    pull_followers_min: Annotated[
        int, Meta(description="Hybrid: a pulled author with fewer followers than this is pushed again.", ge=0)
    ] = 8_000
    away_after_s: Annotated[
        int,
        Meta(
            description="Who did not look at their feed for so long, in seconds, is not pushed to any more; when they "
            "come back the feed is pulled, and filled again.",
            ge=7,
        ),
    ] = 7 * 86_400
    burst_pins_max: Annotated[
        int,
        Meta(
            description="Pins that one person saves to one board within `burst_s` and that stand in feeds one by one; "
            "when there are more, one entry stands for all of them.",
            ge=1,
            le=900,
        ),
    ] = 30
    burst_s: Annotated[
        int, Meta(description="How long that is, in seconds; a new one begins at each full one.", ge=1, le=86_400)
    ] = 3_600
    chunk_entries_max: Annotated[
        int, Meta(description="Entries written to feeds in one step, so that readers never wait long.", ge=1, le=5_000)
    ] = 500
