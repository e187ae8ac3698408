"""What the peer answers: the same JSON as Bowerbird's `edge/api/resources.py`."""

from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, Field

Time = Annotated[datetime, AfterValidator(lambda at: at.replace(tzinfo=UTC))]
Rights = Literal["owner", "editor", "viewer", "public"]


class Sources(BaseModel):
    """Addresses of a picture in four widths."""

    w236: str = Field(serialization_alias="236")
    w474: str = Field(serialization_alias="474")
    w736: str = Field(serialization_alias="736")
    full: str


class Picture(BaseModel):
    """A picture."""

    src: Sources
    width: int
    height: int
    color: str
    thumbhash: str
    alt: str


class Person(BaseModel):
    """Somebody, in brief."""

    id: str
    handle: str
    name: str
    picture: Sources | None


class BoardRef(BaseModel):
    """A board, in brief."""

    id: str
    owner: str
    name: str
    visibility: str


class Pin(BaseModel):
    """A pin."""

    id: str
    url: str | None
    title: str
    note: str
    alt: str
    site: str
    description: str
    details: str
    failure: str
    picture: Picture | None
    version: int
    created_at: Time
    updated_at: Time
    board: BoardRef
    rights: Rights
    saved_by: Person | None


class Follows(BaseModel):
    """In the feed since the reader follows who saved it."""

    reason: Literal["follows"]
    person: Person


class SharedBoard(BaseModel):
    """In the feed since the board is shared with the reader."""

    reason: Literal["shared_board"]
    board: BoardRef


class Entry(BaseModel):
    """A pin in a feed, and why."""

    pin: Pin
    why: Annotated[Follows | SharedBoard, Field(discriminator="reason")]


class FeedPage(BaseModel):
    """A page of a feed."""

    items: list[Entry]
    next: str | None


class PinList(BaseModel):
    """A page of a board."""

    items: list[Pin]
    next: str | None


class NewPin(BaseModel):
    """What to save: an address, or a pin that one sees."""

    url: str | None = Field(default=None, max_length=1080)
    pin_id: str | None = Field(default=None, max_length=36)
    title: str | None = Field(default=None, max_length=200)
