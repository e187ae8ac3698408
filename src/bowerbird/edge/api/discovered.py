"""What the outside sees of what was found by picture, of what is proposed to somebody, and of their wishes about it."""

from typing import Literal

from msgspec import Struct

from bowerbird.edge.api.resources import Board, BoardRef, Next, Person, Picture, Pin, Time, Uuid


class Label(Struct, frozen=True):
    """What a picture may show, in English; `probability` from 0 to 1."""

    name: str
    probability: float


class LensPage(Struct, frozen=True):
    """What looking found: pins like it, likest first, and what it shows. No pins: nothing is like it."""

    items: list[Pin]
    labels: list[Label]


class Topic(Struct, frozen=True):
    """What pictures are of."""

    id: int
    name: str


class TopicCard(Struct, frozen=True, kw_only=True):
    """A topic with some pictures of it. `chosen`: you asked for more of it."""

    id: int
    name: str
    chosen: bool
    cover: list[Picture]


class TopicList(Struct, frozen=True):
    """All topics, those with most pins first."""

    items: list[TopicCard]


class PinRef(Struct, frozen=True):
    """A pin, in brief."""

    id: Uuid
    title: str
    picture: Picture | None


class Because(Struct, frozen=True):
    """Why you are shown something; what is named is what you keep, chose, or asked about.

    `saved`: you saved `pin`; `board`: `board` holds such things; `topic`: you chose `topic`; `looks`: it looks like
    `pin`; `beside`: people save it beside `pin`; `popular`: many saved it of late.
    """

    why: Literal["saved", "board", "topic", "looks", "beside", "popular"]
    pin: PinRef | None = None
    board: BoardRef | None = None
    topic: Topic | None = None


class Idea(Struct, frozen=True):
    """A pin you may like, and why."""

    pin: Pin
    because: Because


class IdeaList(Struct, frozen=True):
    """Ideas, best first; a page may be short while `next` is not null."""

    items: list[Idea]
    next: Next


class ProposedPerson(Struct, frozen=True):
    """Somebody to follow, and up to three pins of yours that led there."""

    person: Person
    because: list[PinRef]


class ProposedPeople(Struct, frozen=True):
    """People to follow, likeliest first."""

    items: list[ProposedPerson]


class ProposedBoard(Struct, frozen=True):
    """A board to look at, and up to three pins of yours that led there."""

    board: Board
    because: list[PinRef]


class ProposedBoards(Struct, frozen=True):
    """Boards to look at, likeliest first."""

    items: list[ProposedBoard]


class Tuning(Struct, frozen=True, kw_only=True):
    """A wish about what you are shown. What it is about may be gone, or not yours to see any more: null then."""

    id: Uuid
    wish: Literal["interest", "less", "hidden", "not_pin", "not_board"]
    topic: Topic | None
    pin: PinRef | None
    board: BoardRef | None
    created_at: Time


class TuningList(Struct, frozen=True):
    """All your wishes, newest first."""

    items: list[Tuning]


class Copies(Struct, frozen=True):
    """Pins of yours of the same photograph, likest first."""

    items: list[Pin]
