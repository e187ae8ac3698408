"""What the outside may send: bodies and queries, with the limits of `contracts.fields`; unknown fields are refused."""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from bowerbird.contracts import fields
from bowerbird.contracts.insight import VIEWS_MAX
from bowerbird.contracts.paging import LIMIT, LIMIT_MAX
from bowerbird.contracts.search import SUGGESTIONS_MAX

Uuid = Annotated[str, Meta(min_length=36, max_length=36, extra_json_schema={"format": "uuid"})]
PINS_MAX = 100
PROPOSALS_MAX = 50


class Input(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What every input has in common."""


class PageQuery(Input, frozen=True):
    """Which part of a list."""

    limit: Annotated[int, Meta(ge=1, le=LIMIT_MAX, description="How many items at most.")] = LIMIT
    cursor: Annotated[str, Meta(max_length=1000, description="`next` of the page before.")] = ""


class BoardsQuery(PageQuery, frozen=True):
    """Which boards: your own, or others' that were shared with you."""

    shared: Annotated[Literal["with-me"] | UnsetType, Meta(description="Others' boards, shared with you.")] = UNSET


class SearchQuery(PageQuery, frozen=True):
    """What to search for, and among what."""

    q: Annotated[
        str,
        Meta(
            max_length=1000,
            description='Words, "phrases" and -without; by:handle, site:example.com, board:name, has:photo|link, '
            "saved:>2026-01. Nothing is wrong: what makes no other sense is words. Only the beginning of a long query "
            "counts.",
        ),
    ] = ""
    type: Annotated[Literal["pin", "board", "person"], Meta(description="What to find.")] = "pin"
    cursor: Annotated[str, Meta(max_length=2500, description="`next` of the page before.")] = ""


class SuggestionsQuery(Input, frozen=True):
    """What has been typed so far."""

    q: Annotated[str, Meta(max_length=1000, description="The beginning of a query.")] = ""
    limit: Annotated[int, Meta(ge=1, le=SUGGESTIONS_MAX, description="How many items at most.")] = SUGGESTIONS_MAX


class IdeasQuery(PageQuery, frozen=True):
    """Which part of what you may like."""

    cursor: Annotated[str, Meta(max_length=2500, description="`next` of the page before.")] = ""


class ProposalsQuery(Input, frozen=True):
    """How many to propose."""

    limit: Annotated[int, Meta(ge=1, le=PROPOSALS_MAX, description="How many items at most.")] = 12


class MediaQuery(Input, frozen=True):
    """The signature of a private picture's address."""

    v: Annotated[str, Meta(max_length=40, description="Whose address it is.")] = ""
    e: Annotated[int, Meta(ge=0, le=1 << 40, description="Until when it is good, seconds since 1970.")] = 0
    s: Annotated[str, Meta(max_length=64, description="The signature.")] = ""


Fraction = Annotated[float, Meta(ge=0, le=1)]


class NewUser(Input, frozen=True):
    """A new person."""

    handle: fields.Handle
    name: fields.DisplayName
    email: fields.Email
    password: fields.Password


class Credentials(Input, frozen=True):
    """Who signs in: `login` is a handle or an e-mail address."""

    login: Annotated[str, Meta(min_length=1, max_length=254)]
    password: Annotated[str, Meta(min_length=1, max_length=200)]


class ProfileEdit(Input, frozen=True):
    """What to change in your profile; `picture` is a completed upload's id, null removes it."""

    name: fields.DisplayName | UnsetType = UNSET
    about: fields.About | UnsetType = UNSET
    picture: Uuid | UnsetType | None = UNSET


class PasswordEdit(Input, frozen=True):
    """Your present password and the one that takes its place."""

    current: Annotated[str, Meta(min_length=1, max_length=200)]
    new: fields.Password


class AccountEnd(Input, frozen=True):
    """Your password, to show that it is you who deletes the account."""

    password: Annotated[str, Meta(min_length=1, max_length=200)]


class NewToken(Input, frozen=True):
    """A new access token; `expires_at` null: until it is revoked."""

    name: fields.TokenName
    scopes: Annotated[list[fields.Scope], Meta(min_length=1, max_length=3)]
    expires_at: Annotated[str, Meta(max_length=40, extra_json_schema={"format": "date-time"})] | None = None


class NewBoard(Input, frozen=True):
    """A new board."""

    name: fields.BoardName
    description: fields.BoardDescription = ""
    visibility: fields.Visibility = "public"


class BoardEdit(Input, frozen=True):
    """What to change of a board."""

    name: fields.BoardName | UnsetType = UNSET
    description: fields.BoardDescription | UnsetType = UNSET
    visibility: fields.Visibility | UnsetType = UNSET


class NewShare(Input, frozen=True):
    """As what somebody may use a board."""

    role: fields.Role


class NewPin(Input, frozen=True):
    """What to save: exactly one of `url`, `upload_id` (a completed upload) and `pin_id` (a pin you can see).

    Texts that are left out are filled from the page, or copied from the pin.
    """

    url: fields.Url | UnsetType = UNSET
    upload_id: Uuid | UnsetType = UNSET
    pin_id: Uuid | UnsetType = UNSET
    title: fields.PinTitle | UnsetType = UNSET
    note: fields.PinNote | UnsetType = UNSET
    alt: fields.PinAlt | UnsetType = UNSET


class PinEdit(Input, frozen=True):
    """What to change of a pin."""

    title: fields.PinTitle | UnsetType = UNSET
    note: fields.PinNote | UnsetType = UNSET
    alt: fields.PinAlt | UnsetType = UNSET


class PinsMove(Input, frozen=True):
    """Pins to move, or copy, to a board that you may edit."""

    pins: Annotated[list[Uuid], Meta(min_length=1, max_length=PINS_MAX)]
    board: Uuid
    copy: bool = False


class NewUpload(Input, frozen=True):
    """The type and length, in bytes, of a picture to be sent."""

    mime: fields.PictureMime
    length: Annotated[int, Meta(ge=1, le=1 << 30)]


class SeenPin(Input, frozen=True):
    """A pin that was seen, or whose link was clicked."""

    kind: Literal["pin_seen", "link_clicked"]
    pin: Uuid


class NewViews(Input, frozen=True):
    """What you looked at."""

    views: Annotated[list[SeenPin], Meta(min_length=1, max_length=VIEWS_MAX)]


class LensBox(Input, frozen=True):
    """A part of a picture: its left and upper edge, its width and height, as fractions of the picture's."""

    x: Fraction
    y: Fraction
    width: Fraction
    height: Fraction


class LensLook(Input, frozen=True):
    """What to look at: a pin that you can see, or an upload whose bytes were sent and which is not completed.

    An upload is gone afterwards. `box`: a part of the picture; null: all of it.
    """

    pin_id: Uuid | UnsetType = UNSET
    upload_id: Uuid | UnsetType = UNSET
    box: LensBox | None = None
    limit: Annotated[int, Meta(ge=1, le=100)] = 50


class NewTuning(Input, frozen=True):
    """A wish about what you are shown, and the one thing that it is about.

    `interest` and `less` need a topic, `hidden` and `not_pin` a pin, `not_board` a board.
    """

    wish: Literal["interest", "less", "hidden", "not_pin", "not_board"]
    topic: Annotated[int, Meta(ge=1, le=65535)] | UnsetType = UNSET
    pin_id: Uuid | UnsetType = UNSET
    board_id: Uuid | UnsetType = UNSET
