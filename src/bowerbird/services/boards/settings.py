"""The boards service's settings."""

from typing import Annotated

from msgspec import Meta, Struct


class BoardsSettings(Struct, frozen=True, kw_only=True):
    """How boards are kept."""

    trash_days: Annotated[
        int, Meta(description="For how many days a deleted board or pin can be restored.", ge=1, le=365)
    ] = 30
