"""The class that meets the contract: each method is one line to its verb."""

from collections.abc import Sequence

from typing_extensions import override

from bowerbird.base.ids import Id
from bowerbird.base.world import World
from bowerbird.contracts.caller import Caller
from bowerbird.contracts.identity import (
    AccessToken,
    Device,
    Identity,
    NewToken,
    ProfileChange,
    Registration,
    Session,
    Shown,
    SignedIn,
    User,
)
from bowerbird.contracts.media import Media
from bowerbird.contracts.paging import Page
from bowerbird.contracts.safety import Safety
from bowerbird.services.identity import (
    account,
    authenticate,
    password,
    people,
    profile,
    register,
    sessions,
    sign_in,
    tokens,
)
from bowerbird.services.identity.hasher import Hasher
from bowerbird.services.identity.kit import Kit
from bowerbird.services.identity.session_token import KeyRing
from bowerbird.services.identity.settings import IdentitySettings
from bowerbird.services.identity.store import Store


class IdentityService(Identity):
    """Who people are, and what proves it."""

    def __init__(
        self,
        store: Store,
        safety: Safety,
        media: Media,
        hasher: Hasher,
        keys: KeyRing,
        world: World,
        settings: IdentitySettings,
    ) -> None:
        self._kit = Kit(store, safety, media, hasher, keys, world, settings)

    @override
    async def register(self, caller: Caller, new: Registration, device: Device) -> SignedIn:
        return await register.register(self._kit, caller, new, device)

    @override
    async def sign_in(self, caller: Caller, login: str, password: str, device: Device) -> SignedIn:
        return await sign_in.sign_in(self._kit, caller, login, password, device)

    @override
    async def authenticate(self, token: str) -> Shown:
        return await authenticate.authenticate(self._kit, token)

    @override
    async def sessions(self, caller: Caller) -> list[Session]:
        return await sessions.sessions(self._kit, caller)

    @override
    async def revoke(self, caller: Caller, session: Id) -> None:
        await sessions.revoke(self._kit, caller, session)

    @override
    async def change_password(self, caller: Caller, current: str, new: str) -> None:
        await password.change_password(self._kit, caller, current, new)

    @override
    async def tokens(self, caller: Caller) -> list[AccessToken]:
        return await tokens.tokens(self._kit, caller)

    @override
    async def make_token(self, caller: Caller, name: str, scopes: int, expires_at: int | None) -> NewToken:
        return await tokens.make_token(self._kit, caller, name, scopes, expires_at)

    @override
    async def revoke_token(self, caller: Caller, token: Id) -> None:
        await tokens.revoke_token(self._kit, caller, token)

    @override
    async def people(self, caller: Caller, ids: Sequence[Id]) -> list[User | None]:
        return await people.people(self._kit, caller, ids)

    @override
    async def find(self, caller: Caller, name: str) -> Id:
        return await people.find(self._kit, caller, name)

    @override
    async def change_profile(self, caller: Caller, change: ProfileChange) -> User:
        return await profile.change_profile(self._kit, caller, change)

    @override
    async def email_of(self, caller: Caller) -> str:
        return await people.email_of(self._kit, caller)

    @override
    async def delete_account(self, caller: Caller, password: str) -> None:
        await account.delete_account(self._kit, caller, password)

    @override
    async def make_person(self, caller: Caller, new: Registration, role: str) -> User:
        return await register.make_person(self._kit, caller, new, role)

    @override
    async def everybody(self, caller: Caller, after: bytes | None, limit: int) -> Page[User]:
        return await people.everybody(self._kit, caller, after, limit)
