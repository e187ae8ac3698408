"""Field types with their limits, declared once: the wire, the command line and the generated API page share them.

Lengths are counted in code points after `base.text.clean`, which services apply; the limits here stop at the door
what is too long by any count.
"""

from typing import Annotated, Literal

from msgspec import Meta

Handle = Annotated[str, Meta(min_length=3, max_length=30, pattern="^[A-Za-z0-9_]+$", examples=["ada_l"])]
DisplayName = Annotated[str, Meta(min_length=1, max_length=60, examples=["Ada Lovelace"])]
About = Annotated[str, Meta(max_length=500)]
Email = Annotated[str, Meta(min_length=3, max_length=254, pattern=r"^[^@\s]+@[^@\s]+$", examples=["ada@example.org"])]
Password = Annotated[str, Meta(min_length=10, max_length=200)]
TokenName = Annotated[str, Meta(min_length=1, max_length=60)]
BoardName = Annotated[str, Meta(min_length=1, max_length=100, examples=["Kitchen ideas"])]
BoardDescription = Annotated[str, Meta(max_length=1088)]
Visibility = Literal["public", "private"]
Role = Literal["viewer", "editor"]
Url = Annotated[str, Meta(min_length=8, max_length=1080, examples=["https://example.org/bread"])]
PinTitle = Annotated[str, Meta(max_length=200)]
PinNote = Annotated[str, Meta(max_length=1000)]
PinAlt = Annotated[str, Meta(max_length=500)]
PictureMime = Literal["image/jpeg", "image/png", "image/gif", "image/webp"]
Scope = Literal["read", "write", "admin"]
