"""Events: what happened, as the log keeps it for ever: an envelope that all may read and a sealed body.

The body is the whole entity after the change, so a consumer upserts by version and the order of arrival is harmless;
a tombstone is the entity as it was last, under a type that says so. Consumers skip types that they do not know.
"""

from collections.abc import Callable
from typing import Any, Final, Generic, NamedTuple, TypeVar

import msgspec
from msgspec import Struct

from bowerbird.base import seal
from bowerbird.base.ids import Id, shard_of
from bowerbird.base.outgoing import Outgoing
from bowerbird.base.world import World
from bowerbird.contracts.boards import Board, Pin, Share
from bowerbird.contracts.caller import Caller, system
from bowerbird.contracts.graph import Block, Follow
from bowerbird.contracts.identity import AccessToken, Credential, Session, User
from bowerbird.contracts.insight import View
from bowerbird.contracts.kinds import EVENT
from bowerbird.contracts.links import Link
from bowerbird.contracts.media import Picture, Upload
from bowerbird.contracts.recommend import Tuning
from bowerbird.contracts.vision import Labelled

CHANGES: Final = "changes"
"""The topic of every change to a record; kept for ever."""
VIEWS: Final = "views"
"""The topic of what was looked at; lossy by contract."""

Body = TypeVar("Body", bound=Struct | None)


class Kind(NamedTuple):
    """What a type of event carries: the body's Struct and schema number, and which of its fields name what.

    `entity`: the field with the id that orders the events; `owner`: the field that tells whose key seals the body, ""
    for that of LINKS.
    """

    body: type[Struct]
    schema: int
    entity: str
    owner: str


LINKS: Final = Id(bytes(6) + b"\x80\x00\x80" + bytes(7))
"""Whose key seals links, which belong to nobody and outlive the account that saved them first, and `remains`."""

_FIELDS: Final[dict[type[Struct], tuple[str, str]]] = {
    User: ("id", "id"),
    Credential: ("user", "user"),
    Session: ("id", "user"),
    AccessToken: ("id", "user"),
    Follow: ("follower", "follower"),
    Block: ("person", "person"),
    Board: ("id", "owner"),
    Share: ("board", "owner"),
    Pin: ("id", "owner"),
    Link: ("id", ""),
    Upload: ("id", "owner"),
    Picture: ("id", "owner"),
    View: ("viewer", "viewer"),
    Labelled: ("pin", "owner"),
    Tuning: ("id", "person"),
}

_TYPES: Final[dict[str, tuple[type[Struct], int]]] = {
    "user_registered": (User, 1),
    "user_changed": (User, 1),
    "user_deleted": (User, 1),
    "credential_changed": (Credential, 1),
    "credential_deleted": (Credential, 1),
    "session_opened": (Session, 1),
    "session_renewed": (Session, 1),
    "session_closed": (Session, 1),
    "token_made": (AccessToken, 1),
    "token_revoked": (AccessToken, 1),
    "person_followed": (Follow, 1),
    "person_unfollowed": (Follow, 1),
    "block_changed": (Block, 1),
    "board_created": (Board, 1),
    "board_changed": (Board, 1),
    "board_deleted": (Board, 1),
    "board_restored": (Board, 1),
    "board_purged": (Board, 1),
    "share_changed": (Share, 1),
    "pin_moving": (Pin, 1),
    "pin_saved": (Pin, 1),
    "pin_changed": (Pin, 1),
    "pin_published": (Pin, 1),
    "pin_deleted": (Pin, 1),
    "pin_restored": (Pin, 1),
    "pin_purged": (Pin, 1),
    "pin_labelled": (Labelled, 1),
    "link_saved": (Link, 1),
    "link_changed": (Link, 1),
    "upload_begun": (Upload, 1),
    "upload_ended": (Upload, 1),
    "picture_made": (Picture, 1),
    "picture_deleted": (Picture, 1),
    "tuning_made": (Tuning, 1),
    "tuning_undone": (Tuning, 1),
    "feed_served": (View, 1),
    "board_served": (View, 1),
    "search_served": (View, 1),
    "lens_served": (View, 1),
    "related_served": (View, 1),
    "ideas_served": (View, 1),
    "pin_seen": (View, 1),
    "link_clicked": (View, 1),
}

KINDS: Final = {type_: Kind(body, schema, *_FIELDS[body]) for type_, (body, schema) in _TYPES.items()}
"""Every type of event."""

UPCASTS: Final[dict[tuple[str, int], Callable[[dict[str, Any]], dict[str, Any]]]] = {}
"""How a body of an older schema becomes the next one: {(type, from schema): function of the decoded fields}."""


class Envelope(Struct, frozen=True, array_like=True):
    """What is known of an event without any key. `at` in microseconds; `owner` is whose key sealed `body`."""

    id: Id
    type: str
    schema: int
    entity: Id
    version: int
    at: int
    actor: Id | None
    trace: str
    owner: Id
    body: bytes


class Event(Struct, Generic[Body], frozen=True):
    """An envelope with its body opened; a `user_deleted` may have none, since its key is destroyed: use the entity."""

    envelope: Envelope
    body: Body


class _Seal(NamedTuple):
    owner: Id
    key: bytes


_encoder: Final = msgspec.msgpack.Encoder()
_envelope_decoder: Final = msgspec.msgpack.Decoder(Envelope)
_decoders: Final = {body: msgspec.msgpack.Decoder(body) for body in _FIELDS}


def owner_of(type_: str, body: Struct) -> Id:
    """Return whose key seals an event of this type and body."""
    field = KINDS[type_].owner
    return getattr(body, field) if field else LINKS


def outgoing(world: World, caller: Caller, type_: str, body: Struct, key: bytes) -> Outgoing:
    """Return an event of now, its body sealed with the key of its owner, ready to be committed with the change.

    The actor is the caller's person; the version is the body's (0 for bodies without one).
    """
    return _outgoing(world, caller, type_, body, _Seal(owner_of(type_, body), key))


def remains(world: World, type_: str, body: Struct, key: bytes) -> Outgoing:
    """Return an event of now about what an erased person leaves, for those who keep lists of it.

    Nothing may stand in `body` but ids and version, since the key, that of LINKS, outlives the person.
    """
    return _outgoing(world, system(), type_, body, _Seal(LINKS, key))


def _outgoing(world: World, caller: Caller, type_: str, body: Struct, by: _Seal) -> Outgoing:
    kind = KINDS[type_]
    entity: Id = getattr(body, kind.entity)
    envelope = Envelope(
        id=world.new_id(EVENT, shard_of(entity)),
        type=type_,
        schema=kind.schema,
        entity=entity,
        version=getattr(body, "version", 0),
        at=world.now_us(),
        actor=caller.person,
        trace=caller.trace,
        owner=by.owner,
        body=b"",
    )
    nonce = world.random_bytes(seal.NONCE_BYTES)
    sealed = seal.seal(by.key, nonce, _encoder.encode(body), _bound(envelope))
    data = _encoder.encode(msgspec.structs.replace(envelope, body=sealed))
    return Outgoing(envelope.id, entity, type_, data)


def read_envelope(data: bytes) -> Envelope:
    """Read an envelope, its body still sealed; msgspec.DecodeError when it is none."""
    return _envelope_decoder.decode(data)


def read_body(envelope: Envelope, key: bytes) -> Struct:
    """Open and read the body of a known type; `seal.Unreadable` or msgspec.DecodeError when it cannot be."""
    plain = seal.unseal(key, envelope.body, _bound(envelope))
    schema, (body_type, present, *_) = envelope.schema, KINDS[envelope.type]
    if schema == present:
        return _decoders[body_type].decode(plain)
    fields: dict[str, Any] = msgspec.msgpack.decode(plain)
    while schema < present:
        fields = UPCASTS[envelope.type, schema](fields)
        schema += 1
    return msgspec.convert(fields, body_type)


def _bound(envelope: Envelope) -> bytes:
    return envelope.id + envelope.entity + envelope.type.encode()
