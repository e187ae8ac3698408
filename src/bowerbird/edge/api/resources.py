"""What the outside sees of things: ids as text, times as RFC 3339; what a service keeps to itself is not here."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

Uuid = Annotated[str, Meta(extra_json_schema={"format": "uuid"}, examples=["0198c0de-0000-8abc-80c0-000000000001"])]
Time = Annotated[str, Meta(extra_json_schema={"format": "date-time"}, examples=["2026-01-31T12:00:00.000000Z"])]
Address = Annotated[str, Meta(description="Relative to the API's origin.", examples=["/media/…/236"])]
Next = Annotated[
    str | None,
    Meta(description="Give it as `cursor` to read on; null at the end. Opaque, and good for this list alone."),
]
RightsName = Annotated[
    Literal["owner", "editor", "viewer", "public"], Meta(description="Why you may see it, the strongest reason.")
]


class Sources(Struct, frozen=True, rename={"w236": "236", "w474": "474", "w736": "736"}):
    """Addresses of a picture in four widths; `full` is the cleaned original. None is wider than the original."""

    w236: Address
    w474: Address
    w736: Address
    full: Address


class Picture(Struct, frozen=True):
    """A picture of the size in pixels that `full` has. `color` is #rrggbb, `thumbhash` base64, `alt` what it shows."""

    src: Sources
    width: int
    height: int
    color: str
    thumbhash: str
    alt: str


class Person(Struct, frozen=True):
    """Somebody, in brief."""

    id: Uuid
    handle: str
    name: str
    picture: Sources | None


class User(Struct, frozen=True, kw_only=True):
    """Somebody's profile. `followed`: you follow them; `you`: it is yourself."""

    id: Uuid
    handle: str
    name: str
    about: str
    picture: Sources | None
    followers: int
    following: int
    followed: bool
    you: bool
    created_at: Time


class Me(Struct, frozen=True, kw_only=True):
    """Your own profile, with what only you may see."""

    id: Uuid
    handle: str
    name: str
    about: str
    picture: Sources | None
    email: str
    role: Literal["person", "admin"]
    followers: int
    following: int
    version: int
    created_at: Time
    updated_at: Time


class Session(Struct, frozen=True, kw_only=True):
    """A sign-in on one device; `client` is what the browser says of itself; `current`: the one that asks."""

    id: Uuid
    client: str
    address: str
    current: bool
    created_at: Time
    seen_at: Time
    expires_at: Time


class SignedIn(Struct, frozen=True):
    """A new session. The cookie is set; `token` is for programs, as `Authorization: Bearer`."""

    user: Me
    session: Session
    token: str


class Token(Struct, frozen=True, kw_only=True):
    """A personal access token, without its secret."""

    id: Uuid
    name: str
    scopes: list[Literal["read", "write", "admin"]]
    created_at: Time
    expires_at: Time | None


class NewlyMadeToken(Struct, frozen=True):
    """A personal access token with its secret, which is shown this once ("" when the request is repeated)."""

    token: Token
    secret: str


class BoardRef(Struct, frozen=True):
    """A board, in brief."""

    id: Uuid
    owner: Uuid
    name: str
    visibility: Literal["public", "private"]


class Board(Struct, frozen=True, kw_only=True):
    """A board; `cover` holds up to four of its newest pictures, `pins` counts what is on it."""

    id: Uuid
    owner: Person
    name: str
    description: str
    visibility: Literal["public", "private"]
    rights: RightsName
    pins: int
    cover: list[Picture]
    version: int
    created_at: Time
    updated_at: Time


class Pin(Struct, frozen=True, kw_only=True):
    """A link or a picture on a board. `saved_by` null: somebody whose account is no more, or whom you may not see."""

    id: Uuid
    url: str | None
    title: str
    note: str
    alt: str
    site: str
    description: str
    details: Literal["pending", "ready", "failed"]  # whether the page behind `url` was read
    failure: str
    picture: Picture | None
    version: int
    created_at: Time
    updated_at: Time
    board: BoardRef
    rights: RightsName
    saved_by: Person | None


class Share(Struct, frozen=True, kw_only=True):
    """With whom a board is shared, and how."""

    person: Person
    role: Literal["viewer", "editor"]
    created_at: Time


class Tie(Struct, frozen=True, kw_only=True):
    """Somebody in a list of people, since when; `followed`: you follow them."""

    person: Person
    followed: bool
    since: Time


class Blocked(Struct, frozen=True, kw_only=True):
    """Somebody whom you have blocked, since when."""

    person: Person
    since: Time


class Trashed(Struct, frozen=True, kw_only=True):
    """Something deleted that can be restored until `purge_at`; `title` is a pin's, or a board's name."""

    kind: Literal["board", "pin"]
    id: Uuid
    title: str
    url: str | None
    color: str
    thumbhash: str
    board: BoardRef
    deleted_at: Time
    purge_at: Time


class Moved(Struct, frozen=True, kw_only=True):
    """What became of one pin of many: where it is now, or the code of the problem that kept it (null: none)."""

    pin: Uuid
    now: Uuid | None
    problem: str | None


class Follows(Struct, frozen=True, tag="follows", tag_field="reason"):
    """It is in your feed because you follow who saved it."""

    person: Person


class SharedBoard(Struct, frozen=True, tag="shared_board", tag_field="reason"):
    """It is in your feed because its board is shared with you."""

    board: BoardRef


class Entry(Struct, frozen=True):
    """A pin in your feed, and why it is there.

    `more`: it is the newest of very many that the same person saved to the same board within an hour, and stands for so
    many others, which are on the board.
    """

    pin: Pin
    why: Follows | SharedBoard
    more: int


class Piece(Struct, frozen=True):
    """A piece of a text; `hit`: it is what was searched for."""

    text: str
    hit: bool


class FoundPin(Struct, frozen=True, tag="pin", tag_field="type"):
    """A pin that was found; `excerpt`: what of its texts, but the title, has the words, if any has."""

    pin: Pin
    title: list[Piece]
    excerpt: list[Piece]


class FoundBoard(Struct, frozen=True, tag="board", tag_field="type"):
    """A board that was found; `excerpt`: what of its description has the words, if it has."""

    board: Board
    name: list[Piece]
    excerpt: list[Piece]


class FoundPerson(Struct, frozen=True, tag="person", tag_field="type"):
    """Somebody who was found; `excerpt`: what they say of themselves that has the words, if it has."""

    person: Person
    followed: bool
    name: list[Piece]
    excerpt: list[Piece]


class SuggestedBoard(Struct, frozen=True, tag="board", tag_field="type"):
    """A board whose name has words that begin as typed, and whose it is."""

    text: str
    board: BoardRef
    owner: Person


class SuggestedPerson(Struct, frozen=True, tag="person", tag_field="type"):
    """Somebody whose name or handle has words that begin as typed."""

    text: str
    person: Person


class SuggestedQuery(Struct, frozen=True, tag="query", tag_field="type"):
    """What to search for: what many people search for and you find too, or what a pin is called that you may see."""

    text: str


class UploadTarget(Struct, frozen=True, kw_only=True):
    """Where to send a picture's bytes: `method` to `url` with exactly these headers, before `expires_at`."""

    id: Uuid
    url: str
    method: str
    headers: dict[str, str]
    expires_at: Time


class Uploaded(Struct, frozen=True, kw_only=True):
    """A picture that was verified and can be saved as a pin, by its upload's id."""

    upload_id: Uuid
    width: int
    height: int
    color: str
    thumbhash: str


class Health(Struct, frozen=True):
    """The server is up, or ready."""

    ok: bool


class Sessions(Struct, frozen=True):
    """Your sessions, newest first."""

    items: list[Session]
    next: Next


class Tokens(Struct, frozen=True):
    """Your access tokens, newest first."""

    items: list[Token]
    next: Next


class BoardList(Struct, frozen=True):
    """Boards, newest first."""

    items: list[Board]
    next: Next


class PinList(Struct, frozen=True):
    """Pins, newest first."""

    items: list[Pin]
    next: Next


class Shares(Struct, frozen=True):
    """With whom a board is shared."""

    items: list[Share]
    next: Next


class TieList(Struct, frozen=True):
    """People, newest tie first."""

    items: list[Tie]
    next: Next


class BlockedList(Struct, frozen=True):
    """Whom you have blocked, newest first."""

    items: list[Blocked]
    next: Next


class TrashList(Struct, frozen=True):
    """What you can restore, newest first."""

    items: list[Trashed]
    next: Next


class MovedList(Struct, frozen=True):
    """What became of each pin, in the order asked for."""

    items: list[Moved]
    next: Next


class FeedPage(Struct, frozen=True):
    """A page of your feed, newest first; it may be short, or even empty, while `next` is not null."""

    items: list[Entry]
    next: Next


class SearchPage(Struct, frozen=True):
    """A page of what was found, best first; it may be short while `next` is not null.

    `near`: nothing has the words themselves; what was found has words like them. `did_you_mean`: a query that finds
    something, in words that others use; null when there is none better.
    """

    items: list[FoundPin | FoundBoard | FoundPerson]
    next: Next
    near: bool
    did_you_mean: str | None


class Suggestions(Struct, frozen=True):
    """What may be meant, likeliest first."""

    items: list[SuggestedBoard | SuggestedPerson | SuggestedQuery]
