"""Sessions: signing in and out, on this device and on others."""

from bowerbird.base.ids import Id
from bowerbird.contracts.caller import Caller
from bowerbird.contracts.identity import Device
from bowerbird.contracts.problems import NotFound
from bowerbird.edge.api import hydrate, present, resources
from bowerbird.edge.api.inputs import Credentials
from bowerbird.edge.api.kit import Kit
from bowerbird.edge.api.me import signed_in
from bowerbird.edge.http.route import AnyRoute, Reply, Request, Route


async def sign_in(kit: Kit, request: Request[Credentials, None]) -> Reply[resources.SignedIn]:
    """Open a session."""
    device = Device(request.client, request.address)
    signed = await kit.identity.sign_in(request.caller, request.body.login, request.body.password, device)
    return await signed_in(kit, request.caller, signed)


async def list_sessions(kit: Kit, request: Request[None, None]) -> Reply[resources.Sessions]:
    """Show the caller's sessions."""
    opened = await kit.identity.sessions(request.caller)
    return Reply(resources.Sessions([present.session(one, request.caller.session) for one in opened], None))


async def close_session(kit: Kit, request: Request[None, None]) -> Reply[None]:
    """Close one of the caller's sessions; `current` is the one that asks."""
    session = _session_at(request.caller, request.places["session"])
    await kit.identity.revoke(request.caller, session)
    return Reply(token="" if session == request.caller.session else None)


def _session_at(caller: Caller, text: str) -> Id:
    if text != "current":
        return hydrate.thing_at(text)
    if caller.session is None:
        raise NotFound("an access token has no session")
    return caller.session


ROUTES: tuple[AnyRoute[Kit], ...] = (
    Route(
        method="POST",
        path="/v1/sessions",
        handler=sign_in,
        summary="Sign in",
        tag="sessions",
        body=Credentials,
        returns=resources.SignedIn,
        status=201,
        access="public",
        slow=True,
        budget="write",
    ),
    Route(
        method="GET",
        path="/v1/sessions",
        handler=list_sessions,
        summary="Your sessions",
        tag="sessions",
        returns=resources.Sessions,
        budget="read",
    ),
    Route(
        method="DELETE",
        path="/v1/sessions/{session}",
        handler=close_session,
        summary="Sign out: this session (`current`) or another of yours",
        tag="sessions",
        status=204,
        access="write",
        budget="write",
    ),
)
