"""Likeness: whether two pictures are the same photograph, cropped, framed, mirrored or encoded anew.

Points of one that lie in the other as the same photograph's would, moved, turned and scaled as one, are counted. It
runs apart, expendable, as decoders do, and is given renditions that `ports.pictures` made.
"""

from typing import Final, Protocol

from bowerbird.base.calls import idempotent, slow

OTHERS_MAX: Final = 20
"""Pictures that one is held against in one call."""

# The rule. Two pictures are the same photograph when their hashes say so (`base.pdq`), or when their vectors are so
# near and so many points agree; a vector alone cannot tell a crop from another photograph of the same thing.
COSINE_MIN: Final = 0.60
"""Cosine of the nearest of one's `ASKED` and the other's `VIEWS` (`ports.embedder`), from which on points count."""
POINTS_MIN: Final = 15
"""Points that agree, from which on two pictures that are so near are the same photograph."""


class Likeness(Protocol):
    """Counts the points in which pictures agree."""

    @idempotent
    @slow
    async def same(self, one: bytes, others: list[bytes]) -> list[int]:
        """Return for each of 1 to `OTHERS_MAX` others how many points of it agree with `one`, mirrored or not.

        All are JPEG or WebP. One of the others that cannot be decoded agrees in no point. Different photographs agree
        in fewer than `POINTS_MIN`, by chance. Raises PictureRefused for `one` or when there are none or too many
        others, and PicturesBusy, both of `ports.pictures`.
        """
        ...
