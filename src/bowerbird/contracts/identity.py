"""Identity: people, how they sign in, what they may do, and that their names and addresses are theirs alone."""

from collections.abc import Sequence
from typing import Protocol

from msgspec import UNSET, Struct, UnsetType

from bowerbird.base.calls import always, idempotent, leased, outlasts_leases, slow
from bowerbird.base.ids import Id
from bowerbird.contracts.caller import Caller
from bowerbird.contracts.paging import Page


class User(Struct, frozen=True):
    """A person as everybody may see them. The row, and the body of the `user_*` events.

    `handle` is in lower case. `picture` names the media of the profile picture (on the person's shard), `picture_name`
    the random part of its address ("" without one). `role`: "person" or "admin". `epoch` grows when one of their
    sessions is revoked; it changes without a new version.
    """

    id: Id
    handle: str
    name: str
    created_at: int
    updated_at: int
    about: str = ""
    picture: Id | None = None
    picture_name: str = ""
    role: str = "person"
    epoch: int = 0
    version: int = 1
    deleted_at: int | None = None


class Credential(Struct, frozen=True):
    """How a person signs in: never leaves the identity service but sealed, in the log (a rebuild needs it)."""

    user: Id
    email: str
    password_hash: str
    updated_at: int
    version: int = 1


class Session(Struct, frozen=True):
    """A sign-in on one device. `client` is what the browser says of itself, cut to 200; times in microseconds."""

    user: Id
    id: Id
    client: str
    address: str
    epoch: int
    created_at: int
    seen_at: int
    expires_at: int
    version: int = 1


class AccessToken(Struct, frozen=True):
    """A personal access token for programs; `secret_hash`: SHA-256; `scopes`: bits of `contracts.caller`."""

    user: Id
    id: Id
    name: str
    scopes: int
    secret_hash: bytes
    created_at: int
    expires_at: int | None = None
    version: int = 1


class Registration(Struct, frozen=True, kw_only=True):
    """What a new person gives, already within the limits of `contracts.fields`."""

    handle: str
    name: str
    email: str
    password: str


class Device(Struct, frozen=True, array_like=True):
    """From where somebody signs in: the browser's own words, and the address that throttling counts."""

    client: str
    address: str


class SignedIn(Struct, frozen=True):
    """A new session: the person, the session, and the signed token to show from now on."""

    user: User
    session: Session
    token: str


class Shown(Struct, frozen=True):
    """What a token proves: who calls, and the token to show instead from now on ("" when the old one is still good)."""

    person: Id
    session: Id | None
    scopes: int
    renewed: str = ""


class ProfileChange(Struct, frozen=True, kw_only=True):
    """What to change in a profile; UNSET leaves a part as it is. `picture` is a completed upload, None removes it."""

    name: str | UnsetType = UNSET
    about: str | UnsetType = UNSET
    picture: Id | UnsetType | None = UNSET
    version: int | None = None


class NewToken(Struct, frozen=True):
    """A token just made; `secret` is shown this once."""

    token: AccessToken
    secret: str


class Identity(Protocol):
    """Owns user, credential, session, token and claim rows."""

    @slow
    async def register(self, caller: Caller, new: Registration, device: Device) -> SignedIn:
        """Make a person and sign them in. Invalid, Exists (field handle or email), Forbidden (closed), Throttled."""
        ...

    @slow
    async def sign_in(self, caller: Caller, login: str, password: str, device: Device) -> SignedIn:
        """Open a session by handle or e-mail. Unauthenticated (alike for unknown and wrong), Throttled."""
        ...

    @leased(lambda shown: not shown.renewed)
    @idempotent
    async def authenticate(self, token: str) -> Shown:
        """Check a session's token or an access token as it stands now. Unauthenticated."""
        ...

    @idempotent
    async def sessions(self, caller: Caller) -> list[Session]:
        """Return the caller's open sessions, newest first (at most 100: the oldest are closed beyond that)."""
        ...

    @outlasts_leases(always)
    async def revoke(self, caller: Caller, session: Id) -> None:
        """Close one of the caller's sessions, at once, everywhere. NotFound."""
        ...

    @outlasts_leases(always)
    async def change_password(self, caller: Caller, current: str, new: str) -> None:
        """Change the password and close every other session. Unauthenticated (field current), Invalid, Throttled."""
        ...

    @idempotent
    async def tokens(self, caller: Caller) -> list[AccessToken]:
        """Return the caller's access tokens, newest first (at most 50 exist)."""
        ...

    async def make_token(self, caller: Caller, name: str, scopes: int, expires_at: int | None) -> NewToken:
        """Make an access token with no more rights than the caller has. Invalid, Forbidden."""
        ...

    @outlasts_leases(always)
    async def revoke_token(self, caller: Caller, token: Id) -> None:
        """End an access token at once. NotFound."""
        ...

    @leased(lambda user: user is not None, each="ids")
    @idempotent
    async def people(self, caller: Caller, ids: Sequence[Id]) -> list[User | None]:
        """Return people in the order of their ids, None for those who are gone; up to 500. Blocks are not applied."""
        ...

    @idempotent
    async def find(self, caller: Caller, name: str) -> Id:
        """Return the id that a handle (any case) or an id's text names. NotFound."""
        ...

    @outlasts_leases(always)
    async def change_profile(self, caller: Caller, change: ProfileChange) -> User:
        """Edit the caller's profile. Invalid, Stale, NotFound (field picture)."""
        ...

    @idempotent
    async def email_of(self, caller: Caller) -> str:
        """Return the caller's own e-mail address."""
        ...

    @outlasts_leases(always)
    async def delete_account(self, caller: Caller, password: str) -> None:
        """Delete the caller: signed out and gone at once, erased everywhere within the time that the manual states."""
        ...

    @slow
    async def make_person(self, caller: Caller, new: Registration, role: str) -> User:
        """Make a person without signing in; for the command line (caller is the system). Exists, Invalid."""
        ...

    @idempotent
    async def everybody(self, caller: Caller, after: bytes | None, limit: int) -> Page[User]:
        """Return all people in no stated order; for administrators and the system. Forbidden."""
        ...
