"""The settings of the graph."""

from typing import Annotated

from msgspec import Meta, Struct


class GraphSettings(Struct, frozen=True, kw_only=True):
    """How large a person's part of the graph may be."""

    followees_max: Annotated[int, Meta(description="People whom one person may follow.", ge=1, le=1_000_000)] = 20_000
