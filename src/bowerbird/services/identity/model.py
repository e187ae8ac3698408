"""Pure rules of identity: what names, addresses and passwords may be, and what follows from them."""

import hashlib
import re
import unicodedata
from typing import Final, Literal

from msgspec import Struct
from msgspec.structs import replace

from bowerbird.base import text
from bowerbird.base.ids import SHARDS, Id, from_digest, pack, shard_of
from bowerbird.contracts import kinds
from bowerbird.contracts.caller import ADMIN, READ, WRITE
from bowerbird.contracts.identity import Registration, User
from bowerbird.contracts.problems import Invalid
from bowerbird.services.identity.easy import is_easy

PEOPLE_MAX: Final = 500
SESSIONS_MAX: Final = 100
TOKENS_MAX: Final = 50
DAY_US: Final = 86_400_000_000
SECOND_US: Final = 1_000_000
ROLES: Final = frozenset({"person", "admin"})

BUCKETS: Final = 64
_CLIENT_MAX: Final = 200
_ADDRESS_MAX: Final = 64
_HANDLE: Final = re.compile(r"[a-z0-9_]{3,30}")
_LIKE_AN_ID: Final = re.compile(r"[0-9a-f_]{16,}")
_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+")
_EMAIL_MAX: Final = 254
_PASSWORD: Final = range(10, 201)
_RESERVED: Final = frozenset(
    """
    about abuse account accounts admin administrator all anonymous api app assets auth blocks board boards bowerbird
    contact current deleted discover docs everybody explore favicon feed followers following goodbye healthz help home
    images inbox index invite legal link links login logout mail me media metrics mod moderator new news nobody none
    notifications null official openapi owner people person photos pin pins postmaster press privacy profile readyz
    register report robots root safety save saved search security self session sessions settings share shared sign_in
    sign_out sign_up signin signout signup staff static status support system team terms token tokens topics trash
    trending undefined unknown upload uploads user users v1 v2 v3 views webmaster welcome www
    """.split()  # noqa: SIM905 - a hundred words are read more easily than a hundred quoted words
)
"""Handles that would be taken for a page, a role or an address of the site."""


class Claim(Struct, frozen=True):
    """Who has a name, under the name's hash: for good (`expires_at` None), or on lease until then."""

    id: Id
    user: Id
    expires_at: int | None


class Listed(Struct, frozen=True):
    """Somebody on the list of everybody, which lies in parts, so that it can be read without asking every shard."""

    bucket: Id
    user: Id


class Erasure(Struct, frozen=True):
    """What is still to be done for a deleted account: its key destroyed, its claims let go. On the person's shard."""

    user: Id
    handle: Id
    email: Id
    at: int


def handle(given: str) -> str:
    """Return a handle as it is kept, in lower case. Invalid."""
    lower = given.lower()
    if not _HANDLE.fullmatch(lower):
        raise Invalid("a handle has 3 to 30 letters a to z, digits and underscores", field="handle")
    if lower in _RESERVED or _LIKE_AN_ID.fullmatch(lower):
        raise Invalid("this handle is reserved", field="handle")
    return lower


def line(given: str, field: str, least: int, most: int) -> str:
    """Return one line of text, cleaned, of `least` to `most` code points. Invalid."""
    return _cleaned(given, field, least, most, multiline=False)


def lines(given: str, field: str, most: int) -> str:
    """Return text of several lines, cleaned, of up to `most` code points. Invalid."""
    return _cleaned(given, field, 0, most, multiline=True)


def email(given: str) -> str:
    """Return an e-mail address as it is kept. Invalid."""
    cleaned = _cleaned(given, "email", 3, _EMAIL_MAX, multiline=False)
    if not _EMAIL.fullmatch(cleaned):
        raise Invalid("an e-mail address looks like name@example.org", field="email")
    return cleaned


def password(given: str, field: str) -> str:
    """Return a password as it is hashed: the same for every way to type it, never trimmed. Invalid."""
    normal = typed(given)
    if len(normal) not in _PASSWORD:
        raise Invalid(f"a password has {_PASSWORD.start} to {_PASSWORD.stop - 1} characters", field=field)
    if any(unicodedata.category(character) in {"Cc", "Cs"} for character in normal):
        raise Invalid("a password has no control characters", field=field)
    if is_easy(normal):
        raise Invalid("this password is among those that are guessed first", field=field)
    return normal


def typed(given: str) -> str:
    """Return a password as somebody typed it, whatever it is, in the form in which passwords are hashed."""
    return unicodedata.normalize("NFC", given)


def registration(given: Registration) -> Registration:
    """Return a registration as it is kept. Invalid."""
    cleaned = Registration(
        handle=handle(given.handle),
        name=line(given.name, "name", 1, 60),
        email=email(given.email),
        password=password(given.password, "password"),
    )
    if cleaned.password.lower() in {cleaned.handle, cleaned.name.lower(), cleaned.email.lower()}:
        raise Invalid("a password is neither a name nor an address", field="password")
    return cleaned


def described(client: str, address: str) -> tuple[str, str]:
    """Return what a session keeps of where it was opened: cut, without control characters; never a problem."""
    return _printable(client)[:_CLIENT_MAX], _printable(address)[:_ADDRESS_MAX]


def claim_id(kind: Literal["handle", "email"], name: str) -> Id:
    """Return the id of the row that claims a name, on the shard of the hash of the name in lower case."""
    return from_digest(kinds.CLAIM, hashlib.sha256(f"{kind}:{name.lower()}".encode(errors="replace")).digest())


def login_claim(login: str) -> Id:
    """Return the claim that somebody who signs in names: a handle's or an e-mail address's."""
    name = unicodedata.normalize("NFC", login).strip()
    return claim_id("email" if "@" in name else "handle", name)


def nobody(claim: Id) -> Id:
    """Return an id that no person has, to look up when nobody has the claim."""
    return from_digest(kinds.USER, hashlib.sha256(claim).digest())


def rights(user: User) -> int:
    """Return the scopes of a person's sessions."""
    return READ | WRITE | (ADMIN if user.role == "admin" else 0)


def bucket(number: int) -> Id:
    """Return under which id a part of the list of everybody is kept."""
    return pack(0, number * (SHARDS // BUCKETS), kinds.USER, 0)


def listed(user: Id) -> Listed:
    """Return where a person stands on the list of everybody."""
    return Listed(bucket=bucket(shard_of(user) % BUCKETS), user=user)


def absent(id_: Id, now_us: int) -> User:
    """Return the row of somebody who will never be: deleted before they came."""
    return User(id=id_, handle="", name="", version=0, created_at=now_us, updated_at=now_us, deleted_at=now_us)


def erased(user: User, now_us: int) -> User:
    """Return what is left of a person: that there was one."""
    return replace(
        user,
        handle="",
        name="",
        about="",
        picture=None,
        picture_name="",
        role="person",
        epoch=user.epoch + 1,
        version=user.version + 1,
        updated_at=now_us,
        deleted_at=now_us,
    )


def _cleaned(given: str, field: str, least: int, most: int, *, multiline: bool) -> str:
    try:
        cleaned = text.clean(given, multiline=multiline)
    except ValueError as error:
        raise Invalid(f"this text {error}", field=field) from error
    if not least <= len(cleaned) <= most:
        raise Invalid(f"this text has {least} to {most} characters", field=field)
    return cleaned


def _printable(given: str) -> str:
    return "".join(character for character in given if unicodedata.category(character) not in {"Cc", "Cs"})
