"""Media's settings."""

from typing import Annotated

from msgspec import Meta, Struct


class MediaSettings(Struct, frozen=True, kw_only=True):
    """What may be uploaded, and how long unused things are kept."""

    upload_bytes_max: Annotated[
        int, Meta(description="Largest picture that may be uploaded, in bytes.", ge=1024, le=200_000_000)
    ] = 32_000_000
    upload_ttl_s: Annotated[
        int, Meta(description="How long an upload may take from its beginning to its completion.", ge=10, le=86_400)
    ] = 900
    uploads_begun_max: Annotated[
        int, Meta(description="Uploads that one person may have begun and not completed.", ge=1, le=400)
    ] = 100
    unused_kept_s: Annotated[
        int,
        Meta(
            description="How long a picture that nothing shows is kept, in seconds, by what handlers have heard of.",
            ge=3600,
        ),
    ] = 86_400
