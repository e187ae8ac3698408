"""How identity reads and writes: people, credentials, sessions, tokens and claims, with their events."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Final

from msgspec import Struct

from bowerbird.base.ids import Id, shard_of
from bowerbird.base.outgoing import Outgoing
from bowerbird.base.world import World
from bowerbird.contracts import events, kinds
from bowerbird.contracts.caller import Caller
from bowerbird.contracts.identity import AccessToken, Credential, Session, User
from bowerbird.contracts.problems import Invalid, NotFound, Unavailable
from bowerbird.ports import once
from bowerbird.ports.keys import Keys
from bowerbird.ports.records import Conflict, EngineUnavailable, Records
from bowerbird.ports.tables import Index, Key, Op, Row, Table
from bowerbird.services.identity import model
from bowerbird.services.identity.model import Claim, Erasure, Listed

_ROWS_MAX: Final = 300

USERS: Final = Table("user", User, key=("id",))
CREDENTIALS: Final = Table("credential", Credential, key=("user",))
SESSIONS: Final = Table("session", Session, key=("user", "id"), indexes={"expiry": Index(("expires_at",), sweep=True)})
TOKENS: Final = Table(
    "access_token", AccessToken, key=("user", "id"), indexes={"expiry": Index(("expires_at",), sweep=True)}
)
CLAIMS: Final = Table("claim", Claim, key=("id",), indexes={"expiry": Index(("expires_at",), sweep=True)})
LISTED: Final = Table("listed_user", Listed, key=("bucket", "user"))
ERASURES: Final = Table("erasure", Erasure, key=("user",), indexes={"age": Index(("at",), sweep=True)})

TABLES: Final[tuple[Table[Any], ...]] = (USERS, CREDENTIALS, SESSIONS, TOKENS, CLAIMS, LISTED, ERASURES)

_PRESENT: Final = {"deleted_at": None}

Happened = list[tuple[str, Struct]]


class Raced(Exception):  # noqa: N818 - an expected answer
    """What was read has been changed since: read again, and try again."""


class Repeated(Exception):  # noqa: N818 - an expected answer
    """The request was carried out before, and made `result`."""

    def __init__(self, result: Id) -> None:
        super().__init__(result)
        self.result = result


@contextmanager
def _answering() -> Generator[None]:
    """Turn what engines say into what services say."""
    try:
        yield
    except Conflict as conflict:
        raise Raced from conflict
    except EngineUnavailable as error:
        raise Unavailable("accounts cannot be read or written now", retry_after_s=1) from error


class Store:
    """Owns the tables above."""

    def __init__(self, records: Records, keys: Keys, world: World) -> None:
        self._records = records
        self._keys = keys
        self._world = world

    # What is there

    async def users(self, ids: Sequence[Id]) -> list[User | None]:
        """Return rows of people, deleted ones too."""
        return await self._get(USERS, [(id_,) for id_ in ids])

    async def user(self, id_: Id) -> User | None:
        """Return one row of a person, deleted or not."""
        return (await self._get(USERS, [(id_,)]))[0]

    async def credential(self, user: Id) -> Credential | None:
        """Return how a person signs in."""
        return (await self._get(CREDENTIALS, [(user,)]))[0]

    async def session(self, user: Id, id_: Id) -> Session | None:
        """Return a session, whether it has expired or not."""
        return (await self._get(SESSIONS, [(user, id_)]))[0]

    async def token(self, user: Id, id_: Id) -> AccessToken | None:
        """Return an access token, whether it has expired or not."""
        return (await self._get(TOKENS, [(user, id_)]))[0]

    async def sessions(self, user: Id) -> list[Session]:
        """Return a person's sessions, newest first."""
        return await self._scan(SESSIONS, (user,), None, _ROWS_MAX, newest_first=True)

    async def tokens(self, user: Id) -> list[AccessToken]:
        """Return a person's access tokens, newest first."""
        return await self._scan(TOKENS, (user,), None, _ROWS_MAX, newest_first=True)

    async def claim(self, id_: Id) -> Claim | None:
        """Return who has a name, confirmed or not."""
        return (await self._get(CLAIMS, [(id_,)]))[0]

    async def listed(self, number: int, after: Id | None, limit: int) -> list[Id]:
        """Return people of one part of the list of everybody."""
        bucket = model.bucket(number)
        behind: Key | None = (bucket, after) if after else None
        return [row.user for row in await self._scan(LISTED, (bucket,), behind, limit)]

    async def overdue_claims(self, limit: int) -> list[Claim]:
        """Return claims that nobody confirmed in time, and those of deleted people that have rested."""
        return await self._overdue(CLAIMS, "expiry", limit)

    async def overdue_sessions(self, limit: int) -> list[Session]:
        """Return sessions that have expired."""
        return await self._overdue(SESSIONS, "expiry", limit)

    async def overdue_tokens(self, limit: int) -> list[AccessToken]:
        """Return access tokens that have expired."""
        return await self._overdue(TOKENS, "expiry", limit)

    async def erasures(self, limit: int) -> list[Erasure]:
        """Return deleted accounts with whom not everything is done."""
        return await self._overdue(ERASURES, "age", limit)

    # Names

    async def take_claim(self, claim: Claim) -> bool:
        """Take a name, if nobody has it."""
        try:
            await self._commit([CLAIMS.insert(claim)])
        except Raced:
            return False
        return True

    async def confirm_claim(self, claim: Claim) -> None:
        """Let a claim last for good; nothing happens when it is not as it was read."""
        was = {"user": claim.user, "expires_at": claim.expires_at}
        with suppress(Raced):
            await self._commit([CLAIMS.patch((claim.id,), {"expires_at": None}, was)])

    async def rest_claim(self, id_: Id, user: Id, until: int) -> None:
        """Let a name rest until a time; nothing happens when it is another's by now."""
        with suppress(Raced):
            await self._commit([CLAIMS.patch((id_,), {"expires_at": until}, {"user": user})])

    async def free_claim(self, id_: Id, user: Id) -> None:
        """Let go of a name; nothing happens when it is another's by now."""
        with suppress(Raced):
            await self._commit([CLAIMS.delete((id_,), {"user": user})])

    async def list_user(self, user: Id) -> None:
        """Put a person on the list of everybody; twice is once."""
        await self._commit([LISTED.insert(model.listed(user), if_absent=True)])

    # People

    async def create_person(self, caller: Caller, user: User, credential: Credential, session: Session | None) -> None:
        """Make a person with a key of their own, and open a first session. Raced: the claims were given up."""
        with _answering():
            key = await self._keys.create(user.id)
        ops: list[Op] = [USERS.insert(user), CREDENTIALS.insert(credential)]
        happened: Happened = [("user_registered", user), ("credential_changed", credential)]
        if session is not None:
            ops.append(SESSIONS.insert(session))
            happened.append(("session_opened", session))
        try:
            await self._commit(ops, self._sealed(caller, key, happened))
        except Raced:
            await self.destroy_key(user.id)
            raise

    async def rule_out(self, user: User) -> None:
        """Make sure that a person who is not there will never be: a row that was deleted at once. Raced: they are."""
        await self._commit([USERS.insert(user)])
        if await self._key(user.id) is not None:
            await self.destroy_key(user.id)

    async def change_user(self, caller: Caller, old: User, new: User) -> None:
        """Write a person's profile. Raced, NotFound."""
        put = {name: getattr(new, name) for name in ("name", "about", "picture", "picture_name", "version")}
        put["updated_at"] = new.updated_at
        change = USERS.patch((new.id,), put, {"version": old.version, **_PRESENT})
        await self._write(caller, new.id, [change], [("user_changed", new)])

    async def change_credential(
        self, caller: Caller, old: Credential, new: Credential, closed: Sequence[Session]
    ) -> None:
        """Write how a person signs in, and close sessions with it. Raced, NotFound."""
        ops, happened = _closing(new.user, closed)
        change = CREDENTIALS.replace(new, {"version": old.version})
        await self._write(caller, new.user, [change, *ops], [("credential_changed", new), *happened])

    async def delete_person(
        self, caller: Caller, user: User, credential: Credential, sessions: Sequence[Session], erasure: Erasure
    ) -> None:
        """Delete a person and all that signs them in; `erasure` notes what is to follow. Raced, NotFound."""
        gone, tokens = model.erased(user, erasure.at), await self.tokens(user.id)
        guard = {"version": user.version, "epoch": user.epoch, **_PRESENT}
        ops: list[Op] = [
            USERS.replace(gone, guard),
            CREDENTIALS.delete((user.id,), {"version": credential.version}),
            ERASURES.insert(erasure),
            *(SESSIONS.delete((user.id, session.id)) for session in sessions),
            *(TOKENS.delete((user.id, token.id)) for token in tokens),
        ]
        blank = Credential(
            user=user.id, email="", password_hash="", version=credential.version + 1, updated_at=erasure.at
        )
        happened: Happened = [
            *(("session_closed", session) for session in sessions),
            *(("token_revoked", token) for token in tokens),
            ("credential_deleted", blank),
            ("user_deleted", gone),
        ]
        await self._write(caller, user.id, ops, happened)

    async def destroy_key(self, user: Id) -> None:
        """Make everything unreadable that was sealed for a person."""
        with _answering():
            await self._keys.destroy(user)

    async def forget_access(self, user: Id) -> None:
        """Remove sessions and tokens that came between the reading of the others and the deletion of their person."""
        ops: list[Op] = [
            *(SESSIONS.delete((user, session.id)) for session in await self.sessions(user)),
            *(TOKENS.delete((user, token.id)) for token in await self.tokens(user)),
        ]
        for start in range(0, len(ops), _ROWS_MAX):
            await self._commit(ops[start : start + _ROWS_MAX])

    async def close_erasure(self, user: Id) -> None:
        """Forget that something is to be done for a deleted account, and that it was on the list of everybody."""
        place = model.listed(user)
        await self._commit([LISTED.delete((place.bucket, place.user))])
        await self._commit([ERASURES.delete((user,))])

    # Sessions and tokens

    async def open_session(
        self, caller: Caller, session: Session, credential: Credential, closed: Sequence[Session]
    ) -> None:
        """Open a session, provided the credential is still the one that was checked, and close others. Raced."""
        ops, happened = _closing(session.user, closed)
        proven = CREDENTIALS.require((session.user,), {"version": credential.version})
        opened = SESSIONS.insert(session)
        await self._write(caller, session.user, [proven, opened, *ops], [("session_opened", session), *happened])

    async def renew_session(self, caller: Caller, old: Session, new: Session) -> None:
        """Let a session last longer. Raced, NotFound."""
        change = SESSIONS.replace(new, {"version": old.version})
        await self._write(caller, new.user, [change], [("session_renewed", new)])

    async def close_sessions(self, caller: Caller, user: Id, closed: Sequence[Session]) -> None:
        """Close sessions, and make every token of the person's be checked against its session. Raced, NotFound."""
        ops, happened = _closing(user, closed)
        await self._write(caller, user, ops, happened)

    async def add_token(self, caller: Caller, token: AccessToken) -> None:
        """Keep an access token. Raced, NotFound; Repeated, or Invalid for a key used with another request."""
        ops: list[Op] = [USERS.require((token.user,), _PRESENT), TOKENS.insert(token)]
        asked, shard = caller.once, shard_of(token.user)
        if asked is not None:
            ops.append(once.claim(kinds.REQUEST, shard, asked.key, asked.request, token.id, token.created_at))
        try:
            await self._write(caller, token.user, ops, [("token_made", token)])
        except Raced:
            if asked is None:
                raise
            with _answering():
                answer = await once.answered(self._records, kinds.REQUEST, shard, asked.key)
            if answer is None:
                raise
            if answer.request != asked.request:
                raise Invalid("this Idempotency-Key was used with another request", field="Idempotency-Key") from None
            raise Repeated(answer.result) from None

    async def drop_token(self, caller: Caller, token: AccessToken) -> None:
        """End an access token. NotFound."""
        await self._write(caller, token.user, [TOKENS.delete((token.user, token.id))], [("token_revoked", token)])

    async def expire_session(self, caller: Caller, session: Session) -> None:
        """Remove a session that has expired; no token of its own is good any more. Raced."""
        gone = SESSIONS.delete((session.user, session.id), {"version": session.version})
        await self._expire(caller, session.user, gone, ("session_closed", session))

    async def expire_token(self, caller: Caller, token: AccessToken) -> None:
        """Remove an access token that has expired. Raced."""
        gone = TOKENS.delete((token.user, token.id), {"version": token.version})
        await self._expire(caller, token.user, gone, ("token_revoked", token))

    async def _expire(self, caller: Caller, user: Id, gone: Op, happened: tuple[str, Struct]) -> None:
        """Remove a row with its event; without, when its person is gone."""
        key = await self._key(user)
        await self._commit([gone], self._sealed(caller, key, [happened]) if key else [])

    # The engines

    async def _key(self, owner: Id) -> bytes | None:
        with _answering():
            return (await self._keys.get([owner]))[0]

    async def _write(self, caller: Caller, owner: Id, ops: Sequence[Op], happened: Happened) -> None:
        """Commit one unit on the owner's shard with its events, all of them the owner's."""
        key = await self._key(owner)
        if key is None:
            raise NotFound("there is no such person")
        await self._commit(ops, self._sealed(caller, key, happened))

    def _sealed(self, caller: Caller, key: bytes, happened: Happened) -> list[Outgoing]:
        return [events.outgoing(self._world, caller, type_, body, key) for type_, body in happened]

    async def _commit(self, ops: Sequence[Op], outgoing: Sequence[Outgoing] = ()) -> None:
        with _answering():
            await self._records.commit(ops, outgoing)

    async def _get(self, table: Table[Row], keys: Sequence[Key]) -> list[Row | None]:
        with _answering():
            return await self._records.get(table, keys)

    async def _scan(
        self, table: Table[Row], prefix: Key, after: Key | None, limit: int, *, newest_first: bool = False
    ) -> list[Row]:
        with _answering():
            return await self._records.scan(table, "", prefix, after=after, limit=limit, newest_first=newest_first)

    async def _overdue(self, table: Table[Row], index: str, limit: int) -> list[Row]:
        with _answering():
            return await self._records.sweep(table, index, self._world.now_us(), limit)


def _closing(user: Id, closed: Sequence[Session]) -> tuple[list[Op], Happened]:
    """Return what closes sessions, and makes every token be checked against its session."""
    if not closed:
        return [], []
    ops: list[Op] = [
        USERS.patch((user,), {}, _PRESENT, add={"epoch": 1}),
        *(SESSIONS.delete((user, session.id)) for session in closed),
    ]
    return ops, [("session_closed", session) for session in closed]
