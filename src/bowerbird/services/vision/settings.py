"""Vision's settings: what goes with the model. How many points and bits have to agree does not."""

from typing import Annotated

from msgspec import Meta, Struct


class VisionSettings(Struct, frozen=True, kw_only=True):
    """From when on pictures are alike, and may be the same."""

    similar_min: Annotated[
        float,
        Meta(
            description="Pictures that are less alike are not shown as similar: cosine of their nearest views.",
            ge=-1,
            le=1,
        ),
    ] = 0.45
    same_min: Annotated[
        float,
        Meta(
            description="Pictures that are less alike are not held against each other point by point: cosine as above.",
            ge=-1,
            le=1,
        ),
    ] = 0.6
