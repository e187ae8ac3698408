"""Oneself: the profile as its owner sees it, the password, and the end of the account."""

import msgspec

from bowerbird.contracts.caller import READ, WRITE, Caller
from bowerbird.contracts.identity import ProfileChange, SignedIn, User
from bowerbird.contracts.problems import Unauthenticated
from bowerbird.edge.api import hydrate, present, resources
from bowerbird.edge.api.inputs import AccountEnd, PasswordEdit, ProfileEdit
from bowerbird.edge.api.kit import Kit
from bowerbird.edge.http.asgi import Header
from bowerbird.edge.http.route import AnyRoute, Reply, Request, Route


async def get_me(kit: Kit, request: Request[None, None]) -> Reply[resources.Me]:
    """Show the caller's own profile."""
    user = (await kit.identity.people(request.caller, [request.caller.signed_in()]))[0]
    if user is None:
        raise Unauthenticated("this account is no more")
    return await _answer(kit, request.caller, user)


async def edit_me(kit: Kit, request: Request[ProfileEdit, None]) -> Reply[resources.Me]:
    """Edit the caller's profile."""
    body = request.body
    picture = hydrate.thing_in(body.picture, "picture") if isinstance(body.picture, str) else body.picture
    change = ProfileChange(name=body.name, about=body.about, picture=picture, version=request.version)
    return await _answer(kit, request.caller, await kit.identity.change_profile(request.caller, change))


async def delete_me(kit: Kit, request: Request[AccountEnd, None]) -> Reply[None]:
    """Delete the caller's account."""
    await kit.identity.delete_account(request.caller, request.body.password)
    return Reply(token="")


async def change_password(kit: Kit, request: Request[PasswordEdit, None]) -> Reply[None]:
    """Change the caller's password; every other session ends."""
    await kit.identity.change_password(request.caller, request.body.current, request.body.new)
    return Reply()


async def signed_in(
    kit: Kit, caller: Caller, signed: SignedIn, headers: tuple[Header, ...] = ()
) -> Reply[resources.SignedIn]:
    """Answer a new session: its token in the body for programs, in the cookie for browsers."""
    own = msgspec.structs.replace(caller, person=signed.user.id, session=signed.session.id, scopes=READ | WRITE)
    answer = resources.SignedIn(
        user=await _me(kit, own, signed.user),
        session=present.session(signed.session, signed.session.id),
        token=signed.token,
    )
    return Reply(answer, token=signed.token, headers=headers)


async def _answer(kit: Kit, caller: Caller, user: User) -> Reply[resources.Me]:
    return Reply(await _me(kit, caller, user), version=user.version)


async def _me(kit: Kit, caller: Caller, user: User) -> resources.Me:
    counts = (await kit.graph.counts(caller, [user.id]))[0]
    return present.me(kit, user, counts, await kit.identity.email_of(caller))


ROUTES: tuple[AnyRoute[Kit], ...] = (
    Route(
        method="GET",
        path="/v1/me",
        handler=get_me,
        summary="Your own profile",
        tag="me",
        returns=resources.Me,
        budget="read",
    ),
    Route(
        method="PATCH",
        path="/v1/me",
        handler=edit_me,
        summary="Edit your profile",
        tag="me",
        body=ProfileEdit,
        returns=resources.Me,
        access="write",
        budget="write",
        matches=True,
        problems=("not-found", "refused"),
    ),
    Route(
        method="DELETE",
        path="/v1/me",
        handler=delete_me,
        summary="Delete your account, with everything of it",
        tag="me",
        body=AccountEnd,
        status=204,
        access="write",
        slow=True,
        budget="write",
    ),
    Route(
        method="PUT",
        path="/v1/me/password",
        handler=change_password,
        summary="Change your password; every other session ends",
        tag="me",
        body=PasswordEdit,
        status=204,
        access="write",
        slow=True,
        budget="write",
    ),
)
