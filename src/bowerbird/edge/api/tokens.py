"""Access tokens: how programs act for a person."""

from functools import reduce

from bowerbird.base import times
from bowerbird.contracts.problems import Invalid
from bowerbird.edge.api import hydrate, present, resources
from bowerbird.edge.api.inputs import NewToken
from bowerbird.edge.api.kit import Kit
from bowerbird.edge.http.route import AnyRoute, Reply, Request, Route


async def list_tokens(kit: Kit, request: Request[None, None]) -> Reply[resources.Tokens]:
    """Show the caller's access tokens."""
    made = await kit.identity.tokens(request.caller)
    return Reply(resources.Tokens([present.token(one) for one in made], None))


async def make_token(kit: Kit, request: Request[NewToken, None]) -> Reply[resources.NewlyMadeToken]:
    """Make an access token."""
    body = request.body
    scopes = reduce(int.__or__, (present.SCOPES[name] for name in body.scopes))
    made = await kit.identity.make_token(request.caller, body.name, scopes, _expiry(body.expires_at))
    return Reply(resources.NewlyMadeToken(present.token(made.token), made.secret))


async def revoke_token(kit: Kit, request: Request[None, None]) -> Reply[None]:
    """End an access token."""
    await kit.identity.revoke_token(request.caller, hydrate.thing_at(request.places["token"]))
    return Reply()


def _expiry(text: str | None) -> int | None:
    if text is None:
        return None
    try:
        at = times.from_text(text)
        # What cannot be written any more, an hour behind the last year, is not read either.
        times.to_text(at)
    except (ValueError, OverflowError):
        raise Invalid("this is no time as RFC 3339 writes it", field="expires_at") from None
    return at


ROUTES: tuple[AnyRoute[Kit], ...] = (
    Route(
        method="GET",
        path="/v1/me/tokens",
        handler=list_tokens,
        summary="Your access tokens",
        tag="tokens",
        returns=resources.Tokens,
        budget="read",
    ),
    Route(
        method="POST",
        path="/v1/me/tokens",
        handler=make_token,
        summary="Make an access token; its secret is shown this once",
        tag="tokens",
        body=NewToken,
        returns=resources.NewlyMadeToken,
        status=201,
        access="write",
        budget="write",
        once=True,
    ),
    Route(
        method="DELETE",
        path="/v1/me/tokens/{token}",
        handler=revoke_token,
        summary="End an access token at once",
        tag="tokens",
        status=204,
        access="write",
        budget="write",
    ),
)
