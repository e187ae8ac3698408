"""What the log says of identity's rows: people, how they sign in, their names, and their place on the list.

Sessions and access tokens are among them. A name that rests after its person was deleted is not: the log must not know
who had it.
"""

from collections.abc import Iterator
from typing import Any, Final

from msgspec.structs import replace

from bowerbird.base.ids import ms_of
from bowerbird.contracts.events import Event
from bowerbird.contracts.identity import AccessToken, Credential, Session, User
from bowerbird.ports.rebuild import Fresh, Refers, Told
from bowerbird.services.identity import model
from bowerbird.services.identity.model import Claim
from bowerbird.services.identity.store import CLAIMS, CREDENTIALS, LISTED, SESSIONS, TOKENS, USERS

REFERS: Final = (
    Refers(CREDENTIALS, "user", USERS),
    Refers(SESSIONS, "user", USERS),
    Refers(TOKENS, "user", USERS),
    Refers(LISTED, "user", USERS),
)


def told(event: Event[Any], fresh: Fresh) -> Iterator[Told]:
    """Yield what an event says of rows; of somebody deleted, that they are not there any more."""
    type_, version = event.envelope.type, event.envelope.version
    if type_ == "user_deleted":
        id_, at = event.envelope.entity, event.envelope.at
        yield version, USERS.insert(replace(model.absent(id_, at), version=version, created_at=ms_of(id_) * 1000))
        return
    match event.body:
        case User() as user:
            # As high as an epoch can be: whoever is signed in shows a session the next time, and goes on.
            yield version, USERS.insert(replace(user, epoch=fresh.events))
            yield version, LISTED.insert(model.listed(user.id))
            yield version, CLAIMS.insert(Claim(model.claim_id("handle", user.handle), user.id, None))
        case Credential() as credential if type_ == "credential_deleted":
            yield version, CREDENTIALS.delete((credential.user,))
        case Credential() as credential:
            yield version, CREDENTIALS.insert(credential)
            yield version, CLAIMS.insert(Claim(model.claim_id("email", credential.email), credential.user, None))
        case Session() as session:
            ended = type_ == "session_closed"
            row = SESSIONS.delete((session.user, session.id)) if ended else SESSIONS.insert(session)
            yield version, row
        case AccessToken() as token:
            ended = type_ == "token_revoked"
            yield version, TOKENS.delete((token.user, token.id)) if ended else TOKENS.insert(token)
        case _:
            pass
